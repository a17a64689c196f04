import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Device, ExecutionMode, GraphOnCpu } from '../../src/common/engineContract';
import { EngineClient } from '../../src/engine/client';
import { tolerances } from '../golden/compareTraces';
import { runGoldenTrace, traceableAnywhere, type GoldenTrace } from '../golden/goldenTraces';
import { writeSampleFolder } from '../support/sampleFolder';
import { machineReport } from './machine';

/* One report about CUDA on this machine: what is there, whether the numbers are PyTorch's, where graphs run, how fast. */

const entry = resolve('dist/engine/main.cjs');
const folder = mkdtempSync(join(tmpdir(), 'gradstep-verify-'));
const modes = ['stepping', 'running'] as const;
/** Against PyTorch's own traces of a CPU; a GPU adds in another order. */
const widened = [1, 10] as const;
const placementEvents = 40;
const shownDifferences = 3;

function traces(): GoldenTrace[] {
  const { own, onSample } = traceableAnywhere();
  return [...onSample, ...own];
}

/** Returns how many traces differ by more than the tolerances allow. */
function reportParity(environment: NodeJS.ProcessEnv): number {
  const stated = Object.entries(tolerances).map(([name, value]) => `${name} ${value}`);
  console.log(
    `\nParity with PyTorch 2.13.0, TF32 off; relative tolerances: ${stated.join(', ')}, times ${widened.at(-1)}`,
  );
  let wrong = 0;
  for (const trace of traces()) {
    for (const mode of modes) {
      const out = join(folder, 'trace.jsonl');
      const words = ['--device', 'cuda'];
      rmSync(out, { force: true });
      const outcome = runGoldenTrace(trace, { data: folder, mode, out, words, environment });
      const name = `${basename(trace.script)}, ${mode}`.padEnd(58);
      if (outcome.status !== outcome.expectedStatus) {
        wrong++;
        console.log(`  ${name} ended with ${outcome.status}: ${outcome.stderr.trim().split('\n').at(-1)}`);
        continue;
      }
      const agreed = widened.find((widen) => outcome.differences(widen).length === 0);
      if (agreed === undefined) wrong++;
      console.log(`  ${name} ${agreed === undefined ? 'DIFFERS' : `agrees, tolerances times ${agreed}`}`);
      if (agreed !== undefined) continue;
      for (const line of outcome.differences(widened.at(-1)).slice(0, shownDifferences)) console.log(`      ${line}`);
    }
  }
  return wrong;
}

interface Placed {
  compiled: number;
  onCpu: GraphOnCpu[];
}

async function placementOf(
  { script }: GoldenTrace,
  mode: ExecutionMode,
  environment: NodeJS.ProcessEnv,
): Promise<Placed> {
  const client = new EngineClient({ entry, environment });
  try {
    await client.start({
      fileName: resolve(script),
      source: readFileSync(script, 'utf8'),
      device: 'cuda',
      threads: 0,
      dataFolder: folder,
      mode,
      goal: { kind: 'events', count: placementEvents },
    });
    return { compiled: client.state?.compiledGraphs ?? 0, onCpu: client.state?.onCpu ?? [] };
  } finally {
    client.dispose();
  }
}

async function reportPlacement(environment: NodeJS.ProcessEnv): Promise<void> {
  console.log(`\nPlacement of every graph, in the first ${placementEvents} events`);
  for (const trace of traces()) {
    for (const mode of modes) {
      const { compiled, onCpu } = await placementOf(trace, mode, environment);
      const partly = onCpu.map(({ graph, graphs, operators }) => `${graph} (${graphs}): ${operators.join(', ')}`);
      const name = `${basename(trace.script)}, ${mode}`.padEnd(58);
      console.log(
        `  ${name} ${compiled} graphs, ${partly.length === 0 ? 'none on the CPU' : `on the CPU ${partly.join('; ')}`}`,
      );
    }
  }
}

/** Iterations in a second, the median of some blocks. */
async function speedOf(script: string, device: Device, environment: NodeJS.ProcessEnv): Promise<number> {
  const client = new EngineClient({ entry, environment });
  try {
    const source = readFileSync(script, 'utf8');
    const goal = { kind: 'next' } as const;
    await client.start({ fileName: script, source, device, threads: 0, dataFolder: folder, mode: 'running', goal });
    await client.run({ kind: 'iterations', count: 30 }, 'running');
    const speeds: number[] = [];
    for (let block = 0; block < 9; block++) {
      const begun = performance.now();
      await client.run({ kind: 'iterations', count: 20 }, 'running');
      speeds.push((20 * 1000) / (performance.now() - begun));
    }
    return speeds.sort((a, b) => a - b)[4]!;
  } finally {
    client.dispose();
  }
}

function speedOfPyTorch(batch: number): number | null {
  const script = join('test', 'verify', 'torchIteration.py');
  const { status, stdout } = spawnSync('python3', [script, String(batch)], { encoding: 'utf8' });
  return status === 0 ? 1000 / Number(stdout) : null;
}

async function reportSpeed(environment: NodeJS.ProcessEnv): Promise<void> {
  console.log("\nIterations a second of script 01's network, running; PyTorch eager on the same GPU");
  const original = readFileSync('test/fixtures/traces/01_cifar_sgd.py', 'utf8');
  for (const batch of [1, 64]) {
    const script = join(folder, `batch${batch}.py`);
    writeFileSync(
      script,
      original.replace('batch_size=1,', `batch_size=${batch},`).replace('range(10)', 'range(1000)'),
    );
    const [cuda, cpu] = [await speedOf(script, 'cuda', environment), await speedOf(script, 'cpu', process.env)];
    const pytorch = speedOfPyTorch(batch);
    const other = pytorch === null ? 'no PyTorch with CUDA' : `PyTorch ${pytorch.toFixed(0)}`;
    console.log(`  batch ${String(batch).padEnd(4)} CUDA ${cuda.toFixed(0)}, CPU ${cpu.toFixed(0)}, ${other}`);
  }
}

/** The exit code: 1 where CUDA can't be used or a trace differs. */
async function main(): Promise<number> {
  const at = process.argv.indexOf('--store');
  const store = at === -1 ? null : (process.argv[at + 1] ?? null);
  const machine = await machineReport(entry, store);
  console.log(machine.lines.join('\n'));
  if (!machine.works) {
    console.log('\nNothing else was checked: it needs CUDA.');
    return 1;
  }
  writeSampleFolder(folder);
  const exact = { ...machine.environment, NVIDIA_TF32_OVERRIDE: '0' };
  const wrong = reportParity(exact);
  await reportPlacement(exact);
  await reportSpeed(machine.environment);
  console.log(wrong === 0 ? '\nCUDA gives PyTorch’s numbers.' : `\n${wrong} traces differ.`);
  return wrong === 0 ? 0 : 1;
}

void main()
  .then((code) => (process.exitCode = code))
  .finally(() => rmSync(folder, { recursive: true, force: true }));
