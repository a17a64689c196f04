import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventSummary, EventView, TensorView } from '../../../src/common/engineContract';
import type { Phase } from '../../../src/common/phase';
import type { PanelState } from '../../../src/protocol/contract';
import { captionOf } from '../../../webview/views/header/caption';

const summary = (index: number, phase: Phase, more: Partial<EventSummary> = {}): EventSummary => ({
  ...{ index, phase, line: 45, iteration: 1, epoch: 1, lr: [0.01], loss: null },
  ...more,
});

const tensor = (kind: TensorView['kind'], name: string, norm: number, more: Partial<TensorView> = {}): TensorView => ({
  ...{ kind, name, shape: [2], dtype: 'float32', statistics: null, available: true, norm },
  ...more,
});

function captionFor(event: EventSummary, tensors: TensorView[], history: EventSummary[] = []): string {
  const view: EventView = {
    ...event,
    ...{ warnings: [], optimizers: [], tensors, layerTypes: {}, dropped: false, edits: [] },
  };
  const snapshot = { event: view, cursor: event.index, head: event.index, status: 'paused' };
  return captionOf({ snapshot, busy: false, engineStatus: 'ready', problems: [] } as unknown as PanelState, history);
}

test('backward names the largest and the smallest gradient', () => {
  const gradients = [tensor('gradient', 'a', 0.28), tensor('gradient', 'b', 0.0311), tensor('gradient', 'c', 0.956)];
  assert.equal(
    captionFor(summary(3, 'backward'), gradients),
    '**backward** added a gradient to 3 parameters; the largest is `c`, norm 0.956, the smallest `b`, norm 0.0311.',
  );
});

test('backward says of how many backwards a gradient is the sum', () => {
  const gradients = [
    tensor('gradient', 'a', 0.28, { accumulated: 3 }),
    tensor('gradient', 'b', 0.1, { accumulated: 3 }),
  ];
  assert.match(captionFor(summary(3, 'backward'), gradients), /the sum of 3 backwards\.$/);
});

test('gradients and parameters that are not finite are said to be so', () => {
  const gradients = [tensor('gradient', 'a', 1), tensor('gradient', 'b', NaN)];
  assert.match(
    captionFor(summary(3, 'backward'), gradients),
    /NaN or infinity in the gradients of 1 of 2 parameters, `b`/,
  );
  const stepped = [tensor('parameter', 'a', Infinity), tensor('delta', 'a', NaN)];
  assert.match(captionFor(summary(4, 'step'), stepped), /NaN or infinity in 1 of 1 parameter,/);
});

test('step counts what moved and compares the largest delta with its weights', () => {
  const tensors = [
    tensor('parameter', 'a', 3.2),
    tensor('parameter', 'b', 1),
    tensor('delta', 'a', 0.0032),
    tensor('delta', 'b', 0),
  ];
  assert.equal(
    captionFor(summary(4, 'step'), tensors),
    '**step** moved 1 of 2 parameters; the largest delta is `a`, norm 0.00320 (0.1 % of its weights).',
  );
});

test('loss tells the change from the loss before', () => {
  const history = [summary(0, 'forward'), summary(1, 'loss', { loss: 2.5 }), summary(2, 'forward')];
  assert.equal(
    captionFor(summary(3, 'loss', { loss: 2.25 }), [], history),
    '**loss** is 2.250, 0.250 less than the one before.',
  );
});

test('scheduler.step tells the rate before and after', () => {
  const history = [summary(0, 'step', { lr: [0.05] })];
  assert.equal(
    captionFor(summary(1, 'scheduler_step', { lr: [0.005000000000000001] }), [], history),
    '**scheduler.step** changed the learning rate from 0.05 to 0.005.',
  );
  assert.match(
    captionFor(summary(1, 'scheduler_step', { lr: [0.05] }), [], history),
    /left the learning rate at 0\.05/,
  );
});

test('zero_grad had nothing to clear before the first backward', () => {
  assert.match(captionFor(summary(0, 'zero_grad'), [tensor('parameter', 'a', 1)]), /nothing to clear/);
  const history = [summary(0, 'backward')];
  assert.match(
    captionFor(summary(1, 'zero_grad'), [tensor('parameter', 'a', 1)], history),
    /cleared the gradients of 1 parameter:/,
  );
});
