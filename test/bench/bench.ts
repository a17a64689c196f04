import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import type { ExecutionMode } from '../../src/common/engineContract';
import { EngineClient } from '../../src/engine/client';
import { writeSampleFolder } from '../support/sampleFolder';
import { measurePreflight } from './preflightBench';

/* Medians of what a person waits for. `torchBench.ts` compares with PyTorch. */

const folder = mkdtempSync(join(tmpdir(), 'gradstep-bench-'));
const script = resolve('test/fixtures/traces/01_cifar_sgd.py');
const threads = 2;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function report(what: string, milliseconds: number, goal: string): void {
  console.log(`${what.padEnd(58)} ${milliseconds.toFixed(2).padStart(9)} ms   ${goal}`);
}

function newClient(): EngineClient {
  return new EngineClient({ entry: resolve('dist/engine/main.cjs') });
}

function startOptions(mode: ExecutionMode): Parameters<EngineClient['start']>[0] {
  return {
    fileName: script,
    source: readFileSync(script, 'utf8'),
    device: 'cpu',
    threads,
    dataFolder: folder,
    mode,
    goal: { kind: 'next' },
  };
}

async function measureStart(): Promise<void> {
  const ready: number[] = [];
  const firstEvent: number[] = [];
  for (let i = 0; i < 5; i++) {
    const begun = performance.now();
    const client = newClient();
    await client.ping();
    ready.push(performance.now() - begun);
    await client.start(startOptions('stepping'));
    firstEvent.push(performance.now() - begun);
    client.dispose();
  }
  report('engine ready after being started', median(ready), 'goal 1000');
  report('first event of script 01 after the engine was started', median(firstEvent), 'goal 2000');
}

async function measureIterations(mode: ExecutionMode): Promise<number> {
  const client = newClient();
  await client.start(startOptions(mode));
  const blocks: number[] = [];
  const block = 20;
  await client.run({ kind: 'iterations', count: 30 }, mode);
  for (let i = 0; i < 15; i++) {
    const begun = performance.now();
    await client.run({ kind: 'iterations', count: block }, mode);
    blocks.push((performance.now() - begun) / block);
  }
  client.dispose();
  return median(blocks);
}

async function measureSingleSteps(): Promise<number> {
  const client = newClient();
  await client.start(startOptions('stepping'));
  await client.run({ kind: 'iterations', count: 10 }, 'stepping');
  const times: number[] = [];
  for (let i = 0; i < 100; i++) {
    const begun = performance.now();
    await client.next();
    times.push(performance.now() - begun);
  }
  client.dispose();
  return median(times);
}

function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

async function measureMemory(): Promise<void> {
  if (process.platform !== 'linux') return;
  const client = newClient();
  await client.start(startOptions('running'));
  const readings: string[] = [];
  for (let iterations = 250; iterations <= 2000; iterations += 250) {
    await client.run({ kind: 'iterations', count: 250 }, 'running');
    readings.push(`${iterations}: ${residentMegabytes(client.pid ?? 0).toFixed(0)}`);
  }
  client.dispose();
  console.log(`resident memory of the child, MiB after N iterations (goal 900): ${readings.join(', ')}`);
}

async function main(): Promise<void> {
  writeSampleFolder(folder);
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${threads} threads in use`);
  console.log(
    `${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${process.platform}-${process.arch}, Node ${process.version}\n`,
  );
  report('preflight of a 200-line script, warm', median(measurePreflight(200)), 'goal 20');
  await measureStart();
  const running = await measureIterations('running');
  report('iteration of script 01 at batch 1, running', running, 'goal 6');
  const stepping = await measureIterations('stepping');
  report('iteration of script 01 at batch 1, stepping', stepping, 'goal 9');
  report('one phase stepped by request and reply', await measureSingleSteps(), '');
  await measureMemory();
}

void main().finally(() => rmSync(folder, { recursive: true, force: true }));
