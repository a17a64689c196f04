import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';

function filesUnder(directory: string, ending: string): string[] {
  return readdirSync(directory, { recursive: true })
    .map((name) => String(name).replaceAll('\\', '/'))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

/** The runner says in GRADSTEP_TEST_PATTERN when only a part of the tests was asked for. */
test(
  'every test file on disk was built and handed to the runner',
  { skip: process.env['GRADSTEP_TEST_PATTERN'] !== undefined && 'a part of the tests was asked for' },
  () => {
    const onDisk = filesUnder('test', '.test.ts');
    const handedOver = (process.env['GRADSTEP_TEST_FILES'] ?? '').split('\n').sort();
    assert.ok(onDisk.length > 1);
    assert.deepEqual(handedOver, onDisk);
  },
);
