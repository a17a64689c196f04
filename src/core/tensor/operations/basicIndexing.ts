import { PythonError } from '../../../common/errors';
import { required, withDefault } from '../../operation';
import { elementCount, type Shape } from '../dtype';
import { changedLayout, rowMajorStrides } from '../memoryLayout';
import { apply, type Tensor } from '../tensor';
import { concreteValue, type Value } from '../value';
import { axisOf, range } from './axes';
import { functionAndMethod, type TensorOperation } from './tensorOperation';
import { viewOf } from './views';

/** Fed int64 numbers: they may change from call to call without a new graph. */
export function fedIntegers(values: readonly number[], shape: Shape = [values.length]): Value {
  return concreteValue(BigInt64Array.from(values, BigInt), shape, 'int64');
}

/** The flat positions in a row-major tensor of `shape` that a stretch of one axis covers. */
function positionsOf(shape: Shape, axis: number, positions: readonly number[]): number[] {
  const inner = elementCount(shape.slice(axis + 1));
  const size = shape[axis]!;
  const result: number[] = [];
  for (let outer = 0; outer < elementCount(shape.slice(0, axis)); outer++) {
    for (const position of positions) {
      const start = (outer * size + position) * inner;
      for (let i = 0; i < inner; i++) result.push(start + i);
    }
  }
  return result;
}

/** The base with some positions of one axis replaced. */
function replaceAlong(base: Tensor, axis: number, positions: readonly number[], updated: Tensor, name: string): Tensor {
  const { tape } = base;
  if (positions.length === 0) return base;
  if (positions.length === base.shape[axis]) {
    return apply(tape, 'Reshape', [updated, tape.ints(base.shape)], { allowzero: 1 }, name);
  }
  return scatterFlat(base, positionsOf(base.shape, axis, positions), updated, name);
}

/** The base with the elements at flat positions replaced, in the order of `updated`. */
export function scatterFlat(base: Tensor, flat: readonly number[], updated: Tensor, name: string): Tensor {
  const { tape } = base;
  const data = apply(tape, 'Reshape', [base, tape.ints([elementCount(base.shape)])], undefined, 'ViewBackward0');
  const updates = apply(tape, 'Reshape', [updated, tape.ints([flat.length])], undefined, 'ViewBackward0');
  const scattered = apply(tape, 'ScatterElements', [data, fedIntegers(flat), updates], { axis: 0 }, name);
  return apply(tape, 'Reshape', [scattered, tape.ints(base.shape)], { allowzero: 1 }, name);
}

/** One position of an axis, which goes away: a view. The position must be in range. */
export function selectOf(x: Tensor, axis: number, position: number): Tensor {
  return viewOf(
    x,
    (base) => apply(base.tape, 'Gather', [base, fedIntegers([position], [])], { axis }, 'SelectBackward0'),
    (base, updated) => replaceAlong(base, axis, [position], updated, 'CopySlices'),
    ({ shape }) => changedLayout(x, shape, (strides) => strides.filter((_, i) => i !== axis)),
  );
}

/** Positions start, start + step, ... below stop of an axis: a view. Bounds must be in [0, size]. */
export function sliceOf(
  x: Tensor,
  axis: number,
  start: number,
  stop: number,
  step: number,
  name = 'SliceBackward0',
): Tensor {
  const count = Math.max(0, Math.ceil((stop - start) / step));
  const positions = range(count).map((i) => start + i * step);
  return viewOf(
    x,
    (base) => {
      const { tape } = base;
      const inputs = [base, fedIntegers([start]), fedIntegers([Math.max(start, stop)]), tape.ints([axis])];
      return apply(tape, 'Slice', step === 1 ? inputs : [...inputs, tape.ints([step])], undefined, name);
    },
    (base, updated) => replaceAlong(base, axis, positions, updated, 'CopySlices'),
    ({ shape }) =>
      changedLayout(x, shape, (strides) => strides.map((stride, i) => (i === axis ? stride * step : stride))),
  );
}

/**
 * `x[index]` along an axis.
 * @throws PythonError IndexError in PyTorch's words
 */
