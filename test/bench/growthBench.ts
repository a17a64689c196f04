import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Engine, hasPyTorch, median, PyTorch, raceByTurns, threads, type Contestant } from './contestants';
import { chartPage, type Chart, type Series } from './growthChart';

/* What an iteration costs as the work grows. `scripts/bench.mjs` makes the README's picture of what this writes. */

const rounds = 7;
/** Each round ends with a stop, which takes as long as some iterations. */
const millisecondsPerRound = 800;
const network = readFileSync(join('test', 'bench', 'convolutionNetwork.py'), 'utf8');

/** Two wide layers on 256 numbers, in batches of 16. */
const perceptron = `import torch
from torch import nn, optim

torch.manual_seed(0)
network = nn.Sequential(nn.Linear(256, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 10))
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(network.parameters(), lr=0.01)
inputs = torch.rand(16, 256)
labels = torch.randint(0, 10, (16,))

for iteration in range(1000000):
    output = network(inputs)
    loss = criterion(output, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
`;

/** Widths that make about 0.1, 0.3, 1, 3 and 10 million parameters. */
const widths = [210, 430, 870, 1590, 3030];

function parametersOf(width: number): number {
  return 256 * width + width + width * width + width + 10 * width + 10;
}

interface Row {
  x: number;
  source: string;
}

/** Iterations per second of the engine, in both modes, and of PyTorch where there is one. */
async function measure(title: string, axis: string, rows: readonly Row[]): Promise<Chart> {
  const names = ['Gradstep, running', 'Gradstep, stepping', ...(hasPyTorch() ? ['PyTorch eager'] : [])];
  const series = names.map((name): Series => ({ name, points: [] }));
  console.log(`\n${title}: ${axis}, then iterations per second of ${names.join(', ')}`);
  for (const { x, source } of rows) {
    const contestants: Contestant[] = [new Engine(source, 'running'), new Engine(source, 'stepping')];
    if (hasPyTorch()) contestants.push(new PyTorch(source));
    const rates = (await raceByTurns(contestants, rounds, millisecondsPerRound)).map((times) => 1000 / median(times));
    rates.forEach((y, i) => series[i]!.points.push({ x, y }));
    console.log([String(x).padStart(9), ...rates.map((rate) => rate.toFixed(2).padStart(10))].join('  '));
  }
  return { title, axis, unit: 'iterations/s', series };
}

/** The engine's resident memory, in MiB, by how many iterations its history has. Linux only. */
async function measureMemory(): Promise<Chart> {
  const points: { x: number; y: number }[] = [];
  const engine = new Engine(network, 'running');
  await engine.time(1);
  console.log('\nmemory of the engine: iterations, MiB');
  for (let iterations = 125, done = 0; iterations <= 4000; iterations *= 2) {
    await engine.time(iterations - done);
    done = iterations;
    const status = readFileSync(`/proc/${engine.pid}/status`, 'utf8');
    points.push({ x: iterations, y: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024 });
    console.log(`${String(iterations).padStart(9)}  ${points.at(-1)!.y.toFixed(0).padStart(10)}`);
  }
  engine.close();
  return { title: 'Memory', axis: 'iterations in the history', unit: 'MiB', series: [{ name: 'engine', points }] };
}

async function main(): Promise<void> {
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${threads} threads each`;
  console.log(machine);
  const batches = [1, 2, 4, 8, 16, 32, 64, 128, 256];
  const charts = [
    await measure(
      'Convolutional network, 145,578 parameters',
      'images in a batch',
      batches.map((batch) => ({ x: batch, source: network.replace('batch = 1', `batch = ${batch}`) })),
    ),
    await measure(
      'Linear layers, batches of 16',
      'parameters',
      widths.map((width) => ({ x: parametersOf(width), source: perceptron.replaceAll('WIDTH', String(width)) })),
    ),
    await measureMemory(),
  ];
  mkdirSync(join('out', 'bench'), { recursive: true });
  writeFileSync(join('out', 'bench', 'growth.html'), chartPage(charts, machine));
}

void main();
