import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventView, StateSnapshot, TensorAddress } from '../../../src/common/engineContract';
import type { EngineClient } from '../../../src/engine/client';
import { scriptOptions, smallTraining, withEngine } from './engineHarness';

const firstWeight = (event: number): TensorAddress => ({ event, kind: 'parameter', name: '0.weight' });

async function read(client: EngineClient, event: number): Promise<number[]> {
  const page = await client.readTensor(firstWeight(event), 0, 48);
  return Array.from(page.data as Float32Array);
}

function nextState(client: EngineClient, wanted: (state: StateSnapshot) => boolean): Promise<StateSnapshot> {
  return new Promise((resolve) => {
    const off = client.on('state', (state) => {
      if (!wanted(state)) return;
      off();
      resolve(state);
    });
  });
}

test('steps through the phases of a loop, back at once and forward again', async () => {
  await withEngine(async (client) => {
    await client.start(scriptOptions(smallTraining));
    const seen = [client.state!.event!];
    for (let i = 0; i < 5; i++) {
      await client.next();
      seen.push(client.state!.event!);
    }
    assert.deepEqual(
      seen.map(({ phase, line }) => `${phase} ${line}`),
      ['zero_grad 12', 'forward 13', 'loss 14', 'backward 15', 'step 16', 'zero_grad 12'],
    );
    const back = await client.back();
    assert.equal(back.cursor, 4);
    assert.equal(back.head, 5);
    const before = await read(client, 3);
    const after = await read(client, 4);
    assert.notDeepEqual(before, after);
    const delta = await client.readTensor({ event: 4, kind: 'delta', name: '0.weight' }, 0, 48);
    assert.ok(Math.abs(Number(delta.data[0]) - (after[0]! - before[0]!)) < 1e-12);
    await client.forward();
    assert.equal(client.state!.cursor, 5);
  });
});

test('the same script twice gives identical bytes, and stepping agrees with running', async () => {
  const runs = await Promise.all(
    (['stepping', 'running', 'running'] as const).map((mode) =>
      withEngine(async (client) => {
        await client.start(scriptOptions(smallTraining, { mode, goal: { kind: 'event', index: 119 } }));
        const { events } = await client.history(0, 200);
        return { weights: await read(client, 119), losses: events.map(({ loss }) => loss) };
      }),
    ),
  );
  assert.deepEqual(runs[1], runs[2]);
  assert.equal(runs[0]!.losses.length, 120);
  runs[0]!.weights.forEach((weight, i) =>
    assert.ok(Math.abs(weight - runs[1]!.weights[i]!) <= 1e-6 * Math.abs(weight) + 1e-8),
  );
});

test('a pause takes effect, and reading while the script runs is answered', async () => {
  await withEngine(async (client) => {
    const source = smallTraining.replace('range(50)', 'range(100000)');
    const running = client.start(scriptOptions(source, { mode: 'running', goal: { kind: 'continue' } }));
    await nextState(client, ({ head }) => head > 20);
    assert.equal((await client.statistics(firstWeight(10))).count, 48);
    await assert.rejects(client.next(), { code: 'engine.busy' });
    await client.pause();
    const report = await running;
    assert.equal(report.reason, 'pause');
    await client.next();
    assert.equal(client.state!.head, report.event + 1);
  });
});

test('a killed child is noticed, reported and recovered to the same event and numbers', async () => {
  await withEngine(async (client) => {
    await client.start(scriptOptions(smallTraining, { goal: { kind: 'event', index: 33 } }));
    await client.setLearningRate(33, 'optimizer', 0, 0.025);
    await client.run({ kind: 'event', index: 57 });
    const weights = await read(client, 57);
    const died = new Promise((resolve) => client.on('died', resolve));
    const lost = client.run({ kind: 'continue' }).catch((error: { code: string }) => error.code);
    process.kill(client.pid!, 'SIGKILL');
    assert.deepEqual((await died) as object, { exitCode: null, signal: 'SIGKILL', stderr: '' });
    assert.equal(await lost, 'engine.died');
    const { head } = client.state!;
    const report = await client.recover();
    assert.equal(report.event, head);
    assert.deepEqual(await read(client, 57), weights);
    assert.deepEqual((await client.event(40)).lr, [0.025]);
    await client.next();
    assert.equal(client.state!.head, head + 1);
  });
});

