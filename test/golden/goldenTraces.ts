import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compareTraces } from './compareTraces';

export const traceFixtures = join('test', 'fixtures', 'traces');

/** A script and what PyTorch 2.13.0 made of it. */
export interface GoldenTrace {
  script: string;
  golden: string;
}

/** The traces that need nothing but the built-in images: our own scripts, and the others where they were recorded on them. */
export function traceableAnywhere(): { own: GoldenTrace[]; onSample: GoldenTrace[] } {
  const own = scriptsIn(join(traceFixtures, 'own')).map((script) => ({
    script,
    golden: script.replace(/py$/, 'jsonl'),
  }));
  const onSample = scriptsIn(traceFixtures)
    .map((script) => ({ script, golden: join(traceFixtures, 'sample', basename(script).replace(/py$/, 'jsonl')) }))
    .filter(({ golden }) => existsSync(golden));
  return { own, onSample };
}

export function scriptsIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.py'));
  return names.map((name) => join(folder, name));
}

/**
 * From event 131 on this script's learning rate is too high and a difference of one rounding grows fourfold with each
 * iteration: PyTorch without oneDNN departs from PyTorch with it at event 173, and so does every other implementation.
 */
const numbersUntil: Readonly<Record<string, number>> = { [join(traceFixtures, '03_steplr.jsonl')]: 173 };

export interface TraceRun {
  data: string;
  mode: 'stepping' | 'running';
  /** Where the trace goes. */
  out: string;
}

export interface TraceOutcome {
  /** As PyTorch's run ends: 1 where the script raises. */
  expectedStatus: number;
  status: number | null;
  stderr: string;
  /** The differences, none when they agree. */
  differences(): string[];
}

/** Runs a script as `npm run trace` does. */
export function runGoldenTrace({ script, golden }: GoldenTrace, { data, mode, out }: TraceRun): TraceOutcome {
  const expected = readFileSync(golden, 'utf8');
  const command = ['trace', script, '--events', String(tracedEvents(expected)), '--out', out, '--data', data];
  if (mode === 'running') command.push('--run');
  const { status, stderr } = spawnSync(process.execPath, [join('dist', 'cli', 'main.cjs'), ...command], {
    encoding: 'utf8',
  });
  return {
    expectedStatus: expected.includes('{"error"') ? 1 : 0,
    status,
    stderr,
    differences: () => traceDifferences({ script, golden }, readFileSync(out, 'utf8')),
  };
}

/**
 * The differences between PyTorch's trace and another one; none when they agree.
 * @param withAccelerator @param widen see `compareTraces`
 */
export function traceDifferences({ golden }: GoldenTrace, got: string, withAccelerator = false, widen = 1): string[] {
  const comparison = { numbersUntil: numbersUntil[golden], withAccelerator, widen };
  return compareTraces(readFileSync(golden, 'utf8'), got, comparison);
}

/** How many events a run takes to tell whether it has the trace's: one more, unless that was cut off by its own limit. */
export function tracedEvents(golden: string): number {
  const events = golden.split('\n').filter((line) => line.includes('"phase"')).length;
  return cutOff(golden) ? events : events + 1;
}

/** Whether a trace ends at an event because it was recorded with that many. */
function cutOff(golden: string): boolean {
  return golden.trimEnd().split('\n').at(-1)!.includes('"phase"');
}
