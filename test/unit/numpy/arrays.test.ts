import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture, runScript } from '../torchData/runScript';

test('arrays and legacy random numbers print what NumPy 2.4.6 prints', () => {
  const { source, output } = fixture('numpy/arrays');
  assert.deepEqual(runScript(source).output.split('\n'), output.split('\n'));
});

test('what NumPy has and Gradstep has not is refused by its name', () => {
  assert.throws(() => runScript('import numpy as np\nnp.fft.fft([1])'), /module 'numpy' has no attribute 'fft'/);
});
