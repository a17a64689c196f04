import type { DType, Shape, TensorData } from '../tensor/dtype';
import type { blockedDomain, BlockedOpName } from './blockedOps';
import type { AttributeValues } from './opRow';
import type { OpName } from './opTable';

/** A tensor's declaration in a graph. */
export interface TensorType {
  name: string;
  dtype: DType;
  shape: Shape;
}

export interface Initializer extends TensorType {
  data: TensorData;
}

/** A node of a standard op. */
export interface GraphNode {
  name: string;
  op: OpName;
  domain?: undefined;
  /** Value names; the empty string leaves an optional input out. */
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: AttributeValues;
  /** Where it came from, for people who open the file. */
  description: string;
}

/** A node of an op that is ONNX Runtime's own. */
export interface BlockedNode extends Omit<GraphNode, 'op' | 'domain'> {
  op: BlockedOpName;
  domain: typeof blockedDomain;
}

/** An ONNX graph with static shapes. Nodes stand in topological order. */
export interface Graph<Node extends GraphNode | BlockedNode = GraphNode> {
  name: string;
  inputs: readonly TensorType[];
  outputs: readonly TensorType[];
  initializers: readonly Initializer[];
  nodes: readonly Node[];
  /** Of what nodes hand to each other, as far as somebody needs to know. */
  valueInfo?: readonly TensorType[];
}

/** The types of its values, as far as it tells them. */
export function typesOf({ inputs, initializers, outputs, valueInfo = [] }: Graph): Map<string, TensorType> {
  return new Map([...inputs, ...initializers, ...outputs, ...valueInfo].map((type) => [type.name, type]));
}
