import type { Statistics, TensorAddress } from '../../common/engineContract';
import { GradstepError } from '../../common/errors';
import { dtypeTable, elementCount, type DType, type Shape } from '../tensor/dtype';
import type { Value } from '../tensor/value';
import { archivedBytes, EventArchive } from './eventArchive';
import { slotsOf, type EventRecord, type SlotList, type TensorSlot } from './eventRecord';
import { knownDelta } from './deltas';
import { knownStatistics } from './statistics';

export const defaultByteBudget = 384 * 1024 * 1024;

/** What one record costs besides its tensors, about. */
const recordBytes = 400;
/** What one array costs besides its elements, about: objects and their places in the maps. */
const arrayBytes = 400;
/** Of that many dropped events the statistics are kept, those that somebody looked at; of older ones the scalars only. */
const droppedStatisticsKept = 500;
/** As many are archived at once. */
const archivedTogether = 256;

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
  private readonly archive = new EventArchive();
  /** What comes after the archived events. */
  private readonly entries: TimelineEntry[] = [];
  private place = -1;
  private total = 0;
  private firstWhole = 0;
  private readonly lists = new Map<SlotList, number>();
  /** Of the last event that lost its tensors: the next ones often have the same. */
  private lastLeft: { list: SlotList; left: readonly DroppedSlot[] } = { list: noSlots, left: noneLeft };
  private readonly arrays = new Map<object, { count: number; bytes: number }>();
  /** How many lists have a slot, and what its bytes are counted under: its elements may come later. */
  private readonly slots = new Map<TensorSlot, { count: number; key: object }>();

  constructor(readonly byteBudget: number = defaultByteBudget) {}

  /** The index of the last event; -1 when there is none. */
  get head(): number {
    return this.archive.length + this.entries.length - 1;
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
    if (record.index !== this.head + 1) {
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
    this.firstWhole = Math.min(this.firstWhole, this.head);
    if (before && before.dropped === null) this.release(before.record);
    else if (before) this.total -= recordBytes;
  }

  /** @throws GradstepError `timeline.range` */
  at(index: number): TimelineEntry {
    if (index >= 0 && index < this.archive.length) return { record: this.archive.at(index), dropped: noneLeft };
    const entry = this.entries[index - this.archive.length];
    if (!entry) {
      throw new GradstepError(`there is no event ${index}: ${this.head + 1} are recorded`, { code: 'timeline.range' });
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
    const { archive, entries } = this;
    while (entries.length > 0 && this.head > last) {
      const entry = entries.pop()!;
      if (entry.dropped === null) this.release(entry.record);
      else this.total -= recordBytes;
    }
    if (this.head > last) {
      // The head is no archived event: an edit may take effect there.
      const head: readonly TimelineEntry[] = last < 0 ? [] : [this.at(last)];
      const archived = Math.max(0, last);
      this.total += head.length * recordBytes - (archive.length - archived) * archivedBytes;
      archive.truncate(archived);
      entries.push(...head);
    }
    this.place = Math.min(this.place, this.head);
    this.firstWhole = Math.min(this.firstWhole, this.head + 1);
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
      const place = this.firstWhole++ - this.archive.length;
      const { record } = this.entries[place]!;
      this.entries[place] = {
        record: { ...record, own: noSlots, persistent: noSlots, unedited: null },
        dropped: this.leftOf(record),
      };
      this.release(record);
      this.total += recordBytes;
    }
    if (this.firstWhole - this.archive.length < droppedStatisticsKept + archivedTogether) return;
    for (const { record } of this.entries.splice(0, archivedTogether)) this.archive.push(record);
    this.total -= archivedTogether * (recordBytes - archivedBytes);
  }

  private leftOf({ own, persistent }: EventRecord): readonly DroppedSlot[] {
    if (this.lastLeft.list !== persistent) this.lastLeft = { list: persistent, left: persistent.flatMap(leftOver) };
    const { left } = this.lastLeft;
    return own.length === 0 ? left : [...own.flatMap(leftOver), ...left];
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
    const bytes = elementCount(slot.shape) * dtypeTable[slot.dtype].bytes + arrayBytes;
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
