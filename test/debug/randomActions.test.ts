import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writeSampleFolder } from '../support/sampleFolder';
import { readStraightLine, StraightLineModel, type Action, type Scalar } from './straightLine';
import { AdapterTarget, EngineTarget, type Target, type TargetScript } from './straightLineTargets';

/*
 * For each seed a thousand random actions with the engine and through the adapter, held against what CPython and
 * PyTorch did from the first line to the last: `test/fixtures/statements`.
 */

/** Both have found mistakes that others did not. */
const seeds = process.env['GRADSTEP_SEED'] === undefined ? [1000, 17000] : [Number(process.env['GRADSTEP_SEED'])];
const actionsOfAll = 1000;
/** Only a hang takes so long. */
const patience = 120_000;

const statements = join('test', 'fixtures', 'statements');
const traces = join('test', 'fixtures', 'traces');
const scripts = [
  join(statements, 'controlFlow.py'),
  join(statements, 'nestedModules.py'),
  join(statements, 'handWritten.py'),
  join(statements, 'callbacks.py'),
  join(traces, '03_steplr.py'),
  join(traces, '08_lenet_tutorial.py'),
  join(traces, 'own', '09_adamw_cosine.py'),
  join(traces, 'own', '10_batchnorm_accumulation.py'),
  join(traces, 'own', '12_linear_regression_by_hand.py'),
  join(traces, 'own', '15_language.py'),
  join(traces, 'own', '16_embedding_adagrad.py'),
];

const dataFolder = mkdtempSync(join(tmpdir(), 'gradstep-random-'));
before(() => writeSampleFolder(dataFolder));
after(() => rmSync(dataFolder, { recursive: true, force: true }));

/** Mulberry32: numbers from 0 up to 1. */
function randomNumbers(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface ActionRow {
  weight: number;
  /** Null where it can't be done now. */
  make(model: StraightLineModel, random: () => number): Action | null;
}

const actionTable: readonly ActionRow[] = [
  { weight: 8, make: () => ({ kind: 'step', action: 'over' }) },
  { weight: 8, make: () => ({ kind: 'step', action: 'in' }) },
  { weight: 3, make: ({ here }) => (here.depth > 1 ? { kind: 'step', action: 'out' } : null) },
  // Out of the module itself: to its end, or to a breakpoint.
  { weight: 0.3, make: () => ({ kind: 'step', action: 'out' }) },
  { weight: 6, make: () => ({ kind: 'stepBack' }) },
  { weight: 1, make: () => ({ kind: 'reverseContinue' }) },
  { weight: 3, make: ({ breakpoints }) => (breakpoints.size > 0 ? { kind: 'continue' } : null) },
  {
    weight: 3,
    make: (model, random) => {
      const lines = model.breakpoints.size > 4 ? [...model.breakpoints] : model.statementLines();
      return { kind: 'toggle', line: lines[Math.floor(random() * lines.length)]! };
    },
  },
  { weight: 3, make: () => ({ kind: 'nextEvent' }) },
  {
    weight: 2,
    make: ({ lastEvent }, random) =>
      lastEvent < 0 ? null : { kind: 'moveTo', event: Math.floor(random() * (lastEvent + 1)) },
  },
  {
    weight: 1,
    make: ({ here }, random) =>
      here.globals.has('unused') && (here.kind === 'statement' || here.kind === 'event')
        ? { kind: 'set', value: Math.floor(random() * 1000) }
        : null,
  },
];

function chooseAction(model: StraightLineModel, random: () => number): Action {
  const total = actionTable.reduce((sum, { weight }) => sum + weight, 0);
  for (;;) {
    let place = random() * total;
    const row = actionTable.find(({ weight }) => (place -= weight) < 0)!;
    const action = row.make(model, random);
    if (action && model.foresee(action) !== 'unknown') return action;
  }
}

function isClose(actual: number, expected: number): boolean {
  return Math.abs(actual - expected) <= 1e-5 + 2e-4 * Math.abs(expected);
}

/** As Python writes it. */
function isSame(shown: string, expected: Scalar): boolean {
  if (typeof expected === 'boolean') return shown === (expected ? 'True' : 'False');
  if (typeof expected === 'number') return shown.trim() !== '' && isClose(Number(shown), expected);
  return shown.length >= 2 && shown.slice(1, -1).replaceAll("\\'", "'") === expected;
}

async function checkVariables(target: Target, model: StraightLineModel): Promise<void> {
  const { here, unused } = model;
  const shown = new Map((await target.variables()).map((variable) => [variable.name, variable]));
  for (const [name, recorded] of here.values) {
    const expected = name === 'unused' && here.depth === 1 ? (unused ?? recorded) : recorded;
    const variable = shown.get(name);
    assert.ok(variable, `${name} is not among the variables ${[...shown.keys()].join()}`);
    const isTensor = variable.type.includes('ensor');
    const value = isTensor ? await target.evaluate(`float(${name})`, 0) : variable.value;
    assert.ok(isSame(value, expected), `${name} is ${value} and not ${expected}`);
  }
}

function checkEvent({ state }: Target, { here }: StraightLineModel): void {
  const { event } = state;
  assert.equal(state.cursor, here.event, 'the event');
  if (!event) return;
  assert.equal(event.lr.length, here.lrAtEvent.length);
  event.lr.forEach((rate, i) => assert.ok(isClose(rate, here.lrAtEvent[i]!), `lr ${rate}, not ${here.lrAtEvent[i]}`));
  for (const { kind, name, statistics } of event.tensors) {
    const expected = here.sumsAtEvent[name];
    if (kind !== 'parameter' || !statistics || expected === undefined) continue;
    const isNear = Math.abs(statistics.sum - expected) <= 1e-4 + 1e-3 * Math.abs(expected);
    assert.ok(isNear, `the sum of ${name} is ${statistics.sum} and not ${expected}`);
  }
}

async function checkPlace(target: Target, model: StraightLineModel): Promise<void> {
  const { here } = model;
  const { debug } = target.state;
  const frames = await target.frames();
  const shown = {
    moment: debug.moment,
    lastMoment: debug.lastMoment,
    kind: debug.kind,
    depth: frames.length,
    name: frames[0]!.name,
    line: frames[0]!.line,
  };
  const { kind, depth, name } = here;
  // Layers and parameters are shown where they were made, which PyTorch can't tell.
  const line = kind === 'layer' || kind === 'parameter' ? shown.line : here.line;
  const numbers = { moment: model.numberOf(model.position), lastMoment: model.numberOf(model.last) };
  assert.deepEqual(shown, { ...numbers, kind, depth, name, line });
  checkEvent(target, model);
  if (kind === 'statement') await checkVariables(target, model);
}

async function withDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_arrived, failed) => {
    timer = setTimeout(() => failed(new Error('it hangs')), patience);
  });
  try {
    return await Promise.race([work, hang]);
  } finally {
    clearTimeout(timer);
  }
}

