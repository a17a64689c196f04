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
import { concreteValue, type Value } from '../core/tensor/value';
import { slotsOf, type EventRecord } from '../core/training/eventRecord';
import { statisticsOf } from '../core/training/statistics';
import type { Timeline, TimelineEntry } from '../core/training/timeline';

/** Statistics of larger tensors are computed when they are asked for. */
const unaskedElements = 1_000_000;

export function summaryOf({ record }: TimelineEntry): EventSummary {
  const { index, phase, line, iteration, epoch, lr } = record;
  return { index, phase, line, iteration, epoch, lr: [...lr], loss: lossOf(record) };
}

/** The loss when it is there: a running session does not force it. */
export function lossOf({ loss }: EventRecord): number | null {
  return loss?.data ? Number(loss.data[0]) : null;
}

export function viewOf(entry: TimelineEntry): EventView {
  const { record, dropped } = entry;
  const tensors = dropped
    ? dropped.map(({ kind, name, shape, dtype, statistics }) => ({
        kind,
        name,
        shape: [...shape],
        dtype,
        statistics,
        available: false,
      }))
    : Array.from(slotsOf(record), ({ kind, name, shape, dtype, value }): TensorView => {
        const look = value.data !== null && value.data.length <= unaskedElements;
        const statistics = look ? statisticsOf(value.data!) : null;
        return { kind, name, shape: [...shape], dtype, statistics, available: true };
      });
  return {
    ...summaryOf(entry),
    warnings: [...record.warnings],
    optimizers: record.optimizers.map(({ name, type, groups }) => ({ name, type, groups: [...groups] })),
    tensors,
    layerTypes: { ...record.layerTypes },
    dropped: dropped !== null,
    edits: [...record.edits],
  };
}

type TimelineFields = Pick<
  StateSnapshot,
  'cursor' | 'head' | 'event' | 'iteration' | 'epoch' | 'bytes' | 'byteBudget' | 'droppedBefore'
>;

/** The whole state. While the script runs the event comes without its tensors: looking at them would slow it down. */
export function snapshotOf(timeline: Timeline, rest: Omit<StateSnapshot, keyof TimelineFields>): StateSnapshot {
  const { cursor, head, bytes, byteBudget, droppedBefore } = timeline;
  const entry = cursor < 0 ? null : timeline.at(cursor);
  const shown = entry && rest.status === 'running' ? { record: entry.record, dropped: [] } : entry;
  return {
    ...rest,
    cursor,
    head,
    event: shown && { ...viewOf(shown), dropped: entry?.dropped !== null },
    iteration: entry?.record.iteration ?? 0,
    epoch: entry?.record.epoch ?? 0,
    bytes,
    byteBudget,
    droppedBefore,
  };
}

/** Finds the tensors of events and reads them, computing what was not fetched. */
export class TensorReader {
  private readonly deltas = new WeakMap<TensorData, WeakMap<TensorData, Value>>();

  constructor(
    private readonly timeline: () => Timeline,
    private readonly tape: () => Tape | null,
  ) {}

  statistics(address: TensorAddress): Statistics {
    return statisticsOf(this.data(this.find(address)));
  }

  /** @throws GradstepError `engine.noTensor` */
  find(address: TensorAddress): Value {
    const value = address.kind === 'delta' ? this.delta(address) : this.timeline().find(address);
    if (!value) {
      throw new GradstepError(`event ${address.event} has no ${address.kind} "${address.name}"`, {
        code: 'engine.noTensor',
      });
    }
    return value;
  }

  data(value: Value): TensorData {
    if (value.data) return value.data;
    const tape = this.tape();
    if (!tape) throw new GradstepError('the tensor was never computed', { code: 'engine.notComputed' });
    return tape.read(value);
  }

  /** What the event changed in a parameter. */
  private delta(address: TensorAddress): Value | undefined {
    const after = this.timeline().find({ ...address, kind: 'parameter' });
    if (!after) return undefined;
    const before =
      address.event > 0
        ? this.timeline().find({ event: address.event - 1, kind: 'parameter', name: address.name })
        : undefined;
    const afterData = this.data(after);
    const beforeData = before ? this.data(before) : afterData;
    let known = this.deltas.get(afterData);
    if (!known) this.deltas.set(afterData, (known = new WeakMap()));
    let delta = known.get(beforeData);
    if (!delta) {
      const difference = new Float64Array(afterData.length);
      for (let i = 0; i < difference.length; i++) difference[i] = Number(afterData[i]) - Number(beforeData[i]);
      delta = concreteValue(difference, after.shape, 'float64');
      known.set(beforeData, delta);
    }
    return delta;
  }
}
