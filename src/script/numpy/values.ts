import { PythonError } from '../../common/errors';
import { dataFromNumbers, elementCount, isFloating, type DType, type TensorData } from '../../core/tensor/dtype';
import { Tensor } from '../../core/tensor/tensor';
import { boolClass, floatClass, intClass } from '../objects/coreClasses';
import { typeName } from '../objects/arguments';
import type { Interpreter } from '../objects/interpreter';
import type { PyValue } from '../objects/value';
import { sequenceItems } from '../torch/argumentKinds';
import { PyDtype } from '../torch/dtypes';
import { NdArray } from '../torch/ndArray';
import { PyTensor } from '../torch/tensorClass';
import { torchContext } from '../torch/torchContext';

/** An array's elements as JavaScript numbers, row by row. */
export interface Values {
  numbers: number[];
  shape: readonly number[];
  dtype: DType;
  /** A Python number, which takes the type of an array that it meets. */
  weak: boolean;
}

/** The numbers, shape and type of nested lists; NumPy's rules: all bools, else all ints, else float64. */
function fromNested(value: PyValue): Values {
  const numbers: number[] = [];
  const shape: number[] = [];
  let rank = 0;
  let floating: DType | null = null;
  const visit = (item: PyValue, depth: number): void => {
    if (item instanceof PyTensor || item instanceof NdArray) {
      const inner = valuesOf(item);
      if (shape.length === depth) shape.push(...inner.shape);
      numbers.push(...inner.numbers);
      rank = Math.max(rank, isFloating(inner.dtype) ? 2 : inner.dtype === 'bool' ? 0 : 1);
      floating = inner.dtype === 'float32' && floating !== 'float64' ? 'float32' : 'float64';
      return;
    }
    const items = sequenceItems(item);
    if (items === null) {
      if (typeof item !== 'bigint' && typeof item !== 'number' && typeof item !== 'boolean') {
        throw new PythonError('NotImplementedError', `Gradstep's arrays hold numbers, not ${typeName(item)}`);
      }
      rank = Math.max(rank, typeof item === 'number' ? 2 : typeof item === 'bigint' ? 1 : 0);
      if (typeof item === 'number') floating = 'float64';
      numbers.push(Number(item));
      return;
    }
    if (shape.length === depth) shape.push(items.length);
    if (shape[depth] !== items.length) {
      throw new PythonError(
        'ValueError',
        'setting an array element with a sequence. The requested array has an inhomogeneous shape',
      );
    }
    for (const inner of items) visit(inner, depth + 1);
  };
  visit(value, 0);
  const empty = numbers.length === 0;
  const dtype = rank === 2 || empty ? (floating ?? 'float64') : rank === 1 ? 'int64' : 'bool';
  return { numbers, shape, dtype, weak: shape.length === 0 };
}

/** The most elements that these functions take: they work on JavaScript numbers, not in place. */
const mostElements = 2 ** 25;

function plainNumbers(data: TensorData): number[] {
  if (data.length > mostElements) {
    throw new PythonError('MemoryError', `Gradstep's NumPy is made for small arrays, not for ${data.length} elements`, {
      hint: 'Compute on tensors instead.',
    });
  }
  return Array.from(data, Number);
}

/** What NumPy makes of an array, tensor, number or nested sequence. */
export function valuesOf(value: PyValue, interpreter?: Interpreter): Values {
  if (value instanceof NdArray) {
    const { tensor, shape, offset } = value;
    const part = tensor.data.subarray(offset, offset + elementCount(shape));
    return { numbers: plainNumbers(part), shape, dtype: tensor.dtype, weak: false };
  }
  if (value instanceof PyTensor) {
    const { tensor } = value;
    if (tensor.requiresGrad) {
      throw new PythonError(
        'RuntimeError',
        "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
      );
    }
    return { numbers: plainNumbers(tensor.data), shape: tensor.shape, dtype: tensor.dtype, weak: false };
  }
  const own = value === null || typeof value !== 'object' ? undefined : interpreter?.findAttribute(value, '__array__');
  return own === undefined ? fromNested(value) : valuesOf(interpreter!.call(own));
}

