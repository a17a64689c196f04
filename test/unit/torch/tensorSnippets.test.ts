import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runSnippet } from './snippetRunner';

const records = JSON.parse(readFileSync('test/fixtures/torch/tensorSnippets.json', 'utf8')) as {
  script: string;
  output: string;
}[];

for (const [index, { script, output }] of records.entries()) {
  test(`snippet ${index}: ${script.split('\n')[0]!.slice(0, 70)}`, () => {
    assert.equal(runSnippet(`import torch\ntorch.manual_seed(0)\n${script}\n`), output);
  });
}
