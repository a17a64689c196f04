import type { Value } from '../../tensor/value';
import { windowOf, type Window } from '../../onnx/ops/convolution';
import { intAttribute } from '../../onnx/shapes';
import type { GradientRule, InputRule, RuleContext } from '../gradientRule';
import { slice, sumOver } from './emit';
import { convolutionImageGradient } from './convolutionImage';
import { convolutionWeightGradient } from './convolutionWeight';

function kernelWindow(context: RuleContext): Window {
  return windowOf(context.attributes, context.input(1).shape.slice(2));
}

function groupOf(context: RuleContext): number {
  return intAttribute(context.attributes, 'group', 1);
}

/** A bias is added to every position of its channel. */
const biasGradient: InputRule = (context) => {
  const { outputGradient } = context;
  const axes = outputGradient.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return sumOver(context, outputGradient, axes, false);
};

const conv: GradientRule = {
  inputs: {
    X: (context) =>
      convolutionImageGradient(context, {
        gradient: context.outputGradient,
        weight: context.input(1),
        imageShape: context.input(0).shape,
        window: kernelWindow(context),
        group: groupOf(context),
      }),
    W: (context) =>
      convolutionWeightGradient(context, {
        image: context.input(0),
        gradient: context.outputGradient,
        window: kernelWindow(context),
        group: groupOf(context),
      }),
    B: biasGradient,
  },
  saves: { X: ['W'], W: ['X'] },
};

/** A transposed convolution is the image gradient of a convolution, so its own gradients are that convolution's. */
const convTranspose: GradientRule = {
  inputs: {
    X: (context): Value => {
      const window = kernelWindow(context);
      const result = context.emit('Conv', [context.outputGradient, context.input(1)], {
        strides: window.strides,
        dilations: window.dilations,
        pads: [...window.padsBegin, ...window.padsEnd],
        group: groupOf(context),
      });
      const spatial = context.input(0).shape.slice(2);
      const axes = spatial.map((_, axis) => axis + 2);
      return slice(
        context,
        result,
        axes,
        axes.map(() => 0),
        spatial,
      );
    },
    W: (context) =>
      convolutionWeightGradient(context, {
        image: context.outputGradient,
        gradient: context.input(0),
        window: kernelWindow(context),
        group: groupOf(context),
      }),
    B: biasGradient,
  },
  saves: { X: ['W'], W: ['X'] },
};

/** Convolutions over (N, C, spatial...). */
export const convolutionRules = { Conv: conv, ConvTranspose: convTranspose } satisfies Record<string, GradientRule>;
