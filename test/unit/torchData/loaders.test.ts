import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture, runScript } from './runScript';

test('samplers, loaders, splits, collating and their errors print what PyTorch 2.13.0 prints', () => {
  const { source, output } = fixture('torchData/loaders');
  assert.deepEqual(runScript(source).output.split('\n'), output.split('\n'));
});

test('every exhausted iterator of a DataLoader is the end of an epoch, and one left early is not', () => {
  const source = `
from torch.utils.data import DataLoader
loader = DataLoader(range(4), batch_size=2)
for epoch in range(3):
    for batch in loader:
        pass
for batch in loader:
    break
`;
  assert.equal(runScript(source).epochs, 3);
});
