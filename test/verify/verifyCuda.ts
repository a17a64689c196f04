import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Device, ExecutionMode, GraphOnCpu } from '../../src/common/engineContract';
import { GradstepError } from '../../src/common/errors';
import { errorLine, itemLine } from '../../src/cli/traceFormat';
import { EngineClient } from '../../src/engine/client';
import { tolerances } from '../golden/compareTraces';
import { traceableAnywhere, traceDifferences, tracedEvents, type GoldenTrace } from '../golden/goldenTraces';
import { writeSampleFolder } from '../support/sampleFolder';
import { machineReport } from './machine';
import type { OperatorReport } from './operatorReport';
import { standInEnvironment } from './standIn/environment';

/* One report about CUDA on this machine: what is there, whether the numbers are PyTorch's, where graphs run, how fast. */

const entry = resolve('dist/engine/main.cjs');
const folder = mkdtempSync(join(tmpdir(), 'gradstep-verify-'));
const modes = ['stepping', 'running'] as const;
/** Against PyTorch's own traces of a CPU; a GPU adds in another order. */
const widened = [1, 10] as const;
/** Of an operator's numbers from the CPU's: ten times what the CPU's gradients may be off. */
const operatorTolerance = 1e-4;
const shownDifferences = 3;

function traces(): GoldenTrace[] {
  const { own, onSample } = traceableAnywhere();
  return [...onSample, ...own];
}

/** A script's run on CUDA: its trace and where its graphs were. */
interface TracedRun {
  lines: string[];
  compiled: number;
  onCpu: GraphOnCpu[];
}

/** One process for all of them, since CUDA's libraries take seconds to load; another one where it ends. */
class CudaEngine {
  private client: EngineClient | null = null;
  private lines: string[] = [];

  constructor(private readonly environment: NodeJS.ProcessEnv) {}

  /** A process that ends is an error line, as a script's exception is. */
  async trace({ script, golden }: GoldenTrace, mode: ExecutionMode): Promise<TracedRun> {
    this.lines = [];
    this.client ??= this.start();
    try {
      const { error } = await this.client.start({
        fileName: resolve(script),
        source: readFileSync(script, 'utf8'),
        device: 'cuda',
        threads: 0,
        dataFolder: folder,
        mode,
        goal: { kind: 'events', count: tracedEvents(readFileSync(golden, 'utf8')) },
        trace: true,
      });
      if (error) this.lines.push(errorLine(error));
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      console.log(`  the engine ended: ${message}`);
      this.lines.push(JSON.stringify({ error: message }));
      this.dispose();
    }
    const { compiledGraphs = 0, onCpu = [] } = this.client?.state ?? {};
    return { lines: this.lines, compiled: compiledGraphs, onCpu };
  }

  private start(): EngineClient {
    const client = new EngineClient({ entry, environment: this.environment });
    client.on('trace', ({ items }) => {
      this.lines.push(...items.flatMap((item) => itemLine(item) ?? []));
    });
    return client;
  }

  dispose(): void {
    this.client?.dispose();
    this.client = null;
  }
}

interface TraceReport {
  /** How many traces differ by more than the tolerances allow. */
  wrong: number;
  /** How many runs had a graph that is not wholly on CUDA. */
  partial: number;
}

async function reportTraces(environment: NodeJS.ProcessEnv): Promise<TraceReport> {
  const stated = Object.entries(tolerances).map(([name, value]) => `${name} ${value}`);
  console.log('\nParity with PyTorch 2.13.0, and where graphs are; TF32 off');
  console.log(`Relative tolerances: ${stated.join(', ')}, times ${widened.at(-1)}`);
  const report: TraceReport = { wrong: 0, partial: 0 };
  const engine = new CudaEngine(environment);
  try {
    for (const trace of traces()) {
      for (const mode of modes) {
        const run = await engine.trace(trace, mode);
        const differences = (widen: number): string[] => traceDifferences(trace, run.lines.join('\n'), true, widen);
        const agreed = widened.find((widen) => differences(widen).length === 0);
        const partly = run.onCpu.map(({ graph, graphs, operators }) => `${graph} (${graphs}): ${operators.join(', ')}`);
        if (agreed === undefined) report.wrong++;
        if (partly.length > 0) report.partial++;
        console.log(
          `  ${`${basename(trace.script)}, ${mode}`.padEnd(52)}`,
          (agreed === undefined ? 'DIFFERS' : `agrees, tolerances times ${agreed}`).padEnd(28),
          `${run.compiled} graphs, ${partly.length === 0 ? 'none on the CPU' : `on the CPU ${partly.join('; ')}`}`,
        );
        if (agreed !== undefined) continue;
        for (const line of differences(widened.at(-1)!).slice(0, shownDifferences)) console.log(`      ${line}`);
      }
    }
  } finally {
    engine.dispose();
  }
  return report;
}

/** Returns how many operators differ, fail or stay on the CPU. */
function reportOperators(environment: NodeJS.ProcessEnv): number {
  console.log(`\nOperators and their gradients beside the CPU's; relative tolerance ${operatorTolerance}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(__dirname, 'operators.cjs')], {
    encoding: 'utf8',
    env: environment,
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new GradstepError(`The operators were not checked: ${stderr}`, { code: 'verify.operators' });
  const reports = JSON.parse(stdout) as OperatorReport[];
  const wrong = reports.filter(
    ({ onCpu, difference, failed }) =>
      onCpu.length + failed.length > 0 || difference === null || difference > operatorTolerance,
  );
  for (const { op, onCpu, difference, failed } of wrong) {
    console.log(`  ${op.padEnd(20)} largest difference ${difference ?? 'infinity'}`);
    for (const name of onCpu) console.log(`      on the CPU: ${name}`);
    for (const words of failed) console.log(`      failed: ${words}`);
  }
  const cases = reports.reduce((sum, report) => sum + report.cases, 0);
  const largest = Math.max(...reports.map(({ difference }) => difference ?? Infinity));
  console.log(
    `  ${reports.length - wrong.length} of ${reports.length} operators, ${cases} cases: wholly on CUDA and close enough; largest difference ${largest}`,
  );
  return wrong.length;
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

function argument(name: string): string | null {
  const at = process.argv.indexOf(name);
  return at === -1 ? null : (process.argv[at + 1] ?? null);
}

/** The exit code: 1 where CUDA can't be used, a number is wrong or a node stays on the CPU. */
async function main(): Promise<number> {
  const provider = argument('--stand-in');
  const given = provider === null ? process.env : standInEnvironment({ entry, provider: resolve(provider), folder });
  const machine = await machineReport(entry, argument('--store'), given);
  if (provider !== null) {
    console.log('A stand-in for CUDA’s libraries: the provider takes or refuses each node, the CPU computes.\n');
  }
  console.log(machine.lines.join('\n'));
  if (!machine.works) {
    console.log('\nNothing else was checked: it needs CUDA.');
    return 1;
  }
  writeSampleFolder(folder);
  const exact = { ...machine.environment, NVIDIA_TF32_OVERRIDE: '0' };
  const operators = reportOperators(exact);
  const { wrong, partial } = await reportTraces(exact);
  if (provider === null) await reportSpeed(machine.environment);
  console.log(
    `\n${operators} operators and ${wrong} traces are not as they should be, ${partial} runs partly on the CPU.`,
  );
  return operators + wrong + partial === 0 ? 0 : 1;
}

void main()
  .then((code) => (process.exitCode = code))
  .finally(() => rmSync(folder, { recursive: true, force: true }));
