import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PanelMessage, PanelRequest, PanelState } from '../../../src/protocol/contract';
import { RequestError, Rpc } from '../../../webview/rpc';

function connect() {
  const sent: PanelRequest[] = [];
  const states: PanelState[] = [];
  let deliver: (message: PanelMessage) => void = () => undefined;
  const rpc = new Rpc(
    {
      post: (message) => sent.push(message),
      listen: (listener) => (deliver = listener),
      loadUi: () => null,
      saveUi: () => undefined,
    },
    (state) => states.push(state),
  );
  return { rpc, sent, states, deliver: (message: PanelMessage) => deliver(message) };
}

test('each reply settles the request with its number, whatever the order', async () => {
  const { rpc, sent, deliver } = connect();
  const first = rpc.request('event', { index: 1 });
  const second = rpc.request('revealLine', { line: 3 });
  assert.deepEqual(
    sent.map(({ name, body }) => [name, body]),
    [
      ['event', { index: 1 }],
      ['revealLine', { line: 3 }],
    ],
  );
  deliver({ kind: 'reply', id: sent[1]!.id, ok: true, body: null });
  deliver({ kind: 'reply', id: sent[0]!.id, ok: true, body: 'the event' });
  assert.equal(await second, null);
  assert.equal(await first, 'the event');
});

test('a failure rejects with the host’s own error, and a second reply changes nothing', async () => {
  const { rpc, sent, deliver } = connect();
  const request = rpc.request('pause');
  const error = {
    code: 'engine.busy',
    message: 'busy',
    line: null,
    hint: null,
    audience: 'user',
    traceback: [],
  } as const;
  deliver({ kind: 'reply', id: sent[0]!.id, ok: false, error: { ...error, traceback: [] } });
  deliver({ kind: 'reply', id: sent[0]!.id, ok: true, body: null });
  await assert.rejects(request, (thrown) => thrown instanceof RequestError && thrown.details.code === 'engine.busy');
});

test('states are handed on and are no replies', () => {
  const { rpc, states, deliver } = connect();
  void rpc;
  deliver({ kind: 'state', state: { revision: 4 } as PanelState });
  assert.deepEqual(
    states.map(({ revision }) => revision),
    [4],
  );
});
