import { dtypeTable } from '../../tensor/dtype';
import type { Value } from '../../tensor/value';
import { intAttribute, knownIntegers, normalizeAxis } from '../../onnx/shapes';
import { nonDifferentiableRule, type GradientRule, type InputRule, type RuleContext } from '../gradientRule';
import { expand, maskedBy, reshape, scalarLike, sumOver, zeros } from './emit';

/** The axes that a reduction sums over: all of them when none are given. */
function reducedAxes(context: RuleContext): number[] {
  const { shape } = context.input(0);
  const axes = knownIntegers(context.inputs[1], 'the axes of a reduction');
  if (axes && axes.length > 0) return axes.map((axis) => normalizeAxis(axis, shape.length));
  return intAttribute(context.attributes, 'noop_with_empty_axes', 0) === 1 ? [] : [...shape.keys()];
}

/** A reduced value with the reduced axes as size 1, so that it broadcasts against the input. */
function withKeptAxes(context: RuleContext, reduced: Value, axes: readonly number[]): Value {
  return reshape(
    context,
    reduced,
    context.input(0).shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension)),
  );
}

function reduction(gradient: InputRule, saves: readonly string[]): GradientRule {
  return { inputs: { data: gradient, axes: 'nonDifferentiable' }, saves };
}

const reduceSum = reduction((context) => {
  const kept = withKeptAxes(context, context.outputGradient, reducedAxes(context));
  return expand(context, kept, context.input(0).shape);
}, []);

const reduceMean = reduction((context) => {
  const { shape } = context.input(0);
  const axes = reducedAxes(context);
  const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
  const kept = withKeptAxes(context, context.outputGradient, axes);
  return expand(context, context.emit('Div', [kept, scalarLike(context, count, kept)]), shape);
}, []);

/** torch.amax and amin: the elements that tie get equal parts. */
const reduceExtreme = reduction(
  (context) => {
    const data = context.input(0);
    const axes = reducedAxes(context);
    const hit = context.emit('Equal', [data, withKeptAxes(context, context.outputs[0]!, axes)]);
    const count = sumOver(context, context.emit('Cast', [hit], { to: dtypeTable[data.dtype].onnx }), axes, true);
    const share = context.emit('Div', [withKeptAxes(context, context.outputGradient, axes), count]);
    return maskedBy(context, hit, share);
  },
  ['data', 'reduced'],
);

/** Each element's gradient is the product of the others, also where elements are 0. */
const reduceProd = reduction(
  (context) => {
    const data = context.input(0);
    const axes = reducedAxes(context);
    const [zero, one] = [scalarLike(context, 0, data), scalarLike(context, 1, data)];
    const isZero = context.emit('Equal', [data, zero]);
    const zeroCount = sumOver(context, context.emit('Cast', [isZero], { to: dtypeTable[data.dtype].onnx }), axes, true);
    const nonZero = context.emit('Where', [isZero, one, data]);
    const product = context.emit('ReduceProd', [nonZero, context.tape.ints(axes)], { keepdims: 1 });
    const ofNonZero = maskedBy(context, context.emit('Equal', [zeroCount, zero]), product);
    const ofZero = maskedBy(context, context.emit('Equal', [zeroCount, one]), product);
    const others = context.emit('Where', [isZero, ofZero, context.emit('Div', [ofNonZero, nonZero])]);
    return context.emit('Mul', [withKeptAxes(context, context.outputGradient, axes), others]);
  },
  ['data'],
);

const cumSum: GradientRule = {
  inputs: {
    x: (context) =>
      context.emit('CumSum', [context.outputGradient, context.input(1)], {
        exclusive: intAttribute(context.attributes, 'exclusive', 0),
        reverse: 1 - intAttribute(context.attributes, 'reverse', 0),
      }),
    axis: 'nonDifferentiable',
  },
  saves: [],
};

const topK: GradientRule = {
  inputs: {
    X: (context) => {
      const x = context.input(0);
      return context.emit(
        'ScatterElements',
        [zeros(context, x.shape, x.dtype), context.outputs[1]!, context.outputGradient],
        { axis: normalizeAxis(intAttribute(context.attributes, 'axis', -1), x.shape.length) },
      );
    },
    K: 'nonDifferentiable',
  },
  saves: ['Indices'],
};

const argument = nonDifferentiableRule(['data']);

/** Reductions and what runs along an axis. */
export const reductionRules = {
  ArgMax: argument,
  ArgMin: argument,
  CumSum: cumSum,
  ReduceMax: reduceExtreme,
  ReduceMean: reduceMean,
  ReduceMin: reduceExtreme,
  ReduceProd: reduceProd,
  ReduceSum: reduceSum,
  TopK: topK,
} satisfies Record<string, GradientRule>;
