import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScheduleView } from '../../../src/common/engineContract';
import { scriptOptions, smallTraining, withEngine } from './engineHarness';

/** The loop with a scheduler that steps after each epoch of three iterations: at the events 15, 31, ... */
function scheduled(construction: string, step = 'scheduler.step()'): string {
  return smallTraining
    .replace('for epoch', `${construction}\nfor epoch`)
    .replace('    print', `    ${step}\n    print`);
}

const named = 'scheduler = torch.optim.lr_scheduler.';

function schedulesAt(source: string, event: number): Promise<ScheduleView[]> {
  return withEngine(async (client) => {
    const { error } = await client.start(
      scriptOptions(source, { mode: 'running', goal: { kind: 'event', index: event + 20 } }),
    );
    assert.equal(error, null);
    return client.schedules(event);
  });
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((rate, i) => assert.ok(Math.abs(rate - expected[i]!) <= 1e-12, `${i}: ${rate}, not ${expected[i]}`));
}

test('StepLR: what was, what will be, and when it changes', async () => {
  const source = scheduled(`${named}StepLR(optimizer, step_size=4, gamma=0.5)`);
  const [view, ...others] = await schedulesAt(source, 15 + 16 * 4);
  assert.equal(others.length, 0);
  const { optimizer, group, scheduler, type, settings, past, future, nextChange } = view!;
  assert.deepEqual([optimizer, group, scheduler, type], ['optimizer', 0, 'scheduler', 'StepLR']);
  assert.deepEqual(settings, { step_size: 4n, gamma: 0.5 });
  assertClose(past, [0.1, 0.1, 0.1, 0.1, 0.05, 0.05]);
  assertClose(future.slice(0, 8), [0.05, 0.05, 0.025, 0.025, 0.025, 0.025, 0.0125, 0.0125]);
  assert.ok(future.length >= 30);
  assert.deepEqual(nextChange, { inSteps: 3, from: 0.05, to: 0.025 });
});

test('asking about the past changes nothing in the present', async () => {
  const source = scheduled(`${named}StepLR(optimizer, step_size=2, gamma=0.1)`);
  await withEngine(async (client) => {
    await client.start(scriptOptions(source, { goal: { kind: 'event', index: 15 + 16 * 3 } }));
    const now = await client.schedules(client.state!.head);
    const early = await client.schedules(3);
    assert.deepEqual(early[0]!.past, [0.1]);
    assert.equal(early[0]!.nextChange?.inSteps, 2);
    assert.deepEqual(await client.schedules(client.state!.head), now);
    assertClose(now[0]!.past, [0.1, 0.1, 0.01, 0.01, 0.001]);
    await client.run({ kind: 'event', index: 15 + 16 * 5 });
    assertClose(client.state!.event!.lr, [0.0001]);
    // What was foreseen has happened.
    assertClose(now[0]!.future.slice(0, 2), [0.001, 0.0001]);
  });
});

test('a far change is found, a farther one is not', async () => {
  const at = async (steps: number): Promise<ScheduleView> =>
    (await schedulesAt(scheduled(`${named}StepLR(optimizer, ${steps}, 0.5)`), 4))[0]!;
  assert.deepEqual((await at(9000)).nextChange, { inSteps: 9000, from: 0.1, to: 0.05 });
  assert.equal((await at(9000)).future.length, 1000);
  assert.equal((await at(11_000)).nextChange, null);
});

test('a rate that a person has set is what the future starts from', async () => {
  const source = scheduled(`${named}StepLR(optimizer, step_size=1, gamma=0.5)`);
  await withEngine(async (client) => {
    await client.start(scriptOptions(source, { goal: { kind: 'event', index: 15 } }));
    await client.setLearningRate(15, 'optimizer', 0, 0.8);
    assert.deepEqual((await client.schedules(15))[0]!.nextChange, { inSteps: 1, from: 0.8, to: 0.4 });
  });
});

