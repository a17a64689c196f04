import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeSampleFolder } from '../../support/sampleFolder';

const folder = mkdtempSync(join(tmpdir(), 'gradstep-learns-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a small network learns the built-in images: far above one in ten on those it has not seen', () => {
  writeSampleFolder(folder);
  const out = join(folder, 'trace.jsonl');
  const words = ['trace', join('test', 'fixtures', 'learnsSample.py'), '--data', folder, '--events', 'all', '--run'];
  const result = spawnSync(process.execPath, [join('dist', 'cli', 'main.cjs'), ...words, '--out', out], {
    encoding: 'utf8',
  });
  assert.equal(result.status, 0, result.stderr);
  const printed = readFileSync(out, 'utf8')
    .split('\n')
    .flatMap((line) => /^\{"print": "(.*)"\}$/.exec(line)?.[1] ?? []);
  const [training, heldOut, accuracy] = printed[0]!.split(' ').map(Number);
  assert.ok(training! >= 1000);
  assert.ok(heldOut! > 0);
  assert.ok(accuracy! > 0.6, `accuracy ${accuracy}`);
});
