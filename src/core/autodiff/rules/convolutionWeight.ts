import { elementCount } from '../../tensor/dtype';
import type { Value } from '../../tensor/value';
import type { Window } from '../../onnx/ops/convolution';
import type { RuleContext } from '../gradientRule';
import { padWithZeros, reshape, slice, sumOver, transpose } from './emit';

/** A convolution Y = X * W as its weight's gradient needs it. */
export interface WeightGradient {
  /** X: (N, C, spatial...). */
  image: Value;
  /** dY: (N, M, output spatial...). */
  gradient: Value;
  window: Window;
  group: number;
}

/** The gradient of W: (M, C / group, kernel...). */
export function convolutionWeightGradient(context: RuleContext, convolution: WeightGradient): Value {
  return convolution.group === 1 ? byColumns(context, convolution) : byConvolution(context, convolution);
}

/** A convolution of X with dY, batch and channels exchanged, cropped to the kernel. One convolution for any group. */
export function byConvolution(context: RuleContext, { image, gradient, window, group }: WeightGradient): Value {
  const [batch, channels] = [image.shape[0]!, image.shape[1]!];
  const spatial = image.shape.slice(2);
  const exchanged = [1, 0, ...spatial.map((_, axis) => axis + 2)];
  const perGroup = channels / group;
  const images =
    group === 1
      ? transpose(context, image, exchanged)
      : reshape(
          context,
          transpose(context, reshape(context, image, [batch, group, perGroup, ...spatial]), [
            2,
            1,
            0,
            ...spatial.map((_, axis) => axis + 3),
          ]),
          [perGroup, group * batch, ...spatial],
        );
  const correlated = context.emit('Conv', [images, transpose(context, gradient, exchanged)], {
    strides: window.dilations,
    dilations: window.strides,
    pads: [...window.padsBegin, ...window.padsEnd],
    group,
  });
  const axes = spatial.map((_, axis) => axis + 2);
  const cropped = slice(
    context,
    correlated,
    axes,
    axes.map(() => 0),
    window.kernel,
  );
  return transpose(context, cropped, exchanged);
}

/** The kernel's positions, row-major. */
function kernelPositions(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (positions, size) => positions.flatMap((position) => Array.from({ length: size }, (_, i) => [...position, i])),
    [[]],
  );
}

/** Copies of X shifted to each kernel position, as a matrix that dY is multiplied with (im2col). Group 1 only. */
export function byColumns(context: RuleContext, { image, gradient, window }: WeightGradient): Value {
  const [batch, channels] = [image.shape[0]!, image.shape[1]!];
  const outputs = gradient.shape.slice(2);
  const count = elementCount(outputs);
  const axes = outputs.map((_, axis) => axis + 2);
  const padded = padWithZeros(context, image, [0, 0, ...window.padsBegin], [0, 0, ...window.padsEnd]);
  const positions = kernelPositions(window.kernel);
  const columns = positions.map((position) => {
    const starts = position.map((offset, axis) => offset * window.dilations[axis]!);
    const ends = starts.map((start, axis) => start + (outputs[axis]! - 1) * window.strides[axis]! + 1);
    const shifted = slice(context, padded, axes, starts, ends, window.strides);
    return reshape(context, shifted, [batch, channels, count]);
  });
  const matrix = columns.length === 1 ? columns[0]! : context.emit('Concat', columns, { axis: 1 });
  const product = context.emit('MatMul', [
    reshape(context, gradient, [batch, gradient.shape[1]!, count]),
    transpose(context, matrix, [0, 2, 1]),
  ]);
  const summed = sumOver(context, product, [0], false);
  const separated = reshape(context, summed, [gradient.shape[1]!, positions.length, channels]);
  return reshape(context, transpose(context, separated, [0, 2, 1]), [gradient.shape[1]!, channels, ...window.kernel]);
}
