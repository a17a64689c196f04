import { PythonError } from '../../common/errors';
import { Schedule, type ScheduledOptimizer } from './schedule';

/**
 * The learning rates that the next calls of `step()` would set: one list for each step, one value for each parameter
 * group. Neither the scheduler nor its optimizer changes. The list is shorter than asked where the schedule ends.
 * Functions of the script (`lr_lambda`, `scale_fn`) that only compute are called for it.
 * @param options.callFunctions whether the others may be called too
 * @returns null when the future can't be told: it hangs on a metric, or on functions that may not be called
 */
export function forecast(
  schedule: Schedule,
  steps: number,
  options: { callFunctions: boolean } = { callFunctions: false },
): number[][] | null {
  if (!isForeseeable(schedule, options.callFunctions)) return null;
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

function isForeseeable(schedule: Schedule, callFunctions: boolean): boolean {
  if (schedule.row.name === 'ReduceLROnPlateau') return false;
  if (!callFunctions && schedule.functions.some(({ pure }) => pure !== true)) return false;
  return schedule.children.every((child) => isForeseeable(child, callFunctions));
}

/** Attributes are replaced and never written into, so that the copy can share their values. */
function copySchedule(schedule: Schedule, optimizer: ScheduledOptimizer): Schedule {
  const copy = new Schedule(schedule.row, optimizer, () => undefined);
  copy.state = { ...schedule.state };
  copy.functions = schedule.functions;
  copy.children = schedule.children.map((child) => copySchedule(child, optimizer));
  return copy;
}
