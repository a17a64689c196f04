import { elementCount } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';
import { axisOf, reshape, runtimeError, shapeText } from '../tensorMath';

/** The dimensions from `start` to `end` as one. */
export function flatten(input: Tensor, start: number, end: number): Tensor {
  const rank = input.shape.length;
  const first = axisOf(start, rank);
  const last = axisOf(end, rank);
  if (first > last) throw runtimeError('flatten() has invalid args: start_dim cannot come after end_dim');
  if (rank === 0) return reshape(input, [1]);
  if (first === last) return input;
  const merged = elementCount(input.shape.slice(first, last + 1));
  return reshape(input, [...input.shape.slice(0, first), merged, ...input.shape.slice(last + 1)]);
}

/** One dimension as several; one of the sizes may be -1. */
export function unflatten(input: Tensor, dimension: number, sizes: readonly number[]): Tensor {
  const axis = axisOf(dimension, input.shape.length);
  const size = input.shape[axis]!;
  const known = sizes.reduce((product, part) => (part === -1 ? product : product * part), 1);
  const whole = sizes.map((part) => (part === -1 ? size / known : part));
  if (elementCount(whole) !== size) {
    throw runtimeError(
      `unflatten: Provided sizes ${shapeText(sizes)} don't multiply up to the size of dim ${axis} (${size}) in the input tensor`,
    );
  }
  return reshape(input, [...input.shape.slice(0, axis), ...whole, ...input.shape.slice(axis + 1)]);
}
