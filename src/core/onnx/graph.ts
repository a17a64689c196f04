import type { DType, Shape, TensorData } from '../tensor/dtype';
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

export interface GraphNode {
  name: string;
  op: OpName;
  /** Value names; the empty string leaves an optional input out. */
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: AttributeValues;
  /** Where it came from, for people who open the file. */
  description: string;
}

/** An ONNX graph with static shapes. Nodes stand in topological order. */
export interface Graph {
  name: string;
  inputs: readonly TensorType[];
  outputs: readonly TensorType[];
  initializers: readonly Initializer[];
  nodes: readonly GraphNode[];
}
