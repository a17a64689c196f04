import { dtypeTable, isFloating } from '../../tensor/dtype';
import type { Value } from '../../tensor/value';
import { nonDifferentiableRule, type GradientRule, type InputRule, type RuleContext } from '../gradientRule';
import { maskedBy, scalarLike, sum, zeros } from './emit';

type Gradient = Exclude<InputRule, 'nonDifferentiable'>;

function unary(gradient: Gradient, saves: readonly string[]): GradientRule {
  return { inputs: { X: gradient }, saves };
}

const zero: Gradient = (context) => zeros(context, context.input(0).shape, context.outputGradient.dtype);

const passed: Gradient = (context) => context.outputGradient;

function negated(context: RuleContext, value: Value): Value {
  return context.emit('Neg', [value]);
}

function times(context: RuleContext, a: Value, b: Value): Value {
  return context.emit('Mul', [a, b]);
}

function dividedBy(context: RuleContext, a: Value, b: Value): Value {
  return context.emit('Div', [a, b]);
}

/** PyTorch's sgn: 0 of a NaN, where ONNX's Sign gives NaN. */
function signOf(context: RuleContext, value: Value): Value {
  const [minus, zeroScalar, plus] = [-1, 0, 1].map((number) => scalarLike(context, number, value)) as [
    Value,
    Value,
    Value,
  ];
  const notPositive = context.emit('Where', [context.emit('Less', [value, zeroScalar]), minus, zeroScalar]);
  return context.emit('Where', [context.emit('Greater', [value, zeroScalar]), plus, notPositive]);
}

/** -dY A / (B B), in PyTorch's order: -dY ((A / B) / B). */
const divisorGradient: Gradient = (context) => {
  const quotient = dividedBy(context, dividedBy(context, context.input(0), context.input(1)), context.input(1));
  return times(context, negated(context, context.outputGradient), quotient);
};

/** PyTorch's pow_backward_self: dY B A^(B - 1), and 0 where the exponent is 0. */
const baseGradient: Gradient = (context) => {
  const base = context.input(0);
  const exponent = castLike(context, context.input(1), base);
  const one = scalarLike(context, 1, base);
  const power = context.emit('Pow', [base, context.emit('Sub', [exponent, one])]);
  const gradient = times(context, context.outputGradient, times(context, exponent, power));
  const isZero = context.emit('Equal', [exponent, scalarLike(context, 0, base)]);
  return context.emit('Where', [isZero, scalarLike(context, 0, base), gradient]);
};

/** PyTorch's pow_backward_exponent: dY Y ln(A), and 0 where the base is 0 and the exponent is not negative. */
const exponentGradient: Gradient = (context) => {
  const base = context.input(0);
  const zeroScalar = scalarLike(context, 0, base);
  const exponent = context.input(1);
  const flat = context.emit('And', [
    context.emit('Equal', [base, zeroScalar]),
    context.emit('GreaterOrEqual', [exponent, scalarLike(context, 0, exponent)]),
  ]);
  const slope = times(context, context.outputs[0]!, context.emit('Log', [base]));
  return times(context, context.outputGradient, context.emit('Where', [flat, zeroScalar, slope]));
};

function castLike(context: RuleContext, value: Value, like: Value): Value {
  return value.dtype === like.dtype ? value : context.emit('Cast', [value], { to: dtypeTable[like.dtype].onnx });
}

/** Of C's fmod: -dY trunc(A / B). */
const modulusGradient: Gradient = (context) => {
  const quotient = dividedBy(context, context.input(0), context.input(1));
  const truncated = times(
    context,
    context.emit('Sign', [quotient]),
    context.emit('Floor', [context.emit('Abs', [quotient])]),
  );
  return negated(context, times(context, context.outputGradient, truncated));
};

/**
 * torch.maximum and torch.minimum: half of the gradient to each at a tie, and all of it to both at a NaN. Of more than
 * two, the ties get equal parts.
 * @param loses the comparison `own loses to other`
 */
function extreme(loses: 'Less' | 'Greater'): GradientRule {
  const gradient: Gradient = (context, index) => {
    const { inputs, outputGradient } = context;
    if (inputs.length === 1) return outputGradient;
    const own = context.input(index);
    const zeroScalar = scalarLike(context, 0, own);
    if (inputs.length === 2) {
      const other = context.input(1 - index);
      const half = times(context, outputGradient, scalarLike(context, 0.5, own));
      const tied = context.emit('Where', [context.emit('Equal', [own, other]), half, outputGradient]);
      return context.emit('Where', [context.emit(loses, [own, other]), zeroScalar, tied]);
    }
    const result = context.outputs[0]!;
    const to = dtypeTable[own.dtype].onnx;
    const hits = inputs.map((_, i) =>
      context.emit('Cast', [context.emit('Equal', [context.input(i), result])], { to }),
    );
    return dividedBy(context, times(context, outputGradient, hits[index]!), sum(context, hits));
  };
  return { inputs: { data_0: gradient }, saves: ['data_0'] };
}

