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

/** Above so many elements the matrix of shifted copies no longer fits a core's cache, and rows of it are cheaper. */
const largestMatrix = 2 ** 20;

/** Fewer channels than that make a matrix too narrow to be worth its copies. */
const fewestChannels = 8;
/** Zeros between the shifted gradients are multiplied as well: more of them than that cost more than they save. */
const mostPadding = 4 / 3;

/** The gradient of W: (M, C / group, kernel...). Which way is chosen by what was measured (`npm run bench`). */
export function convolutionWeightGradient(context: RuleContext, convolution: WeightGradient): Value {
  const { image, gradient, window, group } = convolution;
  if (group !== 1) return byConvolution(context, convolution);
  const block = context.tape.graphs.channelBlock;
  if (block !== null && fillsBlocks(convolution, block)) return byBlockedConvolution(context, convolution, block);
  if (isForShiftedGradients(convolution)) return byShiftedGradients(context, convolution);
  const positions = image.shape[0]! * elementCount(gradient.shape.slice(2));
  const elements = positions * image.shape[1]! * elementCount(window.kernel);
  return elements <= largestMatrix ? byOneProduct(context, convolution) : byRows(context, convolution);
}

function isForShiftedGradients({ image, gradient, window }: WeightGradient): boolean {
  const paddedHeight = image.shape[2]! + window.padsBegin[0]! + window.padsEnd[0]!;
  return (
    window.kernel.length === 2 &&
    window.strides[0] === 1 &&
    image.shape[1]! >= fewestChannels &&
    paddedHeight <= mostPadding * gradient.shape[2]!
  );
}

/** Blocks are summed one after the other in float32: with more summands the rounding passes twice PyTorch's. */
const mostSummands = 2 ** 18;

/** Whether filters make up whole blocks, and images, which take the place of channels, nearly do or are fewer. */
function fillsBlocks({ image, gradient, window }: WeightGradient, block: number): boolean {
  const [images, filters] = gradient.shape as [number, number];
  return (
    image.dtype === 'float32' &&
    window.kernel.length === 2 &&
    filters % block === 0 &&
    images > 0 &&
    images * elementCount(gradient.shape.slice(2)) <= mostSummands &&
    (images < block || roundedUp(images, block) <= mostPadding * images)
  );
}

function roundedUp(count: number, block: number): number {
  return Math.ceil(count / block) * block;
}

/**
 * A convolution of X with dY, batch and channels exchanged, which a runtime that works on blocks of channels does at the
 * rate of any other. The zeros around X are written out: a kernel as large as the image would meet them everywhere. 2-D,
 * group 1.
 */
