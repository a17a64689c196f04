import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { optimizerTable } from '../../../src/core/optim/optimizerTable';
import { OptimizerRun, settingsFor, type Settings } from '../../support/optimizerRun';

interface Traces {
  input: number[][];
  init: number[];
  traces: Record<string, { config: { opt: string } & Settings; recomputed_float64: Record<string, number[]> }>;
}

/** By then the loop's graphs know what they have to fetch. */
const settled = 8;

const { input, init, traces } = JSON.parse(readFileSync('test/fixtures/optimizerTraces.json', 'utf8')) as Traces;

for (const [name, { config, recomputed_float64: expected }] of Object.entries(traces)) {
  test(`${name} follows PyTorch's published run over 1001 steps`, () => {
    const { opt, ...given } = config;
    const row = optimizerTable.find((candidate) => candidate.name.toLowerCase() === opt);
    assert.ok(row, opt);
    const run = new OptimizerRun(row, settingsFor(row, given), init, input);
    const checkpoints = new Set(Object.keys(expected).map(Number));
    let compared = 0;
    let compiledAtFirst = 0;
    for (let step = 0; step <= 1000; step++) {
      run.step();
      if (step === settled) compiledAtFirst = run.compiledGraphs;
      if (!checkpoints.has(step)) continue;
      const tolerance = name === 'RMSprop_with_weight_decay' && step === 100 ? 5e-4 : 1e-4;
      run.values().forEach((value, i) => {
        const difference = Math.abs(value - expected[step]![i]!);
        assert.ok(difference <= tolerance, `step ${step}, number ${i}: ${value}, PyTorch ${expected[step]![i]}`);
        compared++;
      });
    }
    assert.equal(compared, checkpoints.size * 13);
    assert.equal(run.compiledGraphs, compiledAtFirst, 'graphs were compiled for steps that are all the same');
  });
}
