import assert from 'node:assert/strict';
import { beforeEach, describe, mock, test } from 'node:test';
import { SessionMemory, type SavedSession } from '../../../src/panel/sessionMemory';

function storage() {
  const values = new Map<string, unknown>();
  let writes = 0;
  return {
    values,
    writes: () => writes,
    keys: () => [...values.keys()],
    get: <T>(key: string) => values.get(key) as T | undefined,
    update: async (key: string, value: unknown) => {
      writes++;
      values.set(key, value);
    },
  };
}

function saved(cursor: number, lines = 0): SavedSession {
  return {
    script: { uri: 'file:///a.py', text: 'import torch' },
    place: { cursor, head: cursor, edits: [] },
    output: Array.from({ length: lines }, (_, index) => ({ stream: 'stdout', text: String(index) })),
  };
}

describe('what survives a reload', () => {
  beforeEach(() => {
    mock.timers.reset();
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  });

  test('is saved once for many changes, as it is then', () => {
    const store = storage();
    const memory = new SessionMemory(store);
    let cursor = 0;
    for (; cursor < 10; cursor++) memory.save(() => saved(cursor), 300);
    mock.timers.tick(299);
    assert.equal(memory.load(), null);
    mock.timers.tick(1);
    assert.equal(memory.load()?.place?.cursor, 10);
    assert.equal(store.writes(), 1);
  });

  test('a rest does not wait for what a run would', () => {
    const memory = new SessionMemory(storage());
    memory.save(() => saved(1), 2000);
    memory.save(() => saved(2), 300);
    mock.timers.tick(300);
    assert.equal(memory.load()?.place?.cursor, 2);
  });

  test('is saved at once when the window closes, and forgotten when the panel does', async () => {
    const memory = new SessionMemory(storage());
    memory.save(() => saved(7, 1000), 2000);
    await memory.flush();
    assert.equal(memory.load()?.place?.cursor, 7);
    assert.equal(memory.load()?.output.length, 100);
    memory.save(() => saved(8), 300);
    await memory.forget();
    mock.timers.tick(5000);
    assert.equal(memory.load(), null);
  });

  test('what another version left there is no session', () => {
    const store = storage();
    store.values.set('session', { script: 5 });
    assert.equal(new SessionMemory(store).load(), null);
  });
});
