import type { CheckName, FindingView } from '../../common/engineContract';
import type { Tensor } from '../tensor/tensor';
import type { TensorData } from '../tensor/dtype';
import type { Value } from '../tensor/value';
import { checkTable } from './checkTable';
import type { EventRecord } from './eventRecord';
import { normOf, statisticsOf } from './statistics';

/** What a check sees of an event. */
export interface Observation {
  record: EventRecord;
  /** The live parameters, as they are right after the event. */
  parameters: readonly (readonly [name: string, parameter: Tensor])[];
  /** Whether to look at elements: gradients' norms, NaN. A running session does so now and then only. */
  readElements: boolean;
}

interface ParameterHistory {
  initial: Value;
  value: Value;
  grad: Tensor | null;
  gradVersion: number;
  /** A step has used these gradients, and nothing has changed them since. */
  used: boolean;
  /** A backward added to gradients that a step had used. */
  accumulated: number;
  quietBackwards: number;
}

const vanishing = 1e-8;
const exploding = 1e3;
const quietLimit = 3;
const stepsUntilFrozen = 3;
/** Losses that are never fetched are given up. */
const unreadKept = 64;
const largestLooked = 4_000_000;

/** Watches a training loop and collects findings, each with its numbers. */
export class LoopChecks {
  private readonly histories = new Map<Tensor, ParameterHistory>();
  private readonly found = new Map<CheckName, FindingView>();
  private steps = 0;
  private backwards = 0;
  private schedulerSteps = 0;
  private notFiniteSeen = false;
  /** A running session had not fetched the gradients at the last backward: they are looked at after the step. */
  private normsPending = false;
  /** Events whose loss a running session had not fetched yet. */
  private unread: EventRecord[] = [];

  get findings(): FindingView[] {
    return [...this.found.values()];
  }

  observe(observation: Observation): void {
    const { record, parameters } = observation;
    for (const [, parameter] of parameters) this.historyOf(parameter);
    switch (record.phase) {
      case 'backward':
        this.backward(observation);
        break;
      case 'step':
        this.step(observation);
        break;
      case 'scheduler_step':
        this.schedulerStep(record);
        break;
      default:
    }
    if (record.loss && !record.loss.data) this.unread.push(record);
    this.lookAtLateLosses();
    if (observation.readElements) this.lookForNonFinite(record);
    for (const [, parameter] of parameters) {
      const history = this.histories.get(parameter)!;
      const version = parameter.grad?.version ?? 0;
      if (history.grad !== parameter.grad || history.gradVersion !== version) {
        history.used = false;
        if (record.phase !== 'backward') history.accumulated = 0;
      }
      if (record.phase === 'step' && parameter.grad && history.value !== parameter.value) history.used = true;
      history.grad = parameter.grad;
      history.gradVersion = version;
      history.value = parameter.value;
    }
  }

  private historyOf(parameter: Tensor): ParameterHistory {
    let history = this.histories.get(parameter);
    if (!history) {
      history = {
        initial: parameter.value,
        value: parameter.value,
        grad: parameter.grad,
        gradVersion: parameter.grad?.version ?? 0,
        used: false,
        accumulated: 0,
        quietBackwards: 0,
      };
      this.histories.set(parameter, history);
    }
    return history;
  }

  private backward(observation: Observation): void {
    this.backwards++;
    for (const [, parameter] of observation.parameters) {
      const history = this.histories.get(parameter)!;
      const { grad } = parameter;
      if (!grad) continue;
      const added = history.grad === grad && grad.version > history.gradVersion;
      if (added && grad.version === history.gradVersion + 1 && (history.used || history.accumulated > 0)) {
        history.accumulated++;
      } else if (history.grad !== grad || added) {
        history.accumulated = 0;
      }
    }
    if (observation.readElements) this.lookAtNorms(observation);
  }

  private lookAtNorms({ record, parameters }: Observation): void {
    const quiet: string[] = [];
    const loud: string[] = [];
    this.normsPending = parameters.some(([, { grad }]) => grad !== null && grad.value.data === null);
    if (this.normsPending) return;
    for (const [name, parameter] of parameters) {
      const data = parameter.grad ? readable(parameter.grad.value) : null;
      if (data === null) continue;
      const history = this.histories.get(parameter)!;
      const l2 = normOf(data);
      history.quietBackwards = l2 / Math.sqrt(Math.max(data.length, 1)) < vanishing ? history.quietBackwards + 1 : 0;
      if (history.quietBackwards >= quietLimit) quiet.push(name);
      if (l2 > exploding) loud.push(`${name} (${l2.toPrecision(3)})`);
    }
    if (quiet.length > 0) this.report('vanishing', record, quiet, { limit: vanishing, backwards: quietLimit });
    if (loud.length > 0) this.report('exploding', record, loud, { limit: exploding });
  }

