import type { Shape } from '../../tensor/dtype';
import type { Value } from '../../tensor/value';
import type { Window } from '../../onnx/ops/convolution';
import type { RuleContext } from '../gradientRule';
import { slice } from './emit';

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
  return byTransposedConvolution(context, convolution);
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
