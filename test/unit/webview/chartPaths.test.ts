import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sparklinePath } from '../../../webview/charts/sparklinePath';
import { exactNumber } from '../../../webview/views/exactNumber';

test('a sparkline spans its box from the smallest to the largest value', () => {
  assert.deepEqual(sparklinePath([1, 3, 2], 72, 16), { line: 'M2 14L36 2L70 8', end: { x: 70, y: 8 } });
});

test('a sparkline has gaps where nothing is known', () => {
  assert.equal(sparklinePath([1, NaN, 2, 3], 72, 16)?.line, 'M2 14M47.3 8L70 2');
  assert.equal(sparklinePath([1, 2, NaN], 72, 16)?.end, null);
  assert.equal(sparklinePath([NaN, Infinity], 72, 16), null);
});

test('a flat sparkline lies in the middle, a single point at the right', () => {
  assert.equal(sparklinePath([5, 5], 72, 16)?.line, 'M2 8L70 8');
  assert.deepEqual(sparklinePath([5], 72, 16)?.end, { x: 70, y: 8 });
});

test('exact numbers: seven digits, no trailing zeros, a true minus', () => {
  assert.equal(exactNumber(0.19), '0.19');
  assert.equal(exactNumber(-0.02818085432), '−0.02818085');
  assert.equal(exactNumber(-7.313991e-5), '−7.313991e−5');
  assert.equal(exactNumber(1e-8), '1e−8');
  assert.equal(exactNumber(100), '100');
  assert.equal(exactNumber(1.5e12), '1.5e12');
  assert.equal(exactNumber(0), '0');
  assert.equal(exactNumber(NaN), 'nan');
  assert.equal(exactNumber(-Infinity), '−inf');
});
