import type { Statistics, TensorAddress } from '../../common/engineContract';
import { GradstepError } from '../../common/errors';
import { dtypeTable, elementCount, type DType, type Shape } from '../tensor/dtype';
import type { Value } from '../tensor/value';
import { slotsOf, type EventRecord, type SlotList, type TensorSlot } from './eventRecord';
import { knownDelta } from './deltas';
import { knownStatistics } from './statistics';

export const defaultByteBudget = 384 * 1024 * 1024;

/** What one record costs besides its tensors, about. */
const recordBytes = 400;
/** Of that many dropped events the statistics are kept, those that somebody looked at; of older ones the scalars only. */
const droppedStatisticsKept = 500;

const noSlots: SlotList = [];
const noneLeft: readonly DroppedSlot[] = [];

/** What is left of a tensor whose elements were dropped. */
export interface DroppedSlot {
  readonly kind: TensorSlot['kind'];
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly statistics: Statistics | null;
  readonly norm: number | null;
  readonly since: number | null;
  readonly accumulated: number | null;
}

export interface TimelineEntry {
  readonly record: EventRecord;
  /** What is left of the tensors; null while they are all there. */
  readonly dropped: readonly DroppedSlot[] | null;
}

/**
 * The history of a session: one entry an event, and a cursor. Tensors are references, so a snapshot costs nothing; each
 * distinct array counts once towards the byte budget. When it is exceeded the oldest events lose their tensors and keep
 * scalars, and for a while the statistics that were looked at; the head never does.
 */
export class Timeline {
  private entries: TimelineEntry[] = [];
  private place = -1;
  private total = 0;
  private firstWhole = 0;
  private readonly lists = new Map<SlotList, number>();
  private readonly arrays = new Map<object, { count: number; bytes: number }>();
  /** How many lists have a slot, and what its bytes are counted under: its elements may come later. */
  private readonly slots = new Map<TensorSlot, { count: number; key: object }>();

  constructor(readonly byteBudget: number = defaultByteBudget) {}

  /** The index of the last event; -1 when there is none. */
  get head(): number {
    return this.entries.length - 1;
  }

  get cursor(): number {
    return this.place;
  }

  /** What the records and their tensors take. */
  get bytes(): number {
    return this.total;
  }

  /** Events before this one have lost their tensors. */
  get droppedBefore(): number {
    return this.firstWhole;
  }

  /** Adds the next event; the cursor follows when it stood at the head. */
  append(record: EventRecord): void {
    if (record.index !== this.entries.length) {
      throw new GradstepError(`event ${record.index} was recorded after event ${this.head}`, {
        code: 'timeline.order',
        audience: 'maintainer',
      });
    }
    if (this.place === this.head) this.place++;
    this.entries.push({ record, dropped: null });
    this.retain(record);
    this.shrink();
  }

  /** Puts another record in the head's place: an edit took effect there. */
  replaceHead(record: EventRecord): void {
    const before = this.entries.pop();
    this.entries.push({ record, dropped: null });
    this.retain(record);
    if (before && before.dropped === null) this.release(before.record);
  }

  /** @throws GradstepError `timeline.range` */
  at(index: number): TimelineEntry {
    const entry = this.entries[index];
    if (!entry) {
      throw new GradstepError(`there is no event ${index}: ${this.entries.length} are recorded`, {
        code: 'timeline.range',
      });
    }
    return entry;
  }

  /**
   * Moves the cursor; nothing runs.
   * @param index -1: before the first event
   */
  moveTo(index: number): void {
    if (index !== -1) this.at(index);
    this.place = index;
  }

  /** Cuts off what came after an event. */
  truncate(last: number): void {
    while (this.entries.length > last + 1) {
      const entry = this.entries.pop()!;
      if (entry.dropped === null) this.release(entry.record);
    }
    this.place = Math.min(this.place, this.head);
    this.firstWhole = Math.min(this.firstWhole, this.entries.length);
  }

