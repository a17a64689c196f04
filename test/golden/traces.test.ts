import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { compareTraces } from './compareTraces';

const fixtures = join(process.cwd(), 'test', 'fixtures', 'traces');
const data = resolve(process.env['GRADSTEP_DATA'] ?? join(process.cwd(), '..', 'shared', 'data'));
const folder = mkdtempSync(join(tmpdir(), 'gradstep-golden-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** How many events PyTorch's trace was recorded with, where it is not 61. */
const recorded: Readonly<Record<string, number>> = { '03_steplr': 700, '06_adam_two_variables': 2000 };

for (const script of readdirSync(fixtures).filter((name) => name.endsWith('.py'))) {
  const name = basename(script, '.py');
  const needsData = readFileSync(join(fixtures, script), 'utf8').includes('CIFAR10');
  for (const mode of ['stepping', 'running']) {
    test(`${name}, ${mode}, agrees with PyTorch 2.13.0`, (t) => {
      if (needsData && !existsSync(data)) {
        t.skip(`the images are not at ${data}`);
        return;
      }
      const out = join(folder, `${name}.${mode}.jsonl`);
      const words = [
        'trace',
        join(fixtures, script),
        '--events',
        String(recorded[name] ?? 61),
        '--out',
        out,
        '--data',
        data,
      ];
      if (mode === 'running') words.push('--run');
      const result = spawnSync(process.execPath, [join('dist', 'cli', 'main.cjs'), ...words], { encoding: 'utf8' });
      const golden = readFileSync(join(fixtures, `${name}.jsonl`), 'utf8');
      assert.equal(result.status, golden.includes('{"error"') ? 1 : 0, result.stderr);
      assert.deepEqual(compareTraces(golden, readFileSync(out, 'utf8')), []);
    });
  }
}
