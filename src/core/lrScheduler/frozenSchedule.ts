import {
  Schedule,
  type ScheduledOptimizer,
  type ScheduleFunction,
  type ScheduleRow,
  type ScheduleState,
} from './schedule';

/** A scheduler as it was at one time. */
export interface FrozenSchedule {
  readonly row: ScheduleRow;
  readonly state: Readonly<ScheduleState>;
  readonly functions: readonly ScheduleFunction[];
  readonly children: readonly FrozenSchedule[];
}

/** Attributes are replaced and never written into: their values can be shared. */
export function freezeSchedule({ row, state, functions, children }: Schedule): FrozenSchedule {
  return { row, state: { ...state }, functions, children: children.map(freezeSchedule) };
}

/** A scheduler of its own in that state, on another optimizer. */
export function thawSchedule(frozen: FrozenSchedule, optimizer: ScheduledOptimizer): Schedule {
  const schedule = new Schedule(frozen.row, optimizer, () => undefined);
  schedule.state = { ...frozen.state };
  schedule.functions = frozen.functions;
  schedule.children = frozen.children.map((child) => thawSchedule(child, optimizer));
  return schedule;
}

/** Whether a scheduler is still as it was. */
export function isAsFrozen(schedule: Schedule, frozen: FrozenSchedule): boolean {
  const names = Object.keys(schedule.state);
  return (
    schedule.row === frozen.row &&
    schedule.children.length === frozen.children.length &&
    names.length === Object.keys(frozen.state).length &&
    names.every((name) => sameValue(schedule.state[name], frozen.state[name])) &&
    schedule.children.every((child, index) => isAsFrozen(child, frozen.children[index]!))
  );
}

/** Lists, such as the rates that each step makes anew, are the same when their numbers are. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return Object.is(a, b);
  return a.length === b.length && a.every((item, index) => Object.is(item, (b as unknown[])[index]));
}
