import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cosine, logarithm, power } from '../../../src/core/lrScheduler/preciseMath';

/* Expected values are CPython's; Math.cos, Math.log and ** of JavaScript differ from some of them in the last place. */

test('powers are correctly rounded', () => {
  assert.equal(power(0.95, 10), 0.5987369392383787);
  assert.equal(power(0.95, 20), 0.3584859224085419);
  assert.equal(power(0.1, 7), 1.0000000000000004e-7);
  assert.equal(power(0.97, 53), 0.19902238031444425);
  assert.equal(power(0.3, 0.9), 0.3383834619016498);
  assert.equal(power(0.75, 1.7), 0.61320282613276);
  assert.equal(power(0.99, -5), 1.0515357128133502);
  assert.equal(power(0, 0), 1);
  assert.equal(power(2, 10), 1024);
  assert.equal(power(0, 3), 0);
  assert.equal(power(-2, 3), -8);
  assert.ok(Number.isNaN(power(NaN, 2)));
});

test('cosines are correctly rounded', () => {
  assert.equal(cosine(0.3), 0.955336489125606);
  assert.equal(cosine(1.1), 0.4535961214255773);
  assert.equal(cosine(2.5), -0.8011436155469337);
  assert.equal(cosine(4.0), -0.6536436208636119);
  assert.equal(cosine(0.9561368945708066), 0.5766803221148672);
  assert.equal(cosine(2.5952287138350463), -0.8544194045464883);
  assert.equal(cosine(1234.5), -0.989373592132422);
  assert.equal(cosine(-2.0), -0.4161468365471424);
  assert.equal(cosine(0), 1);
  assert.equal(cosine(Math.PI), -1);
  assert.equal(cosine(Math.PI / 2), 6.123233995736766e-17);
});

test('logarithms are correctly rounded', () => {
  assert.equal(logarithm(2), 0.6931471805599453);
  assert.equal(logarithm(3), 1.0986122886681098);
  assert.equal(logarithm(0.1), -2.3025850929940455);
  assert.equal(logarithm(7.7), 2.0412203288596382);
  assert.equal(logarithm(1.0001), 9.999500033329732e-5);
  assert.equal(logarithm(12345.678), 9.421061321291832);
  assert.equal(logarithm(1), 0);
  assert.equal(logarithm(0), -Infinity);
});
