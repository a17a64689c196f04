import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GradientRule, InputRule } from '../../src/core/autodiff/gradientRule';
import { checkRules, ruleTable } from '../../src/core/autodiff/ruleTable';
import { opTable, type OpName } from '../../src/core/onnx/opTable';
import { elementCount } from '../../src/core/tensor/dtype';
import { distinct, positive, uniform } from './caseInputs';
import { checkGradients, type GradientCase } from './gradientChecker';

type Gradient = Exclude<InputRule, 'nonDifferentiable'>;

/** The op's rule with the gradient of one input changed. */
function planted(op: OpName, input: string, change: (right: Gradient) => Gradient): GradientRule {
  const rule = ruleTable[op];
  return { ...rule, inputs: { ...rule.inputs, [input]: change(rule.inputs[input] as Gradient) } };
}

const square: GradientCase = { op: 'MatMul', name: 'square', inputs: [uniform(3, 3), uniform(3, 3)] };
const broadcast: GradientCase = { op: 'Mul', name: 'broadcast', inputs: [uniform(4, 3), uniform(3)] };
const image: GradientCase = {
  op: 'Conv',
  name: 'image',
  inputs: [uniform(2, 2, 5, 5), uniform(3, 2, 3, 3), uniform(3)],
  attributes: { pads: [1, 1, 1, 1] },
};
const logits: GradientCase = { op: 'LogSoftmax', name: 'logits', inputs: [uniform(2, 4)] };
const pool: GradientCase = {
  op: 'MaxPool',
  name: 'overlapping',
  inputs: [distinct(1, 1, 6, 6)],
  attributes: { kernel_shape: [3, 3], strides: [1, 1] },
};

/** A wrong gradient by what is wrong with it: the case, the input and the change. */
const wrong: Readonly<Record<string, readonly [GradientCase, string, (right: Gradient) => Gradient]>> = {
  'twice as large': [
    image,
    'W',
    (right) => (context, index) => context.emit('Mul', [right(context, index), context.tape.scalar(2, 'float32')]),
  ],
  'a thousandth too large': [
    image,
    'X',
    (right) => (context, index) => context.emit('Mul', [right(context, index), context.tape.scalar(1.001, 'float32')]),
  ],
  negative: [image, 'B', (right) => (context, index) => context.emit('Neg', [right(context, index)])],
  transposed: [
    square,
    'A',
    (right) => (context, index) => context.emit('Transpose', [right(context, index)], { perm: [1, 0] }),
  ],
  'not summed over the broadcast axis': [
    broadcast,
    'B',
    (right) => (context, index) => {
      const { tape } = context;
      return context.emit('Slice', [right(context, index), tape.ints([0]), tape.ints([1]), tape.ints([0])]);
    },
  ],
  'wrong in one element': [
    image,
    'W',
    (right) => (context, index) => {
      const { tape } = context;
      const gradient = right(context, index);
      const off = new Float32Array(elementCount(gradient.shape));
      off[7] = 1e-2;
      return context.emit('Add', [gradient, tape.constant(off, gradient.shape, 'float32')]);
    },
  ],
  zero: [
    logits,
    'input',
    () => (context) => {
      const { shape } = context.input(0);
      return context.tape.constant(new Float32Array(elementCount(shape)), shape, 'float32');
    },
  ],
  'not a number': [
    logits,
    'input',
    (right) => (context, index) => context.emit('Mul', [right(context, index), context.tape.scalar(NaN, 'float32')]),
  ],
  'of the wrong shape': [
    square,
    'B',
    (right) => (context, index) => {
      const { tape } = context;
      return context.emit('Slice', [right(context, index), tape.ints([0]), tape.ints([2]), tape.ints([1])]);
    },
  ],
  'the forward value': [logits, 'input', () => (context) => context.outputs[0]!],
  'the last window only, where windows overlap': [
    pool,
    'X',
    () => (context) => {
      const { tape } = context;
      const zeros = tape.constant(new Float32Array(36), [36], 'float32');
      const flat = tape.ints([-1]);
      const scattered = context.emit('ScatterElements', [
        zeros,
        context.emit('Reshape', [context.outputs[1]!, flat]),
        context.emit('Reshape', [context.outputGradient, flat]),
      ]);
      return context.emit('Reshape', [scattered, tape.ints([1, 1, 6, 6])]);
    },
  ],
};

const tolerance = 1e-5;

for (const [problem, [gradientCase, input, change]] of Object.entries(wrong)) {
  test(`the checker catches a gradient that is ${problem}`, () => {
    const checks = checkGradients(gradientCase, planted(gradientCase.op, input, change));
    for (const check of checks) {
      if (check.input === input) assert.ok(!(check.error <= tolerance), `${problem}: ${check.error}`);
      else assert.ok(check.error <= tolerance, `${check.input} was not changed: ${check.error}`);
    }
    assert.ok(checks.some((check) => check.input === input));
  });
}

test('a rule table that does not match the op table is refused by the row', () => {
  const refused = (rules: Record<string, GradientRule>, message: RegExp): void => {
    assert.throws(
      () => checkRules(rules, opTable),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'autodiff.table');
        assert.match(error.message, message);
        return true;
      },
    );
  };
  const { Conv: conv, ...withoutConv } = ruleTable;
  refused(withoutConv, /Conv is missing/);
  const { B: _bias, ...inputs } = conv.inputs;
  refused({ ...ruleTable, Conv: { ...conv, inputs } }, /Conv says nothing about its input B/);
  refused(
    { ...ruleTable, Conv: { ...conv, inputs: { ...conv.inputs, bias: 'nonDifferentiable' } } },
    /Conv is about an input bias/,
  );
  refused({ ...ruleTable, Conv: { ...conv, saves: ['X', 'weight'] } }, /Conv saves weight/);
  refused({ ...ruleTable, Convolution: conv }, /Convolution is for no known op/);
});

test('the checker sees a right gradient as right at other magnitudes too', () => {
  const large = uniform(3, 3);
  const scaled = { ...large, values: large.values.map((value) => Math.fround(value * 1000)) };
  for (const { error } of checkGradients({ op: 'Mul', name: 'large', inputs: [scaled, positive(3, 3)] })) {
    assert.ok(error <= tolerance);
  }
});
