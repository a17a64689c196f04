import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../../src/common/phase';
import { addsUp } from '../../../webview/views/parameterPage/addsUp';
import {
  elementAtPlace,
  indexOf,
  parseIndex,
  placeOf,
  slicesOf,
} from '../../../webview/views/parameterPage/elementIndex';
import { finiteScale } from '../../../webview/views/parameterPage/finiteScale';
import { biasCorrections, pageTensors, updatePlace } from '../../../webview/views/parameterPage/pageTensors';
import { joinPages, pagesOf } from '../../../webview/views/elementPages';
import { eventView, historyOf, statistics, tensor } from './eventViews';

const pattern: Phase[] = ['zero_grad', 'forward', 'loss', 'backward', 'step'];

test('an update is shown from its step until the next backward', () => {
  const history = historyOf(pattern, 15);
  assert.deepEqual(updatePlace(history, 4), { mode: 'update', event: 4 });
  assert.deepEqual(updatePlace(history, 7), { mode: 'update', event: 4 });
  assert.deepEqual(updatePlace(history, 8), { mode: 'pending', event: 8 });
  assert.deepEqual(updatePlace(history, 0), { mode: 'pending', event: 0 });
});

test('a whole update: before is the event before, state and corrected forms in between', () => {
  const event = eventView('step', 4, [
    tensor('parameter', 'w'),
    tensor('gradient', 'w'),
    tensor('state', 'w/step', { shape: [] }),
    tensor('state', 'w/exp_avg'),
    tensor('state', 'other.w/exp_avg'),
    tensor('delta', 'w'),
  ]);
  const found = pageTensors({ mode: 'update', event: 4 }, event, 'w', false, 0, { exp_avg: 10 });
  assert.deepEqual(
    found.map(({ key, address, factor }) => [key, address?.event, address?.kind, factor]),
    [
      ['before', 3, 'parameter', 1],
      ['gradient', 4, 'gradient', 1],
      ['exp_avg', 4, 'state', 1],
      ['exp_avg-corrected', 4, 'state', 10],
      ['delta', 4, 'delta', 1],
      ['after', 4, 'parameter', 1],
    ],
  );
});

test('before the step: what is not there yet says why', () => {
  const event = eventView('backward', 3, [tensor('parameter', 'w')]);
  const found = pageTensors({ mode: 'pending', event: 3 }, event, 'w', false, 0, {});
  assert.deepEqual(
    found.map(({ part, absence }) => [part, absence]),
    [
      ['now', null],
      ['gradient', 'noGradient'],
      ['state', 'noStateYet'],
      ['delta', 'comesWithStep'],
      ['after', 'comesWithStep'],
    ],
  );
});

test('a step of another optimizer leaves the own update shown; a frozen parameter has none', () => {
  const history = historyOf(['forward', 'backward', 'step', 'step'], 8);
  assert.deepEqual(updatePlace(history, 7, 6), { mode: 'update', event: 6 });
  assert.deepEqual(updatePlace(history, 7, 0), { mode: 'update', event: 7 });
  const event = eventView('step', 7, [tensor('parameter', 'w'), tensor('delta', 'v')]);
  const found = pageTensors({ mode: 'update', event: 7 }, event, 'w', true, 0, {});
  assert.equal(found.find(({ part }) => part === 'delta')?.absence, 'notStepped');
});

test('an optimizer that has stepped and keeps no state keeps none', () => {
  const event = eventView('backward', 8, [tensor('parameter', 'w')]);
  const state = pageTensors({ mode: 'pending', event: 8 }, event, 'w', true, 0, {}).find(
    ({ part }) => part === 'state',
  );
  assert.equal(state?.absence, 'noOptimizerState');
});

test('what the history budget has dropped is said to be dropped', () => {
  const event = eventView('step', 4, [tensor('parameter', 'w'), tensor('gradient', 'w')]);
  const [before, gradient] = pageTensors({ mode: 'update', event: 4 }, event, 'w', true, 4, {});
  assert.deepEqual([before?.absence, before?.address], ['dropped', null]);
  assert.equal(gradient?.address?.event, 4);
});

