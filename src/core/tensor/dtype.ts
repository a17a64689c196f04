/** An array of a tensor's elements, row-major. bool is one byte an element; int64 is a BigInt64Array. */
export type TensorData = Float32Array | Float64Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;

export type DType = 'float32' | 'float64' | 'int64' | 'int32' | 'int16' | 'int8' | 'uint8' | 'bool';

/** Dimensions, outermost first; the empty shape is a scalar's. */
export type Shape = readonly number[];

interface DTypeRow {
  /** ONNX TensorProto.DataType. */
  onnx: number;
  bytes: number;
  floating: boolean;
  /** Rank in PyTorch's type promotion (c10/core/ScalarType.h): bool < integers < floating. */
  category: 0 | 1 | 2;
  allocate: (length: number) => TensorData;
}

/** One row per element type. */
export const dtypeTable: Readonly<Record<DType, DTypeRow>> = {
  float32: { onnx: 1, bytes: 4, floating: true, category: 2, allocate: (n) => new Float32Array(n) },
  float64: { onnx: 11, bytes: 8, floating: true, category: 2, allocate: (n) => new Float64Array(n) },
  int64: { onnx: 7, bytes: 8, floating: false, category: 1, allocate: (n) => new BigInt64Array(n) },
  int32: { onnx: 6, bytes: 4, floating: false, category: 1, allocate: (n) => new Int32Array(n) },
  int16: { onnx: 5, bytes: 2, floating: false, category: 1, allocate: (n) => new Int16Array(n) },
  int8: { onnx: 3, bytes: 1, floating: false, category: 1, allocate: (n) => new Int8Array(n) },
  uint8: { onnx: 2, bytes: 1, floating: false, category: 1, allocate: (n) => new Uint8Array(n) },
  bool: { onnx: 9, bytes: 1, floating: false, category: 0, allocate: (n) => new Uint8Array(n) },
};

export function isFloating(dtype: DType): boolean {
  return dtypeTable[dtype].floating;
}

/** The number of elements of a shape. */
export function elementCount(shape: Shape): number {
  let count = 1;
  for (const dimension of shape) count *= dimension;
  return count;
}

/** Converts plain numbers to a dtype's array, as PyTorch's cast does: truncation towards zero, non-zero is true. */
export function dataFromNumbers(values: ArrayLike<number>, dtype: DType): TensorData {
  const data = dtypeTable[dtype].allocate(values.length);
  if (data instanceof BigInt64Array) {
    for (let i = 0; i < values.length; i++) data[i] = integerOf(values[i]!);
  } else if (dtype === 'bool') {
    for (let i = 0; i < values.length; i++) data[i] = values[i] === 0 ? 0 : 1;
  } else {
    for (let i = 0; i < values.length; i++) data[i] = values[i]!;
  }
  return data;
}

/** The elements as JavaScript numbers: exact up to 2^53. */
export function numbersFromData(data: TensorData): ArrayLike<number> {
  return data instanceof BigInt64Array ? Array.from(data, Number) : data;
}

function integerOf(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}
