import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventSummary } from '../../../src/common/engineContract';
import { EventHistory } from '../../../webview/eventHistory';

function recorder() {
  const recorded: EventSummary[] = [];
  const asked: [number, number][] = [];
  const history = new EventHistory(
    (from, count) => {
      const events = recorded.slice(from, from + count);
      asked.push([from, events.length]);
      return Promise.resolve({ from, events, total: recorded.length });
    },
    () => undefined,
  );
  const record = (count: number, loss: number | null = 1) => {
    for (let added = 0; added < count; added++) {
      recorded.push({ index: recorded.length, phase: 'loss', line: 1, iteration: 1, epoch: 1, lr: [], loss });
    }
  };
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { recorded, asked, history, record, settle };
}

test('fetches page by page up to the head, and nothing twice', async () => {
  const { asked, history, record, settle } = recorder();
  record(4500);
  history.follow(4499, true);
  await settle();
  assert.equal(history.events.length, 4500);
  assert.deepEqual(asked, [
    [0, 2000],
    [2000, 2000],
    [4000, 500],
  ]);
  history.follow(4499, true);
  await settle();
  assert.equal(asked.length, 3);
});

test('a loss that became known late is fetched again, once when the script rests', async () => {
  const { recorded, asked, history, record, settle } = recorder();
  record(10, null);
  history.follow(9, false);
  await settle();
  recorded.forEach((event) => (event.loss = 2));
  history.follow(9, true);
  await settle();
  assert.deepEqual([...new Set(history.events.map(({ loss }) => loss))], [2]);
  const before = asked.length;
  history.follow(9, true);
  await settle();
  assert.equal(asked.length, before);
});

test('losses that stay unknown are not asked for again and again', async () => {
  const { asked, history, record, settle } = recorder();
  record(10, null);
  for (let round = 0; round < 3; round++) {
    history.follow(9, true);
    await settle();
  }
  assert.ok(asked.length <= 2, JSON.stringify(asked));
});

test('clear forgets what was there, a page that is under way included', async () => {
  const { recorded, history, record, settle } = recorder();
  record(5, 1);
  history.follow(4, true);
  history.clear();
  recorded.length = 0;
  record(2, 7);
  history.follow(1, true);
  await settle();
  assert.deepEqual(
    history.events.map(({ loss }) => loss),
    [7, 7],
  );
});
