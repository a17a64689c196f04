import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import type { EngineClient } from '../../../src/engine/client';
import { PanelSession, type EngineSettings, type Place } from '../../../src/panel/panelSession';
import { newClient, projectFolder, smallTraining } from './engineHarness';

const settings: EngineSettings = { device: 'cpu', threads: 1, dataFolder: null };
const open = new Set<PanelSession>();

interface Opened {
  session: PanelSession;
  log: string[];
  clients: EngineClient[];
  /** Waits until what the session shows fulfils a condition. */
  until(condition: () => boolean): Promise<void>;
}

function newSession(text = smallTraining): Opened {
  const log: string[] = [];
  const clients: EngineClient[] = [];
  const waiting = new Set<() => void>();
  const session: PanelSession = new PanelSession(
    { name: 'script.py', path: `${projectFolder}/script.py`, text },
    {
      createClient: () => {
        const client = newClient();
        clients.push(client);
        return client;
      },
      onChange: () => waiting.forEach((check) => check()),
      log: (message) => log.push(message),
      texts: { died: (how) => `ended: ${how}`, recover: 'recover' },
    },
  );
  open.add(session);
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!condition()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { session, log, clients, until };
}

async function started(text?: string, place: Place | null = null): Promise<Opened> {
  const opened = newSession(text);
  await opened.session.start(settings, place);
  return opened;
}

afterEach(() => {
  open.forEach((session) => session.dispose());
  open.clear();
});

