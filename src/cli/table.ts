import type { Phase } from '../common/phase';
import type { TraceEvent } from '../common/engineContract';

const columns = { event: 5, phase: 14, line: 4, what: 62 } as const;

/** Prints events as a person reads them: one line each that says what happened, warnings below. */
export class EventTable {
  private previous: TraceEvent | null = null;

  lines(event: TraceEvent): string[] {
    const lines = this.previous === null ? [row('event', 'phase', 'line', 'what happened', 'learning rate')] : [];
    const what = descriptions[event.phase](event, this.previous);
    lines.push(row(String(event.event), event.phase, String(event.line), what, event.lr.map(short).join(', ')));
    for (const warning of event.warnings) lines.push(`       warning: ${warning}`);
    this.previous = event;
    return lines;
  }
}

function row(event: string, phase: string, line: string, what: string, rates: string): string {
  return [
    event.padStart(columns.event),
    phase.padEnd(columns.phase),
    line.padStart(columns.line),
    what.padEnd(columns.what),
    rates,
  ]
    .join('  ')
    .trimEnd();
}

/** One row per phase: what it did, with this event's numbers. */
const descriptions: Readonly<Record<Phase, (event: TraceEvent, previous: TraceEvent | null) => string>> = {
  zero_grad: ({ parameters }) => {
    const kept = parameters.filter(({ gradient }) => gradient !== null);
    if (kept.length === 0) return 'gradients none';
    return kept.every(({ gradient }) => gradient!.absmax === 0) ? 'gradients zero' : `${kept.length} gradients stay`;
  },
  forward: ({ output }) => (output ? `output [${output.shape.join(', ')}], largest ${short(output.absmax)}` : ''),
  loss: (event) => lossText(event),
  backward: (event) => [lossText(event), largestGradient(event)].filter((part) => part !== '').join(', '),
  step: (event, previous) => changedParameters(event, previous),
  scheduler_step: (event, previous) => {
    const before = previous?.lr.map(short).join(', ');
    const after = event.lr.map(short).join(', ');
    return before === undefined || before === after ? `lr stays ${after}` : `lr ${before} -> ${after}`;
  },
};

function lossText({ loss }: TraceEvent): string {
  return loss === undefined || loss === null ? '' : `loss ${loss.toPrecision(7)}`;
}

function largestGradient({ parameters }: TraceEvent): string {
  let largest = { name: '', norm: -1 };
  for (const { name, gradient } of parameters) {
    if (gradient && !(gradient.l2 <= largest.norm)) largest = { name, norm: gradient.l2 };
  }
  return largest.name === '' ? '' : `largest gradient ${largest.name}, norm ${short(largest.norm)}`;
}

function changedParameters({ parameters }: TraceEvent, previous: TraceEvent | null): string {
  const before = new Map(previous?.parameters.map(({ name, statistics }) => [name, statistics]));
  const changed = parameters.filter(({ name, statistics }) => {
    const old = before.get(name);
    return old?.sum !== statistics.sum || old.l2 !== statistics.l2;
  });
  return changed.length === 0 ? 'no parameter changed' : `${changed.length} of ${parameters.length} parameters changed`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}
