import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineClient } from '../../../src/engine/client';
import { scriptOptions, smallTraining, withEngine } from './engineHarness';

async function element(
  client: EngineClient,
  event: number,
  kind: 'parameter' | 'gradient',
  name: string,
  index: number,
) {
  const page = await client.readTensor({ event, kind, name }, index, 1);
  return Number(page.data[0]);
}

/** The script with another optimizer. */
function withOptimizer(construction: string): string {
  return smallTraining.replace('torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)', construction);
}

const optimizers = [
  'torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, dampening=0.2, weight_decay=0.01)',
  'torch.optim.SGD([{"params": [net[0].weight], "lr": 0.5}, {"params": [net[0].bias, *net[2].parameters()]}], lr=0.1)',
  'torch.optim.Adam(net.parameters(), lr=0.01, amsgrad=True)',
  'torch.optim.AdamW(net.parameters(), lr=0.01)',
  'torch.optim.RMSprop(net.parameters(), lr=0.01, momentum=0.5, centered=True)',
  'torch.optim.Adagrad(net.parameters(), lr=0.1, initial_accumulator_value=0.1)',
];

for (const construction of optimizers) {
  for (const mode of ['stepping', 'running'] as const) {
    test(`the lines lead from before to after: ${construction}, ${mode}`, async () => {
      await withEngine(async (client) => {
        await client.start(scriptOptions(withOptimizer(construction), { mode, goal: { kind: 'event', index: 15 } }));
        for (const event of [4, 9, 14]) {
          for (const [name, index] of [
            ['0.weight', 7],
            ['2.bias', 2],
          ] as const) {
            const explained = await client.explain(event, name, index);
            assert.equal(explained.before, await element(client, event - 1, 'parameter', name, index));
            assert.equal(explained.after, await element(client, event, 'parameter', name, index));
            assert.equal(explained.gradient, await element(client, event, 'gradient', name, index));
            assert.equal(explained.type, construction.slice(12, construction.indexOf('(')));
            assert.equal(explained.optimizer, 'optimizer');
            assert.notEqual(explained.after, explained.before);
            const { value } = explained.lines.at(-1)!;
            assert.ok(
              Math.abs(value - explained.after) <= 2 ** -22 * Math.max(Math.abs(value), 0.1),
              `${event} ${name}`,
            );
          }
        }
      });
    });
  }
}

test('a change made right after the step is no part of it', async () => {
  await withEngine(async (client) => {
    await client.start(scriptOptions(smallTraining, { goal: { kind: 'event', index: 9 } }));
    const before = await client.explain(9, '0.weight', 3);
    await client.setLearningRate(9, 'optimizer', 0, 5);
    await client.setValue(9, { kind: 'element', parameter: '0.weight', index: 3, value: 9 });
    assert.deepEqual(await client.explain(9, '0.weight', 3), before);
    await client.run({ kind: 'event', index: 14 });
    const next = await client.explain(14, '0.weight', 3);
    assert.equal(next.before, 9);
    assert.match(next.lines.at(-1)!.substituted, /^9 - 5 \* /);
  });
});

test('a parameter without a gradient has no lines; what is no step of a known optimizer is refused', async () => {
  const source = smallTraining
    .replace('optimizer =', 'extra = nn.Linear(1, 1)\noptimizer =')
    .replace('net.parameters()', 'list(net.parameters()) + list(extra.parameters())');
  await withEngine(async (client) => {
    await client.start(scriptOptions(source, { goal: { kind: 'event', index: 5 } }));
    const { event } = client.state!;
    const name = event!.tensors.find(({ kind, shape }) => kind === 'parameter' && shape.join() === '1')!.name;
    const idle = await client.explain(4, name, 0);
    assert.deepEqual([idle.gradient, idle.lines], [null, []]);
    assert.equal(idle.after, idle.before);
    await assert.rejects(client.explain(3, '0.weight', 0), { code: 'explain.phase' });
    await assert.rejects(client.explain(4, 'nothing', 0), { code: 'explain.parameter' });
    await assert.rejects(client.explain(4, '0.weight', 48), { code: 'explain.index' });
    await assert.rejects(client.explain(99, '0.weight', 0), { code: 'timeline.range' });
  });
  const custom = withOptimizer('Own(net.parameters(), lr=0.1)').replace(
    'optimizer =',
    'class Own(torch.optim.SGD):\n    pass\noptimizer =',
  );
  await withEngine(async (client) => {
    await client.start(scriptOptions(custom, { goal: { kind: 'phase', phase: 'step' } }));
    await assert.rejects(client.explain(4, '0.weight', 0), { code: 'explain.optimizer' });
  });
});

test('histograms of whole tensors, deltas among them', async () => {
  await withEngine(async (client) => {
    await client.start(scriptOptions(smallTraining, { goal: { kind: 'event', index: 4 } }));
    for (const kind of ['parameter', 'gradient', 'delta'] as const) {
      const { counts, zeros } = await client.histogram({ event: 4, kind, name: '0.weight' }, 30);
      assert.equal(
        counts.reduce((sum, count) => sum + count, zeros),
        48,
      );
    }
  });
});
