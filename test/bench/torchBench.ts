import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Engine, hasPyTorch, median, PyTorch, raceByTurns, threads } from './contestants';

/*
 * The same script by PyTorch eager and by the engine, by turns in one run and with the same number of threads: what else
 * the machine does meets both.
 */

const template = readFileSync(join('test', 'bench', 'convolutionNetwork.py'), 'utf8');
const rounds = 11;
/** A round takes about as long: each ends with a stop, which costs as much as half an iteration. */
const millisecondsPerRound = 800;

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

async function compare(row: Case): Promise<void> {
  const source = sourceOf(row);
  const contestants = [new PyTorch(source), new Engine(source, 'running'), new Engine(source, 'stepping')];
  const times = await raceByTurns(contestants, rounds, millisecondsPerRound);
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
  if (!hasPyTorch()) throw new Error('python3 has no torch here');
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${threads} threads each\n`);
  const titles = ['batch', 'PyTorch ms', 'running ms', 'stepping ms', 'PyTorch / running', 'stepping / running'];
  const widths = [5, 10, 10, 10, 18, 18];
  console.log(['      ', ...titles.map((title, i) => title.padStart(widths[i]!))].join('  '));
  for (const row of cases) await compare(row);
}

void main();
