import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { ExecutionMode } from '../../src/common/engineContract';
import { EngineClient } from '../../src/engine/client';

/* Two that run the same script. Both get the same number of threads. */

export const threads = 2;
/** How long each runs before it is measured, in milliseconds. */
const warmUp = 3000;

/** Something that runs a number of iterations. @returns the milliseconds of one */
export interface Contestant {
  time(iterations: number): Promise<number>;
  close(): void;
}

/** Eager, in a Python of its own. */
export class PyTorch implements Contestant {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: Interface;
  private readonly answers: AsyncIterator<string>;

  constructor(source: string) {
    this.child = spawn('python3', [join('test', 'bench', 'torchLoop.py')], { stdio: 'pipe' });
    this.child.stderr.pipe(process.stderr);
    this.lines = createInterface(this.child.stdout);
    this.answers = this.lines[Symbol.asyncIterator]();
    this.child.stdin.write(`${JSON.stringify({ source, threads, device: 'cpu' })}\n`);
  }

  async time(iterations: number): Promise<number> {
    this.child.stdin.write(`${iterations}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error('PyTorch has ended');
    return Number(value) / iterations;
  }

  close(): void {
    this.child.stdin.end();
    this.lines.close();
  }
}

/** Our own. */
export class Engine implements Contestant {
  private readonly client = new EngineClient({ entry: resolve('dist/engine/main.cjs') });
  private started = false;

  constructor(
    private readonly source: string,
    private readonly mode: ExecutionMode,
  ) {}

  /** @throws where the engine has no process */
  get pid(): number {
    if (this.client.pid === undefined) throw new Error('the engine has not been started');
    return this.client.pid;
  }

  async time(iterations: number): Promise<number> {
    const { client, mode } = this;
    if (!this.started) {
      this.started = true;
      await client.start({
        fileName: resolve('test/bench/convolutionNetwork.py'),
        source: this.source,
        device: 'cpu',
        threads,
        dataFolder: null,
        mode,
        goal: { kind: 'next' },
      });
    }
    const begun = performance.now();
    await client.run({ kind: 'iterations', count: iterations }, mode);
    return (performance.now() - begun) / iterations;
  }

  close(): void {
    this.client.dispose();
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function hasPyTorch(): boolean {
  return spawnSync('python3', ['-c', 'import torch']).status === 0;
}

/**
 * By turns, so that what else the machine does meets all of them.
 * @param millisecondsPerRound about as long as each takes in a round
 * @returns the times of an iteration in milliseconds, by round, for each contestant
 */
export async function raceByTurns(
  contestants: readonly Contestant[],
  rounds: number,
  millisecondsPerRound: number,
): Promise<number[][]> {
  const times = contestants.map((): number[] => []);
  const counts: number[] = [];
  for (const contestant of contestants) {
    // Compilers of both kinds need a while.
    for (const end = performance.now() + warmUp; performance.now() < end;) await contestant.time(8);
    counts.push(Math.max(2, Math.round(millisecondsPerRound / (await contestant.time(4)))));
  }
  for (let round = 0; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) times[i]!.push(await contestant.time(counts[i]!));
  }
  contestants.forEach((contestant) => contestant.close());
  return times;
}
