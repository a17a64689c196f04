import type { EngineError, TraceEvent, TraceItem, TraceStatistics } from '../common/engineContract';
import { exactly, nineDigits, pythonJson, type PythonJson } from './pythonJson';

/** The trace's first line. */
export function headerLine(engine: string, device: string): string {
  return pythonJson({ trace: 'gradstep/1', engine, device });
}

/** The line of an event or of a print, without its end; null for what the format leaves out. */
export function itemLine(item: TraceItem): string | null {
  if (item.kind === 'event') return pythonJson(eventObject(item));
  return item.end === null ? null : pythonJson({ print: item.text.slice(0, item.text.length - item.end.length) });
}

export function errorLine({ message, line }: EngineError): string {
  return pythonJson({ error: message, line });
}

function eventObject(event: TraceEvent): PythonJson {
  const { loss, output, warnings } = event;
  return {
    event: event.event,
    phase: event.phase,
    line: event.line,
    lr: event.lr.map(exactly),
    ...(loss !== undefined && { loss: loss === null ? null : nineDigits(loss) }),
    ...(output && {
      output: {
        shape: output.shape,
        ...numbers(output),
        first: output.first.map((value) => (typeof value === 'number' ? nineDigits(value) : value)),
      },
    }),
    params: Object.fromEntries(
      event.parameters.map(({ name, statistics, gradient }) => [
        name,
        { shape: statistics.shape, ...numbers(statistics), grad: gradient && numbers(gradient) },
      ]),
    ),
    ...(warnings.length > 0 && { warnings }),
  };
}

function numbers({ sum, l2, absmax }: TraceStatistics): Record<string, PythonJson> {
  return { sum: nineDigits(sum), l2: nineDigits(l2), absmax: nineDigits(absmax) };
}