export function byBlockedConvolution(
  context: RuleContext,
  { image, gradient, window }: WeightGradient,
  block: number,
): Value {
  const images = image.shape[0]!;
  const missing = images < block ? 0 : roundedUp(images, block) - images;
  const { padsBegin, padsEnd, strides, dilations } = window;
  const exchanged = transpose(context, image, [1, 0, 2, 3]);
  const around = padWithZeros(context, exchanged, [0, 0, ...padsBegin], [0, missing, ...padsEnd]);
  const gradients = padWithZeros(context, gradient, [0, 0, 0, 0], [missing, 0, 0, 0]);
  const correlated = context.emit('Conv', [around, transpose(context, gradients, [1, 0, 2, 3])], {
    strides: dilations,
    dilations: strides,
  });
  return transpose(context, slice(context, correlated, [2, 3], [0, 0], window.kernel), [1, 0, 2, 3]);
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
 * k * k. The positions, row-major, are stacked along `stackAxis`, which had size 1.
 * @param value X padded; its last axes are the spatial ones
 * @param from the first spatial axis that is shifted along
 */
function shiftedCopies(
  context: RuleContext,
  value: Value,
  stackAxis: number,
  window: Window,
  outputs: readonly number[],
  from = 0,
): Value {
  const firstSpatial = value.shape.length - outputs.length;
  let stacked = value;
  for (let axis = outputs.length - 1; axis >= from; axis--) {
    const copies = Array.from({ length: window.kernel[axis]! }, (_, i) =>
      shifted(context, stacked, firstSpatial + axis, window, axis, i, outputs[axis]!),
    );
    stacked = concat(context, copies, stackAxis);
  }
  return stacked;
}

/** What kernel index `i` of a spatial axis sees: one element for each output along it. */
function shifted(
  context: RuleContext,
  value: Value,
  valueAxis: number,
  window: Window,
  axis: number,
  i: number,
  outputs: number,
): Value {
  const start = i * window.dilations[axis]!;
  const stride = window.strides[axis]!;
  return slice(context, value, [valueAxis], [start], [start + (outputs - 1) * stride + 1], [stride]);
}

function padded(context: RuleContext, image: Value, window: Window): Value {
  return padWithZeros(context, image, [0, 0, ...window.padsBegin], [0, 0, ...window.padsEnd]);
}

/** One matrix product over batch and positions together: dY (M, N L) with the copies (C kernel, N L). Group 1. */
export function byOneProduct(context: RuleContext, { image, gradient, window }: WeightGradient): Value {
  const [batch, channels, filters] = [image.shape[0]!, image.shape[1]!, gradient.shape[1]!];
  const outputs = gradient.shape.slice(2);
  const exchanged = [1, 0, ...outputs.map((_, axis) => axis + 2)];
  const channelsFirst = padded(context, transpose(context, image, exchanged), window);
  const [, images, ...around] = channelsFirst.shape as [number, number, ...number[]];
  const stacked = shiftedCopies(
    context,
    reshape(context, channelsFirst, [channels, 1, images, ...around]),
    1,
    window,
    outputs,
  );
  const count = batch * elementCount(outputs);
  const operands = [
    reshape(context, transpose(context, gradient, exchanged), [filters, count]),
    reshape(context, stacked, [channels * elementCount(window.kernel), count]),
  ];
  return reshape(context, context.emit('Gemm', operands, { transB: 1 }), [filters, channels, ...window.kernel]);
}

/** A matrix product for each row of the kernel and each image: the copies along the first axis are views. Group 1. */
export function byRows(context: RuleContext, { image, gradient, window }: WeightGradient): Value {
  const [batch, channels, filters] = [image.shape[0]!, image.shape[1]!, gradient.shape[1]!];
  const outputs = gradient.shape.slice(2);
  const count = elementCount(outputs);
  const around = padded(context, image, window);
  const [height, ...others] = around.shape.slice(2) as [number, ...number[]];
  const stacked = shiftedCopies(
    context,
    reshape(context, around, [batch, 1, channels, height, ...others]),
    1,
    window,
    outputs,
    1,
  );
  const rest = elementCount(window.kernel.slice(1));
  const width = elementCount(outputs.slice(1));
  const flat = reshape(context, stacked, [batch, rest * channels, height * width]);
  const rows = reshape(context, transpose(context, flat, [0, 2, 1]), [batch, height, width, rest * channels]);
  const perImage = reshape(context, gradient, [batch, filters, count]);
  const products = Array.from({ length: window.kernel[0]! }, (_, i) => {
    const row = reshape(context, shifted(context, rows, 1, window, 0, i, outputs[0]!), [batch, count, rest * channels]);
    return sumOver(context, context.emit('MatMul', [perImage, row]), [0], true);
  });
  const all = concat(context, products, 0);
  const separated = reshape(context, all, [window.kernel[0]!, filters, rest, channels]);
  return reshape(context, transpose(context, separated, [1, 3, 0, 2]), [filters, channels, ...window.kernel]);
}

/**
 * One matrix product over batch and rows together: X shifted along the kernel's width, dY, which is smaller, along its
 * height. (M kh, N Hp Wo) with (N Hp Wo, kw C), where Hp is the padded height. 2-D, group 1, a stride of 1 along the height.
 */
export function byShiftedGradients(context: RuleContext, { image, gradient, window }: WeightGradient): Value {
  const [batch, channels] = [image.shape[0]!, image.shape[1]!];
  const [, filters, rows, columns] = gradient.shape as [number, number, number, number];
  const [kernelHeight, kernelWidth] = window.kernel as [number, number];
  const { padsBegin, padsEnd } = window;
  const channelsLast = padWithZeros(
    context,
    transpose(context, image, [0, 2, 3, 1]),
    [0, ...padsBegin, 0],
    [0, ...padsEnd, 0],
  );
  const paddedHeight = channelsLast.shape[1]!;
  const images = Array.from({ length: kernelWidth }, (_, i) =>
    shifted(context, channelsLast, 2, window, 1, i, columns),
  );
  const filtersFirst = reshape(context, transpose(context, gradient, [1, 0, 2, 3]), [filters, 1, batch, rows, columns]);
  const gradients = Array.from({ length: kernelHeight }, (_, i) => {
    const above = i * window.dilations[0]!;
    return padWithZeros(context, filtersFirst, [0, 0, 0, above, 0], [0, 0, 0, paddedHeight - rows - above, 0]);
  });
  const count = batch * paddedHeight * columns;
  const product = context.emit('MatMul', [
    reshape(context, concat(context, gradients, 1), [filters * kernelHeight, count]),
    reshape(context, concat(context, images, 3), [count, kernelWidth * channels]),
  ]);
  const separated = reshape(context, product, [filters, kernelHeight, kernelWidth, channels]);
  return transpose(context, separated, [0, 3, 1, 2]);
}

function concat(context: RuleContext, values: readonly Value[], axis: number): Value {
  return values.length === 1 ? values[0]! : context.emit('Concat', values, { axis });
}
