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
  /** Further words for the command line. */
  words?: readonly string[];
  environment?: NodeJS.ProcessEnv;
}

export interface TraceOutcome {
  /** As PyTorch's run ends: 1 where the script raises. */
  expectedStatus: number;
  status: number | null;
  stderr: string;
  /** The differences, none when they agree. @param widen see `compareTraces` */
  differences(widen?: number): string[];
}

/** Runs a script as `npm run trace` does. */
export function runGoldenTrace({ script, golden }: GoldenTrace, run: TraceRun): TraceOutcome {
  const { data, mode, out, words = [], environment = process.env } = run;
  const expected = readFileSync(golden, 'utf8');
  // One event more than PyTorch's trace has, unless that one was cut off by its own limit.
  const events = expected.split('\n').filter((line) => line.includes('"phase"')).length;
  const limit = cutOff(expected) ? events : events + 1;
  const command = ['trace', script, '--events', String(limit), '--out', out, '--data', data, ...words];
  if (mode === 'running') command.push('--run');
  const { status, stderr } = spawnSync(process.execPath, [join('dist', 'cli', 'main.cjs'), ...command], {
    encoding: 'utf8',
    env: environment,
  });
  return {
    expectedStatus: expected.includes('{"error"') ? 1 : 0,
    status,
    stderr,
    differences: (widen) =>
      compareTraces(expected, readFileSync(out, 'utf8'), {
        numbersUntil: numbersUntil[golden],
        widen,
        withAccelerator: words.includes('cuda'),
      }),
  };
}

/** Whether a trace ends at an event because it was recorded with that many. */
function cutOff(golden: string): boolean {
  return golden.trimEnd().split('\n').at(-1)!.includes('"phase"');
}
