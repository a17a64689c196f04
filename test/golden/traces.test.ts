import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { writeSampleFolder } from '../support/sampleFolder';
import { runGoldenTrace, scriptsIn, traceableAnywhere, traceFixtures, type GoldenTrace } from './goldenTraces';

/** Where CIFAR-10's images are, for those who have them: the first 800 of the test set are enough. */
const realImages = process.env['GRADSTEP_DATA'];
const folder = mkdtempSync(join(tmpdir(), 'gradstep-golden-'));
const sampleFolder = join(folder, 'sample');

before(() => writeSampleFolder(sampleFolder));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Holds a script's trace against PyTorch's. */
function checkTrace(trace: GoldenTrace, data: string, mode: 'stepping' | 'running'): void {
  const out = join(folder, `${basename(trace.golden)}.${mode}`);
  const outcome = runGoldenTrace(trace, { data, mode, out });
  assert.equal(outcome.status, outcome.expectedStatus, outcome.stderr);
  assert.deepEqual(outcome.differences(), []);
}

const { own, onSample } = traceableAnywhere();

for (const mode of ['stepping', 'running'] as const) {
  for (const trace of own) {
    test(`${basename(trace.script)}, ${mode}, agrees with PyTorch 2.13.0`, () => {
      checkTrace(trace, sampleFolder, mode);
    });
  }

  for (const script of scriptsIn(traceFixtures)) {
    const file = basename(script);
    const needsImages = readFileSync(script, 'utf8').includes('CIFAR10');
    const sample = onSample.find((trace) => trace.script === script);
    if (sample) {
      test(`${file} on the built-in images, ${mode}, agrees with PyTorch 2.13.0`, () => {
        checkTrace(sample, sampleFolder, mode);
      });
    }
    const skip = needsImages && realImages === undefined && 'GRADSTEP_DATA does not say where CIFAR-10 is';
    test(`${file}, ${mode}, agrees with PyTorch 2.13.0`, { skip }, () => {
      checkTrace({ script, golden: script.replace(/py$/, 'jsonl') }, realImages ?? folder, mode);
    });
  }
}
