import { dataFromNumbers, elementCount, type DType, type Shape } from '../tensor/dtype';
import type { GraphNode, Initializer } from './graph';
import type { AttributeValues } from './opRow';
import type { OpName } from './opTable';

export interface LoweredNode {
  nodes: readonly GraphNode[];
  initializers: readonly Initializer[];
}

export interface Lowering {
  /** `lacking`: where the device has no kernel of it for the element type. */
  where: 'everywhere' | 'lacking';
  /** Replaces a node by others with the same inputs and outputs. @param output its first output's type */
  lower(node: GraphNode, output: { dtype: DType; shape: Shape }): LoweredNode;
}

/** What stands in the place of ops whose kernel falls short of PyTorch's accuracy, or is not there on every device. */
export const loweringTable: Partial<Record<OpName, Lowering>> = {
  /**
   * 1 / (1 + exp(-x)). The CPU kernel's rational approximation has no correct digit left below x = -17, where RMSprop
   * and Adam still normalize by the gradient; this form keeps a relative error of 2e-7.
   */
  Sigmoid: { where: 'everywhere', lower: sigmoidByExponential },
  /** ONNX Runtime has it on the CPU for float32 only (docs/OperatorKernels.md). */
  MaxUnpool: { where: 'lacking', lower: unpoolByScatter },
  /** It has none on CUDA, and on the CPU for float32 only. */
  Tan: { where: 'lacking', lower: tangentByQuotient },
};

type Part = (op: OpName, inputs: readonly string[], output: string, attributes?: AttributeValues) => GraphNode;

/** Makes the nodes that stand for one: their names begin with its own. */
function partsOf(node: GraphNode): { part: Part; inside: (name: string) => string } {
  const inside = (name: string): string => `${node.name}/${name}`;
  const part: Part = (op, inputs, output, attributes = {}) => ({
    ...node,
    name: inside(op === 'Reshape' ? `${op}/${output}` : op),
    op,
    inputs,
    outputs: [output],
    attributes,
  });
  return { part, inside };
}

function sigmoidByExponential(node: GraphNode, { dtype }: { dtype: DType }): LoweredNode {
  const { part, inside } = partsOf(node);
  const one = { name: inside('one'), dtype, shape: [], data: dataFromNumbers([1], dtype) };
  return {
    initializers: [one],
    nodes: [
      part('Neg', node.inputs, inside('Neg')),
      part('Exp', [inside('Neg')], inside('Exp')),
      part('Add', [inside('Exp'), one.name], inside('Add')),
      part('Reciprocal', [inside('Add')], node.outputs[0]!),
    ],
  };
}

/** sin(x) / cos(x). */
function tangentByQuotient(node: GraphNode): LoweredNode {
  const { part, inside } = partsOf(node);
  return {
    initializers: [],
    nodes: [
      part('Sin', node.inputs, inside('Sin')),
      part('Cos', node.inputs, inside('Cos')),
      part('Div', [inside('Sin'), inside('Cos')], node.outputs[0]!),
    ],
  };
}

/** Into zeros, each element at its index; both flat. */
function unpoolByScatter(node: GraphNode, { dtype, shape }: { dtype: DType; shape: Shape }): LoweredNode {
  const { part, inside } = partsOf(node);
  const [x, indices, outputShape] = node.inputs as [string, string, string];
  const integer = (name: string, value: number): Initializer => ({
    name: inside(name),
    dtype: 'int64',
    shape: [1],
    data: dataFromNumbers([value], 'int64'),
  });
  const [count, flat] = [integer('count', elementCount(shape)), integer('flat', -1)];
  const zero = { dtype, shape: [1], data: dataFromNumbers([0], dtype) };
  return {
    initializers: [count, flat],
    nodes: [
      part('ConstantOfShape', [count.name], inside('zeros'), { value: zero }),
      part('Reshape', [x, flat.name], inside('elements')),
      part('Reshape', [indices, flat.name], inside('indices')),
      part('ScatterElements', [inside('zeros'), inside('indices'), inside('elements')], inside('scattered'), {
        axis: 0,
      }),
      part('Reshape', [inside('scattered'), outputShape], node.outputs[0]!),
    ],
  };
}
