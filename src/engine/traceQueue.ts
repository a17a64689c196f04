import type { TraceEvent, TraceItem, TraceStatistics } from '../common/engineContract';
import type { TensorData } from '../core/tensor/dtype';
import type { Tape } from '../core/tensor/tape';
import { recipeOf, type Value } from '../core/tensor/value';
import { slotsOf, type EventRecord } from '../core/training/eventRecord';
import { statisticsOf } from '../core/training/statistics';
import type { Channel } from './channel';

const maximumWaiting = 400;
const batchCharacters = 64 * 1024;
/** How many of an output's first values the trace shows. */
const firstValues = 10;

type Waiting = { item: Extract<TraceItem, { kind: 'print' }> } | { record: EventRecord };

/**
 * The trace's items in the order in which they happened. An event waits until its numbers are there: a running session
 * fetches them once an iteration.
 */
export class TraceQueue {
  private readonly waiting: Waiting[] = [];
  private batch: TraceItem[] = [];
  private batchWeight = 0;

  constructor(
    private readonly channel: Channel,
    private readonly tape: Tape,
  ) {}

  print(text: string, stream: 'stdout' | 'stderr', end: string | null): void {
    this.waiting.push({ item: { kind: 'print', text, stream, end } });
    this.pump(this.waiting.length > maximumWaiting);
  }

  event(record: EventRecord): void {
    this.waiting.push({ record });
    this.pump(this.waiting.length > maximumWaiting);
  }

  /** Sends everything, computing what is missing. */
  flush(): void {
    this.pump(true);
    this.send();
  }

  private pump(force: boolean): void {
    let done = 0;
    for (const entry of this.waiting) {
      if ('record' in entry) {
        const missing = tracedValues(entry.record).filter(({ data }) => data === null);
        // What a run has left out doesn't come by itself.
        if (!force && missing.some((value) => recipeOf(value) === null)) break;
        this.tape.readAll(missing, 'read');
        this.add(traceEvent(entry.record), 300 * (1 + entry.record.persistent.length));
      } else {
        this.add(entry.item, entry.item.text.length + 50);
      }
      done++;
    }
    this.waiting.splice(0, done);
  }

  private add(item: TraceItem, weight: number): void {
    this.batch.push(item);
    this.batchWeight += weight;
    if (this.batchWeight >= batchCharacters) this.send();
  }

  private send(): void {
    if (this.batch.length === 0) return;
    this.channel.emit('trace', { items: this.batch }, this.batchWeight);
    this.batch = [];
    this.batchWeight = 0;
  }
}

function tracedValues(record: EventRecord): Value[] {
  const values = record.loss ? [record.loss] : [];
  for (const { kind, value } of slotsOf(record)) {
    if (kind === 'output' || kind === 'parameter' || kind === 'gradient') values.push(value);
  }
  return values;
}

function traceEvent(record: EventRecord): TraceEvent {
  const event: TraceEvent = {
    kind: 'event',
    event: record.index,
    phase: record.phase,
    line: record.line,
    lr: [...record.lr],
    parameters: [],
    warnings: record.warnings.filter(({ category }) => category === 'UserWarning').map(({ message }) => message),
  };
  if (record.phase === 'loss' || record.phase === 'backward') {
    event.loss = record.loss?.data ? Number(record.loss.data[0]) : null;
  }
  const output = record.own.find(({ kind }) => kind === 'output');
  if (output && record.phase === 'forward') {
    const data = output.value.data!;
    event.output = { shape: [...output.shape], ...numbersOf(data), first: firstOf(data, output.dtype === 'bool') };
  }
  const gradients = new Map(
    record.persistent.flatMap(({ kind, name, value }) => (kind === 'gradient' ? [[name, value]] : [])),
  );
  for (const { kind, name, shape, value, ofModule } of record.persistent) {
    if (kind !== 'parameter' || !ofModule) continue;
    const gradient = gradients.get(name);
    event.parameters.push({
      name,
      statistics: { shape: [...shape], ...numbersOf(value.data!) },
      gradient: gradient ? numbersOf(gradient.data!) : null,
    });
  }
  return event;
}

function numbersOf(data: TensorData): TraceStatistics {
  const { sum, l2, absmax } = statisticsOf(data);
  return { sum, l2, absmax };
}

function firstOf(data: TensorData, isBool: boolean): (number | bigint | boolean)[] {
  const first = Array.from<number | bigint>(data.subarray(0, firstValues) as ArrayLike<number | bigint>);
  if (isBool) return first.map((value) => value !== 0);
  const isFloat = data instanceof Float32Array || data instanceof Float64Array;
  return isFloat ? first : first.map(BigInt);
}