test('functions of the script that only compute tell the future', async () => {
  const lambda = scheduled(`${named}LambdaLR(optimizer, lambda epoch: 0.9 ** epoch)`);
  const [decay] = await schedulesAt(lambda, 15);
  assertClose(decay!.past, [0.1, 0.09]);
  assertClose(decay!.future.slice(0, 3), [0.081, 0.0729, 0.06561]);
  const warmup = `import math
steps = 4
def factor(epoch):
    if epoch < steps:
        return (epoch + 1) / steps
    progress = min(1.0, (epoch - steps) / 10)
    return 0.5 * (1 + math.cos(math.pi * progress))
${named}LambdaLR(optimizer, lr_lambda=[factor])`;
  await withEngine(async (client) => {
    await client.start(scriptOptions(scheduled(warmup), { goal: { kind: 'event', index: 15 } }));
    const [view] = await client.schedules(client.state!.head);
    assertClose(view!.past, [0.025, 0.05]);
    await client.run({ kind: 'event', index: 15 + 16 * 5 });
    const [later] = await client.schedules(client.state!.head);
    // What was foreseen has happened.
    assertClose(later!.past.slice(2), view!.future.slice(0, later!.past.length - 2));
    assert.deepEqual(view!.nextChange, { inSteps: 1, from: 0.05, to: 0.1 * 0.75 });
  });
  const product = scheduled(`${named}MultiplicativeLR(optimizer, lambda epoch: 0.5 if epoch % 2 == 0 else 1.0)`);
  const [multiplied] = await schedulesAt(product, 15);
  assertClose(multiplied!.future.slice(0, 4), [0.05, 0.05, 0.025, 0.025]);
});

test('what hangs on a metric or on the script has no future', async () => {
  const plateau = scheduled(`${named}ReduceLROnPlateau(optimizer, factor=0.5, patience=0)`, 'scheduler.step(1.0)');
  const [watched] = await schedulesAt(plateau, 15 + 16);
  assert.deepEqual([watched!.future, watched!.nextChange], [[], null]);
  assertClose(watched!.past, [0.1, 0.1, 0.05]);
  assert.equal(watched!.settings['factor'], 0.5);
  for (const lambda of ['lambda epoch: seen.append(epoch) or 0.9 ** epoch', 'lambda epoch: float(print(epoch) or 1)']) {
    const [view] = await schedulesAt(scheduled(`seen = []\n${named}LambdaLR(optimizer, ${lambda})`), 15);
    assert.deepEqual(view!.future, [], lambda);
    assert.equal(view!.past.length, 2);
  }
  const own =
    'class Own(torch.optim.lr_scheduler.LRScheduler):\n    def get_lr(self):\n        return [0.2]\nscheduler = Own(optimizer)';
  const [derived] = await schedulesAt(scheduled(own), 15);
  assert.deepEqual([derived!.type, derived!.future], ['Own', []]);
});

test('no scheduler: the rate alone', async () => {
  const [view] = await schedulesAt(smallTraining, 6);
  assert.deepEqual(view, {
    optimizer: 'optimizer',
    group: 0,
    scheduler: null,
    type: null,
    settings: {},
    past: [0.1],
    future: [],
    nextChange: null,
  });
});

test('groups have rates of their own, and milestones are a list', async () => {
  const source = scheduled(`${named}MultiStepLR(optimizer, milestones=[1, 3, 3], gamma=0.1)`).replace(
    'net.parameters(), lr=0.1',
    '[{"params": net[0].parameters(), "lr": 1}, {"params": net[2].parameters()}], lr=0.1',
  );
  const views = await schedulesAt(source, 15);
  assert.deepEqual(
    views.map(({ group }) => group),
    [0, 1],
  );
  assert.deepEqual(views[0]!.settings['milestones'], [1n, 3n, 3n]);
  assertClose(views[0]!.past, [1, 0.1]);
  assertClose(views[1]!.past, [0.1, 0.01]);
  assertClose(views[1]!.future.slice(0, 3), [0.01, 0.0001, 0.0001]);
  assert.equal(views[1]!.nextChange?.inSteps, 2);
});

/** PyTorch 2.13.0: before the first step of the scheduler below, and after the first five. */
const sequentialRates = [0.05, 0.05, 0.1, 0.1, 0.09000000000000001, 0.08100000000000002];

test('a scheduler made of others is shown, not its parts', async () => {
  const source = scheduled(
    `first = torch.optim.lr_scheduler.ConstantLR(optimizer, 0.5, total_iters=2)
second = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
${named}SequentialLR(optimizer, [first, second], milestones=[3])`,
  );
  const [view, ...others] = await schedulesAt(source, 15);
  assert.equal(others.length, 0);
  assert.equal(view!.type, 'SequentialLR');
  assert.deepEqual(view!.settings['milestones'], [3n]);
  assertClose(view!.past, sequentialRates.slice(0, 2));
  assertClose(view!.future.slice(0, 4), sequentialRates.slice(2));
});

test('two schedulers that both step: the last is shown, and the future is unknown', async () => {
  const source = scheduled(
    `other = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)\n${named}StepLR(optimizer, 1, 0.1)`,
    'scheduler.step(); other.step()',
  );
  const [view] = await schedulesAt(source, 16 + 17);
  assert.deepEqual([view!.scheduler, view!.future], ['other', []]);
  const [before] = await schedulesAt(source, 3);
  assert.equal(before!.scheduler, 'scheduler');
});
