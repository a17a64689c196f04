import { dtypeTable, elementCount } from '../tensor/dtype';
import { concreteValue, type Value } from '../tensor/value';
import type { EventRecord } from './eventRecord';
import type { LoopPlace } from './loopPattern';

/** What a row of numbers holds, in this order. */
const columns = ['facts', 'line', 'iteration', 'epoch', 'position', 'accuracy', 'loss'] as const;

type NumberEach<T> = { readonly [Column in keyof T]: number };
type Row = NumberEach<typeof columns>;

/** What an archived event takes. */
export const archivedBytes = columns.length * Float64Array.BYTES_PER_ELEMENT;

/** What the events of a loop have in common with those of other iterations. */
const factNames = [
  'phase',
  'lr',
  'optimizers',
  'warnings',
  'layerTypes',
  'edits',
  'subject',
  'schedules',
] as const satisfies readonly (keyof EventRecord)[];

type Facts = Pick<EventRecord, (typeof factNames)[number]> & {
  readonly pattern: LoopPlace['pattern'];
  readonly hasAccuracy: boolean;
  /** The value without its data; null where the event has no loss, or one that nobody has computed. */
  readonly loss: Pick<Value, 'dtype' | 'shape'> | null;
};

/** How far back equal facts are looked for: the events of one iteration and more. */
const recentFacts = 32;
const initialRows = 256;

/**
 * Events that have lost their tensors, packed: a row of numbers for each, so that neither memory nor garbage collection
 * grows with objects of a long run.
 */
export class EventArchive {
  private numbers = new Float64Array(initialRows * columns.length);
  private readonly facts: Facts[] = [];
  /** Losses that no graph has computed, by event. */
  private readonly uncomputed = new Map<number, Value>();
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** @param record of the event `length`, whose tensors are dropped */
  push(record: EventRecord): void {
    const { line, iteration, epoch, place, accuracy, loss } = record;
    const number = loss === null ? null : numberOf(loss);
    if (loss !== null && number === null) this.uncomputed.set(this.count, loss);
    const facts = this.factsOf(record, number === null ? null : loss);
    const begin = this.count * columns.length;
    if (begin === this.numbers.length) this.grow();
    this.numbers.set([facts, line, iteration, epoch, place.position, accuracy ?? 0, number ?? 0], begin);
    this.count++;
  }

  /** @param index below `length` */
  at(index: number): EventRecord {
    const begin = index * columns.length;
    const row = this.numbers.subarray(begin, begin + columns.length);
    const [number, line, iteration, epoch, position, accuracy, loss] = row as unknown as Row;
    const { pattern, hasAccuracy, loss: lossType, ...facts } = this.facts[number]!;
    return {
      ...facts,
      index,
      line,
      iteration,
      epoch,
      place: { pattern, position },
      accuracy: hasAccuracy ? accuracy : null,
      loss: lossType ? lossValue(lossType, loss) : (this.uncomputed.get(index) ?? null),
      own: [],
      persistent: [],
      unedited: null,
    };
  }

  /** Forgets the events from `length` on. */
  truncate(length: number): void {
    this.count = Math.min(this.count, length);
    for (const index of this.uncomputed.keys()) if (index >= length) this.uncomputed.delete(index);
  }

  private grow(): void {
    const grown = new Float64Array(this.numbers.length * 2);
    grown.set(this.numbers);
    this.numbers = grown;
  }

  /** The place of the event's facts in the list. */
  private factsOf(record: EventRecord, loss: Value | null): number {
    const { facts } = this;
    const hasAccuracy = record.accuracy !== null;
    const isSame = (known: Facts): boolean =>
      factNames.every((name) => known[name] === record[name]) &&
      known.pattern === record.place.pattern &&
      known.hasAccuracy === hasAccuracy &&
      known.loss?.dtype === loss?.dtype &&
      known.loss?.shape.length === loss?.shape.length;
    for (let i = facts.length - 1; i >= Math.max(0, facts.length - recentFacts); i--) if (isSame(facts[i]!)) return i;
    const { phase, lr, optimizers, warnings, layerTypes, edits, subject, schedules, place } = record;
    const { pattern } = place;
    const type = loss && { dtype: loss.dtype, shape: loss.shape };
    const added = { phase, lr, optimizers, warnings, layerTypes, edits, subject, schedules, pattern, hasAccuracy };
    return facts.push({ ...added, loss: type }) - 1;
  }
}

/** Of one floating-point number that is there. */
function numberOf({ data, shape }: Value): number | null {
  if (elementCount(shape) !== 1) return null;
  return data instanceof Float32Array || data instanceof Float64Array ? data[0]! : null;
}

function lossValue({ dtype, shape }: NonNullable<Facts['loss']>, loss: number): Value {
  const data = dtypeTable[dtype].allocate(1);
  data[0] = loss;
  return concreteValue(data, shape, dtype);
}
