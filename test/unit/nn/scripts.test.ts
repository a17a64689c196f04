import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runNnScript } from './nnScript';

const folder = 'test/fixtures/nn/scripts';

for (const file of readdirSync(folder).filter((name) => name.endsWith('.py'))) {
  test(`${file} prints what it prints under PyTorch`, () => {
    const source = readFileSync(`${folder}/${file}`, 'utf8');
    const expected = readFileSync(`${folder}/${file.replace('.py', '.out')}`, 'utf8');
    assert.deepEqual(runNnScript(source).output.split('\n'), expected.split('\n'));
  });
}
