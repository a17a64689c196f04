import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { ExecutionMode } from '../../src/common/engineContract';
import { EngineClient } from '../../src/engine/client';

/*
 * The same script by PyTorch eager and by the engine, by turns in one run and with the same number of threads: what else
 * the machine does meets both.
 */

const template = readFileSync(join('test', 'bench', 'convolutionNetwork.py'), 'utf8');
const threads = 2;
const rounds = 15;
/** A round takes about as long. */
const millisecondsPerRound = 250;

interface Case {
  batch: number;
  optimizer: string;
  /** Of PyTorch's iterations per second, in running mode. */
  goal: number;
}

const sgd = 'optim.SGD(network.parameters(), lr=0.01)';
const adam = 'optim.Adam(network.parameters())';
const stepped = 1.5;

const cases: readonly Case[] = [sgd, adam].flatMap((optimizer) => [
  { batch: 1, optimizer, goal: 1.5 },
  { batch: 4, optimizer, goal: 1.5 },
  { batch: 16, optimizer, goal: 1.2 },
  { batch: 64, optimizer, goal: 1 },
]);

function sourceOf({ batch, optimizer }: Case): string {
  return template.replace('batch = 1', `batch = ${batch}`).replace(sgd, optimizer);
}

/** Something that runs a number of iterations. @returns the milliseconds of one */
interface Contestant {
  time(iterations: number): Promise<number>;
  close(): void;
}

class PyTorch implements Contestant {
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

class Engine implements Contestant {
  private readonly client = new EngineClient({ entry: resolve('dist/engine/main.cjs') });
  private started = false;

  constructor(
    private readonly source: string,
    private readonly mode: ExecutionMode,
  ) {}

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

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function compare(row: Case): Promise<void> {
  const source = sourceOf(row);
  const contestants = [new PyTorch(source), new Engine(source, 'running'), new Engine(source, 'stepping')];
  const times = contestants.map((): number[] => []);
  const counts: number[] = [];
  for (const contestant of contestants) {
    await contestant.time(8);
    counts.push(Math.max(2, Math.round(millisecondsPerRound / (await contestant.time(4)))));
  }
  for (let round = 0; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) times[i]!.push(await contestant.time(counts[i]!));
  }
  contestants.forEach((contestant) => contestant.close());
  const [torch, running, stepping] = times.map(median) as [number, number, number];
  // Within each round: what the machine does elsewhere changes slower than that.
  const ratio = (a: readonly number[], b: readonly number[]): number => median(a.map((one, i) => one / b[i]!));
  const columns = [
    (row.optimizer === sgd ? 'SGD' : 'Adam').padEnd(6),
    String(row.batch).padStart(5),
    ...[torch, running, stepping].map((time) => time.toFixed(2).padStart(10)),
    `${ratio(times[0]!, times[1]!).toFixed(2)} (goal ${row.goal})`.padStart(18),
    `${ratio(times[2]!, times[1]!).toFixed(2)} (goal ${stepped})`.padStart(18),
  ];
  console.log(columns.join('  '));
}

async function main(): Promise<void> {
  if (spawnSync('python3', ['-c', 'import torch']).status !== 0) throw new Error('python3 has no torch here');
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${threads} threads each\n`);
  const titles = ['batch', 'PyTorch ms', 'running ms', 'stepping ms', 'PyTorch / running', 'stepping / running'];
  const widths = [5, 10, 10, 10, 18, 18];
  console.log(['      ', ...titles.map((title, i) => title.padStart(widths[i]!))].join('  '));
  for (const row of cases) await compare(row);
}

void main();
