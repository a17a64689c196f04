import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PythonError } from '../../../src/common/errors';
import { optimizerTable } from '../../../src/core/optim/optimizerTable';
import type { HyperparameterValue, OptimizerRow } from '../../../src/core/optim/optimizerRow';
import type { DType } from '../../../src/core/tensor/dtype';
import { OptimizerRun, settingsFor, type Settings } from '../../support/optimizerRun';

interface Recorded {
  optimizer: string;
  settings: Settings;
  dtype: DType;
  values: Record<string, number[]>;
}

function rowOf(name: string): OptimizerRow {
  const row = optimizerTable.find((candidate) => candidate.name === name);
  assert.ok(row, name);
  return row;
}

const { input, init } = JSON.parse(readFileSync('test/fixtures/optimizerTraces.json', 'utf8')) as {
  input: number[][];
  init: number[];
};
/** Recorded from PyTorch 2.13.0 on the network of support/optimizerRun.ts. */
const recorded = JSON.parse(readFileSync('test/fixtures/optimizerSettings.json', 'utf8')) as Recorded[];

for (const { optimizer, settings, dtype, values } of recorded) {
  test(`${optimizer} ${JSON.stringify(settings)} in ${dtype}`, () => {
    const row = rowOf(optimizer);
    const run = new OptimizerRun(row, settingsFor(row, settings), init, input, dtype);
    for (let step = 1; step <= 60; step++) {
      run.step();
      values[step]?.forEach((expected, i) => {
        const got = run.values()[i]!;
        const tolerance = (dtype === 'float64' ? 1e-9 : 5e-6) * Math.max(1, Math.abs(expected));
        assert.ok(Math.abs(got - expected) <= tolerance, `step ${step}, number ${i}: ${got}, PyTorch ${expected}`);
      });
    }
  });
}

/** Python's literals of the fixture: ints stay ints. */
function literal(text: string): HyperparameterValue {
  if (text.startsWith('('))
    return text
      .slice(1, -1)
      .split(', ')
      .map((part) => literal(part) as number);
  if (text === 'True' || text === 'False') return text === 'True';
  return /^-?\d+$/.test(text) ? BigInt(text) : Number(text === 'nan' ? Number.NaN : text);
}

const errors = JSON.parse(readFileSync('test/fixtures/optimizerErrors.json', 'utf8')) as {
  optimizer: string;
  settings: Record<string, string>;
  error: string | null;
}[];

for (const { optimizer, settings, error } of errors) {
  test(`${optimizer}(${JSON.stringify(settings)}): ${error ?? 'is accepted'}`, () => {
    const row = rowOf(optimizer);
    const given = Object.fromEntries(Object.entries(settings).map(([name, text]) => [name, literal(text)]));
    const validate = (): void => row.validate(settingsFor(row, given));
    if (error === null) {
      validate();
      return;
    }
    assert.throws(validate, (thrown: unknown) => {
      assert.ok(thrown instanceof PythonError);
      assert.equal(`${thrown.exception}: ${thrown.message}`, error);
      return true;
    });
  });
}
