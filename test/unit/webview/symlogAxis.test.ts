import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positionOf, ticksOf } from '../../../webview/charts/symlogAxis';

const edges = [-1, -0.1, -0.01, -0.001, 0.001, 0.01, 0.1, 1];

test('edges lie on bin borders, zero in the middle of its bin', () => {
  edges.forEach((edge, i) => assert.ok(Math.abs(positionOf(edges, edge) - i) < 1e-12));
  assert.equal(positionOf(edges, 0), 3.5);
});

test('inside a bin of one sign the logarithm counts, on both sides alike', () => {
  const position = positionOf(edges, Math.sqrt(0.1 * 0.01));
  assert.ok(Math.abs(position - 5.5) < 1e-12);
  assert.ok(Math.abs(positionOf(edges, -Math.sqrt(0.1 * 0.01)) - 1.5) < 1e-12);
});

test('values beyond the axis are at its ends', () => {
  assert.equal(positionOf(edges, -5), 0);
  assert.equal(positionOf(edges, 5), 7);
  assert.equal(positionOf([0], 5), 0);
});

test('ticks: zero and powers of ten from the outside, with room between', () => {
  assert.deepEqual(
    ticksOf(edges, 1).map(({ value }) => value),
    [-1, -0.1, -0.01, 0, 0.01, 0.1, 1],
  );
  assert.deepEqual(
    ticksOf(edges, 2).map(({ value }) => value),
    [-1, 0, 1],
  );
});

test('an axis of one sign has no zero', () => {
  assert.deepEqual(
    ticksOf([2, 20, 200], 0.2).map(({ value }) => value),
    [10, 100],
  );
  assert.deepEqual(
    ticksOf([2, 3, 4], 0.2).map(({ value }) => value),
    [2, 4],
  );
});