  /**
   * A tensor of an event; undefined when the event has none of that name.
   * @throws GradstepError `timeline.dropped` when its elements are gone, `timeline.range`
   */
  find(address: TensorAddress): Value | undefined {
    if (address.kind === 'loss') return this.at(address.event).record.loss ?? undefined;
    return this.findSlot(address)?.value;
  }

  /** @throws GradstepError as `find` does */
  findSlot({ event, kind, name }: TensorAddress): TensorSlot | undefined {
    const { record, dropped } = this.at(event);
    for (const slot of dropped ?? slotsOf(record)) {
      if (slot.kind !== kind || slot.name !== name) continue;
      if ('value' in slot) return slot as TensorSlot;
      throw new GradstepError(
        `the elements of ${kind} ${name} at event ${event} were dropped: the history exceeds its ${Math.round(this.byteBudget / 2 ** 20)} MiB`,
        { code: 'timeline.dropped', hint: 'Raise the byte budget of the history, or look at a later event.' },
      );
    }
    return undefined;
  }

  private shrink(): void {
    while (this.total > this.byteBudget && this.firstWhole < this.head) {
      const index = this.firstWhole++;
      const { record } = this.entries[index]!;
      this.entries[index] = {
        record: { ...record, own: noSlots, persistent: noSlots, unedited: null },
        dropped: Array.from(slotsOf(record)).flatMap(leftOver),
      };
      this.release(record);
      this.total += recordBytes;
      const forgotten = this.entries[index - droppedStatisticsKept];
      if (forgotten) this.entries[index - droppedStatisticsKept] = { record: forgotten.record, dropped: noneLeft };
    }
  }

  private retain(record: EventRecord): void {
    this.total += recordBytes;
    for (const list of [record.own, record.persistent]) {
      const count = this.lists.get(list) ?? 0;
      this.lists.set(list, count + 1);
      if (count === 0) list.forEach((slot) => this.retainSlot(slot));
    }
  }

  private release(record: EventRecord): void {
    this.total -= recordBytes;
    for (const list of [record.own, record.persistent]) {
      const count = this.lists.get(list)! - 1;
      if (count > 0) {
        this.lists.set(list, count);
        continue;
      }
      this.lists.delete(list);
      list.forEach((slot) => this.releaseSlot(slot));
    }
  }

  private retainSlot(slot: TensorSlot): void {
    const retained = this.slots.get(slot);
    if (retained) {
      retained.count++;
      return;
    }
    const key = slot.value.data ?? slot.value;
    this.slots.set(slot, { count: 1, key });
    const known = this.arrays.get(key);
    if (known) {
      known.count++;
      return;
    }
    const bytes = elementCount(slot.shape) * dtypeTable[slot.dtype].bytes;
    this.arrays.set(key, { count: 1, bytes });
    this.total += bytes;
  }

  private releaseSlot(slot: TensorSlot): void {
    const retained = this.slots.get(slot)!;
    if (--retained.count > 0) return;
    this.slots.delete(slot);
    const known = this.arrays.get(retained.key)!;
    if (--known.count > 0) return;
    this.arrays.delete(retained.key);
    this.total -= known.bytes;
  }
}

function leftOver(slot: TensorSlot): DroppedSlot[] {
  const { kind, name, shape, dtype, value, since, accumulated } = slot;
  const { data } = value;
  const statistics = data === null ? null : knownStatistics(data);
  const norm = statistics?.l2 ?? null;
  const left: DroppedSlot[] = [{ kind, name, shape, dtype, statistics, norm, since, accumulated }];
  const delta = kind === 'parameter' && data !== null ? knownDelta(data) : null;
  if (delta)
    left.push({
      kind: 'delta',
      name,
      shape,
      dtype: 'float64',
      norm: delta.norm,
      statistics: delta.statistics,
      since,
      accumulated: null,
    });
  return left;
}
