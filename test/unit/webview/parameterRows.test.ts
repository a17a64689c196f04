import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../../src/common/phase';
import { GradientTrace } from '../../../webview/views/parameters/gradientTrace';
import {
  arrangeRows,
  gradientStateOf,
  parameterRows,
  visibleRange,
} from '../../../webview/views/parameters/parameterRows';
import { lastEventOf, lastEventsOf } from '../../../webview/views/trainingEvents';
import { eventView, historyOf, statistics, tensor } from './eventViews';

const pattern: Phase[] = ['zero_grad', 'forward', 'loss', 'backward', 'step'];

test('a row puts together what an event says of a parameter', () => {
  const event = eventView('step', 4, [
    tensor('parameter', 'w', { norm: 2, since: 4 }),
    tensor('gradient', 'w', { norm: 0.5, since: 3, accumulated: 1 }),
    tensor('delta', 'w', { norm: 0.01, since: 4 }),
    tensor('parameter', 'b', { shape: [3], norm: 1, since: 0 }),
  ]);
  const [w, b] = parameterRows({ event, step: event, history: historyOf(pattern, 5) });
  assert.deepEqual(w, {
    name: 'w',
    shape: [2, 2],
    elements: 4,
    norm: { value: 2, since: 4, iteration: 1, stale: false },
    gradient: { value: 0.5, since: 3, iteration: 1, stale: false },
    gradientState: 'fresh',
    backwards: 1,
    delta: { value: 0.01, since: 4, iteration: 1, stale: false },
    ratio: 0.005,
    notFinite: 0,
  });
  assert.equal(b?.gradient, null);
  assert.equal(b?.gradientState, 'none');
  assert.equal(b?.norm.stale, true, 'the step could have changed it and did not');
});

test('a delta of the iteration before is stale and says so', () => {
  const step = eventView('step', 4, [tensor('parameter', 'w', { norm: 2 }), tensor('delta', 'w', { norm: 0.1 })]);
  const event = eventView('forward', 6, [tensor('parameter', 'w', { norm: 2, since: 4 })], { iteration: 2 });
  const [row] = parameterRows({ event, step, history: historyOf(pattern, 7) });
  assert.deepEqual(row?.delta, { value: 0.1, since: 4, iteration: 1, stale: true });
  assert.equal(row?.norm.stale, false);
});

test('before the first step there is no delta', () => {
  const event = eventView('backward', 3, [tensor('parameter', 'w', { norm: 2 })]);
  const [row] = parameterRows({ event, step: null, history: historyOf(pattern, 4) });
  assert.equal(row?.delta, null);
  assert.equal(row?.ratio, null);
});

test('a gradient that a later backward has not touched is stale', () => {
  const tensors = [tensor('parameter', 'w', { norm: 1 }), tensor('gradient', 'w', { norm: 1, since: 3 })];
  const event = eventView('backward', 8, tensors, { iteration: 2 });
  const [row] = parameterRows({ event, step: null, history: historyOf(pattern, 9) });
  assert.equal(row?.gradient?.stale, true);
});

test('the states of a gradient', () => {
  assert.equal(gradientStateOf(null), 'none');
  assert.equal(gradientStateOf(tensor('gradient', 'w', { accumulated: 0, norm: 0 })), 'zero');
  assert.equal(gradientStateOf(tensor('gradient', 'w', { accumulated: 1, norm: 0 })), 'zero');
  assert.equal(gradientStateOf(tensor('gradient', 'w', { accumulated: 1, norm: 3 })), 'fresh');
  assert.equal(gradientStateOf(tensor('gradient', 'w', { accumulated: 4, norm: 3 })), 'accumulated');
});

test('NaN and infinities of parameter and gradient are added; unknown while only the norm says that there are some', () => {
  const counted = eventView('backward', 3, [
    tensor('parameter', 'w', { statistics: statistics({ nan: 2 }) }),
    tensor('gradient', 'w', { statistics: statistics({ nan: 1, infinite: 1 }) }),
    tensor('parameter', 'v', { norm: NaN }),
  ]);
  const rows = parameterRows({ event: counted, step: null, history: historyOf(pattern, 4) });
  assert.deepEqual(
    rows.map(({ notFinite }) => notFinite),
    [4, null],
  );
});

test('rows are filtered by name and sorted; what has no number comes last', () => {
  const event = eventView('backward', 3, [
    tensor('parameter', 'model.10.weight', { norm: 1 }),
    tensor('parameter', 'model.2.weight', { norm: 3 }),
    tensor('parameter', 'model.2.bias', {}),
  ]);
  const rows = parameterRows({ event, step: null, history: historyOf(pattern, 4) });
  const names = (filter: string, sort: Parameters<typeof arrangeRows>[2]) =>
    arrangeRows(rows, filter, sort).map(({ name }) => name);
  assert.deepEqual(names('WEIGHT', null), ['model.10.weight', 'model.2.weight']);
  assert.deepEqual(names('', { column: 'name', descending: false }), [
    'model.2.bias',
    'model.2.weight',
    'model.10.weight',
  ]);
  assert.deepEqual(names('', { column: 'norm', descending: true }), [
    'model.2.weight',
    'model.10.weight',
    'model.2.bias',
  ]);
  assert.deepEqual(names('', { column: 'norm', descending: false }), [
    'model.10.weight',
    'model.2.weight',
    'model.2.bias',
  ]);
  assert.deepEqual(
    names('', { column: 'unheard of', descending: false }),
    rows.map(({ name }) => name),
  );
});

test('a long list draws what is in sight and a little more', () => {
  assert.deepEqual(visibleRange(1000, 0, 480, 24), [0, 32]);
  assert.deepEqual(visibleRange(1000, 24 * 500, 480, 24), [488, 532]);
  assert.deepEqual(visibleRange(1000, 24 * 990, 480, 24), [978, 1000]);
});

test('events are looked up backwards from the cursor', () => {
  const history = historyOf(pattern, 20);
  assert.equal(lastEventOf(history, 8, ['step']), 4);
  assert.equal(lastEventOf(history, 3, ['step']), -1);
  assert.deepEqual(lastEventsOf(history, 19, 'backward', 3), [8, 13, 18]);
});

test('gradient norms are gathered from the events seen, and forgotten with their records', () => {
  const trace = new GradientTrace();
  trace.follow(0);
  trace.add(eventView('backward', 3, [tensor('gradient', 'w', { norm: 2 })]));
  trace.add(eventView('step', 4, [tensor('gradient', 'w', { norm: 9 })]));
  assert.deepEqual(trace.values('w', [3, 8]), [2, NaN]);
  trace.follow(1);
  assert.equal(trace.has(3), false);
});
