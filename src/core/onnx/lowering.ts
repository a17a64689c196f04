import type { DType } from '../tensor/dtype';
import { dataFromNumbers } from '../tensor/dtype';
import type { GraphNode, Initializer } from './graph';
import type { OpName } from './opTable';

export interface LoweredNode {
  nodes: readonly GraphNode[];
  initializers: readonly Initializer[];
}

/** Replaces a node by others with the same inputs and outputs; `dtype` is its output's. */
export type Lowering = (node: GraphNode, dtype: DType) => LoweredNode;

/** Ops whose kernel in ONNX Runtime falls short of PyTorch's accuracy, and what stands in their place. */
export const loweringTable: Partial<Record<OpName, Lowering>> = {
  /**
   * 1 / (1 + exp(-x)). The CPU kernel's rational approximation has no correct digit left below x = -17, where RMSprop
   * and Adam still normalize by the gradient; this form keeps a relative error of 2e-7.
   */
  Sigmoid: (node, dtype) => {
    const one = { name: `${node.name}/one`, dtype, shape: [], data: dataFromNumbers([1], dtype) };
    const part = (op: OpName, inputs: readonly string[], output: string): GraphNode => ({
      ...node,
      name: `${node.name}/${op}`,
      op,
      inputs,
      outputs: [output],
      attributes: {},
    });
    const inside = (op: OpName): string => `${node.name}/${op}`;
    return {
      initializers: [one],
      nodes: [
        part('Neg', node.inputs, inside('Neg')),
        part('Exp', [inside('Neg')], inside('Exp')),
        part('Add', [inside('Exp'), one.name], inside('Add')),
        part('Reciprocal', [inside('Add')], node.outputs[0]!),
      ],
    };
  },
};
