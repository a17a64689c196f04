import type { HyperparameterValue } from '../../common/engineContract';
import { forecast } from './forecast';
import { thawSchedule, type FrozenSchedule } from './frozenSchedule';
import type { ParameterGroup, StateValue } from './schedule';
import { scheduleTable } from './scheduleTable';

/** How far ahead a change of the rate is looked for, in scheduler steps. */
export const forecastSteps = 10_000;

/**
 * The rates that the next steps of a scheduler would set, one list for each step; empty where they can't be known: they
 * hang on a metric, or on functions of the script that do more than compute.
 * @param groups the optimizer's parameter groups as they are: nothing is written to them
 */
export function ratesAhead(
  frozen: FrozenSchedule,
  groups: readonly Readonly<Record<string, HyperparameterValue>>[],
  steps: number,
): number[][] {
  if (!isOfTable(frozen)) return [];
  const optimizer = {
    name: '',
    defaults: groups[0] ?? {},
    paramGroups: groups.map(numericGroup),
    stepTracked: true,
    stepCalled: true,
  };
  return forecast(thawSchedule(frozen, optimizer), steps) ?? [];
}

/** Whether PyTorch has it: what a script derives calls the script. */
function isOfTable({ row, children }: FrozenSchedule): boolean {
  return scheduleTable.get(row.name) === row && children.every(isOfTable);
}

function numericGroup(group: Readonly<Record<string, HyperparameterValue>>): ParameterGroup {
  return Object.fromEntries(Object.entries(group).map(([name, value]) => [name, numeric(value)])) as ParameterGroup;
}

function numeric(value: HyperparameterValue): unknown {
  if (Array.isArray(value)) return value.map(numeric);
  return typeof value === 'bigint' ? Number(value) : value;
}

/** How often a scheduler has stepped; 0 for one that was only made. */
export function stepsOf({ state, children }: FrozenSchedule): number {
  if ('last_epoch' in state) return Number(state['last_epoch']);
  return Math.max(0, ...children.map(stepsOf));
}

/** The constructor's arguments, as far as the scheduler keeps them as values. */
export function settingsOf({ row, state }: FrozenSchedule): Record<string, HyperparameterValue> {
  const settings: Record<string, HyperparameterValue> = {};
  for (const { name } of row.parameters) {
    const value = state[name] ?? state[`_${name}`];
    if (name === 'last_epoch' || value === undefined) continue;
    const plain = plainValue(value);
    if (plain !== undefined) settings[name] = plain;
  }
  return settings;
}

/** A Counter is the list that it was made of. */
function plainValue(value: StateValue): HyperparameterValue | undefined {
  if (value instanceof Map) {
    const counted = [...(value as ReadonlyMap<bigint, bigint>)].sort(([a], [b]) => Number(a - b));
    return counted.flatMap(([item, count]) => new Array<bigint>(Number(count)).fill(item));
  }
  if (Array.isArray(value)) {
    const items = (value as readonly StateValue[]).map(plainValue);
    return items.some((item) => item === undefined) ? undefined : (items as HyperparameterValue[]);
  }
  return typeof value === 'object' && value !== null ? undefined : (value as HyperparameterValue);
}
