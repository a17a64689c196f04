import { PythonError } from '../../common/errors';
import { Schedule, type ScheduledOptimizer } from './schedule';

/**
 * The learning rates that the next calls of `step()` would set: one list for each step, one value for each parameter
 * group. Neither the scheduler nor its optimizer changes. The list is shorter than asked where the schedule ends.
 * @returns null when the future can't be told: it hangs on a metric, or on functions of the script (`lr_lambda`,
 * `scale_fn`) that do more than compute
 */
export function forecast(schedule: Schedule, steps: number): number[][] | null {
  if (!isForeseeable(schedule)) return null;
  const optimizer: ScheduledOptimizer = {
    name: schedule.optimizer.name,
    defaults: schedule.optimizer.defaults,
    paramGroups: schedule.optimizer.paramGroups.map((group) => ({ ...group })),
    stepTracked: true,
    stepCalled: true,
  };
  const copy = copySchedule(schedule, optimizer);
  const lrs: number[][] = [];
  for (let step = 0; step < steps; step += 1) {
    try {
      copy.step();
    } catch (error) {
      if (error instanceof PythonError) break;
      throw error;
    }
    lrs.push(copy.currentLrs());
  }
  return lrs;
}

function isForeseeable({ row, functions, children }: Schedule): boolean {
  if (row.name === 'ReduceLROnPlateau') return false;
  return functions.every(({ pure }) => pure === true) && children.every(isForeseeable);
}

/** Attributes are replaced and never written into, so that the copy can share their values. */
function copySchedule(schedule: Schedule, optimizer: ScheduledOptimizer): Schedule {
  const copy = new Schedule(schedule.row, optimizer, () => undefined);
  copy.state = { ...schedule.state };
  copy.functions = schedule.functions;
  copy.children = schedule.children.map((child) => copySchedule(child, optimizer));
  return copy;
}
