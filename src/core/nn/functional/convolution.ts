import { operation, optional, required, withDefault, type OperationContext } from '../../operation';
import { apply, type Tensor } from '../../tensor/tensor';
import { warnOnce } from '../../warnOnce';
import { dtypeNames } from '../dtypeNames';
import { inFloat32, runtimeError, shapeText, squeeze, unsqueeze } from '../tensorMath';

/** One entry per spatial axis. */
export interface ConvolutionOptions {
  stride: readonly number[];
  padding: readonly number[] | string;
  dilation: readonly number[];
  groups: number;
}

const batchedRankText: Readonly<Record<number, string>> = {
  1: 'Expected 2D (unbatched) or 3D (batched) input to conv1d',
  2: 'Expected 3D (unbatched) or 4D (batched) input to conv2d',
};

/**
 * Cross-correlation of (N, C, spatial...) or (C, spatial...) with (M, C/groups, kernel...)
 * (ATen/native/Convolution.cpp).
 * @throws PythonError in PyTorch's words
 */
export function convolution(
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options: ConvolutionOptions,
  context: OperationContext,
): Tensor {
  const axes = options.stride.length;
  const rank = input.shape.length;
  if (rank !== axes + 1 && rank !== axes + 2) {
    throw runtimeError(`${batchedRankText[axes]!}, but got input of size: ${shapeText(input.shape)}`);
  }
  const pads = padsOf(weight, options, context);
  const unbatched = rank === axes + 1;
  const batchedShape = unbatched ? [1, ...input.shape] : input.shape;
  check(input, batchedShape, weight, bias, options, pads);
  const result = inFloat32([unbatched ? unsqueeze(input, 0) : input, weight, bias], (x, w, b) =>
    apply(
      x!.tape,
      'Conv',
      b ? [x!, w!, b] : [x!, w!],
      {
        dilations: options.dilation,
        group: options.groups,
        kernel_shape: weight.shape.slice(2),
        pads,
        strides: options.stride,
      },
      'ConvolutionBackward0',
    ),
  );
  return unbatched ? squeeze(result, 0) : result;
}

/** Begin pads, then end pads. 'same' puts the odd cell at the end, and PyTorch warns of that once. */
function padsOf(
  weight: Tensor,
  { padding, stride, dilation }: ConvolutionOptions,
  context: OperationContext,
): number[] {
  if (typeof padding !== 'string') return [...padding, ...padding];
  if (padding === 'valid') return stride.flatMap(() => [0, 0]);
  if (padding !== 'same') throw runtimeError(`Invalid padding string: '${padding}'`);
  if (stride.some((step) => step !== 1)) throw runtimeError("padding='same' is not supported for strided convolutions");
  const totals = dilation.map((step, axis) => step * ((weight.shape[axis + 2] ?? 1) - 1));
  if (totals.some((total) => total % 2 !== 0)) {
    warnOnce(
      context,
      "Using padding='same' with even kernel lengths and odd dilation may require a zero-padded copy of the input be created (Triggered internally at /__w/pytorch/pytorch/aten/src/ATen/native/Convolution.cpp:1101.)",
    );
  }
  const begin = totals.map((total) => Math.floor(total / 2));
  return [...begin, ...totals.map((total, axis) => total - begin[axis]!)];
}

function check(
  input: Tensor,
  batchedShape: readonly number[],
  weight: Tensor,
  bias: Tensor | null,
  options: ConvolutionOptions,
  pads: readonly number[],
): void {
  const { stride, dilation, groups } = options;
  const axes = stride.length;
  const weightShape = weight.shape;
  if (pads.some((pad) => pad < 0)) throw runtimeError('negative padding is not supported');
  if (stride.some((step) => step <= 0)) throw runtimeError('non-positive stride is not supported');
  if (dilation.some((step) => step <= 0)) throw runtimeError('non-positive dilation is not supported');
  if (groups <= 0) throw runtimeError('non-positive groups is not supported');
  if (weightShape.length !== axes + 2) {
    throw runtimeError(
      `expected stride to be a single integer value or a list of ${weightShape.length - 2} values to match the convolution dimensions, but got stride=${shapeText(stride)}`,
    );
  }
  const outChannels = weightShape[0]!;
  if (outChannels < groups) {
    throw runtimeError(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${shapeText(weightShape)} instead`,
    );
  }
  if (outChannels % groups !== 0) {
    throw runtimeError(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${shapeText(weightShape)}] instead`,
    );
  }
  const channels = batchedShape[1]!;
  const expected = weightShape[1]! * groups;
  if (channels !== expected) {
    throw runtimeError(
      `Given groups=${groups}, weight of size ${shapeText(weightShape)}, expected input${shapeText(input.shape.length === axes + 2 ? input.shape : batchedShape)} to have ${expected} channels, but got ${channels} channels instead`,
    );
  }
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outChannels)) {
    throw runtimeError(
      `Given weight of size ${shapeText(weightShape)}, expected bias to be 1-dimensional with ${outChannels} elements, but got bias of size ${shapeText(bias.shape)} instead`,
    );
  }
  const padded = batchedShape.slice(2).map((size, axis) => size + pads[axis]! + pads[axes + axis]!);
  const kernel = dilation.map((step, axis) => step * (weightShape[axis + 2]! - 1) + 1);
  if (padded.some((size, axis) => size < kernel[axis]!)) {
    throw runtimeError(
      `Calculated padded input size per channel: (${padded.join(' x ')}). Kernel size: (${kernel.join(' x ')}). Kernel size can't be greater than actual input size`,
    );
  }
  if (bias && bias.dtype !== input.dtype) {
    throw runtimeError(
      `Input type (${dtypeNames[input.dtype].cpp}) and bias type (${dtypeNames[bias.dtype].cpp}) should be the same`,
    );
  }
  if (input.dtype !== weight.dtype) {
    throw runtimeError(
      `expected scalar type ${dtypeNames[input.dtype].scalar} but found ${dtypeNames[weight.dtype].scalar}`,
    );
  }
}

export const convolutionOperations = [
  operation(
    'conv1d',
    {
      input: required('tensor'),
      weight: required('tensor'),
      bias: optional('tensor'),
      stride: withDefault('single', [1]),
      padding: withDefault('any', 0n),
      dilation: withDefault('single', [1]),
      groups: withDefault('int', 1),
    },
    ({ input, weight, bias, stride, padding, dilation, groups }, context) =>
      convolution(input, weight, bias, { stride, padding: singlePadding(padding), dilation, groups }, context),
  ),
  operation(
    'conv2d',
    {
      input: required('tensor'),
      weight: required('tensor'),
      bias: optional('tensor'),
      stride: withDefault('pair', [1, 1]),
      padding: withDefault('padding', [0, 0]),
      dilation: withDefault('pair', [1, 1]),
      groups: withDefault('int', 1),
    },
    ({ input, weight, bias, stride, padding, dilation, groups }, context) =>
      convolution(input, weight, bias, { stride, padding, dilation, groups }, context),
  ),
];

/** The padding of a 1-d convolution: an int, a tuple of one, or a word. */
export function singlePadding(padding: unknown): readonly number[] | string {
  if (typeof padding === 'string') return padding;
  if (typeof padding === 'bigint' || typeof padding === 'number') return [Number(padding)];
  const items = (padding as { items?: readonly unknown[] }).items;
  return items ? items.map(Number) : [0];
}
