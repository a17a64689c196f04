import assert from 'node:assert/strict';
import { test } from 'node:test';
import { histogramOf } from '../../../src/core/training/histogram';

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

test('every element is counted once, where its edges say', () => {
  const data = Float64Array.from({ length: 5000 }, (_, i) => Math.sin(i * 7.3) * 10 ** (-6 * Math.abs(Math.cos(i))));
  const { edges, counts, zeros } = histogramOf(data, 41);
  assert.equal(edges.length, counts.length + 1);
  assert.ok(counts.length === 41 || counts.length === 40, `${counts.length} bins`);
  edges.forEach((edge, i) => assert.ok(i === 0 || edge > edges[i - 1]!, 'edges rise'));
  assert.equal(total(counts) + zeros, 5000);
  counts.forEach((count, i) => {
    const inside = data.filter((value) => value !== 0 && value >= edges[i]! && value < edges[i + 1]!).length;
    assert.equal(count, inside, `bin ${i}`);
  });
});

test('zero is the middle of a bin, and the axis is the same on both sides', () => {
  const { edges } = histogramOf(Float32Array.of(-0.5, -1e-4, 1e-4, 0.5), 21);
  const zero = edges.findIndex((edge) => edge > 0);
  assert.equal(edges[zero], -edges[zero - 1]!);
  assert.equal(edges.length, 2 * zero);
  assert.equal(edges.length, 22);
  edges.forEach((edge, i) =>
    assert.ok(Math.abs(edge + edges[edges.length - 1 - i]!) <= 1e-15 * Math.abs(edge) + 1e-30),
  );
});

test('decades are equally wide outside the smallest one', () => {
  const { edges } = histogramOf(Float64Array.of(1e-4, 1), 52);
  const upper = edges.filter((edge) => edge > 2e-4);
  const ratios = upper.slice(1).map((edge, i) => edge / upper[i]!);
  ratios.forEach((ratio) => assert.ok(Math.abs(ratio - ratios[0]!) < 1e-9));
  assert.ok(Math.abs(ratios[0]! - 10 ** (5 / 50.75)) < 1e-9);
});

test('zeros, NaN and infinities are counted apart', () => {
  const { counts, zeros, nan, infinite } = histogramOf(Float32Array.of(0, -0, NaN, Infinity, -Infinity, 2, -1e-3), 9);
  assert.deepEqual([zeros, nan, infinite, total(counts)], [2, 1, 2, 2]);
});

test('nothing but zeros, or nothing at all', () => {
  const only = { edges: [-1, 1], counts: [0], nan: 0, infinite: 0 };
  assert.deepEqual(histogramOf(new Float32Array(7), 10), { ...only, zeros: 7 });
  assert.deepEqual(histogramOf(new Float32Array(0), 10), { ...only, zeros: 0 });
});

test('one value, integers and the ends of the range', () => {
  assert.equal(total(histogramOf(Float32Array.of(3, 3, 3), 10).counts), 3);
  assert.equal(total(histogramOf(BigInt64Array.of(-7n, 0n, 9n), 10).counts), 2);
  for (const extreme of [5e-324, 1e-45, 3.4e38, 1.7e308, 10, 1000]) {
    const { edges, counts } = histogramOf(Float64Array.of(extreme, -extreme), 10);
    assert.equal(total(counts), 2, String(extreme));
    assert.ok(
      edges.every((edge, i) => i === 0 || edge > edges[i - 1]!),
      `${extreme}: ${edges.join()}`,
    );
  }
});

test('a tiny outlier does not stretch the axis', () => {
  const { edges } = histogramOf(Float64Array.of(1e-40, 0.9), 50);
  assert.ok(Math.min(...edges.filter((edge) => edge > 0)) > 1e-10);
});

test('refuses numbers of bins that make no histogram', () => {
  for (const bins of [0, 2, 2.5, 1001, NaN]) {
    assert.throws(() => histogramOf(Float32Array.of(1), bins), { code: 'engine.bins' });
  }
});
