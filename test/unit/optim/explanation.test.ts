import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { evaluate, substitute } from '../../../src/core/optim/expression';
import { explainStep } from '../../../src/core/optim/explanation';
import { optimizerTable } from '../../../src/core/optim/optimizerTable';
import type { OptimizerRow } from '../../../src/core/optim/optimizerRow';
import { OptimizerRun, settingsFor, type Settings } from '../../support/optimizerRun';

const { input, init } = JSON.parse(readFileSync('test/fixtures/optimizerTraces.json', 'utf8')) as {
  input: number[][];
  init: number[];
};

const cases: readonly [name: string, settings: Settings][] = [
  ['SGD', { lr: 0.1 }],
  ['SGD', { lr: 0.1, weight_decay: 0.05 }],
  ['SGD', { lr: 0.1, momentum: 0.9 }],
  ['SGD', { lr: 0.1, momentum: 0.9, dampening: 0.3, weight_decay: 0.05 }],
  ['SGD', { lr: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.05 }],
  ['SGD', { lr: 0.1, momentum: 0.5, maximize: true }],
  ['Adam', { lr: 0.01 }],
  ['Adam', { lr: 0.01, betas: [0.5, 0.9], weight_decay: 0.1, maximize: true }],
  ['Adam', { lr: 0.01, amsgrad: true, betas: [0.2, 0.5] }],
  ['AdamW', { lr: 0.01, weight_decay: 0.1 }],
  ['AdamW', { lr: 0.01, weight_decay: 0.1, amsgrad: true, maximize: true }],
  ['RMSprop', { lr: 0.01 }],
  ['RMSprop', { lr: 0.01, centered: true, weight_decay: 0.1 }],
  ['RMSprop', { lr: 0.01, momentum: 0.9, alpha: 0.4, maximize: true }],
  ['RMSprop', { lr: 0.01, momentum: 0.9, centered: true }],
  ['Adagrad', { lr: 0.1 }],
  ['Adagrad', { lr: 0.1, lr_decay: 0.1, weight_decay: 0.1, initial_accumulator_value: 0.2, maximize: true }],
];

function rowOf(name: string): OptimizerRow {
  const row = optimizerTable.find((candidate) => candidate.name === name);
  assert.ok(row, name);
  return row;
}

for (const [name, given] of cases) {
  for (const dtype of ['float32', 'float64'] as const) {
    test(`${name} ${JSON.stringify(given)}: the lines add up to the new value in ${dtype}`, () => {
      const row = rowOf(name);
      const settings = settingsFor(row, given);
      const run = new OptimizerRun(row, settings, init, input, dtype);
      for (let step = 1; step <= 5; step++) {
        const [before, states] = [run.values(), run.state()];
        run.step();
        const [after, gradients] = [run.values(), run.gradients()];
        before.forEach((parameter, i) => {
          const lines = explainStep(row, settings, { parameter, gradient: gradients[i]!, state: states[i]! });
          const last = lines.at(-1)!;
          assert.equal(last.name, 'p');
          const scale = dtype === 'float64' ? 1e-13 : 2 ** -23;
          const change = Math.abs(after[i]! - parameter);
          // A rounding of the parameter, and some of the change itself.
          const tolerance = scale * (Math.abs(after[i]!) + 8 * change);
          assert.ok(Math.abs(last.value - after[i]!) <= tolerance, `step ${step}: ${last.value}, really ${after[i]}`);
          assert.ok(change > 0, 'nothing was explained');
        });
        if (step === 1) continue;
        const state = run.state()[0]!;
        const shown = explainStep(row, settings, { parameter: before[0]!, gradient: gradients[0]!, state: states[0]! });
        for (const [slot, value] of Object.entries(state)) {
          const line = shown.filter((candidate) => candidate.name === (row.symbols[slot] ?? slot)).at(-1);
          if (line)
            assert.ok(Math.abs(line.value - value) <= 2e-6 * Math.abs(value), `${slot}: ${line.value} ${value}`);
          else assert.equal(slot, 'step');
        }
      }
    });
  }
}

test('the first momentum step takes the gradient itself', () => {
  const row = rowOf('SGD');
  const settings = settingsFor(row, { lr: 0.1, momentum: 0.9, dampening: 0.5 });
  const first = explainStep(row, settings, { parameter: 1, gradient: -0.25, state: {} });
  assert.deepEqual(
    first.map(({ name, expression, substituted, value }) => [name, expression, substituted, value]),
    [
      ['g', 'grad', '-0.25', -0.25],
      ['buf', 'g', '-0.25', -0.25],
      ['g', 'buf', '-0.25', -0.25],
      ['p', 'p - lr * g', '1 - 0.1 * (-0.25)', 1.025],
    ],
  );
  const second = explainStep(row, settings, { parameter: 1, gradient: -0.25, state: { momentum_buffer: 2 } });
  assert.equal(second[1]!.substituted, '0.9 * 2 + (1 - 0.5) * (-0.25)');
  assert.equal(second[1]!.value, 0.9 * 2 + 0.5 * -0.25);
});

test('expressions follow the rules of arithmetic', () => {
  const scope = new Map([
    ['a', 2],
    ['b', -3],
    ['beta1', 0.9],
  ]);
  const values: [string, number][] = [
    ['a - b - 1', 4],
    ['a / 4 * b', -1.5],
    ['-a^2', -4],
    ['1 - beta1^a', 1 - 0.81],
    ['sqrt(a * 8) / (1 - b)', 1],
    ['max(b, a) + 0.5', 2.5],
    ['-b', 3],
  ];
  for (const [text, value] of values) assert.ok(Math.abs(evaluate(text, scope) - value) < 1e-15, text);
  assert.equal(substitute('a * b + (b) / beta1', scope), '2 * (-3) + (-3) / 0.9');
  for (const text of ['a +', 'a b', 'unknown', '(a', 'a & b', '']) {
    assert.throws(() => evaluate(text, scope), { code: 'optim.expression' }, text);
  }
});