test("Adam's averages are corrected by one over one minus beta to the step", () => {
  const adam = (betas: number[][]) => ({
    name: 'optimizer',
    type: 'AdamW',
    groups: betas.map((pair) => ({ hyperparameters: { betas: pair }, size: 1 })),
  });
  const { exp_avg: first, exp_avg_sq: second } = biasCorrections([adam([[0.9, 0.999]])], 2);
  assert.ok(Math.abs(first! - 1 / 0.19) < 1e-12);
  assert.ok(Math.abs(second! - 1 / 0.001999) < 1e-9);
  assert.deepEqual(
    biasCorrections(
      [
        adam([
          [0.9, 0.999],
          [0.8, 0.999],
        ]),
      ],
      2,
    ),
    {},
  );
  assert.deepEqual(biasCorrections([{ ...adam([[0.9, 0.999]]), type: 'SGD' }], 2), {});
  assert.deepEqual(biasCorrections([adam([[0.9, 0.999]])], null), {});
});

test('an update adds up to the rounding of float32, and not beyond', () => {
  const line = (value: number) => ({ name: 'p', expression: '', substituted: '', value });
  const after = Math.fround(0.1 - 0.01 * 0.3);
  assert.equal(addsUp({ before: 0.1, after, lines: [line(0.1 - 0.01 * 0.3)] }), true);
  assert.equal(addsUp({ before: 0.1, after, lines: [line(after + 1e-6)] }), false);
  assert.equal(addsUp({ before: 0.1, after, lines: [] }), false);
  assert.equal(addsUp({ before: 0.1, after: NaN, lines: [line(NaN)] }), true);
});

test('an element by its index, and back', () => {
  const shape = [32, 3, 5, 5];
  assert.deepEqual(indexOf(shape, 0), [0, 0, 0, 0]);
  assert.deepEqual(indexOf(shape, 7 * 75 + 25 + 13), [7, 1, 2, 3]);
  assert.equal(parseIndex(shape, '7, 1, 2, 3'), 563);
  assert.equal(parseIndex(shape, '[7,1]'), 550);
  assert.equal(parseIndex(shape, '7 3 0 0'), null);
  assert.equal(parseIndex(shape, '-1, 0'), null);
  assert.equal(parseIndex(shape, ''), null);
  assert.equal(parseIndex([], ''), 0);
});

test('slices: the last two axes are a table; a vector is folded', () => {
  const slices = slicesOf([2, 3, 4, 5]);
  assert.deepEqual(slices, { count: 6, rows: 4, columns: 5, elements: 120, leading: [2, 3] });
  for (const element of [0, 19, 20, 67, 119]) {
    assert.equal(elementAtPlace(slices, placeOf(slices, element)), element);
  }
  assert.equal(elementAtPlace(slices, { slice: 6, row: 0, column: 0 }), null);
  const vector = slicesOf([32]);
  assert.deepEqual([vector.rows, vector.columns], [4, 10]);
  assert.equal(elementAtPlace(vector, { slice: 0, row: 3, column: 1 }), 31);
  assert.equal(elementAtPlace(vector, { slice: 0, row: 3, column: 2 }), null);
  assert.deepEqual(slicesOf([]), { count: 1, rows: 1, columns: 1, elements: 1, leading: [] });
});

test('the scale of a picture leaves infinities out', () => {
  assert.equal(finiteScale(statistics({ absmax: 3 })), 3);
  assert.equal(finiteScale(statistics({ absmax: Infinity, infinite: 1, min: -2, max: Infinity })), 2);
  assert.equal(finiteScale(statistics({ absmax: Infinity, infinite: 2, min: -Infinity, max: Infinity })), 1);
});

test('a range is read in pages that other ranges share', () => {
  const range = { event: 1, kind: 'parameter', name: 'w', start: 24_999, length: 3, total: 30_000 } as const;
  const pages = pagesOf(range);
  assert.deepEqual(
    pages.map(({ offset, length }) => [offset, length]),
    [
      [0, 25_000],
      [25_000, 5000],
    ],
  );
  const data = pages.map(({ offset, length }) => ({
    offset,
    data: Array.from({ length }, (_, i) => BigInt(offset + i)),
  }));
  assert.deepEqual([...joinPages(data, range)], [24_999, 25_000, 25_001]);
});
