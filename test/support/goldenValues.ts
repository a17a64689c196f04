import type { TraceEvent } from '../../src/common/engineContract';
import type { DebugDriver } from './debugDriver';

/** What of a trace's event a debugger can ask for. */
export interface EventLine {
  event: number;
  phase: string;
  line: number;
  lr: number[];
  loss?: number | null;
  params: Record<string, ParameterLine>;
}

type Numbers = Record<'sum' | 'l2' | 'absmax', number>;
type ParameterLine = Numbers & { shape: number[]; grad: Numbers | null };

/** By which Python expressions a script's values are found. */
export interface ScriptNames {
  /** The expression of the module whose parameters the trace names; null where they are variables of their own. */
  model: string | null;
  optimizer: string;
  /** Where there is one at module level or in the innermost function. */
  loss: string;
}

const words: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, '-inf': -Infinity };

/** The same as a trace's event has, evaluated where the script stands. */
export async function evaluateEvent(
  driver: DebugDriver,
  names: ScriptNames,
  expected: EventLine,
  frame: number,
): Promise<EventLine> {
  const number = async (expression: string): Promise<number> => {
    const text = await driver.evaluate(expression, { frame });
    return words[text] ?? Number(text);
  };
  const numbers = async (tensor: string): Promise<Numbers> => ({
    sum: await number(`${tensor}.double().sum().item()`),
    l2: await number(`${tensor}.double().norm().item()`),
    absmax: await number(`${tensor}.abs().max().item()`),
  });
  const params: EventLine['params'] = {};
  for (const name of Object.keys(expected.params)) {
    const parameter = names.model === null ? name : memberOf(names.model, name);
    const isNone = (await driver.evaluate(`${parameter}.grad is None`, { frame })) === 'True';
    params[name] = {
      shape: JSON.parse(await driver.evaluate(`list(${parameter}.shape)`, { frame })) as number[],
      ...(await numbers(parameter)),
      grad: isNone ? null : await numbers(`${parameter}.grad`),
    };
  }
  const lr: number[] = [];
  for (const group of expected.lr.keys()) lr.push(await number(`${names.optimizer}.param_groups[${group}]['lr']`));
  return { ...expected, lr, params };
}

/** Only what a debugger can ask for. @param lines of a golden trace, as compareTraces reads them */
export function eventLines(lines: readonly Partial<EventLine>[]): EventLine[] {
  return lines.flatMap(({ event, phase, line, lr, loss, params }) =>
    event === undefined ? [] : [{ event, phase: phase!, line: line!, lr: lr!, loss: loss ?? null, params: params! }],
  );
}

export function eventLine({ event, phase, line, lr, loss = null, parameters }: TraceEvent): EventLine {
  const params = parameters.map(({ name, statistics, gradient }) => [name, { ...statistics, grad: gradient }] as const);
  return { event, phase, line, lr, loss, params: Object.fromEntries(params) };
}

/** `network.layers[0].weight` for `layers.0.weight` */
function memberOf(model: string, path: string): string {
  return path
    .split('.')
    .reduce((owner, part) => (/^\d+$/.test(part) ? `${owner}[${part}]` : `${owner}.${part}`), model);
}
