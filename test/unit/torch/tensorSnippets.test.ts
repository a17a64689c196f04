import assert from 'node:assert/strict';
import { test } from 'node:test';
import records from '../../fixtures/torch/tensorSnippets.json';
import { runSnippet } from './snippetRunner';

for (const [index, { script, output }] of records.entries()) {
  test(`snippet ${index}: ${script.split('\n')[0]!.slice(0, 70)}`, () => {
    assert.equal(runSnippet(`import torch\ntorch.manual_seed(0)\n${script}\n`), output);
  });
}
