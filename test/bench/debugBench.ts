import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { LineBreakpoint } from '../../src/common/debugContract';
import type { ExecutionMode, StartOptions } from '../../src/common/engineContract';
import { phases, type Phase } from '../../src/common/phase';
import { EngineClient } from '../../src/engine/client';
import { DebugDriver } from '../support/debugDriver';
import { writeSampleFolder } from '../support/sampleFolder';

/* What debugging costs. What is compared is measured by turns in the same run, so that a noisy machine does not matter. */

const folder = mkdtempSync(join(tmpdir(), 'gradstep-debug-bench-'));
const script = resolve('test/fixtures/traces/01_cifar_sgd.py');
const source = readFileSync(script, 'utf8');
const threads = 2;

/** Statements that no event lies between, thousands of them, as in a script that computes in Python. */
const plainSource = `import torch
w = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
total = 0
for turn in range(1000000):
    optimizer.zero_grad()
    for i in range(5000):
        square = i * i
        if square % 7 == 0:
            total += square
`;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function report(what: string, milliseconds: number, goal: string): void {
  console.log(`${what.padEnd(62)} ${milliseconds.toFixed(2).padStart(9)} ms   ${goal}`);
}

async function startClient(change: Partial<StartOptions>): Promise<EngineClient> {
  const client = new EngineClient({ entry: resolve('dist/engine/main.cjs') });
  await client.start({
    fileName: script,
    source,
    device: 'cpu',
    threads,
    dataFolder: folder,
    mode: 'stepping',
    goal: { kind: 'next' },
    ...change,
  });
  return client;
}

/** 1-based. */
function lineOf(text: string, start: string): number {
  return text.split('\n').findIndex((line) => line.trimStart().startsWith(start)) + 1;
}

async function measurePlainSteps(): Promise<void> {
  const file = join(folder, 'plain.py');
  const client = await startClient({ fileName: file, source: plainSource, debug: { stopOnEntry: true } });
  const step = (): Promise<unknown> => client.run({ kind: 'step', action: 'over' }, 'stepping');
  for (let i = 0; i < 100; i++) await step();
  const times: number[] = [];
  for (let i = 0; i < 500; i++) times.push(await timed(step));
  client.dispose();
  report('a step over a plain statement, engine', median(times), 'goal 15');
}

async function measureAdapterSteps(): Promise<void> {
  const driver = DebugDriver.open();
  await driver.launch(script, { stopOnEntry: true, dataFolder: folder, threads });
  const plain: number[] = [];
  const withVariables: number[] = [];
  const plainLine = lineOf(source, 'outputs = optimModule');
  for (let i = 0; i < 400; i++) {
    const before = await driver.line();
    const begun = performance.now();
    await driver.move('next');
    const stopped = performance.now() - begun;
    const place = driver.engine.state?.debug;
    // From `imgs, targets = data` to the line after it nothing but Python happens.
    if (place?.line !== plainLine || before !== plainLine - 1) continue;
    plain.push(stopped);
    await driver.scope('Globals');
    withVariables.push(performance.now() - begun);
  }
  await driver.close();
  report('a step over a plain statement, adapter: request to stopped', median(plain), 'goal 15');
  report('the same with call stack and variables', median(withVariables), '');
}

/** By the phase: how long it takes by itself, and a step over its statement. */
async function measurePhases(): Promise<void> {
  const plain = await startClient({});
  const debugged = await startClient({ debug: { stopOnEntry: true } });
  const own = new Map<Phase, number[]>();
  const stepped = new Map<Phase, number[]>();
  const add = (times: Map<Phase, number[]>, phase: Phase, time: number): void => {
    times.set(phase, [...(times.get(phase) ?? []), time]);
  };
  const iterations = 60;
  const step = (): Promise<unknown> => debugged.run({ kind: 'step', action: 'over' }, 'stepping');
  while ((debugged.state?.head ?? 0) < 50) await step();
  while ((plain.state?.head ?? 0) < 50) await plain.next();
  for (let i = 0; i < iterations; i++) {
    for (let event = 0; event < 5; event++) {
      const time = await timed(() => plain.next());
      add(own, plain.state!.event!.phase, time);
    }
    const until = debugged.state!.head + 5;
    while (debugged.state!.head < until) {
      const { head } = debugged.state!;
      const time = await timed(step);
      if (debugged.state!.head > head) add(stepped, debugged.state!.event!.phase, time);
    }
  }
  plain.dispose();
  debugged.dispose();
  for (const phase of phases) {
    if (!own.has(phase)) continue;
    const [alone, over] = [median(own.get(phase)!), median(stepped.get(phase) ?? [])];
    const more = `phase ${alone.toFixed(2)} ms, ${(over - alone).toFixed(2)} ms more   goal 30 more`;
    report(`a step over ${phase}`, over, more);
  }
}

