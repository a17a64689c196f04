import type { Shape } from '../tensor/dtype';
import type { Tape } from '../tensor/tape';
import type { Value } from '../tensor/value';
import { sameShape } from '../onnx/shapes';

/** Sums a gradient over the axes along which its input was broadcast, so that it has the input's shape. */
export function unbroadcast(tape: Tape, gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) return gradient;
  const leading = gradient.shape.length - shape.length;
  const axes: number[] = [];
  gradient.shape.forEach((dimension, axis) => {
    if (axis < leading || (shape[axis - leading] === 1 && dimension !== 1)) axes.push(axis);
  });
  const summed = axes.length === 0 ? gradient : tape.emitOne('ReduceSum', [gradient, tape.ints(axes)], { keepdims: 1 });
  const ones = summed.shape.length - shape.length;
  const dropsOnes =
    summed.shape.slice(0, ones).every((size) => size === 1) && sameShape(summed.shape.slice(ones), shape);
  // What doesn't fit is left for the walk to report.
  return ones > 0 && dropsOnes ? tape.emitOne('Reshape', [summed, tape.ints(shape)], { allowzero: 1 }) : summed;
}
