import type { EventView, TensorView } from '../../../src/common/engineContract';
import { lastEventOf, tensorsByName, type EventSource } from '../trainingEvents';

export type GradientState = 'none' | 'zero' | 'fresh' | 'accumulated';

/** A number of the table, and the event that it dates from. */
export interface DatedNumber {
  /** Null while it isn't known. */
  value: number | null;
  since: number;
  /** A later phase could have changed it and did not. */
  stale: boolean;
  /** The iteration it dates from. */
  iteration: number;
}

export interface ParameterRow {
  name: string;
  shape: readonly number[];
  elements: number;
  norm: DatedNumber;
  /** Null when there is no gradient. */
  gradient: DatedNumber | null;
  gradientState: GradientState;
  /** Backwards that the gradient is the sum of. */
  backwards: number;
  /** Null before the first step, and where the last one left the parameter alone. */
  delta: DatedNumber | null;
  /** Norm of the delta over the norm of the parameter. */
  ratio: number | null;
  /** NaN and infinities in the parameter and its gradient; null while it has to be counted. */
  notFinite: number | null;
}

export interface RowSources {
  /** Under the cursor. */
  event: EventView;
  /** The last step's event at or before the cursor: has the deltas. */
  step: EventView | null;
  history: EventSource;
}

/** One row for each parameter of an event, in the model's order. */
export function parameterRows({ event, step, history }: RowSources): ParameterRow[] {
  const gradients = tensorsByName(event, 'gradient');
  const ownDeltas = tensorsByName(event, 'delta');
  const deltas = ownDeltas.size > 0 ? ownDeltas : tensorsByName(step, 'delta');
  const source = withCursor(history, event);
  const lastStep = lastEventOf(source, event.index, ['step']);
  const lastBackward = lastEventOf(source, event.index, ['backward']);
  const dated = (value: number | null, since: number, lastChange: number, ages: boolean): DatedNumber => {
    const iteration = source.summary(since)?.iteration ?? event.iteration;
    return { value, since, iteration, stale: since < lastChange || (ages && iteration < event.iteration) };
  };
  return event.tensors
    .filter(({ kind }) => kind === 'parameter')
    .map((parameter): ParameterRow => {
      const { name, shape } = parameter;
      const gradient = gradients.get(name) ?? null;
      const delta = deltas.get(name);
      const norm = normOf(parameter);
      const change = delta ? normOf(delta) : null;
      return {
        name,
        shape,
        elements: shape.reduce((product, size) => product * size, 1),
        norm: dated(norm, parameter.since ?? event.index, lastStep, false),
        gradient: gradient && dated(normOf(gradient), gradient.since ?? Math.max(0, lastBackward), lastBackward, true),
        gradientState: gradientStateOf(gradient),
        backwards: gradient?.accumulated ?? 1,
        delta: !delta ? null : dated(change, Math.min(delta.since ?? lastStep, event.index), lastStep, true),
        ratio: change === null || norm === null ? null : norm > 0 ? change / norm : change > 0 ? Infinity : 0,
        notFinite: notFiniteOf(parameter, gradient),
      };
    });
}

/** The Euclidean norm as far as it is known unasked. */
export function normOf({ norm, statistics }: TensorView): number | null {
  return norm ?? statistics?.l2 ?? null;
}

function notFiniteOf(...tensors: (TensorView | null)[]): number | null {
  let sum = 0;
  for (const tensor of tensors) {
    if (!tensor) continue;
    if (tensor.statistics) sum += tensor.statistics.nan + tensor.statistics.infinite;
    else if (!Number.isFinite(tensor.norm ?? 0)) return null;
  }
  return sum;
}

export function gradientStateOf(gradient: TensorView | null): GradientState {
  if (!gradient) return 'none';
  const { accumulated } = gradient;
  if (accumulated === 0 || normOf(gradient) === 0) return 'zero';
  return (accumulated ?? 1) > 1 ? 'accumulated' : 'fresh';
}

/** The history may lag behind the event that is shown. */
export function withCursor(history: EventSource, event: EventView): EventSource {
  return { summary: (index) => (index === event.index ? event : history.summary(index)) };
}

export const sortColumns = ['name', 'shape', 'norm', 'gradient', 'state', 'delta', 'ratio', 'notFinite'] as const;
export type SortColumn = (typeof sortColumns)[number];

const sortKeys: Record<SortColumn, (row: ParameterRow) => number | string> = {
  name: (row) => row.name,
  shape: (row) => row.elements,
  norm: (row) => row.norm.value ?? NaN,
  gradient: (row) => row.gradient?.value ?? NaN,
  state: (row) => ['none', 'zero', 'fresh', 'accumulated'].indexOf(row.gradientState) * 1e6 + row.backwards,
  delta: (row) => row.delta?.value ?? NaN,
  ratio: (row) => row.ratio ?? NaN,
  notFinite: (row) => row.notFinite ?? Infinity,
};

/** Rows whose name has the text in it, sorted; what has no number comes last in both directions. */
export function arrangeRows(
  rows: readonly ParameterRow[],
  filter: string,
  sort: { column: string; descending: boolean } | null,
): ParameterRow[] {
  const text = filter.trim().toLowerCase();
  const kept = rows.filter(({ name }) => name.toLowerCase().includes(text));
  const key = sort && sortColumns.includes(sort.column as SortColumn) ? sortKeys[sort.column as SortColumn] : null;
  if (!key || !sort) return kept;
  const sign = sort.descending ? -1 : 1;
  return kept.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (typeof x === 'string' || typeof y === 'string') return sign * compareNames(String(x), String(y));
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return sign * (x - y);
  });
}

/** `model.2` before `model.10`. */
function compareNames(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** The rows that a scrolled list has to draw, with some on both sides. */
export function visibleRange(count: number, scrollTop: number, height: number, rowHeight: number): [number, number] {
  const spare = 12;
  const from = Math.max(0, Math.floor(scrollTop / rowHeight) - spare);
  return [Math.min(from, count), Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + spare)];
}
