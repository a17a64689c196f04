import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nineDigits, pythonFloat, pythonJson } from '../../../src/cli/pythonJson';

// Made by CPython 3.11: repr(value).
const floats: [number, string][] = [
  [1, '1.0'],
  [0.1, '0.1'],
  [-0, '-0.0'],
  [1e-5, '1e-05'],
  [0.0001, '0.0001'],
  [1e16, '1e+16'],
  [1234567890123456, '1234567890123456.0'],
  [123456.789, '123456.789'],
  [1.5e-7, '1.5e-07'],
  [1e100, '1e+100'],
  [-2.5, '-2.5'],
  [5e-324, '5e-324'],
  [NaN, 'NaN'],
  [-Infinity, '-Infinity'],
];

for (const [value, text] of floats) test(`repr(${text})`, () => assert.equal(pythonFloat(value), text));

// Made by CPython 3.11: float(f'{value:.9g}').
const rounded: [number, number][] = [
  [0.1234567894, 0.123456789],
  [0.12345678951, 0.12345679],
  [1048576.125, 1048576.12],
  [1048576.375, 1048576.38],
  [-1048576.125, -1048576.12],
  [2.247613906860352, 2.24761391],
  [123456789012, 123456789000],
];

for (const [value, expected] of rounded) {
  test(`nine digits of ${value}`, () => assert.equal(nineDigits(value).value, expected));
}

test('json.dumps', () => {
  const value = { text: 'é"\n', list: [1, nineDigits(2), true, null], gone: undefined };
  assert.equal(pythonJson(value), '{"text": "\\u00e9\\"\\n", "list": [1, 2.0, true, null]}');
});
