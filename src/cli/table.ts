import type { TraceEvent } from '../common/engineContract';

const header = 'event  phase           line  loss or output                  largest gradient  learning rate';

/** Prints events as a person reads them: one line each, warnings below. */
export class EventTable {
  private headed = false;

  lines(event: TraceEvent): string[] {
    const columns = [
      String(event.event).padStart(5),
      event.phase.padEnd(14),
      String(event.line).padStart(5),
      result(event).padEnd(30),
      largestGradient(event).padStart(16),
      event.lr.map(short).join(', '),
    ];
    const lines = this.headed ? [] : [header];
    this.headed = true;
    lines.push(columns.join('  ').trimEnd());
    for (const warning of event.warnings) lines.push(`       warning: ${warning}`);
    return lines;
  }
}

function result({ loss, output }: TraceEvent): string {
  if (output) return `output [${output.shape.join(', ')}], |max| ${short(output.absmax)}`;
  return loss === undefined || loss === null ? '' : `loss ${loss.toPrecision(7)}`;
}

function largestGradient({ parameters }: TraceEvent): string {
  const gradients = parameters.flatMap(({ gradient }) => (gradient ? [gradient.absmax] : []));
  return gradients.length === 0 ? '' : short(Math.max(...gradients));
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}
