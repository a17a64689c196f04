import type {
  EventSummary,
  EventView,
  StateSnapshot,
  Statistics,
  TensorAddress,
  TensorView,
} from '../common/engineContract';
import { GradstepError } from '../common/errors';
import type { TensorData } from '../core/tensor/dtype';
import type { Tape } from '../core/tensor/tape';
import { concreteValue, recipeOf, type Value } from '../core/tensor/value';
import { deltaNorm, deltaOf, deltaStatistics, knownDelta } from '../core/training/deltas';
import { slotsOf, type EventRecord, type TensorSlot } from '../core/training/eventRecord';
import { normOf, statisticsOf } from '../core/training/statistics';
import type { DroppedSlot, Timeline, TimelineEntry } from '../core/training/timeline';

/** Statistics of larger tensors are computed when they are asked for. */
const unaskedElements = 1_000_000;
/** So are the norms of even larger ones. */
const unaskedNorm = 4_000_000;

export function summaryOf({ record }: TimelineEntry): EventSummary {
  const { index, phase, line, iteration, epoch, lr } = record;
  return { index, phase, line, iteration, epoch, lr: [...lr], loss: lossOf(record) };
}

/** The loss when it is there: a running session does not force it. */
export function lossOf({ loss }: EventRecord): number | null {
  return loss?.data ? Number(loss.data[0]) : null;
}

export function viewOf(entry: TimelineEntry, timeline: Timeline): EventView {
  const { record, dropped } = entry;
  const tensors = dropped ? dropped.map(droppedView) : [...tensorViews(record), ...deltaViews(record, timeline)];
  return {
    ...summaryOf(entry),
    warnings: [...record.warnings],
    optimizers: record.optimizers.map(({ name, type, groups }) => ({
      name,
      type,
      groups: groups.map(({ hyperparameters, parameters }) => ({ hyperparameters, size: parameters.length })),
    })),
    tensors,
    layerTypes: { ...record.layerTypes },
    dropped: dropped !== null,
    edits: [...record.edits],
  };
}

function droppedView(slot: DroppedSlot): TensorView {
  return { ...viewOfSlot(slot, slot.statistics, slot.norm), available: false };
}

function tensorViews(record: EventRecord): TensorView[] {
  return Array.from(slotsOf(record), (slot): TensorView => {
    // Gradients that a running session has left in their graph come when an event is looked at.
    recipeOf(slot.value)?.compute();
    const { data } = slot.value;
    const statistics = data !== null && data.length <= unaskedElements ? statisticsOf(data) : null;
    const norm = statistics?.l2 ?? (data !== null && data.length <= unaskedNorm ? normOf(data) : null);
    return viewOfSlot(slot, statistics, norm);
  });
}

/** The last change of each parameter that has changed since it was first seen. */
function* deltaViews(record: EventRecord, timeline: Timeline): Generator<TensorView> {
  for (const slot of record.persistent) {
    const { name, shape, since } = slot;
    if (slot.kind !== 'parameter' || since === null || since === 0) continue;
    const before = slotBefore(timeline, since, name);
    if (before === undefined) continue;
    const after = slot.value.data;
    const beforeData = before?.value.data ?? null;
    if (after !== null && beforeData !== null && after.length <= unaskedNorm) deltaNorm(after, beforeData);
    const { norm = null, statistics = null } = (after && knownDelta(after)) ?? {};
    const delta = { kind: 'delta', name, shape, dtype: 'float64', since, accumulated: null } as const;
    yield { ...viewOfSlot(delta, statistics, norm), available: before !== null };
  }
}

type SlotFacts = Pick<TensorSlot, 'kind' | 'name' | 'shape' | 'dtype' | 'since' | 'accumulated'>;

