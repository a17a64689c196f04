/** Relative to the tensor's own norm, as the trace's definition has them. */
export const tolerances = { loss: 2e-4, output: 2e-4, parameter: 5e-5, gradient: 2e-3 };

interface Numbers {
  sum: number;
  l2: number;
  absmax: number;
}

export interface TraceLine {
  trace?: string;
  print?: string;
  error?: string;
  line?: number;
  event?: number;
  phase?: string;
  lr?: number[];
  loss?: number | null;
  output?: Numbers & { shape: number[]; first: number[] };
  params?: Record<string, Numbers & { shape: number[]; grad: Numbers | null }>;
  warnings?: string[];
}

export interface Comparison {
  /** From that event on only what does not depend on rounding is compared. */
  numbersUntil?: number | undefined;
  /** How many times the tolerances count: another device adds in another order. */
  widen?: number | undefined;
  /** The reference was recorded without an accelerator, where PyTorch warns that there is none. */
  withAccelerator?: boolean | undefined;
}

const noAccelerator = 'no accelerator is found';

function expectAccelerator(line: TraceLine): void {
  if (line.warnings) line.warnings = line.warnings.filter((warning) => !warning.includes(noAccelerator));
}

/** The differences between two traces, the reference first; none when they agree. */
export function compareTraces(reference: string, got: string, comparison: Comparison = {}): string[] {
  const { numbersUntil = Infinity, widen = 1 } = comparison;
  const [expected, actual] = [parseTrace(reference), parseTrace(got)];
  if (comparison.withAccelerator) expected.forEach(expectAccelerator);
  const problems: string[] = [];
  if (expected.length !== actual.length) problems.push(`${expected.length} records, got ${actual.length}`);
  let numbers = true;
  for (let i = 0; i < Math.min(expected.length, actual.length) && problems.length < 5; i++) {
    if (expected[i]!.event === numbersUntil) numbers = false;
    for (const problem of compareLines(expected[i]!, actual[i]!, numbers ? widen : null)) {
      problems.push(`record ${i} (event ${expected[i]!.event}, ${expected[i]!.phase}): ${problem}`);
    }
  }
  return problems;
}

/** A trace's records, without its header. */
export function parseTrace(text: string): TraceLine[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map(parseLine).filter(({ trace }) => trace === undefined);
}

const notFinite = /(?<=[:[,] |\[)(-?Infinity|NaN)(?=[,\]}])/g;

/** Python's JSON has words for what is not finite; JavaScript's hasn't. */
function parseLine(line: string): TraceLine {
  return JSON.parse(line.replace(notFinite, '"$1"'), (_key, value: unknown) =>
    value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value,
  ) as TraceLine;
}

/** @param widen null: no number is compared */
function* compareLines(expected: TraceLine, actual: TraceLine, widen: number | null): Generator<string> {
  for (const key of ['print', 'error'] as const) {
    if (widen === null && (expected[key] === undefined) === (actual[key] === undefined)) continue;
    if (!sameText(expected[key], actual[key], widen ?? 1)) yield `${key}: ${expected[key]} against ${actual[key]}`;
  }
  for (const key of ['phase', 'line', 'event'] as const) {
    if (expected[key] !== actual[key]) yield `${key}: ${expected[key]} against ${actual[key]}`;
  }
  if (!sameNumbers(expected.lr ?? [], actual.lr ?? [], 1e-12, 0)) yield `lr: ${expected.lr} against ${actual.lr}`;
  if (JSON.stringify(expected.warnings ?? []) !== JSON.stringify(actual.warnings ?? [])) {
    yield `warnings: ${expected.warnings} against ${actual.warnings}`;
  }
  if (widen === null) return;
  if (typeof expected.loss === 'number' && !near(expected.loss, actual.loss, widen * tolerances.loss, 1e-2)) {
    yield `loss: ${expected.loss} against ${actual.loss}`;
  }
  if (expected.output) yield* compareOutputs(expected.output, actual.output, widen);
  const [names, otherNames] = [Object.keys(expected.params ?? {}), Object.keys(actual.params ?? {})];
  if (names.join() !== otherNames.join()) yield `parameters: ${names} against ${otherNames}`;
  else for (const name of names) yield* compareParameters(name, expected.params![name]!, actual.params![name]!, widen);
}

function* compareOutputs(
  expected: NonNullable<TraceLine['output']>,
  actual: TraceLine['output'],
  widen: number,
): Generator<string> {
  if (actual?.shape.join() !== expected.shape.join())
    yield `output's shape: [${expected.shape}] against [${actual?.shape}]`;
  else if (!sameNumbers(expected.first, actual.first, widen * tolerances.output, expected.absmax)) {
    yield `output: ${expected.first} against ${actual.first}`;
  }
}

type ParameterLine = NonNullable<TraceLine['params']>[string];

function* compareParameters(
  name: string,
  expected: ParameterLine,
  actual: ParameterLine,
  widen: number,
): Generator<string> {
  if (expected.shape.join() !== actual.shape.join())
    yield `${name}'s shape: [${expected.shape}] against [${actual.shape}]`;
  yield* compareStatistics(name, expected, actual, widen * tolerances.parameter, expected.shape);
  if ((expected.grad === null) !== (actual.grad === null)) yield `${name}'s gradient is there in one of the two`;
  else if (expected.grad && actual.grad) {
    yield* compareStatistics(`${name}.grad`, expected.grad, actual.grad, widen * tolerances.gradient, expected.shape);
  }
}

function* compareStatistics(
  name: string,
  expected: Numbers,
  actual: Numbers,
  tolerance: number,
  shape: readonly number[],
): Generator<string> {
  const count = shape.reduce((product, size) => product * size, 1);
  const scales = { l2: 0, absmax: 0, sum: expected.l2 * Math.sqrt(Math.max(count, 1)) };
  for (const key of ['l2', 'absmax', 'sum'] as const) {
    if (!near(expected[key], actual[key], tolerance, scales[key])) {
      yield `${name}'s ${key}: ${expected[key]} against ${actual[key]}`;
    }
  }
}

function near(expected: number, actual: number | null | undefined, tolerance: number, scale: number): boolean {
  if (typeof actual !== 'number') return false;
  if (!Number.isFinite(expected)) return Object.is(expected, actual);
  return Math.abs(expected - actual) <= tolerance * Math.max(Math.abs(expected), scale) + 1e-7;
}

function sameNumbers(
  expected: readonly number[],
  actual: readonly number[],
  tolerance: number,
  scale: number,
): boolean {
  return expected.length === actual.length && expected.every((value, i) => near(value, actual[i], tolerance, scale));
}

const decimal = /[-+]?\d+\.\d+(?:e[-+]?\d+)?/g;

/** Equal but for the numbers, which are near. */
function sameText(expected: string | undefined, actual: string | undefined, widen: number): boolean {
  if (expected === undefined || actual === undefined) return expected === actual;
  if (expected.replace(decimal, '#') !== actual.replace(decimal, '#')) return false;
  const numbersIn = (text: string): number[] => Array.from(text.matchAll(decimal), ([word]) => Number(word));
  return sameNumbers(numbersIn(expected), numbersIn(actual), widen * 1e-3, 1e-2);
}