/** The Cast between floating types; a cast to integers or bool ends differentiation, as in PyTorch. */
const castGradient: Gradient = (context) => {
  const { dtype } = context.input(0);
  if (!isFloating(context.outputs[0]!.dtype)) return zeros(context, context.input(0).shape, dtype);
  return castLike(context, context.outputGradient, context.input(0));
};

const clip: GradientRule = {
  inputs: {
    input: (context) => {
      const input = context.input(0);
      const [low, high] = [context.inputs[1], context.inputs[2]];
      const conditions = [
        ...(low ? [context.emit('GreaterOrEqual', [input, low])] : []),
        ...(high ? [context.emit('LessOrEqual', [input, high])] : []),
      ];
      if (conditions.length === 0) return context.outputGradient;
      const inside = conditions.length === 1 ? conditions[0]! : context.emit('And', conditions);
      return maskedBy(context, inside, context.outputGradient);
    },
    min: 'nonDifferentiable',
    max: 'nonDifferentiable',
  },
  saves: ['input'],
};

const where: GradientRule = {
  inputs: {
    condition: 'nonDifferentiable',
    X: (context) => maskedBy(context, context.input(0), context.outputGradient),
    Y: (context) =>
      context.emit('Where', [context.input(0), scalarLike(context, 0, context.outputGradient), context.outputGradient]),
  },
  saves: ['condition'],
};

const comparison = nonDifferentiableRule(['A', 'B']);
const predicate = nonDifferentiableRule(['X']);

/** Arithmetic, comparisons and choices, element by element. */
export const elementwiseRules = {
  Abs: unary((context) => times(context, context.outputGradient, signOf(context, context.input(0))), ['X']),
  Add: { inputs: { A: passed, B: passed }, saves: [] },
  And: comparison,
  Cast: { inputs: { input: castGradient }, saves: [] },
  Ceil: unary(zero, []),
  Clip: clip,
  Cos: unary(
    (context) => times(context, context.outputGradient, negated(context, context.emit('Sin', [context.input(0)]))),
    ['X'],
  ),
  Div: {
    inputs: { A: (context) => dividedBy(context, context.outputGradient, context.input(1)), B: divisorGradient },
    saves: { A: ['B'], B: ['A', 'B'] },
  },
  Equal: comparison,
  Exp: unary((context) => times(context, context.outputGradient, context.outputs[0]!), ['Y']),
  Floor: unary(zero, []),
  Greater: comparison,
  GreaterOrEqual: comparison,
  Identity: unary(passed, []),
  IsInf: predicate,
  IsNaN: predicate,
  Less: comparison,
  LessOrEqual: comparison,
  Log: unary((context) => dividedBy(context, context.outputGradient, context.input(0)), ['X']),
  Max: extreme('Less'),
  Min: extreme('Greater'),
  Mod: { inputs: { A: passed, B: modulusGradient }, saves: { B: ['A', 'B'] } },
  Mul: {
    inputs: {
      A: (context) => times(context, context.outputGradient, context.input(1)),
      B: (context) => times(context, context.outputGradient, context.input(0)),
    },
    saves: { A: ['B'], B: ['A'] },
  },
  Neg: unary((context) => negated(context, context.outputGradient), []),
  Not: predicate,
  Or: comparison,
  Pow: { inputs: { A: baseGradient, B: exponentGradient }, saves: { A: ['A', 'B'], B: ['A', 'B', 'C'] } },
  Reciprocal: unary(
    (context) => {
      const result = context.outputs[0]!;
      return times(context, negated(context, context.outputGradient), times(context, result, result));
    },
    ['Y'],
  ),
  Round: unary(zero, []),
  Sign: unary(zero, []),
  Sin: unary((context) => times(context, context.outputGradient, context.emit('Cos', [context.input(0)])), ['X']),
  Sqrt: unary(
    (context) => {
      const result = context.outputs[0]!;
      return dividedBy(context, context.outputGradient, times(context, result, scalarLike(context, 2, result)));
    },
    ['Y'],
  ),
  Sub: { inputs: { A: passed, B: (context) => negated(context, context.outputGradient) }, saves: [] },
  Sum: { inputs: { data_0: passed }, saves: [] },
  Tan: unary(
    (context) => {
      const result = context.outputs[0]!;
      const slope = context.emit('Add', [times(context, result, result), scalarLike(context, 1, result)]);
      return times(context, context.outputGradient, slope);
    },
    ['Y'],
  ),
  Where: where,
  Xor: comparison,
} satisfies Record<string, GradientRule>;
