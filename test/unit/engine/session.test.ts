import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  EngineStart,
  EventView,
  Goal,
  RunReport,
  StateSnapshot,
  TensorPage,
} from '../../../src/common/engineContract';
import type { Graph } from '../../../src/core/onnx/graph';
import type { CompiledGraph } from '../../../src/core/tensor/graphRuntime';
import { Session } from '../../../src/engine/session';
import { OrtRuntime } from '../../../src/runtime/ortRuntime';
import { lineProgram } from './lineProgram';
import { ScriptedChannel, ScriptOver } from './scriptedChannel';

function options(change: Partial<EngineStart> = {}): EngineStart {
  return {
    fileName: '/script.py',
    source: '',
    device: 'cpu',
    threads: 1,
    dataFolder: null,
    mode: 'stepping',
    goal: { kind: 'next' },
    ...change,
  };
}

/** Plays a client's script against a session until nothing is left to do. */
function play(build: (channel: ScriptedChannel) => void, steps = 20): ScriptedChannel {
  const channel = new ScriptedChannel();
  build(channel);
  assert.throws(() => new Session(channel, lineProgram(steps)).serveForever(), ScriptOver);
  return channel;
}

const run = (goal: Goal): [name: 'run', body: { goal: Goal }] => ['run', { goal }];

function weights(channel: ScriptedChannel): number[] {
  return channel.replies().flatMap((reply) => {
    const page = reply as TensorPage | undefined;
    return page && 'data' in page ? [Number(page.data[0])] : [];
  });
}

test('steps event by event', () => {
  const channel = play((c) =>
    c
      .ask('start', options())
      .ask(...run({ kind: 'next' }))
      .ask(...run({ kind: 'phase', phase: 'step' }))
      .ask('state', null),
  );
  const [first, second, third, state] = channel.replies() as [RunReport, RunReport, RunReport, StateSnapshot];
  assert.deepEqual([first.event, second.event, third.event], [0, 1, 4]);
  assert.equal(first.reason, 'goal');
  assert.equal(state.event?.phase, 'step');
  assert.equal(state.event?.line, 5);
  assert.equal(state.status, 'paused');
  const gradient = state.event?.tensors.find(({ kind }) => kind === 'gradient');
  // d/dw mean((wx - 3x)^2) = 2 (w - 3) mean(x^2) at w = 0.5, x = (1, 2, 0)
  assert.ok(Math.abs(gradient!.statistics!.sum - 2 * -2.5 * (5 / 3)) < 1e-5);
});

test('goes back without running, forward over what is recorded, and on at the head', () => {
  const channel = play((c) =>
    c
      .ask('start', options({ goal: { kind: 'event', index: 7 } }))
      .ask('moveTo', { event: 2 })
      .ask(...run({ kind: 'next' }))
      .ask(...run({ kind: 'phase', phase: 'backward' }))
      .ask(...run({ kind: 'phase', phase: 'step' }))
      .ask(...run({ kind: 'phase', phase: 'step' }))
      .ask('state', null),
  );
  const replies = channel.replies() as RunReport[];
  assert.equal((replies[1] as unknown as StateSnapshot).event?.phase, 'zero_grad');
  assert.deepEqual(
    replies.slice(2, 6).map(({ event }) => event),
    [3, 8, 9, 14],
  );
  assert.equal((replies[6] as unknown as StateSnapshot).head, 14);
});

test('running gives the numbers of stepping', () => {
  const read = { kind: 'parameter' as const, name: 'w', offset: 0, length: 1 };
  const at = (mode: 'stepping' | 'running'): ScriptedChannel =>
    play((c) => {
      c.ask('start', options({ mode, goal: { kind: 'continue' } }));
      for (const event of [4, 9, 49, 99]) c.ask('readTensor', { event, ...read });
      c.ask('history', { from: 0, count: 200 });
    });
  const [stepping, running] = [at('stepping'), at('running')];
  assert.equal(weights(stepping).length, 4);
  assert.deepEqual(weights(running), weights(stepping));
  assert.deepEqual(running.replies().at(-1), stepping.replies().at(-1));
});

test('a change at the head takes effect on the live objects', () => {
  const channel = play((c) =>
    c
      .ask('start', options({ goal: { kind: 'event', index: 3 } }))
      .ask('edit', {
        event: 3,
        targets: [{ kind: 'hyperparameter', optimizer: 'optimizer', group: 0, name: 'lr', value: 0 }],
        confirm: false,
      })
      .ask(...run({ kind: 'next' }))
      .ask('readTensor', { event: 4, kind: 'parameter', name: 'w', offset: 0, length: 1 })
      .ask('event', { index: 3 }),
  );
  assert.deepEqual(weights(channel), [0.5]);
  const view = channel.replies()[4] as EventView;
  assert.deepEqual(view.lr, [0]);
  assert.equal(view.edits.length, 1);
});

