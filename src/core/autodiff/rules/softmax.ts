import { intAttribute, normalizeAxis } from '../../onnx/shapes';
import type { GradientRule, RuleContext } from '../gradientRule';
import { sumOver } from './emit';

function axisOf(context: RuleContext): number {
  return normalizeAxis(intAttribute(context.attributes, 'axis', -1), context.outputs[0]!.shape.length);
}

/** dX = Y (dY - sum(dY Y)). */
const softmax: GradientRule = {
  inputs: {
    input: (context) => {
      const result = context.outputs[0]!;
      const weighted = context.emit('Mul', [context.outputGradient, result]);
      const total = sumOver(context, weighted, [axisOf(context)], true);
      return context.emit('Sub', [weighted, context.emit('Mul', [result, total])]);
    },
  },
  saves: ['output'],
};

/** dX = dY - exp(Y) sum(dY). */
const logSoftmax: GradientRule = {
  inputs: {
    input: (context) => {
      const { outputGradient } = context;
      const probabilities = context.emit('Exp', [context.outputs[0]!]);
      const total = sumOver(context, outputGradient, [axisOf(context)], true);
      return context.emit('Sub', [outputGradient, context.emit('Mul', [probabilities, total])]);
    },
  },
  saves: ['output'],
};

/** Softmax and its logarithm. */
export const softmaxRules = { LogSoftmax: logSoftmax, Softmax: softmax } satisfies Record<string, GradientRule>;
