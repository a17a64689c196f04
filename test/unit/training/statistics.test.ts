import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statisticsOf } from '../../../src/core/training/statistics';

test('numbers of a float32 tensor in double precision', () => {
  const statistics = statisticsOf(Float32Array.of(3, -4, 0, 0));
  assert.deepEqual(statistics, {
    count: 4,
    sum: -1,
    l2: 5,
    absmax: 4,
    min: -4,
    max: 3,
    mean: -0.25,
    std: Math.sqrt((3.25 ** 2 + 3.75 ** 2 + 2 * 0.25 ** 2) / 3),
    nan: 0,
    infinite: 0,
    zeros: 2,
  });
});

test('NaN and infinities are counted and spread as in PyTorch', () => {
  const statistics = statisticsOf(Float32Array.of(1, NaN, Infinity, -Infinity));
  assert.equal(statistics.nan, 1);
  assert.equal(statistics.infinite, 2);
  for (const key of ['sum', 'l2', 'absmax', 'min', 'max'] as const) assert.ok(Number.isNaN(statistics[key]), key);
});

test('an empty tensor', () => {
  const { count, sum, l2, absmax, mean } = statisticsOf(new Float32Array());
  assert.deepEqual([count, sum, l2, absmax], [0, 0, 0, 0]);
  assert.ok(Number.isNaN(mean));
});

test('integers, also of 64 bits', () => {
  assert.equal(statisticsOf(BigInt64Array.of(5n, -7n)).absmax, 7);
  assert.equal(statisticsOf(Uint8Array.of(255, 1)).sum, 256);
});

test('an array is looked at once', () => {
  const data = Float32Array.of(1);
  assert.equal(statisticsOf(data), statisticsOf(data));
});
