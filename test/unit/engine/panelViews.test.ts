import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StateSnapshot, TensorView } from '../../../src/common/engineContract';
import type { EngineClient } from '../../../src/engine/client';
import { scriptOptions, smallTraining, withEngine } from './engineHarness';

/* What the panel shows of an event: norms, deltas, how fresh a value is, the order of the phases, accuracy. */

function view({ event }: StateSnapshot, kind: TensorView['kind'], name: string): TensorView | undefined {
  return event!.tensors.find((tensor) => tensor.kind === kind && tensor.name === name);
}

async function at(client: EngineClient, event: number): Promise<StateSnapshot> {
  if (event <= client.state!.head) return client.moveTo(event);
  await client.run({ kind: 'event', index: event });
  return client.state!;
}

test('norms and deltas are there without being asked for, and say since when', async () => {
  await withEngine(async (client) => {
    await client.start(scriptOptions(smallTraining));
    assert.equal(view(client.state!, 'delta', '0.weight'), undefined);
    const step = await at(client, 4);
    const delta = view(step, 'delta', '0.weight')!;
    assert.equal(delta.since, 4);
    const page = await client.readTensor({ event: 4, kind: 'delta', name: '0.weight' }, 0, 48);
    const norm = Math.hypot(...(page.data as Float64Array));
    assert.ok(norm > 0 && Math.abs(delta.norm! - norm) < 1e-12 * norm);
    const { l2, nan } = await client.statistics({ event: 4, kind: 'delta', name: '0.weight' });
    assert.ok(Math.abs(l2 - norm) < 1e-12 * norm);
    assert.equal(nan, 0);
    const gradient = view(step, 'gradient', '0.weight')!;
    assert.equal(gradient.norm, gradient.statistics!.l2);
    assert.equal(gradient.since, 3);
    assert.equal(view(step, 'parameter', '0.weight')!.since, 4);
    assert.equal(view(step, 'state', '0.weight/momentum_buffer')!.since, 4);

    const later = await at(client, 7);
    assert.equal(view(later, 'parameter', '0.weight')!.since, 4);
    const kept = view(later, 'delta', '0.weight')!;
    assert.deepEqual([kept.norm, kept.since, kept.statistics?.count], [delta.norm, 4, 48]);
    const again = await client.readTensor({ event: 7, kind: 'delta', name: '0.weight' }, 0, 48);
    assert.deepEqual(again.data, page.data);
    assert.equal((await client.back()).cursor, 6);
    assert.equal(view(client.state!, 'delta', '0.weight')!.since, 4);
  });
});

test('without steps there are no deltas', async () => {
  await withEngine(async (client) => {
    await client.start(scriptOptions(smallTraining.replace('        optimizer.step()\n', '')));
    const { event } = await at(client, 9);
    assert.ok(event!.tensors.every(({ kind }) => kind !== 'delta'));
  });
});

test('dropped events keep the deltas that were looked at', async () => {
  await withEngine(async (client) => {
    await client.start(scriptOptions(smallTraining, { byteBudget: 40_000 }));
    const seen = (await at(client, 4)).event!.tensors.find(({ kind }) => kind === 'delta')!;
    await at(client, 60);
    const { dropped, tensors } = await client.event(4);
    assert.ok(dropped);
    const left = tensors.find(({ kind, name }) => kind === 'delta' && name === seen.name)!;
    assert.deepEqual(left, { ...seen, available: false });
    await assert.rejects(client.readTensor({ event: 4, kind: 'delta', name: seen.name }, 0, 1), {
      code: 'timeline.dropped',
    });
  });
});

test('gradients: none, fresh, summed, and set to zero', async () => {
  const source = smallTraining.replace('optimizer.zero_grad()', 'optimizer.zero_grad(set_to_none=i == 0)');
  await withEngine(async (client) => {
    await client.start(scriptOptions(source));
    const states: [number | undefined, number | undefined][] = [];
    for (let event = 0; event < 10; event++) {
      const gradient = view(await at(client, event), 'gradient', '2.bias');
      states.push([gradient?.accumulated, gradient?.since]);
    }
    const none = [undefined, undefined] as [undefined, undefined];
    assert.deepEqual(states, [none, none, none, [1, 3], [1, 3], [0, 5], [0, 5], [0, 5], [1, 8], [1, 8]]);
  });
  await withEngine(async (client) => {
    await client.start(scriptOptions(smallTraining.replace('        optimizer.zero_grad()\n', '')));
    assert.equal(view(await at(client, 10), 'gradient', '2.bias')!.accumulated, 3);
    assert.equal(view(await at(client, 6), 'gradient', '2.bias')!.accumulated, 2);
  });
  const byHand = smallTraining.replace(
    '        optimizer.zero_grad()\n',
    '        for p in net.parameters():\n            if p.grad is not None:\n                p.grad.zero_()\n',
  );
  await withEngine(async (client) => {
    await client.start(scriptOptions(byHand));
    assert.equal(view(await at(client, 10), 'gradient', '2.bias')!.accumulated, 1);
    assert.equal(view(await at(client, 4), 'gradient', '2.bias')!.accumulated, 0);
  });
});

