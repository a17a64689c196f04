/* The schedulers that multiply the current learning rate, each with its closed form where PyTorch has one. */
import { PythonError } from '../../common/errors';
import { preciseCos, precisePow } from '../../common/preciseMath';
import { pythonTypeName } from '../tensor/pythonText';
import type {
  Schedule,
  ScheduleArguments,
  ScheduleFunction,
  ScheduleParameter,
  ScheduleRow,
  StateValue,
} from './schedule';

export const lastEpochParameter: ScheduleParameter = { name: 'last_epoch', default: -1n };

/** Keeps constructor arguments as attributes of the same names. */
function keep(...names: string[]): (schedule: Schedule, args: ScheduleArguments) => void {
  return (schedule, args) => {
    for (const name of names) schedule.state[name] = args[name] as StateValue;
  };
}

/** Division as Python does it: by zero it raises. */
export function divide(dividend: number, divisor: number, message = 'float division by zero'): number {
  if (divisor === 0) throw new PythonError('ZeroDivisionError', message);
  return dividend / divisor;
}

function scaled(schedule: Schedule, factor: number): number[] {
  return schedule.groups.map((group) => group.lr * factor);
}

/** Whether `dividend % divisor == 0`. */
function divides(divisor: number, dividend: number): boolean {
  if (divisor === 0) throw new PythonError('ZeroDivisionError', 'integer modulo by zero');
  return dividend % divisor === 0;
}

function prepareFunctions(schedule: Schedule, args: ScheduleArguments): void {
  const given = args['lr_lambda'];
  const count = schedule.groups.length;
  if (Array.isArray(given)) {
    if (given.length !== count) {
      throw new PythonError('ValueError', `Expected ${String(count)} lr_lambdas, but got ${String(given.length)}`);
    }
    schedule.functions = given as readonly ScheduleFunction[];
  } else {
    schedule.functions = Array.from({ length: count }, () => given as ScheduleFunction);
  }
}

const functionState = (schedule: Schedule) => ({ lr_lambdas: schedule.functions.map(() => null) });

function factorOf(schedule: Schedule, group: number): number {
  const factor: unknown = schedule.functions[group];
  if (typeof factor !== 'function') {
    throw new PythonError('TypeError', `'${pythonTypeName(factor)}' object is not callable`);
  }
  return schedule.functions[group]!(schedule.state['last_epoch'] as bigint);
}

function milestonesOf(schedule: Schedule): ReadonlyMap<bigint, bigint> {
  return schedule.state['milestones'] as ReadonlyMap<bigint, bigint>;
}