export function selectChecked(x: Tensor, axis: number, index: number): Tensor {
  const size = x.shape[axis]!;
  if (index < -size || index >= size) {
    throw new PythonError('IndexError', `index ${index} is out of bounds for dimension ${axis} with size ${size}`);
  }
  return selectOf(x, axis, index < 0 ? index + size : index);
}

/** Python's slice bounds: negative ones from the end, all within the axis. */
export function sliceBounds(size: number, start: number | null, stop: number | null): [number, number] {
  const place = (bound: number): number => Math.min(Math.max(bound < 0 ? bound + size : bound, 0), size);
  return [place(start ?? 0), place(stop ?? size)];
}

function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  const axis = axisOf(dim, x.shape.length);
  if (x.shape.length === 0) throw new PythonError('RuntimeError', 'narrow() cannot be applied to a 0-dim tensor.');
  const size = x.shape[axis]!;
  if (length < 0) throw new PythonError('RuntimeError', 'narrow(): length must be non-negative.');
  if (start < -size || start > size) {
    throw new PythonError(
      'IndexError',
      `Dimension out of range (expected to be in range of [${-size}, ${size}], but got ${start})`,
    );
  }
  const from = start < 0 ? start + size : start;
  if (from + length > size) {
    throw new PythonError('RuntimeError', `start (${from}) + length (${length}) exceeds dimension size (${size}).`);
  }
  return sliceOf(x, axis, from, from + length, 1);
}

function diagonal(x: Tensor, offset: number, dim1: number, dim2: number): Tensor {
  const rank = x.shape.length;
  const [a, b] = [axisOf(dim1, rank), axisOf(dim2, rank)];
  const [rows, columns] = [x.shape[a]!, x.shape[b]!];
  const count = Math.max(0, Math.min(rows - Math.max(-offset, 0), columns - Math.max(offset, 0)));
  const rest = range(rank).filter((axis) => axis !== a && axis !== b);
  const outer = rest.map((axis) => x.shape[axis]!);
  const strides = rowMajorStrides(x.shape);
  const flat: number[] = [];
  const walk = (level: number, base: number): void => {
    if (level < rest.length) {
      for (let i = 0; i < outer[level]!; i++) walk(level + 1, base + i * strides[rest[level]!]!);
      return;
    }
    for (let i = 0; i < count; i++) {
      flat.push(base + (i + Math.max(-offset, 0)) * strides[a]! + (i + Math.max(offset, 0)) * strides[b]!);
    }
  };
  walk(0, 0);
  return viewOf(
    x,
    (base) => {
      const data = apply(base.tape, 'Reshape', [base, base.tape.ints([elementCount(base.shape)])]);
      const indices = base.tape.constant(BigInt64Array.from(flat, BigInt), [...outer, count], 'int64');
      return apply(base.tape, 'Gather', [data, indices], { axis: 0 }, 'DiagonalBackward0');
    },
    (base, updated) => scatterFlat(base, flat, updated, 'CopySlices'),
  );
}

const input = required('tensor');

/** Parts of a tensor, as views. */
export const basicIndexingOperations: readonly TensorOperation[] = [
  functionAndMethod('select', { input, dim: required('int'), index: required('int') }, ({ input: x, dim, index }) => {
    if (x.shape.length === 0) throw new PythonError('IndexError', 'select() cannot be applied to a 0-dim tensor.');
    const axis = axisOf(dim, x.shape.length);
    const size = x.shape[axis]!;
    if (index < -size || index >= size) {
      throw new PythonError(
        'IndexError',
        `select(): index ${index} out of range for tensor of size [${x.shape.join(', ')}] at dimension ${axis}`,
      );
    }
    return selectChecked(x, axis, index);
  }),
  functionAndMethod(
    'narrow',
    { input, dim: required('int'), start: required('int'), length: required('int') },
    ({ input: x, dim, start, length }) => narrow(x, dim, start, length),
  ),
  functionAndMethod(
    'diagonal',
    { input, offset: withDefault('int', 0), dim1: withDefault('int', 0), dim2: withDefault('int', 1) },
    ({ input: x, offset, dim1, dim2 }) => diagonal(x, offset, dim1, dim2),
  ),
];
