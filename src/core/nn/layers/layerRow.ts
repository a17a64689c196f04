import type { Arguments, OperationContext, OperationResult, Parameters } from '../../operation';
import type { FloatArray } from '../../random/distributions';
import { dtypeTable, elementCount, type DType, type Shape } from '../../tensor/dtype';
import { checkSize } from '../../tensor/operations/creation';
import { Tensor } from '../../tensor/tensor';

/** PyTorch's base classes of layers, for `isinstance`. */
export type LayerBase =
  | 'Module'
  | '_ConvNd'
  | '_MaxPoolNd'
  | '_AvgPoolNd'
  | '_AdaptiveAvgPoolNd'
  | '_AdaptiveMaxPoolNd'
  | '_BatchNorm'
  | '_InstanceNorm'
  | '_DropoutNd'
  | 'Hardtanh'
  | '_Loss'
  | '_WeightedLoss';

/** An attribute of a layer as the script sees it: numbers are ints, lists are tuples of ints. */
export type PlainAttribute = number | string | boolean | null | readonly number[];

/** What a layer registers when it is made, in PyTorch's order. Null registers a name without a tensor. */
export interface LayerTensors {
  parameters?: Record<string, Tensor | null>;
  buffers?: Record<string, Tensor | null>;
}

/** A layer in use: its constructor's arguments, with what the script has set since. */
export interface LayerCall<A> {
  readonly args: A;
  readonly training: boolean;
  readonly context: OperationContext;
  /** A registered parameter or buffer; null when it is None. */
  tensor(name: string): Tensor | null;
}

export interface LayerText<A> {
  readonly args: A;
  /** An attribute as Python's `str` gives it. */
  text(name: string): string;
  /** An attribute as Python's `repr` gives it. */
  repr(name: string): string;
  has(tensor: string): boolean;
}

/** One layer: a class of torch.nn. */
export interface LayerRow {
  readonly name: string;
  readonly base: LayerBase;
  /** The constructor's, in PyTorch's order. */
  readonly parameters: Parameters;
  /** The names of the inputs of `forward`. */
  readonly inputs: readonly string[];
  /** The arguments that size the first parameter, in its order: PyTorch finds a wrong one when it makes that tensor. */
  readonly sizes?: readonly string[];
  /** Attributes that differ from the constructor's arguments. */
  readonly attributes?: (args: never) => Record<string, PlainAttribute>;
  /** Draws the parameters and makes the buffers. */
  readonly tensors?: (args: never, context: OperationContext) => LayerTensors;
  readonly forward: (call: LayerCall<never>, inputs: readonly Tensor[]) => OperationResult;
  readonly extraRepr?: (text: LayerText<never>) => string;
}

interface LayerDefinition<P extends Parameters> {
  base?: LayerBase;
  inputs?: readonly string[];
  sizes?: readonly string[];
  attributes?: (args: Arguments<P>) => Record<string, PlainAttribute>;
  tensors?: (args: Arguments<P>, context: OperationContext) => LayerTensors;
  forward: (call: LayerCall<Arguments<P>>, inputs: readonly [Tensor, Tensor, ...Tensor[]]) => OperationResult;
  extraRepr?: (text: LayerText<Arguments<P>>) => string;
}

/** Defines a row; the types of its arguments follow from `parameters`. */
export function layer<P extends Parameters>(name: string, parameters: P, definition: LayerDefinition<P>): LayerRow {
  return { base: 'Module', inputs: ['input'], ...(definition as object), name, parameters } as unknown as LayerRow;
}

/** A tensor filled by `fill`. */
export function filledTensor(
  { tape }: OperationContext,
  shape: Shape,
  dtype: DType,
  fill: (data: FloatArray) => void,
): Tensor {
  checkSize(shape);
  const data = dtypeTable[dtype].allocate(elementCount(shape)) as FloatArray;
  fill(data);
  return Tensor.fromData(tape, data, shape, dtype);
}