export const decayRows: readonly ScheduleRow[] = [
  {
    name: 'LambdaLR',
    parameters: [{ name: 'lr_lambda' }, lastEpochParameter],
    prepare: prepareFunctions,
    getLr: (schedule) => schedule.baseLrs.map((base, group) => base * factorOf(schedule, group)),
    extraState: functionState,
  },
  {
    name: 'MultiplicativeLR',
    parameters: [{ name: 'lr_lambda' }, lastEpochParameter],
    prepare: (schedule, args) => {
      prepareFunctions(schedule, args);
      const wrong: unknown = schedule.functions.find((factor) => typeof factor !== 'function');
      if (wrong !== undefined) {
        throw new PythonError('TypeError', `lr_lambda should be a function, but got ${pythonTypeName(wrong)}`);
      }
    },
    getLr: (schedule) =>
      schedule.state['_is_initial'] === true
        ? schedule.currentLrs()
        : schedule.groups.map((group, index) => group.lr * factorOf(schedule, index)),
    extraState: functionState,
  },
  {
    name: 'StepLR',
    parameters: [{ name: 'step_size' }, { name: 'gamma', default: 0.1 }, lastEpochParameter],
    prepare: keep('step_size', 'gamma'),
    getLr: (schedule) =>
      schedule.epoch === 0 || !divides(schedule.number('step_size'), schedule.epoch)
        ? schedule.currentLrs()
        : scaled(schedule, schedule.number('gamma')),
    closedForm: (schedule) => {
      const steps = Math.floor(
        divide(schedule.epoch, schedule.number('step_size'), 'integer division or modulo by zero'),
      );
      return schedule.baseLrs.map((base) => base * precisePow(schedule.number('gamma'), steps));
    },
  },
  {
    name: 'MultiStepLR',
    parameters: [{ name: 'milestones' }, { name: 'gamma', default: 0.1 }, lastEpochParameter],
    prepare: (schedule, args) => {
      const counts = new Map<bigint, bigint>();
      for (const milestone of args['milestones'] as readonly bigint[]) {
        counts.set(milestone, (counts.get(milestone) ?? 0n) + 1n);
      }
      schedule.state['milestones'] = counts;
      schedule.state['gamma'] = args['gamma'] as StateValue;
    },
    getLr: (schedule) => {
      const count = milestonesOf(schedule).get(BigInt(schedule.epoch));
      return count === undefined
        ? schedule.currentLrs()
        : scaled(schedule, precisePow(schedule.number('gamma'), Number(count)));
    },
    closedForm: (schedule) => {
      let passed = 0;
      for (const [milestone, count] of milestonesOf(schedule)) {
        if (Number(milestone) <= schedule.epoch) passed += Number(count);
      }
      return schedule.baseLrs.map((base) => base * precisePow(schedule.number('gamma'), passed));
    },
  },
  {
    name: 'ConstantLR',
    parameters: [{ name: 'factor', default: 1 / 3 }, { name: 'total_iters', default: 5n }, lastEpochParameter],
    prepare: (schedule, args) => {
      const factor = Number(args['factor']);
      if (factor > 1 || factor < 0) {
        throw new PythonError('ValueError', 'Constant multiplicative factor expected to be between 0 and 1.');
      }
      keep('factor', 'total_iters')(schedule, args);
    },
    getLr: (schedule) => {
      if (schedule.epoch === 0) return scaled(schedule, schedule.number('factor'));
      if (schedule.epoch !== schedule.number('total_iters')) return schedule.currentLrs();
      return scaled(schedule, divide(1, schedule.number('factor')));
    },
    closedForm: (schedule) => {
      const factor = schedule.number('factor');
      const over = schedule.epoch >= schedule.number('total_iters') ? 1 : 0;
      return schedule.baseLrs.map((base) => base * (factor + over * (1 - factor)));
    },
  },
  {
    name: 'LinearLR',
    parameters: [
      { name: 'start_factor', default: 1 / 3 },
      { name: 'end_factor', default: 1 },
      { name: 'total_iters', default: 5n },
      lastEpochParameter,
    ],
    prepare: (schedule, args) => {
      const start = Number(args['start_factor']);
      const end = Number(args['end_factor']);
      if (start > 1 || start <= 0) {
        throw new PythonError(
          'ValueError',
          'Starting multiplicative factor expected to be greater than 0 and less or equal to 1.',
        );
      }
      if (end > 1 || end < 0) {
        throw new PythonError('ValueError', 'Ending multiplicative factor expected to be between 0 and 1.');
      }
      keep('start_factor', 'end_factor', 'total_iters')(schedule, args);
    },
    getLr: (schedule) => {
      const start = schedule.number('start_factor');
      const span = schedule.number('end_factor') - start;
      const total = schedule.number('total_iters');
      if (schedule.epoch === 0) return scaled(schedule, start);
      if (schedule.state['_is_initial'] === true || schedule.epoch > total) return schedule.currentLrs();
      return scaled(schedule, 1 + divide(span, total * start + (schedule.epoch - 1) * span));
    },
    closedForm: (schedule) => {
      const start = schedule.number('start_factor');
      const span = schedule.number('end_factor') - start;
      const total = schedule.number('total_iters');
      return schedule.baseLrs.map((base) => base * (start + divide(span * Math.min(total, schedule.epoch), total)));
    },
  },
  {
    name: 'ExponentialLR',
    parameters: [{ name: 'gamma' }, lastEpochParameter],
    prepare: keep('gamma'),
    getLr: (schedule) =>
      schedule.state['_is_initial'] === true ? schedule.currentLrs() : scaled(schedule, schedule.number('gamma')),
    closedForm: (schedule) =>
      schedule.baseLrs.map((base) => base * precisePow(schedule.number('gamma'), schedule.epoch)),
  },
  {
    name: 'PolynomialLR',
    parameters: [{ name: 'total_iters', default: 5n }, { name: 'power', default: 1 }, lastEpochParameter],
    prepare: keep('total_iters', 'power'),
    getLr: (schedule) => {
      const total = schedule.number('total_iters');
      const { epoch } = schedule;
      if (schedule.state['_is_initial'] === true || epoch > total) return schedule.currentLrs();
      const ratio = divide(
        1 - divide(epoch, total, 'division by zero'),
        1 - divide(epoch - 1, total, 'division by zero'),
      );
      return scaled(schedule, precisePow(ratio, schedule.number('power')));
    },
    closedForm: (schedule) => {
      const total = schedule.number('total_iters');
      const rest = 1 - divide(Math.min(total, schedule.epoch), total, 'division by zero');
      return schedule.baseLrs.map((base) => base * precisePow(rest, schedule.number('power')));
    },
  },
  {
    name: 'CosineAnnealingLR',
    parameters: [{ name: 'T_max' }, { name: 'eta_min', default: 0 }, lastEpochParameter],
    prepare: keep('T_max', 'eta_min'),
    getLr: (schedule) => {
      const period = schedule.number('T_max');
      const floor = schedule.number('eta_min');
      const { epoch } = schedule;
      if (schedule.state['_is_initial'] === true) return schedule.currentLrs();
      if (schedule.state['_step_count'] === 1n && epoch > 0) return cosineClosedForm(schedule);
      if (divides(2 * period, epoch - 1 - period)) {
        const rise = 1 - preciseCos(divide(Math.PI, period));
        return schedule.groups.map((group, index) => group.lr + ((schedule.baseLrs[index]! - floor) * rise) / 2);
      }
      const ratio = divide(
        1 + preciseCos(divide(Math.PI * epoch, period)),
        1 + preciseCos(divide(Math.PI * (epoch - 1), period)),
      );
      return schedule.groups.map((group) => ratio * (group.lr - floor) + floor);
    },
    closedForm: cosineClosedForm,
  },
];

function cosineClosedForm(schedule: Schedule): number[] {
  const floor = schedule.number('eta_min');
  const height = 1 + preciseCos(divide(Math.PI * schedule.epoch, schedule.number('T_max')));
  return schedule.baseLrs.map((base) => floor + ((base - floor) * height) / 2);
}
