import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PythonError } from '../../../src/common/errors';
import { forecast } from '../../../src/core/lrScheduler/forecast';
import type { Schedule, StateValue } from '../../../src/core/lrScheduler/schedule';
import { createSchedule, scheduleTable } from '../../../src/core/lrScheduler/scheduleTable';
import { createOptimizer, decode, decodeAll, type Encoded } from './fixture';

interface Case {
  name: string;
  optimizer: string;
  args: Record<string, Encoded>;
  steps: number;
  epochs: Encoded;
  metrics: number[] | null;
  optimizerFirst: boolean;
  getLrAfter: number | null;
  initialLrs: number[] | null;
  lrs: number[][];
  last: number[][];
  momenta: (number | null)[][];
  warnings: [number, string][];
  error: [string, string] | null;
  state: Encoded;
}

const { cases } = JSON.parse(readFileSync('test/fixtures/lrScheduleTraces.json', 'utf8')) as { cases: Case[] };

interface Run {
  schedule: Schedule | null;
  lrs: number[][];
  last: number[][];
  momenta: (number | null)[][];
  warnings: [number, string][];
  error: PythonError | null;
}

function run(entry: Case): Run {
  const optimizer = createOptimizer(entry.optimizer);
  entry.initialLrs?.forEach((lr, index) => (optimizer.paramGroups[index]!.initial_lr = lr));
  const result: Run = { schedule: null, lrs: [], last: [], momenta: [], warnings: [], error: null };
  let at = 0;
  const warn = (message: string): void => {
    result.warnings.push([at, message]);
  };
  const record = (schedule: Schedule): void => {
    result.lrs.push(optimizer.paramGroups.map((group) => group.lr));
    result.last.push([...schedule.getLastLr()]);
    result.momenta.push(optimizer.paramGroups.map((group) => group.betas?.[0] ?? group.momentum ?? null));
  };
  try {
    const schedule = createSchedule(entry.name, optimizer, decodeAll(entry.args, optimizer, warn), warn);
    result.schedule = schedule;
    record(schedule);
    const epochs = entry.epochs === null ? null : (decode(entry.epochs, optimizer, warn) as (bigint | number)[]);
    for (let step = 0; step < entry.steps; step += 1) {
      at = step + 1;
      if (entry.optimizerFirst && optimizer.stepTracked) optimizer.stepCalled = true;
      if (entry.metrics) schedule.step({ metrics: entry.metrics[step]! });
      else schedule.step({ epoch: epochs?.[step] ?? null });
      if (entry.getLrAfter === step) schedule.getLr();
      record(schedule);
    }
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    result.error = error;
  }
  return result;
}

for (const name of scheduleTable.keys()) {
  test(`${name} goes the way PyTorch's goes`, () => {
    const chosen = cases.filter((entry) => entry.name === name);
    assert.ok(chosen.length > 1);
    for (const entry of chosen) {
      const label = `${name} ${JSON.stringify(entry.args)}`;
      const got = run(entry);
      assert.deepEqual(got.error && [got.error.exception, got.error.message], entry.error, label);
      assert.deepEqual(got.lrs, entry.lrs, `${label} lr`);
      assert.deepEqual(got.last, entry.last, `${label} get_last_lr()`);
      assert.deepEqual(got.momenta, entry.momenta, `${label} momentum`);
      assert.deepEqual(got.warnings, entry.warnings, `${label} warnings`);
      if (entry.error === null) {
        const state = decode(entry.state, createOptimizer('sgd'), () => undefined);
        assert.deepEqual(got.schedule!.stateDict(), state, `${label} state_dict()`);
      }
    }
  });
}

test('a forecast tells what the steps will do, and changes nothing', () => {
  let told = 0;
  for (const entry of cases) {
    if (entry.metrics || entry.epochs !== null || entry.error || entry.getLrAfter !== null) continue;
    const optimizer = createOptimizer(entry.optimizer);
    entry.initialLrs?.forEach((lr, index) => (optimizer.paramGroups[index]!.initial_lr = lr));
    const ignore = (): void => undefined;
    const schedule = createSchedule(entry.name, optimizer, decodeAll(entry.args, optimizer, ignore), ignore);
    const before = structuredClone([schedule.stateDict(), optimizer.paramGroups]);
    assert.deepEqual(forecast(schedule, entry.steps), entry.lrs.slice(1));
    assert.deepEqual([schedule.stateDict(), optimizer.paramGroups], before);
    told += 1;
  }
  assert.ok(told > 40);
});

test('a forecast knows its limits', () => {
  const ignore = (): void => undefined;
  const create = (name: string, args: Parameters<typeof createSchedule>[2]): Schedule =>
    createSchedule(name, createOptimizer('sgd'), args, ignore);
  assert.equal(forecast(create('ReduceLROnPlateau', {}), 5), null);
  assert.equal(forecast(create('LambdaLR', { lr_lambda: () => 1 }), 5), null);
  assert.equal(forecast(create('OneCycleLR', { max_lr: 0.1, total_steps: 4n }), 10)!.length, 4);
});

test('a state carries over to a new scheduler, children included', () => {
  const ignore = (): void => undefined;
  const make = (): Schedule => {
    const optimizer = createOptimizer('sgd');
    const schedulers = [
      createSchedule('LinearLR', optimizer, {}, ignore),
      createSchedule('CosineAnnealingLR', optimizer, { T_max: 9n }, ignore),
    ];
    return createSchedule('SequentialLR', optimizer, { schedulers, milestones: [4n] }, ignore);
  };
  const first = make();
  for (let step = 0; step < 7; step += 1) first.step();
  const second = make();
  second.loadStateDict(structuredClone(first.stateDict()));
  second.groups.forEach((group, index) => (group.lr = first.groups[index]!.lr));
  for (let step = 0; step < 5; step += 1) {
    first.step();
    second.step();
  }
  assert.deepEqual(second.stateDict(), first.stateDict());
  assert.deepEqual(second.currentLrs(), first.currentLrs());
  const { _schedulers: _, ...incomplete } = first.stateDict() as Record<string, StateValue>;
  assert.throws(() => make().loadStateDict(incomplete), { exception: 'KeyError', message: '_schedulers' });
});

test('arguments are checked as Python checks them', () => {
  const create = (name: string, args: Parameters<typeof createSchedule>[2]): Schedule =>
    createSchedule(name, createOptimizer('sgd'), args, () => undefined);
  assert.throws(() => create('StepLR', {}), {
    exception: 'TypeError',
    message: "StepLR.__init__() missing 1 required positional argument: 'step_size'",
  });
  assert.throws(() => create('CyclicLR', {}), {
    exception: 'TypeError',
    message: "CyclicLR.__init__() missing 2 required positional arguments: 'base_lr' and 'max_lr'",
  });
  assert.throws(() => create('StepLR', { step_size: 3n, verbose: true }), {
    exception: 'TypeError',
    message: "StepLR.__init__() got an unexpected keyword argument 'verbose'",
  });
  const other = create('ExponentialLR', { gamma: 0.9 });
  assert.throws(() => create('ChainedScheduler', { schedulers: [other] }), {
    exception: 'ValueError',
    message:
      'ChainedScheduler expects all schedulers to belong to the same optimizer, but got scheduler ExponentialLR at index 0 has SGD, which is different from SGD.',
  });
});
