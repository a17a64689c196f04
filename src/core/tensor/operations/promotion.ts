import { PythonError } from '../../../common/errors';
import type { Scalar } from '../../operation';
import { dtypeTable, isFloating, type DType, type Shape, type TensorData } from '../dtype';
import { elementwiseLayout } from '../memoryLayout';
import type { Tape } from '../tape';
import { apply, Tensor } from '../tensor';
import { concreteValue, type Value } from '../value';

/** PyTorch's words for an element type in errors, such as `Long`. */
export const scalarTypeNames: Readonly<Record<DType, string>> = {
  float32: 'Float',
  float64: 'Double',
  int64: 'Long',
  int32: 'Int',
  int16: 'Short',
  int8: 'Char',
  uint8: 'Byte',
  bool: 'Bool',
};

/** The C++ names, as matrix products say them. */
export const cTypeNames: Readonly<Record<DType, string>> = {
  float32: 'float',
  float64: 'double',
  int64: 'long int',
  int32: 'int',
  int16: 'short int',
  int8: 'signed char',
  uint8: 'unsigned char',
  bool: 'bool',
};

const signedOrder: readonly DType[] = ['int8', 'int16', 'int32', 'int64'];

/** The type that holds both (c10::promoteTypes). */
export function promoteTypes(a: DType, b: DType): DType {
  if (a === b) return a;
  const [rowA, rowB] = [dtypeTable[a], dtypeTable[b]];
  if (rowA.category !== rowB.category) return rowA.category > rowB.category ? a : b;
  if (rowA.floating) return 'float64';
  if (a === 'uint8' || b === 'uint8') {
    const other = a === 'uint8' ? b : a;
    return other === 'int8' ? 'int16' : other;
  }
  return signedOrder[Math.max(signedOrder.indexOf(a), signedOrder.indexOf(b))]!;
}

/** The element type of a Python number on its own. */
export function scalarType(scalar: Scalar, defaultDtype: DType): DType {
  if (typeof scalar === 'boolean') return 'bool';
  return typeof scalar === 'bigint' ? 'int64' : defaultDtype;
}

/** The result type of an operation (at::native::result_type): tensors first, then 0-dim tensors, then numbers. */
export function resultType(operands: readonly (Tensor | Scalar)[], defaultDtype: DType): DType {
  const found: (DType | null)[] = [null, null, null];
  for (const operand of operands) {
    const isTensor = operand instanceof Tensor;
    const priority = isTensor ? (operand.shape.length > 0 ? 0 : 1) : 2;
    const dtype = isTensor ? operand.dtype : scalarType(operand, defaultDtype);
    const before = found[priority] ?? null;
    found[priority] = before === null ? dtype : promoteTypes(before, dtype);
  }
  return combine(found[0]!, combine(found[1]!, found[2]!)) ?? defaultDtype;
}

function combine(higher: DType | null, lower: DType | null): DType | null {
  if (higher === null || lower === null) return higher ?? lower;
  if (isFloating(higher)) return higher;
  if (higher === 'bool' || isFloating(lower)) return promoteTypes(higher, lower);
  return higher;
}

/** The same elements in another type; differentiable between floating types. */
export function castTo(tensor: Tensor, dtype: DType): Tensor {
  if (tensor.dtype === dtype) return tensor;
  return laidOut(apply(tensor.tape, 'Cast', [tensor], { to: dtypeTable[dtype].onnx }, 'ToCopyBackward0'), [tensor]);
}

/** An elementwise result, with the memory layout that it takes from its operands. */
export function laidOut(result: Tensor, operands: readonly (Tensor | Scalar)[]): Tensor {
  const tensors = operands.filter((operand) => operand instanceof Tensor);
  result.layout = elementwiseLayout(result.shape, tensors);
  return result;
}

/** The elements of one Python number, kept exact in int64. */
export function scalarData(scalar: Scalar, dtype: DType): TensorData {
  const data = dtypeTable[dtype].allocate(1);
  if (data instanceof BigInt64Array) data[0] = typeof scalar === 'number' ? BigInt(Math.trunc(scalar)) : BigInt(scalar);
  else if (dtype === 'bool') data[0] = Number(scalar) === 0 ? 0 : 1;
  else data[0] = Number(scalar);
  return data;
}

/** A number that is fed at each run: graphs serve every value of it. */
export function fedScalar(scalar: Scalar, dtype: DType): Value {
  return concreteValue(scalarData(scalar, dtype), [], dtype);
}

/** An operand as an input of a node of the given type. */
export function inputOf(operand: Tensor | Scalar, dtype: DType): Tensor | Value {
  return operand instanceof Tensor ? castTo(operand, dtype) : fedScalar(operand, dtype);
}

/** An operand as a tensor; a number becomes one of shape []. */
export function asTensor(tape: Tape, operand: Tensor | Scalar, dtype: DType): Tensor {
  return operand instanceof Tensor ? castTo(operand, dtype) : new Tensor(tape, fedScalar(operand, dtype));
}

/** The type that arithmetic of a type runs in: ONNX has no kernels for bool. */
export function arithmeticType(dtype: DType): DType {
  return dtype === 'bool' ? 'uint8' : dtype;
}

/**
 * The shape of operands broadcast together.
 * @throws PythonError in PyTorch's words
 */
export function broadcastShape(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let axis = rank - 1; axis >= 0; axis--) {
    const sizeA = a[axis - rank + a.length] ?? 1;
    const sizeB = b[axis - rank + b.length] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new PythonError(
        'RuntimeError',
        `The size of tensor a (${sizeA}) must match the size of tensor b (${sizeB}) at non-singleton dimension ${axis}`,
      );
    }
    result[axis] = sizeA === 1 ? sizeB : sizeA;
  }
  return result;
}

/** Checks that operands broadcast together. */
export function checkBroadcast(operands: readonly (Tensor | Scalar)[]): void {
  let shape: readonly number[] = [];
  for (const operand of operands) if (operand instanceof Tensor) shape = broadcastShape(shape, operand.shape);
}