function viewOfSlot(slot: SlotFacts, statistics: Statistics | null, norm: number | null): TensorView {
  const { kind, name, shape, dtype, since, accumulated } = slot;
  return {
    kind,
    name,
    shape: [...shape],
    dtype,
    statistics,
    available: true,
    ...(norm !== null && { norm }),
    ...(since !== null && { since }),
    ...(accumulated !== null && { accumulated }),
  };
}

/** A parameter before an event: null when its elements are dropped, undefined when there was none. */
function slotBefore(timeline: Timeline, event: number, name: string): TensorSlot | null | undefined {
  const { record, dropped } = timeline.at(event - 1);
  if (dropped !== null) return null;
  return record.persistent.find((slot) => slot.kind === 'parameter' && slot.name === name);
}

type TimelineFields = Pick<
  StateSnapshot,
  | 'cursor'
  | 'head'
  | 'event'
  | 'iteration'
  | 'epoch'
  | 'pattern'
  | 'position'
  | 'bytes'
  | 'byteBudget'
  | 'droppedBefore'
>;

/** The whole state. While the script runs the event comes without its tensors: looking at them would slow it down. */
export function snapshotOf(timeline: Timeline, rest: Omit<StateSnapshot, keyof TimelineFields>): StateSnapshot {
  const { cursor, head, bytes, byteBudget, droppedBefore } = timeline;
  const entry = cursor < 0 ? null : timeline.at(cursor);
  const shown = entry && rest.status === 'running' ? { record: entry.record, dropped: [] } : entry;
  const place = entry?.record.place;
  return {
    ...rest,
    cursor,
    head,
    event: shown && { ...viewOf(shown, timeline), dropped: entry?.dropped !== null },
    iteration: entry?.record.iteration ?? 0,
    epoch: entry?.record.epoch ?? 0,
    pattern: [...(place?.pattern ?? [])],
    position: place?.position ?? -1,
    bytes,
    byteBudget,
    droppedBefore,
  };
}

/** Finds the tensors of events and reads them, computing what was not fetched. */
export class TensorReader {
  /** The last change that was read: its pages come one by one. */
  private lastDelta: { after: TensorData; before: TensorData; delta: Value } | null = null;

  constructor(
    private readonly timeline: () => Timeline,
    private readonly tape: () => Tape | null,
  ) {}

  statistics(address: TensorAddress): Statistics {
    if (address.kind !== 'delta') return statisticsOf(this.data(this.find(address)));
    const { after, before } = this.endsOfDelta(address) ?? noTensor(address);
    return deltaStatistics(this.data(after), this.data(before));
  }

  /** @throws GradstepError `engine.noTensor` */
  find(address: TensorAddress): Value {
    const value = address.kind === 'delta' ? this.delta(address) : this.timeline().find(address);
    return value ?? noTensor(address);
  }

  data(value: Value): TensorData {
    if (value.data) return value.data;
    const tape = this.tape();
    if (!tape) throw new GradstepError('the tensor was never computed', { code: 'engine.notComputed' });
    return tape.look(value);
  }

  /** What the last change of a parameter, up to the event, added to it. */
  private delta(address: TensorAddress): Value | undefined {
    const ends = this.endsOfDelta(address);
    if (!ends) return undefined;
    const [after, before] = [this.data(ends.after), this.data(ends.before)];
    if (this.lastDelta?.after !== after || this.lastDelta.before !== before) {
      this.lastDelta = { after, before, delta: concreteValue(deltaOf(after, before), ends.after.shape, 'float64') };
    }
    return this.lastDelta.delta;
  }

  private endsOfDelta({ event, name }: TensorAddress): { after: Value; before: Value } | undefined {
    const kind = 'parameter';
    const after = this.timeline().findSlot({ event, kind, name });
    if (!after?.since) return undefined;
    const before = this.timeline().find({ event: after.since - 1, kind, name });
    return before && { after: after.value, before };
  }
}

function noTensor({ event, kind, name }: TensorAddress): never {
  throw new GradstepError(`event ${event} has no ${kind} "${name}"`, { code: 'engine.noTensor' });
}
