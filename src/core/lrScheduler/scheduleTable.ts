import { GradstepError, PythonError } from '../../common/errors';
import { compositeRows } from './compositeRows';
import { cycleRows } from './cycleRows';
import { decayRows } from './decayRows';
import { plateauRow } from './plateauRow';
import {
  initializeCommon,
  Schedule,
  type ScheduleArguments,
  type ScheduledOptimizer,
  type ScheduleRow,
  type Warn,
} from './schedule';

const rows = [...decayRows, ...cycleRows, ...compositeRows, plateauRow];

/** Every scheduler of `torch.optim.lr_scheduler`, by its class name. */
export const scheduleTable: ReadonlyMap<string, ScheduleRow> = new Map(rows.map((row) => [row.name, row]));

if (scheduleTable.size !== rows.length) {
  throw new GradstepError('A scheduler stands twice in the table.', {
    code: 'lrScheduler.duplicate',
    audience: 'maintainer',
  });
}

/**
 * What `torch.optim.lr_scheduler.NAME(optimizer, **args)` does, its effects on the optimizer included.
 * @param args by Python's parameter names; what is left out takes its default
 * @throws PythonError what PyTorch raises for these arguments; TypeError for a missing or an unknown one
 */
export function createSchedule(
  name: string,
  optimizer: ScheduledOptimizer,
  args: ScheduleArguments,
  warn: Warn,
): Schedule {
  const row = scheduleTable.get(name);
  if (!row) throw new PythonError('AttributeError', `module 'torch.optim.lr_scheduler' has no attribute '${name}'`);
  const complete = completeArguments(row, args);
  const schedule = new Schedule(row, optimizer, warn);
  row.prepare(schedule, complete);
  (row.initialize ?? initializeCommon)(schedule, complete);
  row.afterInitialize?.(schedule, complete);
  return schedule;
}

function completeArguments(row: ScheduleRow, args: ScheduleArguments): ScheduleArguments {
  for (const given of Object.keys(args)) {
    if (!row.parameters.some((parameter) => parameter.name === given)) {
      throw new PythonError('TypeError', `${row.name}.__init__() got an unexpected keyword argument '${given}'`);
    }
  }
  const missing = row.parameters
    .filter((parameter) => parameter.default === undefined && args[parameter.name] === undefined)
    .map((parameter) => `'${parameter.name}'`);
  if (missing.length > 0) {
    const last = missing.at(-1)!;
    const earlier = missing.slice(0, -1).join(', ');
    const list = earlier === '' ? last : `${earlier}${missing.length > 2 ? ',' : ''} and ${last}`;
    throw new PythonError(
      'TypeError',
      `${row.name}.__init__() missing ${String(missing.length)} required positional argument${missing.length > 1 ? 's' : ''}: ${list}`,
    );
  }
  return Object.fromEntries(
    row.parameters.map(({ name, default: fallback }) => [name, args[name] === undefined ? fallback : args[name]]),
  );
}
