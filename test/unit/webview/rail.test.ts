import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../../src/common/phase';
import { buildRail } from '../../../webview/views/header/rail';
import type { RailInput } from '../../../webview/views/header/rail';

const lines: Record<Phase, number> = { zero_grad: 1, forward: 2, loss: 3, backward: 4, step: 5, scheduler_step: 6 };
const patternOf = (...names: Phase[]) => names.map((phase) => ({ phase, line: lines[phase] }));
const good = patternOf('zero_grad', 'forward', 'loss', 'backward', 'step');

function railOf(input: Partial<RailInput>) {
  const all = { pattern: good, position: 0, recordedNext: null, complete: true, hasScheduler: false, ...input };
  return buildRail({ current: all.pattern[all.position] ?? null, ...all });
}

const marks = (rail: ReturnType<typeof railOf>) =>
  rail.blocks.flatMap(({ stops }) => stops.map(({ phase, mark }) => `${phase} ${mark}`));

test('done, now, next and later follow the position', () => {
  const rail = railOf({ position: 2 });
  assert.deepEqual(marks(rail), ['zero_grad done', 'forward done', 'loss now', 'backward next', 'step later']);
  assert.equal(rail.next, 'backward');
  assert.deepEqual(rail.apart, []);
});

test('after the last phase the first comes next', () => {
  const rail = railOf({ position: 4 });
  assert.equal(rail.next, 'zero_grad');
  assert.deepEqual(marks(rail)[0], 'zero_grad next');
});

test('in the first iteration nothing is called missing and the next phase is unknown', () => {
  const rail = railOf({ pattern: patternOf('forward', 'loss'), position: 1, complete: false });
  assert.equal(rail.next, null);
  assert.deepEqual(
    rail.apart.map(({ phase, mark }) => `${phase} ${mark}`),
    ['zero_grad unseen', 'backward unseen', 'step unseen'],
  );
});

test('a complete iteration without zero_grad shows it as missing', () => {
  const rail = railOf({ pattern: patternOf('forward', 'loss', 'backward', 'step') });
  assert.deepEqual(
    rail.apart.map(({ phase, mark }) => `${phase} ${mark}`),
    ['zero_grad missing'],
  );
});

test('a scheduler that steps once in an epoch stands outside, and takes the mark when it ran', () => {
  const outside = railOf({ hasScheduler: true });
  assert.equal(outside.apart[0]?.mark, 'outside');
  const now = railOf({ position: -1, hasScheduler: true, current: { phase: 'scheduler_step', line: 6 } });
  assert.equal(now.apart[0]?.mark, 'now');
  assert.equal(now.next, 'zero_grad');
});

test('what is recorded goes before what was learnt', () => {
  const rail = railOf({ position: 4, hasScheduler: true, recordedNext: 'scheduler_step' });
  assert.equal(rail.next, 'scheduler_step');
  assert.equal(rail.apart[0]?.mark, 'next');
  assert.ok(!marks(rail).some((mark) => mark.endsWith('next')));
});

test('zero_grad between backward and step is misplaced, before backward and after step it is not', () => {
  const warned = (pattern: RailInput['pattern']) =>
    railOf({ pattern }).blocks.flatMap(({ stops }) => stops.filter(({ warning }) => warning !== null));
  assert.deepEqual(
    warned(patternOf('forward', 'loss', 'backward', 'zero_grad', 'step')).map(({ phase, warning }) => [phase, warning]),
    [['zero_grad', 'clearsTooEarly']],
  );
  assert.deepEqual(warned(patternOf('forward', 'loss', 'zero_grad', 'backward', 'step')), []);
  assert.deepEqual(warned(patternOf('forward', 'loss', 'backward', 'step', 'zero_grad')), []);
});

test('scheduler.step before step is misplaced', () => {
  const [first] = railOf({ pattern: patternOf('scheduler_step', 'zero_grad', 'forward', 'loss', 'backward', 'step') })
    .blocks[0]!.stops;
  assert.equal(first?.warning, 'schedulerTooEarly');
});

test('an accumulation folds into one stretch with its count and the round of the cursor', () => {
  const micro = patternOf('forward', 'loss', 'backward');
  const pattern = [...patternOf('zero_grad'), ...micro, ...micro, ...micro, ...micro, ...patternOf('step')];
  const rail = railOf({ pattern, position: 5 });
  assert.deepEqual(
    rail.blocks.map(({ times, at, stops }) => [times, at, stops.length]),
    [
      [1, 0, 1],
      [4, 2, 3],
      [1, 0, 1],
    ],
  );
  assert.deepEqual(marks(rail), ['zero_grad done', 'forward done', 'loss now', 'backward next', 'step later']);
});
