import { dtypeTable, type DType, type Shape } from '../../tensor/dtype';
import type { Value } from '../../tensor/value';
import { sameShape } from '../../onnx/shapes';
import type { RuleContext } from '../gradientRule';

/** Zeros of a shape, made inside the graph. */
export function zeros(context: RuleContext, shape: Shape, dtype: DType): Value {
  if (shape.length === 0) return context.tape.scalar(0, dtype);
  const value = { dtype, shape: [1], data: dtypeTable[dtype].allocate(1) };
  return context.emit('ConstantOfShape', [context.tape.ints(shape)], { value });
}

/** A number as a scalar of the same element type. */
export function scalarLike(context: RuleContext, value: number, like: Value): Value {
  return context.tape.scalar(value, like.dtype);
}

/** The same elements in another shape; nothing when the shape is the same already. */
export function reshape(context: RuleContext, value: Value, shape: Shape): Value {
  if (sameShape(value.shape, shape)) return value;
  return context.emit('Reshape', [value, context.tape.ints(shape)], { allowzero: 1 });
}

export function transpose(context: RuleContext, value: Value, permutation: readonly number[]): Value {
  if (permutation.every((axis, i) => axis === i)) return value;
  return context.emit('Transpose', [value], { perm: permutation });
}

/** Swaps the last two axes. */
export function transposeMatrix(context: RuleContext, value: Value): Value {
  const rank = value.shape.length;
  return transpose(context, value, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

/** Repeats elements along axes of size 1 or new leading ones. */
export function expand(context: RuleContext, value: Value, shape: Shape): Value {
  if (sameShape(value.shape, shape)) return value;
  return context.emit('Expand', [value, context.tape.ints(shape)]);
}

/** One slice over some axes; nothing when it takes everything. */
export function slice(
  context: RuleContext,
  value: Value,
  axes: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = axes.map(() => 1),
): Value {
  const whole = axes.every((axis, i) => starts[i] === 0 && ends[i] === value.shape[axis] && steps[i] === 1);
  if (whole) return value;
  const { tape } = context;
  return context.emit('Slice', [value, tape.ints(starts), tape.ints(ends), tape.ints(axes), tape.ints(steps)]);
}

/** Zeros around a value: how many before and after, one entry per axis. */
export function padWithZeros(
  context: RuleContext,
  value: Value,
  before: readonly number[],
  after: readonly number[],
): Value {
  if ([...before, ...after].every((count) => count === 0)) return value;
  return context.emit('Pad', [value, context.tape.ints([...before, ...after])]);
}

/** Adds values of one shape. */
export function sum(context: RuleContext, values: readonly Value[]): Value {
  return values.length === 1 ? values[0]! : context.emit('Sum', values);
}

export function sumOver(context: RuleContext, value: Value, axes: readonly number[], keepDimensions: boolean): Value {
  if (axes.length === 0) return value;
  return context.emit('ReduceSum', [value, context.tape.ints(axes)], { keepdims: keepDimensions ? 1 : 0 });
}

/** A float's `condition ? value : 0`. */
export function maskedBy(context: RuleContext, condition: Value, value: Value): Value {
  return context.emit('Where', [condition, value, scalarLike(context, 0, value)]);
}

/** Adds up along axis 0 by index: the rows of `updates` [K, R] into zeros [size, R]. Duplicates add. */
export function addRows(context: RuleContext, updates: Value, rows: Value, size: number): Value {
  const [count, width] = [updates.shape[0]!, updates.shape[1]!];
  const target = zeros(context, [size, width], updates.dtype);
  const indices = expand(context, reshape(context, rows, [count, 1]), [count, width]);
  return context.emit('ScatterElements', [target, indices, updates], { axis: 0, reduction: 'add' });
}

/** Up to so many sources of one element are added by gathers; more of them by a scatter. */
const gatherLimit = 4;

/**
 * The adjoint of taking `indices` along an axis: element i of the result is the sum of the gradient's elements whose
 * index is i. An index of -1 stands for none.
 * @param size the result's size along the axis
 */
export function adjointOfTake(
  context: RuleContext,
  gradient: Value,
  axis: number,
  indices: readonly number[],
  size: number,
): Value {
  const first = indices[0] ?? 0;
  if (first >= 0 && indices.every((index, i) => index === first + i)) {
    const before = gradient.shape.map((_, i) => (i === axis ? first : 0));
    const after = gradient.shape.map((_, i) => (i === axis ? size - first - indices.length : 0));
    return padWithZeros(context, gradient, before, after);
  }
  const sources: number[][] = Array.from({ length: size }, () => []);
  indices.forEach((index, i) => {
    if (index >= 0) sources[index]!.push(i);
  });
  const rounds = sources.reduce((most, own) => Math.max(most, own.length), 1);
  if (rounds > gatherLimit) return adjointByScatter(context, gradient, axis, indices, size);
  const needsZero = sources.some((own) => own.length < rounds);
  const ends = gradient.shape.map((_, i) => (needsZero && i === axis ? 1 : 0));
  const padded = padWithZeros(
    context,
    gradient,
    ends.map(() => 0),
    ends,
  );
  const taken = Array.from({ length: rounds }, (_, round) => {
    const positions = sources.map((own) => own[round] ?? indices.length);
    return context.emit('Gather', [padded, context.tape.ints(positions)], { axis });
  });
  return sum(context, taken);
}

function adjointByScatter(
  context: RuleContext,
  gradient: Value,
  axis: number,
  indices: readonly number[],
  size: number,
): Value {
  const used = indices.flatMap((index, i) => (index >= 0 ? [i] : []));
  const present =
    used.length === indices.length ? gradient : context.emit('Gather', [gradient, context.tape.ints(used)], { axis });
  const along = present.shape.map((_, i) => (i === axis ? used.length : 1));
  const column = context.tape.constant(
    BigInt64Array.from(used, (i) => BigInt(indices[i]!)),
    along,
    'int64',
  );
  const target = zeros(
    context,
    gradient.shape.map((dimension, i) => (i === axis ? size : dimension)),
    gradient.dtype,
  );
  return context.emit('ScatterElements', [target, expand(context, column, present.shape), present], {
    axis,
    reduction: 'add',
  });
}