/** An array of the values. */
export function makeArray(values: Omit<Values, 'weak'>, interpreter: Interpreter): NdArray {
  const { numbers, shape, dtype } = values;
  return new NdArray(Tensor.fromData(torchContext(interpreter).tape, dataFromNumbers(numbers, dtype), shape, dtype));
}

/** A Python number of a type. */
export function scalarOf(value: number, dtype: DType): PyValue {
  if (dtype === 'bool') return value !== 0;
  return isFloating(dtype) ? value : BigInt(value);
}

/** An array, or the Python number that it is when it has no axes. */
export function result(values: Omit<Values, 'weak'>, interpreter: Interpreter): PyValue {
  return values.shape.length === 0 ? scalarOf(values.numbers[0]!, values.dtype) : makeArray(values, interpreter);
}

/** The type that `dtype=` names; null when it isn't given. */
export function dtypeOf(value: PyValue): DType | null {
  if (value === null) return null;
  if (value === floatClass) return 'float64';
  if (value === intClass) return 'int64';
  if (value === boolClass) return 'bool';
  if (value instanceof PyDtype) return value.required();
  const name = String(value);
  const known = ['float32', 'float64', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'] as const;
  const found = known.find((dtype) => dtype === name || `numpy.${dtype}` === name);
  if (found === undefined) throw new PythonError('TypeError', `data type '${name}' not understood`);
  return found;
}

/** NumPy's promotion of two types; a Python number takes the array's unless it is of a higher kind. */
export function promote(left: Values, right: Values): DType {
  if (left.weak !== right.weak) {
    const [array, number] = left.weak ? [right, left] : [left, right];
    if (isFloating(array.dtype) || number.dtype === 'bool') return array.dtype;
    if (isFloating(number.dtype)) return 'float64';
    return array.dtype === 'bool' ? 'int64' : array.dtype;
  }
  if (left.dtype === right.dtype) return left.dtype;
  if (left.dtype === 'bool') return right.dtype;
  if (right.dtype === 'bool') return left.dtype;
  if (isFloating(left.dtype) || isFloating(right.dtype)) {
    const small = (dtype: DType) => ['float32', 'int8', 'uint8', 'int16'].includes(dtype);
    return small(left.dtype) && small(right.dtype) ? 'float32' : 'float64';
  }
  return 'int64';
}

/** Rounds each number to what the type can hold. */
export function rounded(numbers: number[], dtype: DType): number[] {
  return dtype === 'float32' ? numbers.map(Math.fround) : numbers;
}

/** An axis from the front. */
export function normalAxis(axis: number, rank: number): number {
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw new PythonError('ValueError', `axis ${axis} is out of bounds for array of dimension ${rank}`);
}

/** The shape of two shapes laid over each other. */
export function broadcastShapes(left: readonly number[], right: readonly number[]): number[] {
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, axis) => {
    const a = left[axis - rank + left.length] ?? 1;
    const b = right[axis - rank + right.length] ?? 1;
    if (a !== b && a !== 1 && b !== 1) {
      const [one, other] = [left, right].map((shape) => `(${shape.join(',')}${shape.length === 1 ? ',' : ''})`);
      throw new PythonError('ValueError', `operands could not be broadcast together with shapes ${one} ${other} `);
    }
    return a === 1 ? b : a;
  });
}

/** Where each element of `shape` is in an array of the shape `from`, laid over it. */
export function broadcastPositions(from: readonly number[], shape: readonly number[]): number[] {
  const missing = shape.length - from.length;
  let positions = [0];
  for (const [axis, length] of shape.entries()) {
    const own = from[axis - missing] ?? 1;
    const stride = axis < missing ? 0 : elementCount(from.slice(axis - missing + 1));
    const next: number[] = [];
    for (const position of positions) {
      for (let at = 0; at < length; at++) next.push(position + (own === 1 ? 0 : at * stride));
    }
    positions = next;
  }
  return positions;
}