test('an endless loop without events is stopped', async () => {
  await withEngine(async (client) => {
    const running = client.start(scriptOptions('x = 0\nwhile True:\n    x += 1\n'));
    await nextState(client, ({ status }) => status === 'running');
    await client.stop();
    assert.equal((await running).reason, 'stopped');
    assert.equal((await client.start(scriptOptions(smallTraining))).event, 0);
  });
});

test('deep recursion is the script’s error, not the child’s end', async () => {
  await withEngine(async (client) => {
    const report = await client.start(scriptOptions('def f(n):\n    return f(n + 1)\nf(0)\n'));
    assert.equal(report.reason, 'failed');
    assert.match(report.error!.message, /^RecursionError: maximum recursion depth exceeded/);
    assert.equal(client.state!.status, 'failed');
  });
});

test('an uncaught exception has Python’s words and its line', async () => {
  await withEngine(async (client) => {
    const report = await client.start(scriptOptions('import torch\nx = torch.ones(3)\ny = {}\ny["a"]\n'));
    assert.deepEqual([report.reason, report.error!.message, report.error!.line], ['failed', "KeyError: 'a'", 4]);
  });
});

test('restart begins again with the same numbers', async () => {
  await withEngine(async (client) => {
    await client.start(scriptOptions(smallTraining, { goal: { kind: 'event', index: 24 } }));
    const weights = await read(client, 24);
    await client.restart({ kind: 'event', index: 24 });
    assert.equal(client.state!.head, 24);
    assert.deepEqual(await read(client, 24), weights);
  });
});

test('a change in the past cuts off what came after and goes on from there', async () => {
  await withEngine(async (client) => {
    await client.start(scriptOptions(smallTraining, { goal: { kind: 'event', index: 60 } }));
    const [unchanged, later] = [await read(client, 19), await read(client, 24)];
    await assert.rejects(client.setLearningRate(19, 'optimizer', 0, 0), { code: 'engine.confirm' });
    const report = await client.setLearningRate(19, 'optimizer', 0, 0, true);
    assert.equal(report.event, 19);
    assert.equal(client.state!.head, 19);
    assert.deepEqual(await read(client, 19), unchanged);
    await client.run({ kind: 'event', index: 24 });
    assert.deepEqual(await read(client, 24), unchanged);
    assert.notDeepEqual(later, unchanged);
    const view: EventView = await client.event(19);
    assert.equal(view.edits.length, 1);
  });
});

test('an optimizer refuses a value in PyTorch’s words', async () => {
  await withEngine(async (client) => {
    await client.start(scriptOptions(smallTraining));
    await assert.rejects(client.setLearningRate(0, 'optimizer', 0, -1), /Invalid learning rate: -1/);
  });
});

test('a layer is looked at, in pages', async () => {
  await withEngine(async (client) => {
    await client.start(scriptOptions(smallTraining, { goal: { kind: 'phase', phase: 'forward' } }));
    const { event } = client.state!;
    const layer = event!.tensors.find(({ kind, name }) => kind === 'layer' && name === '1')!;
    assert.deepEqual(layer.shape, [8, 8]);
    assert.equal(event!.layerTypes['1'], 'ReLU');
    const page = await client.readTensor({ event: event!.index, kind: 'layer', name: '1' }, 60, 100);
    assert.equal(page.data.length, 4);
    assert.equal(page.total, 64);
    await assert.rejects(client.readTensor({ event: 0, kind: 'layer', name: '9' }, 0, 1), { code: 'engine.noTensor' });
  });
});

test('a million printed lines neither fill the memory nor lose their order', { timeout: 60_000 }, async () => {
  await withEngine(async (client) => {
    let characters = 0;
    let last = '';
    client.on('output', ({ text }) => {
      characters += text.length;
      last = text;
    });
    const report = await client.start(
      scriptOptions('for i in range(1000000):\n    print(i)\n', { goal: { kind: 'continue' } }),
    );
    assert.equal(report.reason, 'finished');
    assert.equal(characters, 6_888_890);
    assert.match(last, /999999\n$/);
  });
});

test('findings come with numbers, stepping and running', async () => {
  const wrong = smallTraining.replace('        optimizer.zero_grad()\n', '').replace('lr=0.1', 'lr=1e6');
  for (const mode of ['stepping', 'running'] as const) {
    await withEngine(async (client) => {
      await client.start(scriptOptions(wrong, { mode, goal: { kind: 'event', index: 150 } }));
      const checks = client.state!.findings.map(({ check }) => check);
      for (const expected of ['accumulated', 'exploding', 'notFinite'] as const) {
        assert.ok(checks.includes(expected), `${mode}: ${checks.join()} without ${expected}`);
      }
    });
  }
});
