import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ScheduleArguments } from '../../../src/core/lrScheduler/schedule';
import { createSchedule } from '../../../src/core/lrScheduler/scheduleTable';
import { createOptimizer } from './fixture';

interface Anchor {
  scheduler: string;
  lr0: number;
  get_last_lr_before_each_step: number[];
  recursive_form_float64: number[];
}

const { cases } = JSON.parse(readFileSync('test/fixtures/lrSchedules.json', 'utf8')) as { cases: Anchor[] };

const stepLr: [string, ScheduleArguments] = ['StepLR', { step_size: 3n, gamma: 0.1 }];
const multiStepLr: [string, ScheduleArguments] = ['MultiStepLR', { milestones: [2n, 5n, 9n], gamma: 0.1 }];
const cosineLr: [string, ScheduleArguments] = ['CosineAnnealingLR', { T_max: 10n, eta_min: 1e-10 }];

/** The schedulers of each anchor, in the order in which they are stepped. */
const schedulers: Record<string, [string, ScheduleArguments][]> = {
  'StepLR(step_size=3,gamma=0.1)': [stepLr],
  'MultiStepLR([2,5,9],0.1)': [multiStepLr],
  'ExponentialLR(0.9)': [['ExponentialLR', { gamma: 0.9 }]],
  'CosineAnnealingLR(T_max=10,eta_min=1e-10)': [cosineLr],
  '[StepLR(3,.1),MultiStepLR([2,5,9],.1)]': [stepLr, multiStepLr],
  '[StepLR(3,.1),ExponentialLR(.9)]': [stepLr, ['ExponentialLR', { gamma: 0.9 }]],
  '[MultiStepLR([2,5,9],.1),ExponentialLR(.9)]': [multiStepLr, ['ExponentialLR', { gamma: 0.9 }]],
  '[CosineAnnealingLR(10,1e-10),StepLR(3,.1)]': [cosineLr, stepLr],
  '[CosineAnnealingLR(10,1e-10),MultiStepLR([2,5,9],.1)]': [cosineLr, multiStepLr],
  '[CosineAnnealingLR(10,1e-10),ExponentialLR(.1)]': [cosineLr, ['ExponentialLR', { gamma: 0.1 }]],
  'ConstantLR(factor=0.5,total_iters=4)': [['ConstantLR', { factor: 0.5, total_iters: 4n }]],
  'LinearLR(start_factor=0.5,total_iters=4)': [['LinearLR', { start_factor: 0.5, total_iters: 4n }]],
  'PolynomialLR(total_iters=4,power=1.0)': [['PolynomialLR', { total_iters: 4n, power: 1 }]],
};

test("the published schedules of PyTorch's own tests", () => {
  assert.equal(cases.length, 13);
  for (const anchor of cases) {
    const optimizer = createOptimizer('sgd');
    const running = schedulers[anchor.scheduler]!.map(([name, args]) =>
      createSchedule(name, optimizer, args, () => undefined),
    );
    anchor.recursive_form_float64.forEach((expected, step) => {
      const { lr } = optimizer.paramGroups[0]!;
      assert.ok(
        Math.abs(lr - expected) <= 1e-9 * Math.abs(expected),
        `${anchor.scheduler}, step ${String(step)}: ${String(lr)} is not ${String(expected)}`,
      );
      for (const schedule of running) schedule.step();
    });
  }
});
