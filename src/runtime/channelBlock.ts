import { blockedDomain } from '../core/onnx/blockedOps';
import type { BlockedNode, Graph } from '../core/onnx/graph';

const channels = 32;
const image = { name: 'image', dtype: 'float32', shape: [1, channels, 1, 2] } as const;

/** Puts 32 channels of two positions into blocks. */
export const channelBlockProbe: Graph<BlockedNode> = {
  name: 'channel block',
  inputs: [image],
  outputs: [{ ...image, name: 'blocks' }],
  initializers: [],
  nodes: [
    {
      name: 'ReorderInput',
      op: 'ReorderInput',
      domain: blockedDomain,
      inputs: ['image'],
      outputs: ['blocks'],
      attributes: {},
      description: '',
    },
  ],
};

/** The probe's input: a channel's second position is 1. */
export const channelBlockInput = Float32Array.from({ length: 2 * channels }, (_, i) => i % 2);

/** What ONNX Runtime says where an operator has no kernel: the blocks' have none on processors without the registers. */
const lacksKernel = 'Could not find an implementation';

/**
 * How many channels of one position lie side by side: as many floats as a vector register of this processor takes.
 * @param probe runs the probe on its input and gives its output
 * @returns null where there are no blocks
 * @throws what the probe throws, but for a missing kernel
 */
export function channelBlock(probe: () => ArrayLike<number>): number | null {
  let blocks: ArrayLike<number>;
  try {
    blocks = probe();
  } catch (thrown) {
    if (thrown instanceof Error && thrown.message.includes(lacksKernel)) return null;
    throw thrown;
  }
  const block = Array.from(blocks).indexOf(1);
  return block === 8 || block === 16 ? block : null;
}
