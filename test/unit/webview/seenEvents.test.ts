import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventView, StateSnapshot } from '../../../src/common/engineContract';
import type { PanelMessage, PanelRequest, PanelState } from '../../../src/protocol/contract';
import { Navigation } from '../../../webview/navigation';
import { Store } from '../../../webview/store';

function stateAt(revision: number, cursor: number, change: Partial<StateSnapshot> = {}): PanelState {
  const event = { index: cursor, tensors: [{ name: 'w' }] } as unknown as EventView;
  const snapshot = { revision, cursor, head: 9, event, droppedBefore: 0, edits: [], status: 'paused', ...change };
  return { revision, locale: 'en', script: null, busy: false, snapshot } as unknown as PanelState;
}

/** A panel whose host has shown the events 3 to 5 and stands on 5. */
function panel() {
  const sent: PanelRequest[] = [];
  let deliver: (message: PanelMessage) => void = () => undefined;
  const store = new Store({
    post: (message) => sent.push(message),
    listen: (listener) => (deliver = listener),
    loadUi: () => null,
    saveUi: () => undefined,
  });
  [3, 4, 5].forEach((cursor, revision) => deliver({ kind: 'state', state: stateAt(revision, cursor) }));
  const moves = () => sent.filter(({ name }) => name !== 'history');
  const cursor = () => store.state?.snapshot?.cursor;
  const answer = async (ok: boolean) => {
    const { id } = moves().at(-1)!;
    const error = {
      code: 'engine.died',
      message: '',
      line: null,
      hint: null,
      audience: 'user' as const,
      traceback: [],
    };
    deliver(ok ? { kind: 'reply', id, ok, body: null } : { kind: 'reply', id, ok, error });
    await new Promise((done) => setImmediate(done));
  };
  return { store, navigation: new Navigation(store), deliver, moves, cursor, answer };
}

test('going back shows an event that was shown before at once, and asks the host for it', async () => {
  const { store, navigation, moves, cursor, deliver, answer } = panel();
  navigation.previous('phase');
  assert.equal(cursor(), 4);
  assert.equal(store.state!.snapshot!.event!.index, 4);
  assert.deepEqual(
    moves().map(({ name, body }) => [name, body]),
    [['previous', { unit: 'phase' }]],
  );
  deliver({ kind: 'state', state: stateAt(7, 4, { accuracy: 0.5 }) });
  await answer(true);
  assert.equal(store.state!.snapshot!.accuracy, 0.5, 'the state of the host counts');
  navigation.next('phase');
  assert.equal(cursor(), 5, 'and forward again in what is recorded');
});

test('a move that the host refuses is taken back', async () => {
  const { navigation, cursor, answer } = panel();
  navigation.moveTo(3);
  assert.equal(cursor(), 3);
  await answer(false);
  assert.equal(cursor(), 5);
});

test('what was not shown, has lost its elements or was recorded anew waits for the host', () => {
  const unseen = panel();
  unseen.navigation.moveTo(2);
  assert.equal(unseen.cursor(), 5);
  const dropped = panel();
  dropped.deliver({ kind: 'state', state: stateAt(8, 5, { droppedBefore: 5 }) });
  dropped.navigation.previous('phase');
  assert.equal(dropped.cursor(), 5);
  const replaced = panel();
  replaced.deliver({ kind: 'state', state: stateAt(8, 5, { edits: [{}] as StateSnapshot['edits'] }) });
  replaced.navigation.previous('phase');
  assert.equal(replaced.cursor(), 5);
  const busy = panel();
  busy.deliver({ kind: 'state', state: { ...stateAt(8, 5), busy: true } });
  busy.navigation.previous('phase');
  assert.equal(busy.cursor(), 5);
});
