import type { DType, Shape, TensorData } from '../tensor/dtype';

/** ONNX attribute types that the op table uses. */
export type AttributeKind = 'int' | 'ints' | 'float' | 'floats' | 'string' | 'tensor';

/** An embedded tensor (attribute kind `tensor`). */
export interface TensorAttribute {
  dtype: DType;
  shape: Shape;
  data: TensorData;
}

export type AttributeValue = number | readonly number[] | string | TensorAttribute;

export type AttributeValues = Readonly<Record<string, AttributeValue | undefined>>;

/** What shape inference sees of an input: its data too when they are known (axes, shapes, starts). */
export interface InferenceInput {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TensorData | null;
}

export interface OutputType {
  dtype: DType;
  shape: Shape;
}

/** One ONNX operator, opset 18: its interface and its shape inference. */
export interface OpRow {
  /** Inputs by their ONNX names; a trailing `...` marks a variadic one, a trailing `?` an optional one. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeKind>>;
  /**
   * The outputs' types. Optional inputs that are left out are null.
   * @throws GradstepError `onnx.shape` when the shapes don't fit.
   */
  infer(inputs: readonly (InferenceInput | null)[], attributes: AttributeValues): OutputType[];
}