test('a change in the past needs confirmation, cuts the future off and repeats the rest', () => {
  const target = { kind: 'element' as const, parameter: 'w', index: 0, value: 3 };
  const channel = play((c) =>
    c
      .ask('start', options({ goal: { kind: 'event', index: 17 } }))
      .ask('edit', { event: 9, targets: [target], confirm: false })
      .ask('edit', { event: 9, targets: [target], confirm: true })
      .ask('state', null)
      .ask('readTensor', { event: 9, kind: 'parameter', name: 'w', offset: 0, length: 1 })
      .ask(...run({ kind: 'phase', phase: 'loss' }))
      .ask('state', null),
  );
  const [, refused, report, state, , , after] = channel.replies();
  assert.equal((refused as { code: string }).code, 'engine.confirm');
  assert.equal((report as RunReport).event, 9);
  assert.equal((state as StateSnapshot).head, 9);
  assert.equal((state as StateSnapshot).edits.length, 1);
  assert.deepEqual(weights(channel), [3]);
  assert.equal((after as StateSnapshot).event?.loss, 0);
});

test('a byte budget drops the oldest tensors and says so', () => {
  const channel = play(
    (c) =>
      c
        .ask('start', options({ goal: { kind: 'continue' }, byteBudget: 30_000 }))
        .ask('state', null)
        .ask('event', { index: 0 })
        .ask('readTensor', { event: 0, kind: 'parameter', name: 'w', offset: 0, length: 1 }),
    60,
  );
  const [, state, view, refused] = channel.replies() as [RunReport, StateSnapshot, EventView, { code: string }];
  assert.ok(state.droppedBefore > 200, `dropped before ${state.droppedBefore}`);
  assert.equal(view.dropped, true);
  assert.ok(view.tensors.every(({ available }) => !available));
  assert.equal(refused.code, 'timeline.dropped');
});

test('an epoch ends where the data are exhausted', () => {
  const channel = play((c) =>
    c
      .ask('start', options())
      .ask(...run({ kind: 'epoch' }))
      .ask(...run({ kind: 'epoch' }))
      .ask('state', null),
  );
  const [, first, second, state] = channel.replies() as [RunReport, RunReport, RunReport, StateSnapshot];
  assert.deepEqual([first.reason, first.event, second.event], ['epoch', 14, 29]);
  assert.equal(state.event?.epoch, 2);
});

test('stop, restart and a new start take over from a resting script', () => {
  const channel = play((c) =>
    c
      .ask('start', options({ goal: { kind: 'event', index: 6 } }))
      .ask('restart', { goal: { kind: 'event', index: 2 } })
      .ask('state', null)
      .ask('stop', null)
      .ask('state', null)
      .ask(...run({ kind: 'continue' }))
      .ask('start', options())
      .ask('state', null),
  );
  const [, restarted, resting, , stopped, refused, , started] = channel.replies() as [
    unknown,
    RunReport,
    StateSnapshot,
    null,
    StateSnapshot,
    RunReport,
    RunReport,
    StateSnapshot,
  ];
  assert.deepEqual([restarted.event, resting.head, resting.status], [2, 2, 'paused']);
  assert.equal(stopped.status, 'stopped');
  assert.equal(refused.reason, 'stopped');
  assert.deepEqual([started.status, started.head], ['paused', 0]);
});

test('what cannot be done is refused with a code, and the session goes on', () => {
  const channel = play((c) =>
    c
      .ask(...run({ kind: 'next' }))
      .ask('start', options())
      .ask('moveTo', { event: 9 })
      .ask('readTensor', { event: 0, kind: 'parameter', name: 'w', offset: 0, length: 25_001 })
      .ask('edit', { event: 0, targets: [{ kind: 'element', parameter: 'v', index: 0, value: 1 }], confirm: false })
      .ask('edit', { event: 0, targets: [{ kind: 'element', parameter: 'w', index: 1, value: 1 }], confirm: false })
      .ask('edit', { event: 0, targets: [{ kind: 'parameter', parameter: 'w', values: [] }], confirm: false })
      .ask('nonsense' as 'ping', null)
      .ask(...run({ kind: 'next' })),
  );
  const replies = channel.replies() as ({ code: string } | RunReport)[];
  assert.deepEqual(
    replies.map((reply) => ('code' in reply ? reply.code : reply.event)),
    [
      'engine.idle',
      0,
      'timeline.range',
      'engine.page',
      'edit.target',
      'edit.value',
      'edit.value',
      'engine.unknownRequest',
      1,
    ],
  );
});

test('revisions rise, and the snapshot that comes before a reply is the reply’s', () => {
  const channel = play((c) => c.ask('start', options()).ask(...run({ kind: 'iterations', count: 2 })));
  const revisions = channel.of('state').map(({ revision }) => revision);
  assert.deepEqual(
    revisions,
    revisions.map((_, i) => revisions[0]! + i),
  );
  const [, report] = channel.replies() as RunReport[];
  assert.equal(report!.event, 10);
  assert.equal(channel.of('state').at(-1)?.cursor, 10);
});

test('a script that is started again gives back the graphs of the run before', (context) => {
  const compile = OrtRuntime.prototype.compile;
  let held = 0;
  context.mock.method(OrtRuntime.prototype, 'compile', function (this: OrtRuntime, graph: Graph): CompiledGraph {
    const compiled = compile.call(this, graph);
    held++;
    return {
      run: (feeds) => compiled.run(feeds),
      dispose: () => {
        held--;
        compiled.dispose();
      },
    };
  });
  const heldAfter = (starts: number): number => {
    held = 0;
    play((channel) => {
      for (let i = 0; i < starts; i++) channel.ask('start', options({ goal: { kind: 'event', index: 7 } }));
    });
    return held;
  };
  const once = heldAfter(1);
  assert.ok(once > 0);
  assert.equal(heldAfter(4), once);
});
