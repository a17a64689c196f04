import type { Shape } from '../../tensor/dtype';
import type { Value } from '../../tensor/value';
import type { Window } from '../../onnx/ops/convolution';
import type { RuleContext } from '../gradientRule';
import { slice, transpose } from './emit';

/** A convolution Y = X * W as its image's gradient needs it. */
export interface ImageGradient {
  /** dY: (N, M, output spatial...). */
  gradient: Value;
  /** W: (M, C / group, kernel...). */
  weight: Value;
  /** X's: (N, C, spatial...). */
  imageShape: Shape;
  window: Window;
  group: number;
}

/** The gradient of X. */
export function convolutionImageGradient(context: RuleContext, convolution: ImageGradient): Value {
  return canFlip(convolution) ? byFlippedKernel(context, convolution) : byTransposedConvolution(context, convolution);
}

/** Unequal pads are left out: not every provider's convolution takes them. */
function canFlip({ window, group }: ImageGradient): boolean {
  const { strides, padsBegin, padsEnd } = window;
  const pads = padsOfFlipped(window);
  return (
    group === 1 &&
    strides.every((stride, axis) => stride === 1 && padsBegin[axis] === padsEnd[axis]) &&
    pads.every((pad) => pad >= 0)
  );
}

/** What is added around dY, so that the result is as large as X. */
function padsOfFlipped({ kernel, dilations, padsBegin }: Window): number[] {
  return kernel.map((size, axis) => dilations[axis]! * (size - 1) - padsBegin[axis]!);
}

/**
 * A convolution of dY with the kernels turned round and their channels exchanged; half the time of a transposed
 * convolution. Strides 1, equal pads, group 1.
 */
export function byFlippedKernel(context: RuleContext, { gradient, weight, window }: ImageGradient): Value {
  const pads = padsOfFlipped(window);
  const { kernel } = window;
  const flipped = slice(
    context,
    weight,
    kernel.map((_, axis) => axis + 2),
    kernel.map((size) => size - 1),
    kernel.map((size) => -size - 1),
    kernel.map(() => -1),
  );
  const exchanged = transpose(context, flipped, [1, 0, ...kernel.map((_, axis) => axis + 2)]);
  return context.emit('Conv', [gradient, exchanged], { dilations: window.dilations, pads: [...pads, ...pads] });
}

/**
 * A transposed convolution with W as it is. Rows of X that no window reached are output padding. Unequal pads are cut
 * off afterwards: the CUDA kernel takes equal ones only.
 */
export function byTransposedConvolution(
  context: RuleContext,
  { gradient, weight, imageShape, window, group }: ImageGradient,
): Value {
  const spatial = imageShape.slice(2);
  const axes = spatial.map((_, axis) => axis + 2);
  const equalPads = window.padsBegin.every((pad, axis) => pad === window.padsEnd[axis]);
  const rest = spatial.map((size, axis) => {
    const covered = window.dilations[axis]! * (window.kernel[axis]! - 1) + 1;
    return (size + window.padsBegin[axis]! + window.padsEnd[axis]! - covered) % window.strides[axis]!;
  });
  const full = context.emit('ConvTranspose', [gradient, weight], {
    strides: window.strides,
    dilations: window.dilations,
    group,
    output_padding: rest,
    pads: equalPads ? [...window.padsBegin, ...window.padsEnd] : window.padsBegin.concat(window.padsEnd).map(() => 0),
  });
  if (equalPads) return full;
  return slice(
    context,
    full,
    axes,
    window.padsBegin,
    spatial.map((size, axis) => size + window.padsBegin[axis]!),
  );
}
