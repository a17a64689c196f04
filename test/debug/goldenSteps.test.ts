import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { compareTraces, parseTrace } from '../golden/compareTraces';
import type { TraceItem } from '../../src/common/engineContract';
import { EngineClient } from '../../src/engine/client';
import { DebugDriver } from '../support/debugDriver';
import { evaluateEvent, eventLine, eventLines, type EventLine, type ScriptNames } from '../support/goldenValues';
import { writeSampleFolder } from '../support/sampleFolder';

const folder = mkdtempSync(join(tmpdir(), 'gradstep-debug-golden-'));
const opened: DebugDriver[] = [];
/** As long as most golden traces are. */
const eventsCompared = 61;
/** A script's whole setting up may lie before the first event. */
const stepsAllowed = 2000;

before(() => writeSampleFolder(folder));
afterEach(async () => {
  for (const driver of opened.splice(0)) await driver.close();
});
after(() => rmSync(folder, { recursive: true, force: true }));

const phases = ['zero_grad', 'forward', 'loss', 'backward', 'step', 'scheduler_step'];

interface Row extends ScriptNames {
  script: string;
  /** PyTorch's trace; the headless one of our own where there is none. */
  golden?: string;
  /** Not every event happens in a statement of the module. */
  inFunctions?: true;
  /** How many are compared, where a second module joins the model's parameters later. */
  events?: number;
}

const traces = join('test', 'fixtures', 'traces');
const fixture = (name: string, sample = true): Pick<Row, 'script' | 'golden'> => ({
  script: join(traces, `${name}.py`),
  golden: join(traces, ...(sample ? ['sample'] : []), `${name}.jsonl`),
});
const own = (name: string): Pick<Row, 'script' | 'golden'> => fixture(join('own', name), false);
const example = (name: string): Pick<Row, 'script'> => ({ script: join('examples', `${name}.py`) });

const tutorial = { model: 'optimModule', optimizer: 'optimizer', loss: 'result_cross' };
const plain = { model: 'model', optimizer: 'optimizer', loss: 'loss' };
const network = { ...plain, model: 'network' };
const net = { ...plain, model: 'net' };

const rows: Row[] = [
  { ...fixture('01_cifar_sgd'), ...tutorial },
  { ...fixture('02_official_loop_momentum'), ...plain },
  { ...fixture('03_steplr'), ...plain, inFunctions: true },
  { ...fixture('04_scheduler_instead_of_optimizer'), ...tutorial },
  { ...fixture('05_missing_zero_grad'), ...tutorial },
  { ...fixture('06_adam_two_variables', false), ...plain, model: null },
  { ...fixture('08_lenet_tutorial'), ...net },
  { ...own('10_batchnorm_accumulation'), ...net, events: 46 },
  { ...own('11_residual_onecycle'), ...plain },
  { ...own('14_rmsprop_plateau'), ...net },
  { ...own('22_adam_shuffled_images'), ...plain },
  ...['01_first_loop', '02_momentum', '03_step_lr', '04_scheduler_instead_of_optimizer', '05_missing_zero_grad'].map(
    (name) => ({ ...example(name), ...network, ...(name === '03_step_lr' && { inFunctions: true as const }) }),
  ),
  { ...example('06_adam_two_variables'), ...plain, model: null },
  { ...example('07_adam_with_shuffling'), ...network },
  { ...example('08_gradient_accumulation'), ...network },
];

const references = new Map<string, Promise<EventLine[]>>();

function reference(row: Row): Promise<EventLine[]> {
  const known = references.get(row.script) ?? readReference(row);
  references.set(row.script, known);
  return known;
}

async function readReference({ script, golden, events = eventsCompared }: Row): Promise<EventLine[]> {
  if (golden !== undefined) return eventLines(parseTrace(readFileSync(golden, 'utf8'))).slice(0, events);
  const client = new EngineClient({ entry: join('dist', 'engine', 'main.cjs') });
  const items: TraceItem[] = [];
  client.on('trace', (more) => items.push(...more.items));
  await client.start({
    fileName: resolve(script),
    source: readFileSync(script, 'utf8'),
    device: 'cpu',
    threads: 1,
    dataFolder: folder,
    mode: 'stepping',
    goal: { kind: 'events', count: events },
    trace: true,
  });
  client.dispose();
  return items.flatMap((item) => (item.kind === 'event' ? [eventLine(item)] : [])).slice(0, events);
}

function open(): DebugDriver {
  const driver = DebugDriver.open();
  opened.push(driver);
  return driver;
}

function differences(expected: readonly EventLine[], actual: readonly EventLine[]): string[] {
  const text = (lines: readonly EventLine[]): string => lines.map((line) => JSON.stringify(line)).join('\n');
  return compareTraces(text(expected), text(actual));
}

describe('every phase, by function breakpoints', () => {
  for (const row of rows) {
    test(row.script, async () => {
      const expected = await reference(row);
      const driver = open();
      const functions = phases.map((name) => ({ name }));
      let rest = await driver.launch(row.script, { dataFolder: folder }, { functions });
      assert.ok(driver.breakpoints.functions.every(({ verified }) => verified));
      const actual: EventLine[] = [];
      for (const event of expected) {
        assert.equal(rest?.reason, 'function breakpoint');
        const [phase] = await driver.frames();
        const values = await evaluateEvent(driver, row, event, 1);
        actual.push({ ...values, event: driver.engine.state!.cursor, phase: phase!.name, line: phase!.line });
        if (event.phase === 'backward' && typeof event.loss === 'number') {
          actual.at(-1)!.loss = Number(await driver.evaluate(`${row.loss}.item()`, { frame: 1 }));
        }
        rest = await driver.move('continue');
      }
      assert.deepEqual(differences(expected, actual), []);
    });
  }
});

describe('statement by statement', () => {
  for (const row of rows) {
    test(row.script, async () => {
      const expected = await reference(row);
      const driver = open();
      const first = await driver.launch(row.script, { dataFolder: folder, stopOnEntry: true });
      assert.equal(first?.reason, 'entry');
      const [compared, actual]: EventLine[][] = [[], []];
      let [line, event] = [await driver.line(), -1];
      for (let steps = 0; event < expected.length - 1; steps++) {
        assert.ok(steps < stepsAllowed, `it stays at event ${event}`);
        const rest = await driver.move('next');
        assert.equal(rest?.reason, 'step');
        const frames = await driver.frames();
        assert.equal(frames.length, 1, 'a step over a statement enters nothing');
        const { cursor } = driver.engine.state!;
        for (const { line: at } of row.inFunctions ? [] : expected.slice(event + 1, cursor + 1)) assert.equal(line, at);
        const reached = cursor > event ? expected[cursor] : undefined;
        if (reached) {
          compared!.push(reached);
          actual!.push(await evaluateEvent(driver, row, reached, 0));
        }
        [line, event] = [frames[0]!.line, cursor];
      }
      assert.ok(compared!.length > 0);
      assert.deepEqual(differences(compared!, actual!), []);
    });
  }
});
