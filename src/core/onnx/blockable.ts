import { elementCount } from '../tensor/dtype';
import { typesOf, type Graph, type GraphNode, type TensorType } from './graph';
import type { OpName } from './opTable';
import { intAttribute } from './shapes';

/** Exact for each element by itself, so that their order in memory doesn't change a bit of the result. */
export const worksOnElements: ReadonlySet<OpName> = new Set<OpName>([
  'Abs',
  'Add',
  'Equal',
  'Max',
  'Min',
  'Mul',
  'Neg',
  'Relu',
  'Sub',
  'Where',
]);

/** Whether a node is a convolution of anything whose channels make up whole blocks; few image channels need not. */
export function canConvolveBlocks(
  { op, inputs, outputs, attributes }: GraphNode,
  types: ReadonlyMap<string, TensorType>,
  block: number,
): boolean {
  if (op !== 'Conv' || intAttribute(attributes, 'group', 1) !== 1) return false;
  const kernel = types.get(inputs[1]!);
  const result = types.get(outputs[0]!);
  if (kernel?.dtype !== 'float32' || kernel.shape.length !== 4 || !result) return false;
  if (elementCount(kernel.shape) === 0 || elementCount(result.shape) === 0) return false;
  const [filters, channels] = kernel.shape as [number, number, number, number];
  return filters % block === 0 && (channels % block === 0 || channels < block);
}

/** Whether what makes a value is a convolution that `blockConvolutions` works on, or is elementwise behind one. */
export function comesInBlocks(graph: Graph, block: number): (value: string) => boolean {
  const makers = new Map(graph.nodes.map((node) => [node.outputs[0]!, node]));
  const types = typesOf(graph);
  const known = new Map<string, boolean>();
  const comes = (value: string): boolean => {
    const before = known.get(value);
    if (before !== undefined) return before;
    const node = makers.get(value);
    const result =
      node !== undefined &&
      (canConvolveBlocks(node, types, block) || (worksOnElements.has(node.op) && node.inputs.some(comes)));
    known.set(value, result);
    return result;
  };
  return comes;
}
