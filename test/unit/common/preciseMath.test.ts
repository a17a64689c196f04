import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preciseCos, preciseLog, precisePow } from '../../../src/common/preciseMath';

/* Expected values are CPython's; Math.cos, Math.log and ** of JavaScript differ from some of them in the last place. */

test('powers are correctly rounded', () => {
  assert.equal(precisePow(0.95, 10), 0.5987369392383787);
  assert.equal(precisePow(0.95, 20), 0.3584859224085419);
  assert.equal(precisePow(0.1, 7), 1.0000000000000004e-7);
  assert.equal(precisePow(0.97, 53), 0.19902238031444425);
  assert.equal(precisePow(0.3, 0.9), 0.3383834619016498);
  assert.equal(precisePow(0.75, 1.7), 0.61320282613276);
  assert.equal(precisePow(0.99, -5), 1.0515357128133502);
  assert.equal(precisePow(0, 0), 1);
  assert.equal(precisePow(2, 10), 1024);
  assert.equal(precisePow(0, 3), 0);
  assert.equal(precisePow(-2, 3), -8);
  assert.ok(Number.isNaN(precisePow(NaN, 2)));
});

test('cosines are correctly rounded', () => {
  assert.equal(preciseCos(0.3), 0.955336489125606);
  assert.equal(preciseCos(1.1), 0.4535961214255773);
  assert.equal(preciseCos(2.5), -0.8011436155469337);
  assert.equal(preciseCos(4.0), -0.6536436208636119);
  assert.equal(preciseCos(0.9561368945708066), 0.5766803221148672);
  assert.equal(preciseCos(2.5952287138350463), -0.8544194045464883);
  assert.equal(preciseCos(1234.5), -0.989373592132422);
  assert.equal(preciseCos(-2.0), -0.4161468365471424);
  assert.equal(preciseCos(0), 1);
  assert.equal(preciseCos(Math.PI), -1);
  assert.equal(preciseCos(Math.PI / 2), 6.123233995736766e-17);
});

test('logarithms are correctly rounded', () => {
  assert.equal(preciseLog(2), 0.6931471805599453);
  assert.equal(preciseLog(3), 1.0986122886681098);
  assert.equal(preciseLog(0.1), -2.3025850929940455);
  assert.equal(preciseLog(7.7), 2.0412203288596382);
  assert.equal(preciseLog(1.0001), 9.999500033329732e-5);
  assert.equal(preciseLog(12345.678), 9.421061321291832);
  assert.equal(preciseLog(1), 0);
  assert.equal(preciseLog(0), -Infinity);
});
