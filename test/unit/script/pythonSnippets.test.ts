import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { recordingHost, scriptOf } from '../../support/scriptHost';

const folder = join(process.cwd(), 'test', 'fixtures', 'python');
const snippets = readdirSync(folder).filter((name) => name.endsWith('.py'));

test('there are snippets', () => {
  assert.ok(snippets.length >= 25, `only ${snippets.length} snippets found`);
});

for (const name of snippets) {
  test(`${name} prints what CPython prints`, () => {
    const host = recordingHost();
    scriptOf(readFileSync(join(folder, name), 'utf8'), host).run();
    const wanted = readFileSync(join(folder, name.replace(/\.py$/, '.out')), 'utf8');
    assert.deepEqual(host.output.split('\n'), wanted.split('\n'));
  });
}