  private lookAtLateLosses(): void {
    if (this.unread.length === 0) return;
    const arrived = this.unread.filter(({ loss }) => loss?.data);
    if (arrived.length === 0) {
      if (this.unread.length > unreadKept) this.unread.shift();
      return;
    }
    this.unread = this.unread.filter(({ loss }) => !loss?.data);
    for (const record of arrived) this.lookForNonFinite({ ...record, own: [], persistent: [] });
  }

  private step(observation: Observation): void {
    this.steps++;
    if (observation.readElements && this.normsPending) this.lookAtNorms(observation);
    const { record, parameters } = observation;
    const accumulated: string[] = [];
    const repeated: string[] = [];
    const frozen: string[] = [];
    let backwardsInGradient = 0;
    for (const [name, parameter] of parameters) {
      const history = this.histories.get(parameter)!;
      const changed = parameter.value !== history.value;
      if (changed && history.accumulated > 0) {
        accumulated.push(name);
        backwardsInGradient = Math.max(backwardsInGradient, history.accumulated + 1);
      }
      const sameGradient = history.grad === parameter.grad && history.gradVersion === (parameter.grad?.version ?? 0);
      if (changed && history.used && sameGradient) repeated.push(name);
      if (this.steps >= stepsUntilFrozen && parameter.requiresGrad && isUnchanged(parameter.value, history.initial)) {
        frozen.push(name);
      }
    }
    if (accumulated.length > 0) {
      this.report('accumulated', record, accumulated, {
        parameters: accumulated.length,
        backwards: backwardsInGradient,
      });
    }
    if (repeated.length > 0) this.report('stepWithoutBackward', record, repeated, { parameters: repeated.length });
    if (frozen.length > 0) {
      this.report('neverChanges', record, frozen, { parameters: frozen.length, steps: this.steps });
    }
  }

  private schedulerStep(record: EventRecord): void {
    this.schedulerSteps++;
    if (this.steps > 0) return;
    if (this.schedulerSteps > 1 && this.backwards > 1) {
      this.report('schedulerInstead', record, [], { schedulerSteps: this.schedulerSteps, backwards: this.backwards });
      this.found.delete('schedulerFirst');
    } else {
      this.report('schedulerFirst', record, [], {});
    }
  }

  private lookForNonFinite(record: EventRecord): void {
    if (this.notFiniteSeen) return;
    const loss = record.loss ? readable(record.loss) : null;
    const candidates = [
      ...(loss ? [{ label: 'the loss', data: loss }] : []),
      ...[...record.own, ...record.persistent].map(({ kind, name, value }) => ({
        label: `${kind} ${name}`.trim(),
        data: readable(value),
      })),
    ];
    const hits = candidates.flatMap(({ label, data }) => {
      if (data === null || Number.isFinite(normOf(data))) return [];
      const { nan, infinite } = statisticsOf(data);
      return nan + infinite > 0 ? [{ label, nan, infinite }] : [];
    });
    const first = hits.find(({ label }) => label.startsWith('layer ')) ?? hits[0];
    if (!first) return;
    this.notFiniteSeen = true;
    this.report('notFinite', record, [first.label], { nan: first.nan, infinite: first.infinite });
  }

  private report(check: CheckName, record: EventRecord, subjects: string[], numbers: Record<string, number>): void {
    const row = checkTable[check];
    const known = this.found.get(check);
    const firstEvent = known?.firstEvent ?? record.index;
    const allNumbers = { ...numbers, event: firstEvent };
    this.found.set(check, {
      check,
      title: row.title,
      severity: row.severity,
      message: row.message(allNumbers, subjects),
      suggestion: row.suggestion,
      numbers: allNumbers,
      firstEvent,
      line: known?.line ?? record.line,
      occurrences: (known?.occurrences ?? 0) + 1,
      subjects,
    });
  }
}

function readable(value: Value): TensorData | null {
  return value.data !== null && value.data.length <= largestLooked ? value.data : null;
}

function isUnchanged(value: Value, initial: Value): boolean {
  if (value === initial) return true;
  const [a, b] = [readable(value), readable(initial)];
  return a !== null && b !== null && hasSameElements(a, b);
}

/** A loop: `every` takes seven times as long, and a rate of 0 has all elements compared at each step. */
function hasSameElements(a: TensorData, b: TensorData): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