test('the order of the phases, with the place of the cursor', async () => {
  const source = smallTraining
    .replace('for epoch', 'scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)\nfor epoch')
    .replace('    print', '    scheduler.step()\n    print');
  await withEngine(async (client) => {
    await client.start(scriptOptions(source));
    assert.deepEqual(client.state!.pattern, [{ phase: 'zero_grad', line: 13 }]);
    const second = await at(client, 7);
    assert.deepEqual(
      second.pattern.map(({ phase, line }) => `${phase} ${line}`),
      ['zero_grad 13', 'forward 14', 'loss 15', 'backward 16', 'step 17'],
    );
    assert.equal(second.position, 2);
    const epochEnd = await at(client, 15);
    assert.equal(epochEnd.event!.phase, 'scheduler_step');
    assert.equal(epochEnd.position, 5);
    assert.deepEqual(epochEnd.pattern[5], { phase: 'scheduler_step', line: 18, occasional: true });
    assert.equal((await client.moveTo(7)).pattern.length, 5);
  });
});

test('the accuracy is the one of the event, and of the end', async () => {
  const source = smallTraining
    .replace('for epoch in range(50)', 'def accuracy():\n    return 0\nfor epoch in range(3)')
    .replace('    print', '    val_acc = 0.25 * (epoch + 1)\n    print');
  await withEngine(async (client) => {
    await client.start(scriptOptions(source));
    assert.equal(client.state!.accuracy, null);
    assert.equal((await at(client, 15)).accuracy, 0.25);
    assert.equal((await at(client, 30)).accuracy, 0.5);
    assert.equal((await client.moveTo(20)).accuracy, 0.25);
    await client.run({ kind: 'continue' });
    assert.equal(client.state!.status, 'finished');
    assert.equal(client.state!.accuracy, 0.75);
  });
});

test('a seed counts where the script sets none', async () => {
  const draws = 'import torch\nprint(torch.rand(3))\n';
  const printed = (source: string, seed?: number): Promise<string> =>
    withEngine(async (client) => {
      let text = '';
      client.on('output', (output) => (text += output.text));
      await client.start(scriptOptions(source, { goal: { kind: 'continue' }, ...(seed !== undefined && { seed }) }));
      return text;
    });
  // torch.manual_seed(7); torch.rand(3)
  assert.equal(await printed(draws, 7), 'tensor([0.5349, 0.1988, 0.6592])\n');
  const own = draws.replace('print', 'torch.manual_seed(7)\nprint');
  assert.equal(await printed(own, 3), 'tensor([0.5349, 0.1988, 0.6592])\n');
  assert.notEqual(await printed(draws), await printed(draws, 7));
});

test('the classes of the data set behind a loader and a subset are named, in the end as well', async () => {
  const source = `from torch.utils.data import DataLoader, Dataset, Subset
${smallTraining.replace('range(50)', 'range(1)')}`;
  const data = `class Animals(Dataset):
    def __init__(self):
        self.classes = ['cat', 'dog', 'hen']
    def __len__(self):
        return 3
loader = DataLoader(Subset(Animals(), [0, 1]))
`;
  await withEngine(async (client) => {
    await client.start(scriptOptions(source));
    assert.equal('classNames' in client.state!, false);
    await client.start(scriptOptions(source.replace('import torch\n', `import torch\n${data}`)));
    assert.deepEqual(client.state!.classNames, ['cat', 'dog', 'hen']);
    await client.run({ kind: 'continue' });
    assert.equal(client.state!.status, 'finished');
    assert.deepEqual(client.state!.classNames, ['cat', 'dog', 'hen']);
  });
});
