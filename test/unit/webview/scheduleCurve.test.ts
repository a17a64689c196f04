import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScheduleView } from '../../../src/common/engineContract';
import { curveOf } from '../../../webview/views/learningRate/scheduleCurve';

function scheduleOf(rate: (step: number) => number, done: number, ahead: number): ScheduleView {
  const past = Array.from({ length: done + 1 }, (_, step) => rate(step));
  const future = Array.from({ length: ahead }, (_, step) => rate(done + 1 + step));
  const change = future.findIndex((next) => next !== rate(done));
  return {
    optimizer: 'optimizer',
    group: 0,
    scheduler: 'scheduler',
    type: 'StepLR',
    settings: {},
    past,
    future,
    nextChange: change < 0 ? null : { inSteps: change + 1, from: rate(done), to: future[change]! },
  };
}

const stepLR = (step: number) => [0.05, 0.005, 5e-4, 5e-5, 5e-6][Math.floor(step / 30)] ?? 0;

test('a staircase shows the past, the next change and two more, labelled at their steps', () => {
  const curve = curveOf(scheduleOf(stepLR, 18, 130));
  assert.equal(curve.now, 18);
  assert.deepEqual(
    curve.jumps.map(({ x, from, to }) => [x, from, to]),
    [
      [30, 0.05, 0.005],
      [60, 0.005, 5e-4],
      [90, 5e-4, 5e-5],
    ],
  );
  assert.deepEqual(curve.plateaus, [0.05, 0.005, 5e-4, 5e-5]);
  assert.equal(curve.logarithmic, true);
});

test('past and future meet at now and nowhere else', () => {
  const { past, future, now } = curveOf(scheduleOf(stepLR, 40, 130));
  const both = past.flatMap((rate, x) => (rate !== null && future[x] !== null ? [x] : []));
  assert.deepEqual(both, [now]);
  assert.ok(past.every((rate, x) => rate !== null || future[x] !== null));
});

test('a curve that always changes has no labels and a plain axis', () => {
  const curve = curveOf(scheduleOf((step) => 0.05 + 0.05 * Math.cos((Math.PI * step) / 200), 50, 150));
  assert.deepEqual(curve.jumps, []);
  assert.equal(curve.logarithmic, false);
  assert.equal(curve.x.length, 201);
});

test('a rate that nothing changes is a short flat line', () => {
  const curve = curveOf(scheduleOf(() => 0.01, 4, 1000));
  assert.deepEqual(curve.plateaus, [0.01]);
  assert.equal(curve.x.length, 15);
  assert.equal(curve.logarithmic, false);
});