describe('a session of the panel', () => {
  test('starts at the first event and steps by phase and by iteration, both ways', async () => {
    const { session } = await started();
    const { handlers } = session;
    assert.equal(session.engineStatus, 'ready');
    assert.deepEqual([session.snapshot?.cursor, session.snapshot?.event?.phase], [0, 'zero_grad']);
    await handlers.next({ unit: 'phase' });
    assert.equal(session.snapshot?.event?.phase, 'forward');
    await handlers.next({ unit: 'iteration' });
    assert.deepEqual([session.snapshot?.cursor, session.snapshot?.event?.iteration], [5, 2]);
    await handlers.next({ unit: 'iteration' });
    await handlers.next({ unit: 'phase' });
    assert.equal(session.snapshot?.cursor, 11);
    await handlers.previous({ unit: 'iteration' });
    assert.equal(session.snapshot?.cursor, 5, 'the first event of the iteration before');
    await handlers.previous({ unit: 'phase' });
    assert.equal(session.snapshot?.cursor, 4);
    await handlers.previous({ unit: 'iteration' });
    await handlers.previous({ unit: 'phase' });
    assert.equal(session.snapshot?.cursor, 0, 'before the first one is nothing');
    assert.equal(session.snapshot?.head, 11);
  });

  test('a long run ends in steps, so that its last events have their layers', async () => {
    const { session } = await started();
    await session.handlers.run({ goal: { kind: 'iterations', count: 6 } });
    assert.equal(session.busy, false);
    assert.deepEqual([session.snapshot?.event?.iteration, session.snapshot?.mode], [7, 'stepping']);
    await session.handlers.run({ goal: { kind: 'event', index: 90 } });
    assert.equal(session.snapshot?.cursor, 90);
    const { tensors } = await session.handlers.event({ index: 86 });
    assert.ok(tensors.some(({ kind }) => kind === 'layer'));
    await session.handlers.run({ goal: { kind: 'events', count: 60 } });
    assert.equal(session.snapshot?.cursor, 150);
    await session.handlers.run({ goal: { kind: 'epoch' } });
    assert.equal(session.busy, false);
  });

  test('a page of elements has a buffer of its own', async () => {
    const { session } = await started();
    const page = await session.handlers.readTensor({
      event: 0,
      kind: 'parameter',
      name: '0.weight',
      offset: 6,
      length: 12,
    });
    assert.equal(page.data.length, 12);
    assert.equal(page.data.buffer.byteLength, page.data.byteLength);
  });

  test('runs until it is paused, refuses a second run meanwhile, and shows the output', async () => {
    const { session, until } = await started(smallTraining.replace('range(50)', 'range(100000)'));
    const run = session.handlers.run({ goal: { kind: 'continue' } });
    assert.equal(session.busy, true);
    await assert.rejects(session.handlers.next({ unit: 'phase' }), { code: 'engine.busy' });
    await until(() => (session.snapshot?.head ?? 0) > 100);
    assert.equal(session.busy, true);
    await session.handlers.pause(null);
    await run;
    assert.equal(session.busy, false);
    assert.equal(session.snapshot?.status, 'paused');
    assert.match(session.output[0]?.text ?? '', /^0 \d\.\d+$/);
  });

  test('comes back to the same event, with its edits, when the engine is killed while it runs', async () => {
    const { session, clients, log, until } = await started(smallTraining.replace('range(50)', 'range(100000)'));
    await session.handlers.run({ goal: { kind: 'event', index: 12 } });
    await session.setValue(
      12,
      { kind: 'hyperparameter', optimizer: 'optimizer', group: 0, name: 'lr', value: 0.025 },
      false,
    );
    await session.handlers.run({ goal: { kind: 'event', index: 40 } });
    await session.handlers.moveTo({ event: 30 });
    const before = await session.handlers.event({ index: 30 });

    process.kill(clients[0]!.pid!, 'SIGKILL');
    await until(() => session.engineStatus === 'died');
    assert.match(session.death ?? '', /^ended: SIGKILL/);
    assert.equal(session.output.at(-1)?.text, 'ended: SIGKILL');
    assert.equal(log.length, 1);
    await assert.rejects(session.handlers.next({ unit: 'phase' }), { code: 'engine.died' });
    assert.equal(session.place?.cursor, 30);

    await session.recover();
    assert.equal(session.engineStatus, 'ready');
    assert.equal(session.death, null);
    assert.deepEqual([session.snapshot?.cursor, session.snapshot?.head], [30, 40]);
    const after = await session.handlers.event({ index: 30 });
    assert.deepEqual([after.loss, after.lr, after.line], [before.loss, [0.025], before.line]);
    assert.equal(session.snapshot?.edits.length, 1);
    await session.handlers.next({ unit: 'phase' });
    assert.equal(session.snapshot?.cursor, 31, 'and goes on');

    const run = session.handlers.run({ goal: { kind: 'continue' } }).catch((error: unknown) => error);
    await until(() => (session.snapshot?.head ?? 0) > 60);
    process.kill(clients[1]!.pid!, 'SIGKILL');
    await until(() => session.engineStatus === 'died');
    assert.equal(((await run) as { code?: string }).code, 'engine.died');
    assert.equal(session.busy, false);
    const { head } = session.place!;
    await session.recover();
    assert.equal(session.snapshot?.cursor, head);
  });

  test('another session comes to where one stood', async () => {
    const first = await started();
    await first.session.handlers.run({ goal: { kind: 'event', index: 20 } });
    await first.session.handlers.moveTo({ event: 7 });
    const place = first.session.place!;
    const { loss } = await first.session.handlers.event({ index: 7 });
    first.session.dispose();
    const second = await started(smallTraining, place);
    assert.deepEqual([second.session.snapshot?.cursor, second.session.snapshot?.head], [7, 20]);
    assert.equal((await second.session.handlers.event({ index: 7 })).loss, loss);
  });

  test('tells what the preflight refuses and what the script raises', async () => {
    const refused = await started('import torch\nx = torch.zeroes(3)\nimport pandas\n');
    assert.deepEqual(
      refused.session.problems.map(({ line }) => line),
      [2, 3],
    );
    assert.equal(refused.session.engineStatus, 'ready');
    const raised = await started("import torch\nraise ValueError('no')\n");
    assert.deepEqual([raised.session.error?.message, raised.session.error?.line], ['ValueError: no', 2]);
    assert.deepEqual(raised.session.problems, []);
  });

  test('a pause before the first event gives the script up', async () => {
    const { session, until } = newSession('import torch\nwhile True:\n    pass\n');
    const start = session.start(settings);
    await until(() => session.snapshot?.status === 'running');
    await session.handlers.pause(null);
    await start;
    assert.equal(session.busy, false);
    assert.equal(session.snapshot?.status, 'stopped');
  });

  test('a session that was closed ends its engine', async () => {
    const { session, clients } = await started();
    const pid = clients[0]!.pid!;
    session.dispose();
    for (let tries = 0; isAlive(pid) && tries < 200; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(!isAlive(pid));
    await assert.rejects(session.handlers.next({ unit: 'phase' }), { code: 'engine.died' });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
