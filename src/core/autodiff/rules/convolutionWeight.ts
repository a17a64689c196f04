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

/**
 * Copies of X shifted to each kernel position (im2col), axis by axis from the last, so that k + k slices do instead of
 * k * k. The positions, row-major, are the new leading part of `stackAxis`, which has size 1.
 */
function shiftedCopies(
  context: RuleContext,
  image: Value,
  stackAxis: number,
  window: Window,
  outputs: readonly number[],
): Value {
  const first = image.shape.length - outputs.length;
  return outputs.reduceRight((value, size, axis) => {
    const span = (size - 1) * window.strides[axis]! + 1;
    const copies = Array.from({ length: window.kernel[axis]! }, (_, i) => {
      const start = i * window.dilations[axis]!;
      return slice(context, value, [first + axis], [start], [start + span], [window.strides[axis]!]);
    });
    return copies.length === 1 ? copies[0]! : context.emit('Concat', copies, { axis: stackAxis });
  }, image);
}

/** The product (M, positions x C) as (M, C, kernel...). */
function asKernel(context: RuleContext, product: Value, channels: number, kernel: readonly number[]): Value {
  const [filters, positions] = [product.shape[0]!, elementCount(kernel)];
  const separated = reshape(context, product, [filters, positions, channels]);
  return reshape(context, transpose(context, separated, [0, 2, 1]), [filters, channels, ...kernel]);
}

/** One matrix product over batch and positions together: dY (M, N L) with the copies (positions C, N L). Group 1. */
export function byOneProduct(context: RuleContext, { image, gradient, window }: WeightGradient): Value {
  const [batch, channels] = [image.shape[0]!, image.shape[1]!];
  const outputs = gradient.shape.slice(2);
  const exchanged = [1, 0, ...outputs.map((_, axis) => axis + 2)];
  const padded = padded3(context, transpose(context, image, exchanged), window);
  const stacked = shiftedCopies(context, reshape(context, padded, [1, ...padded.shape]), 0, window, outputs);
  const count = batch * elementCount(outputs);
  const product = context.emit(
    'Gemm',
    [
      reshape(context, transpose(context, gradient, exchanged), [gradient.shape[1]!, count]),
      reshape(context, stacked, [elementCount(window.kernel) * channels, count]),
    ],
    { transB: 1 },
  );
  return asKernel(context, product, channels, window.kernel);
}

/** One matrix product for each image, summed: cheaper than moving the batch when there is much of it. Group 1. */
export function byProducts(context: RuleContext, { image, gradient, window }: WeightGradient): Value {
  const [batch, channels] = [image.shape[0]!, image.shape[1]!];
  const outputs = gradient.shape.slice(2);
  const count = elementCount(outputs);
  const padded = padded3(context, image, window);
  const stacked = shiftedCopies(
    context,
    reshape(context, padded, [batch, 1, channels, ...padded.shape.slice(2)]),
    1,
    window,
    outputs,
  );
  const columns = reshape(context, stacked, [batch, elementCount(window.kernel) * channels, count]);
  const products = context.emit('MatMul', [
    reshape(context, gradient, [batch, gradient.shape[1]!, count]),
    transpose(context, columns, [0, 2, 1]),
  ]);
  return asKernel(context, sumOver(context, products, [0], false), channels, window.kernel);
}

function padded3(context: RuleContext, image: Value, window: Window): Value {
  return padWithZeros(context, image, [0, 0, ...window.padsBegin], [0, 0, ...window.padsEnd]);
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