interface RunningCase {
  title: string;
  debug: boolean;
  breakpoint: Omit<LineBreakpoint, 'id'> | null;
  goal: string;
}

const goal = 'goal 0.90';

/** By turns: iterations of the same script with and without a debugger. */
async function measureRunning(
  cases: readonly RunningCase[],
  base: Partial<StartOptions>,
  block: number,
): Promise<void> {
  const text = base.source ?? source;
  const mode: ExecutionMode = 'running';
  const clients: EngineClient[] = [];
  for (const { debug, breakpoint } of cases) {
    const client = await startClient({ ...base, mode, ...(debug && { debug: { stopOnEntry: false } }) });
    await client.run({ kind: 'events', count: block * 5 }, mode);
    const breakpoints = breakpoint ? [{ ...breakpoint, id: 1 }] : [];
    if (debug) await client.ask('setBreakpoints', { source: text, breakpoints });
    await client.run({ kind: 'events', count: block * 5 }, mode);
    clients.push(client);
  }
  const times = cases.map((): number[] => []);
  for (let round = 0; round < 25; round++) {
    for (const [i, client] of clients.entries()) {
      times[i]!.push(await timed(() => client.run({ kind: 'events', count: block }, mode)));
    }
  }
  clients.forEach((client) => client.dispose());
  const alone = median(times[0]!);
  cases.forEach(({ title, goal: wanted }, i) => {
    const time = median(times[i]!);
    // A ratio within each round: what the machine does elsewhere changes slower than that.
    const ratio = median(times[i]!.map((one, round) => times[0]![round]! / one));
    const rate = ((1000 * block) / time).toFixed(1).padStart(9);
    const summary = i === 0 ? '' : `${ratio.toFixed(3)} of the speed, ${(alone / time).toFixed(3)} by the medians`;
    console.log(`${title.padEnd(62)} ${rate} events/s   ${summary}   ${i === 0 ? '' : wanted}`);
  });
}

async function main(): Promise<void> {
  writeSampleFolder(folder);
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${threads} threads in use\n`);
  await measurePlainSteps();
  await measureAdapterSteps();
  await measurePhases();
  const stepLine = lineOf(source, 'optimizer.step()');
  const readLine = lineOf(source, 'loss_sum = loss_sum');
  const pastLine = lineOf(source, 'super(OptimModule');
  console.log('\nscript 01 at batch 1, running');
  await measureRunning(
    [
      { title: 'no debugger', debug: false, breakpoint: null, goal },
      { title: 'no debugger, again', debug: false, breakpoint: null, goal: '' },
      { title: 'debugged, no breakpoint', debug: true, breakpoint: null, goal },
      { title: 'a breakpoint that is not reached', debug: true, breakpoint: { line: pastLine }, goal },
      {
        title: 'a breakpoint whose condition needs no tensor: epoch > 1000',
        debug: true,
        breakpoint: { line: stepLine, condition: 'epoch > 1000' },
        goal,
      },
      {
        title: 'a breakpoint that reads the loss each time: .item() < -1',
        debug: true,
        breakpoint: { line: readLine, condition: 'result_cross.item() < -1' },
        goal,
      },
    ],
    {},
    100,
  );
  console.log('\n15000 plain statements an event, running');
  await measureRunning(
    [
      { title: 'no debugger', debug: false, breakpoint: null, goal: '' },
      { title: 'debugged, no breakpoint', debug: true, breakpoint: null, goal: '' },
      {
        title: 'a breakpoint whose condition never holds, in the loop',
        debug: true,
        breakpoint: { line: lineOf(plainSource, 'square ='), condition: 'i < 0' },
        goal: '',
      },
    ],
    { fileName: join(folder, 'plain.py'), source: plainSource },
    10,
  );
}

void main().finally(() => rmSync(folder, { recursive: true, force: true }));
