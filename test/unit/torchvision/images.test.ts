import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture, runScript, writeDataFolder } from '../torchData/runScript';

test('data sets, transforms and their random numbers give the bits of torchvision 0.29.1', () => {
  const { source, output } = fixture('torchvision/images');
  assert.deepEqual(runScript(source, { scriptFolder: writeDataFolder() }).output.split('\n'), output.split('\n'));
});
