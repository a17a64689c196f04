import { comesInBlocks } from './blockable';
import { blockConvolutions } from './blockConvolutions';
import type { BlockedNode, Graph, GraphNode } from './graph';
import { poolByWindows } from './poolWindows';

/**
 * The same computation by what ONNX Runtime's CPU provider is fastest at.
 * @param channelBlock how many channels its convolutions take side by side; null where they don't work on blocks
 */
export function optimizeForCpu(graph: Graph, channelBlock: number | null): Graph<GraphNode | BlockedNode> {
  if (channelBlock === null) return poolByWindows(graph, () => false);
  return blockConvolutions(poolByWindows(graph, comesInBlocks(graph, channelBlock)), channelBlock);
}
