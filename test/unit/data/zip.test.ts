import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { extractZipEntry, readZipDirectory } from '../../../src/data/zip';
import { zipOf } from '../../support/zipFile';
import { temporaryFolder } from './temporary';

const files = {
  'runtimes/deflated.so': Buffer.from('some text that is there many times, '.repeat(5000)),
  'stored.txt': Buffer.from('stored'),
  'empty.txt': Buffer.alloc(0),
};

test('the files of an archive, compressed and not', async (t) => {
  const folder = temporaryFolder(t, { 'a.zip': zipOf(files) });
  const archive = join(folder, 'a.zip');
  const entries = await readZipDirectory(archive);
  assert.deepEqual(
    entries.map(({ name, size }) => [name, size]),
    Object.entries(files).map(([name, content]) => [name, content.length]),
  );
  for (const entry of entries) {
    const target = join(folder, 'out');
    await extractZipEntry(archive, entry, target);
    assert.deepEqual(readFileSync(target), files[entry.name as keyof typeof files]);
  }
});

test('what is no archive, or a part of one, is refused with its name', async (t) => {
  const whole = zipOf(files);
  const cases = {
    text: Buffer.from('no archive'),
    none: Buffer.alloc(0),
    head: whole.subarray(0, 200),
    tail: whole.subarray(300),
  };
  const folder = temporaryFolder(t, cases);
  for (const name of Object.keys(cases)) {
    await assert.rejects(readZipDirectory(join(folder, name)), (error: Error & { code: string }) => {
      assert.equal(error.code, 'data.zip');
      assert.ok(error.message.startsWith(join(folder, name)));
      return true;
    });
  }
});

test('a damaged file is noticed', async (t) => {
  const archive = zipOf(files);
  archive.fill(0xff, 60, 90);
  const folder = temporaryFolder(t, { 'a.zip': archive });
  const [entry] = await readZipDirectory(join(folder, 'a.zip'));
  await assert.rejects(extractZipEntry(join(folder, 'a.zip'), entry!, join(folder, 'out')), { code: 'data.zip' });
  writeFileSync(join(folder, 'a.zip'), zipOf(files));
  const moved = { ...entry!, offset: entry!.offset + 1 };
  await assert.rejects(extractZipEntry(join(folder, 'a.zip'), moved, join(folder, 'out')), {
    code: 'data.zip',
    message: /not where the directory says/,
  });
});
