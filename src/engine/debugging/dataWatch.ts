import { GradstepError } from '../../common/errors';
import type { Value } from '../../core/tensor/value';
import type { EventRecord, TensorSlot } from '../../core/training/eventRecord';
import { normOf } from '../../core/training/statistics';
import type { Timeline } from '../../core/training/timeline';
import { PyDict, PyList, PyTuple } from '../../script/objects/containers';
import type { PyValue } from '../../script/objects/value';
import { PyTensor } from '../../script/torch/tensorClass';
import type { Debuggee } from './debugger';
import type { FrameEvaluator } from './frameEvaluator';

/** What a data breakpoint watches. */
type Watched =
  | { kind: 'parameter' | 'gradient'; name: string }
  | { kind: 'lr'; optimizer: string; group: number }
  | { kind: 'variable'; functionName: string; expression: string };

/** Enough of a value to see that it has changed, and its text. */
interface Fingerprint {
  parts: readonly unknown[];
  text: string;
}

const mostItems = 1000;

/** @throws GradstepError `debug.dataId` */
export function parseDataId(dataId: string): Watched {
  const [kind, first = '', ...rest] = dataId.split(':');
  const tail = rest.join(':');
  if ((kind === 'parameter' || kind === 'gradient') && first !== '') return { kind, name: [first, ...rest].join(':') };
  if (kind === 'lr' && /^\d+$/.test(tail)) return { kind, optimizer: first, group: Number(tail) };
  if (kind === 'variable' && tail !== '') return { kind, functionName: first, expression: tail };
  throw new GradstepError(`"${dataId}" is nothing that can be watched`, { code: 'debug.dataId' });
}

/** Looks for changes of what data breakpoints watch: at statements and after events. */
export class DataWatch {
  private readonly before = new Map<string, Fingerprint | null>();

  constructor(
    private readonly debuggee: Debuggee,
    private readonly evaluator: FrameEvaluator,
  ) {}

  /**
   * How a watched thing has changed since it was last looked at, as `name: old → new`; null where it hasn't.
   * @param record the event that has just happened; null before a statement
   */
  change(dataId: string, record: EventRecord | null, timeline: Timeline): string | null {
    const watched = parseDataId(dataId);
    switch (watched.kind) {
      case 'parameter':
      case 'gradient':
        return record && this.tensorChange(watched.kind, watched.name, record, timeline);
      case 'lr':
        return this.rateChange(dataId, watched);
      case 'variable':
        return record ? null : this.variableChange(dataId, watched);
    }
  }

  private tensorChange(
    kind: 'parameter' | 'gradient',
    name: string,
    record: EventRecord,
    timeline: Timeline,
  ): string | null {
    const isIt = (slot: TensorSlot): boolean => slot.kind === kind && slot.name === name;
    const after = record.persistent.find(isIt)?.value;
    const before = record.index > 0 ? timeline.at(record.index - 1).record.persistent.find(isIt)?.value : undefined;
    if (after === before || (record.index === 0 && kind === 'parameter')) return null;
    const text = (value: Value | undefined): string =>
      value ? `norm ${short(normOf(this.debuggee.tape.read(value)))}` : 'None';
    return `${kind === 'gradient' ? `${name}.grad` : name}: ${text(before)} → ${text(after)}`;
  }

  /** Before there is an optimizer there is no rate that could change. */
  private rateChange(dataId: string, watched: Extract<Watched, { kind: 'lr' }>): string | null {
    const rate = this.learningRate(watched);
    return rate && this.compare(dataId, `lr of ${watched.optimizer}`, rate);
  }

  private learningRate({ optimizer, group }: Extract<Watched, { kind: 'lr' }>): Fingerprint | null {
    const found = this.debuggee.state.optimizers().find(({ name }) => name === optimizer)?.groups[group];
    const lr = found?.hyperparameters()['lr'];
    return lr === undefined ? null : { parts: [lr], text: String(lr) };
  }

  private variableChange(dataId: string, watched: Extract<Watched, { kind: 'variable' }>): string | null {
    const frame = this.debuggee.runtime.currentFrame();
    if (watched.functionName !== '<module>' && frame?.functionName !== watched.functionName) return null;
    let now: Fingerprint | null;
    try {
      now = this.fingerprintOf(this.evaluator.evaluate(0, watched.expression, true));
    } catch {
      // Not bound yet, or not any more: that is a value of its own.
      now = null;
    }
    return this.compare(dataId, watched.expression, now);
  }

  private fingerprintOf(value: PyValue): Fingerprint {
    if (value instanceof PyTensor) {
      const { tensor } = value;
      return { parts: [tensor.value], text: `tensor of [${tensor.shape.join(', ')}]` };
    }
    if (value instanceof PyList || value instanceof PyTuple) return containerPrint(value.items, 'items');
    if (value instanceof PyDict) return containerPrint([...value.liveEntries()].flat(), 'keys and values');
    const isObject = typeof value === 'object' && value !== null;
    return { parts: [value], text: isObject ? value.pyClass.name : this.debuggee.runtime.repr(value) };
  }

  private compare(dataId: string, name: string, now: Fingerprint | null): string | null {
    const isKnown = this.before.has(dataId);
    const before = this.before.get(dataId) ?? null;
    this.before.set(dataId, now);
    const same =
      before?.parts.length === now?.parts.length &&
      (now?.parts ?? []).every((part, i) => Object.is(part, before?.parts[i]));
    if (!isKnown || same) return null;
    return `${name}: ${before?.text ?? 'not defined'} → ${now?.text ?? 'not defined'}`;
  }
}

function containerPrint(items: readonly PyValue[], what: string): Fingerprint {
  const parts = items.slice(0, mostItems).map((item) => (item instanceof PyTensor ? item.tensor.value : item));
  return { parts: [items.length, ...parts], text: `${items.length} ${what}` };
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