async function perform(target: Target, model: StraightLineModel, action: Action): Promise<void> {
  const outcome = model.foresee(action);
  assert.notEqual(outcome, 'unknown');
  const wasLast = model.position === model.last;
  const breakpoints = new Set(model.breakpoints);
  if (action.kind === 'toggle' && !breakpoints.delete(action.line)) breakpoints.add(action.line);
  const rests = await target.perform(action, breakpoints);
  assert.equal(
    rests,
    outcome !== 'finished',
    rests ? 'it rests and should have finished' : 'it has finished too early',
  );
  if (outcome === 'unknown' || outcome === 'finished') {
    await target.start();
    model.restart();
  } else {
    model.follow(action, outcome.moment, target.mode);
    if (action.kind === 'set' && !wasLast) model.adopt(await target.moments());
  }
  await checkPlace(target, model);
}

async function actAtRandom(target: Target, model: StraightLineModel, count: number, start: number): Promise<void> {
  const random = randomNumbers(start);
  const done: string[] = [];
  await withDeadline(target.start());
  await checkPlace(target, model);
  for (let i = 0; i < count; i++) {
    const action = chooseAction(model, random);
    const from = `${model.position}/${model.last}`;
    done.push(`${from} ${JSON.stringify(action)}`);
    try {
      await withDeadline(perform(target, model, action));
    } catch (error) {
      const story = done.slice(-15).join('\n  ');
      const heading = `action ${i}, breakpoints ${[...model.breakpoints].join()}`;
      throw new Error(
        `${heading}:
  ${story}
${(error as Error).message}`,
        { cause: error },
      );
    }
  }
}

const targets: Readonly<Record<string, (script: TargetScript) => Target>> = {
  'the engine': (script) => new EngineTarget(script),
  'the adapter': (script) => new AdapterTarget(script),
};

const runs = Object.entries(targets).flatMap(([title, open]) => seeds.map((seed) => ({ title, open, seed })));

for (const { title, open, seed } of runs) {
  scripts.forEach((script, index) => {
    const name = script.split(/[\\/]/).at(-1)!;
    test(`random actions on ${name} agree with CPython and PyTorch: ${title}, seed ${seed}`, async () => {
      const model = new StraightLineModel(readStraightLine(join(statements, name.replace(/py$/, 'jsonl'))));
      const target = open({ script, dataFolder });
      try {
        await actAtRandom(target, model, actionsOfAll / scripts.length, seed + index);
      } finally {
        await target.close();
      }
    });
  });
}
