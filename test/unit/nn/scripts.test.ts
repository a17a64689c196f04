import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runNnScript } from './nnScript';

/** Scripts, and what `python3 -W ignore X.py > X.out` printed with PyTorch 2.13.0. */
const folder = 'test/fixtures/nn/scripts';
const numberPattern = /-?\d+\.\d+/g;

/** The last decimal of a rounded number may fall either way. */
const lastDecimal = 1.5;

/** Text is compared exactly, decimals up to one unit of their last place. */
function assertSamePrint(actual: string, expected: string): void {
  const actualLines = actual.split('\n');
  const expectedLines = expected.split('\n');
  const words = (lines: string[]): string[] => lines.map((line) => line.replace(numberPattern, '#'));
  assert.deepEqual(words(actualLines), words(expectedLines));
  expectedLines.forEach((line, i) => {
    const got = actualLines[i]!.match(numberPattern) ?? [];
    (line.match(numberPattern) ?? []).forEach((number, position) => {
      const decimals = number.length - number.indexOf('.') - 1;
      const difference = Math.abs(Number(number) - Number(got[position]));
      const close = difference <= lastDecimal * 10 ** -decimals;
      assert.ok(close, `line ${i + 1}: ${got[position]} instead of ${number} in "${line}"`);
    });
  });
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.py'))) {
  test(`${file} prints what it prints under PyTorch`, () => {
    const source = readFileSync(`${folder}/${file}`, 'utf8');
    assertSamePrint(runNnScript(source).output, readFileSync(`${folder}/${file.replace('.py', '.out')}`, 'utf8'));
  });
}
