import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import type { DebugVariable } from '../../src/common/debugContract';
import type { StateSnapshot } from '../../src/common/engineContract';
import { GradstepError } from '../../src/common/errors';
import { DebugDriver } from '../support/debugDriver';
import { ScriptedEngine, stopAt } from '../support/scriptedEngine';

const folder = mkdtempSync(join(tmpdir(), 'gradstep-debug-'));
const program = join(folder, 'train.py');
const source = 'x = 1\ny = 2\nraise ValueError("no")\n';
writeFileSync(program, source);
const opened: DebugDriver[] = [];

afterEach(async () => {
  for (const driver of opened.splice(0)) await driver.close();
});
after(() => rmSync(folder, { recursive: true, force: true }));

interface Scripted {
  driver: DebugDriver;
  engine: ScriptedEngine;
}

function scripted(): Scripted {
  const engine = new ScriptedEngine();
  const driver = DebugDriver.open(() => engine);
  opened.push(driver);
  return { driver, engine };
}

/** Until everything that was sent so far has been received. */
async function settled({ driver }: Scripted): Promise<void> {
  await driver.client.threadsRequest();
}

/** At its first rest. */
async function launched(args: object = {}, breakpoints: object = {}): Promise<Scripted> {
  const session = scripted();
  const first = session.driver.launch(program, args, breakpoints);
  while (session.engine.started.length === 0) await new Promise((resolve) => setImmediate(resolve));
  session.engine.rest({}, { stop: stopAt('entry') });
  assert.equal((await first)?.reason, 'entry');
  return session;
}

function eventNames({ driver }: Scripted): string[] {
  return driver.events.map(({ event }) => event);
}

describe('what the IDE did not ask for', () => {
  test('a run of the panel is shown as one, and where it ends', async () => {
    const session = await launched();
    const { driver, engine } = session;
    engine.tellState('running');
    engine.tellState('running');
    await settled(session);
    assert.deepEqual(
      eventNames(session).filter((name) => name === 'continued'),
      ['continued'],
    );
    engine.tellState('paused', { moment: 9, lastMoment: 9 }, { cursor: 3 });
    const rest = await driver.nextRest();
    assert.equal(rest?.description, 'Paused on step');
  });

  test('the panel going back shows the past; going on from there is a rest as well', async () => {
    const session = await launched();
    const { driver, engine } = session;
    engine.tellState('paused', { moment: 4, lastMoment: 9 }, { cursor: 12 });
    assert.equal((await driver.nextRest())?.description, 'REPLAY · event 12');
    engine.tellState('paused', { moment: 9, lastMoment: 9, stop: stopAt('pause') }, { cursor: 14 });
    assert.equal((await driver.nextRest())?.description, 'Paused');
  });

  test('an edit of the panel makes the values be asked for anew, another state at the same place nothing', async () => {
    const session = await launched();
    session.engine.tellState('paused');
    await settled(session);
    const before = session.driver.events.length;
    const edit = { event: 0, target: { kind: 'element', parameter: 'w', index: 0, value: 1 } } as const;
    session.engine.tellState('paused', {}, { edits: [edit] });
    await settled(session);
    assert.deepEqual(eventNames(session).slice(before), ['invalidated']);
  });

  test('the script that somebody else ran to its end has ended', async () => {
    const { driver, engine } = await launched();
    engine.tellState('running');
    engine.tellState('finished');
    assert.equal(await driver.nextRest(), null);
    assert.equal(driver.events.find(({ event }) => event === 'exited')?.body.exitCode, 0);
  });

  test('an engine that dies is named with its last words', async () => {
    const { driver, engine } = await launched();
    engine.tell('died', { exitCode: null, signal: 'SIGKILL', stderr: 'out of memory' });
    assert.equal(await driver.nextRest(), null);
    assert.match(driver.output('important'), /SIGKILL/);
    assert.match(driver.output('stderr'), /out of memory/);
  });
});

describe('while the script runs', () => {
  test('whatever needs it at rest is refused with what to do, and nothing else happens', async () => {
    const session = await launched();
    const { driver, engine } = session;
    await driver.client.nextRequest({ threadId: 1 });
    for (const refused of [
      () => driver.client.nextRequest({ threadId: 1 }),
      () => driver.client.stepBackRequest({ threadId: 1 }),
      () => driver.client.stackTraceRequest({ threadId: 1 }),
      () => driver.client.evaluateRequest({ expression: 'x' }),
      () => driver.client.setVariableRequest({ variablesReference: 1, name: 'x', value: '2' }),
    ]) {
      await assert.rejects(refused, /the script is running \(Pause it first\.\)/);
    }
    engine.rest({}, { moment: 1, lastMoment: 1 });
    assert.equal((await driver.nextRest())?.reason, 'step');
  });

  test('a run that the engine refuses leaves it where it was, and says why', async () => {
    const { driver, engine } = await launched();
    await driver.client.nextRequest({ threadId: 1 });
    engine.refuseRun(new GradstepError('the budget is used up', { code: 'engine.budget' }));
    assert.equal((await driver.nextRest())?.reason, 'entry');
    assert.match(driver.output('important'), /the budget is used up/);
  });

  test('a restart takes the new text and hears no more of the run before it', async () => {
    const session = await launched({}, { lines: [{ line: 2 }] });
    const { driver, engine } = session;
    await driver.client.continueRequest({ threadId: 1 });
    driver.surroundings.change(driver.program, 'x = 3\n');
    engine.answers.setBreakpoints = ({ breakpoints }) =>
      breakpoints.map(({ id }) => ({ id, verified: false, line: null, message: 'no code' }));
    const restarted = driver.move('restart', {});
    const isRestarted = (): boolean => engine.started.length === 2;
    while (!isRestarted()) await new Promise((resolve) => setImmediate(resolve));
    engine.rest({}, { stop: stopAt('breakpoint') });
    assert.equal((await restarted)?.reason, 'breakpoint');
    assert.equal(engine.started[1]!.source, 'x = 3\n');
    const changed = driver.events.find(({ event }) => event === 'breakpoint')?.body.breakpoint;
    assert.deepEqual([changed.verified, changed.message], [false, 'no code']);
  });
});

describe('how a script ends', () => {
  async function ended(report: Parameters<ScriptedEngine['rest']>[0]): Promise<Scripted & { exitCode: unknown }> {
    const session = await launched();
    await session.driver.client.continueRequest({ threadId: 1 });
    session.engine.rest(report);
    assert.equal(await session.driver.nextRest(), null);
    const exited = session.driver.events.find(({ event }) => event === 'exited');
    return { ...session, exitCode: exited?.body.exitCode };
  }

  test('a failure is printed as Python prints it', async () => {
    const traceback = [{ functionName: '<module>', line: 3 }];
    const { driver, exitCode } = await ended({
      reason: 'failed',
      error: { code: 'python.ValueError', message: 'ValueError: no', line: 3, hint: null, audience: 'user', traceback },
    });
    assert.equal(exitCode, 1);
    assert.equal(
      driver.output('stderr'),
      `Traceback (most recent call last):\n  File "${program}", line 3, in <module>\n` +
        '    raise ValueError("no")\nValueError: no\n',
    );
  });

  test('what the preflight refused is listed with its lines', async () => {
    const { driver, exitCode } = await ended({
      reason: 'refused',
      problems: [
        { line: 2, column: 4, message: 'torch.foo is unknown', hint: 'torch.full' },
        { line: 3, column: 0, message: 'import of os.fork', hint: null },
      ],
    });
    assert.equal(exitCode, 2);
    assert.equal(
      driver.output('stderr'),
      `${program}:2:5: torch.foo is unknown (torch.full)\n${program}:3:1: import of os.fork\n`,
    );
    assert.match(driver.output('important'), /line 2: torch\.foo is unknown/);
  });

  test('a good end has the exit code 0 and no words', async () => {
    const { driver, exitCode } = await ended({ reason: 'finished' });
    assert.equal(exitCode, 0);
    assert.equal(driver.output(), '');
  });
});

describe('variables', () => {
  const tensor: DebugVariable = {
    name: 'weight',
    value: 'float32 [3]',
    type: 'Tensor',
    reference: 7,
    named: 0,
    indexed: 3,
    evaluateName: 'model.weight',
    lazy: true,
    writable: false,
    dataId: 'parameter:weight',
  };
  const number: DebugVariable = {
    ...tensor,
    name: 'n',
    value: '-255',
    type: 'int',
    reference: 0,
    indexed: 0,
    lazy: false,
    writable: true,
  };

  async function withVariables(): Promise<Scripted> {
    const session = await launched();
    session.engine.answers.scopes = () => [{ kind: 'locals', subject: '', reference: 5 }];
    session.engine.answers.variables = ({ reference }) =>
      reference === 5 ? [tensor, number] : [{ ...number, name: '0' }];
    return session;
  }

  test('a lazy one has itself as its only child, and its children there', async () => {
    const { driver } = await withVariables();
    const [shown] = await driver.scope('Locals');
    assert.equal(shown!.presentationHint?.lazy, true);
    const [itself, ...others] = await driver.children(shown!.variablesReference);
    assert.deepEqual(others, []);
    assert.equal(itself!.value, 'float32 [3]');
    assert.equal(itself!.indexedVariables, 3);
    const elements = await driver.children(itself!.variablesReference);
    assert.deepEqual(
      elements.map(({ name }) => name),
      ['0'],
    );
  });

  test('integers are hexadecimal where that is asked for, and what is watched says so', async () => {
    const { driver } = await withVariables();
    await driver.client.setDataBreakpointsRequest({ breakpoints: [{ dataId: 'parameter:weight' }] });
    const frameId = (await driver.frames())[0]!.id;
    await driver.client.scopesRequest({ frameId });
    const asked = { variablesReference: 5, format: { hex: true } };
    const [weight, n] = (await driver.client.variablesRequest(asked)).body.variables;
    assert.equal(n!.value, '-0xff');
    assert.deepEqual(weight!.presentationHint?.attributes, ['readOnly', 'hasDataBreakpoint']);
  });

  test('a changed value is read anew, and everything else is asked for again after the answer', async () => {
    const { driver, engine } = await withVariables();
    let confirmed: boolean | null = null;
    engine.setVariable = ({ confirm, value }) => {
      confirmed = confirm;
      engine.answers.evaluate = ({ expression }) => ({ ...number, name: expression, value: `${value}!` });
      return Promise.resolve({ reason: 'goal', event: -1, error: null, problems: [] });
    };
    await driver.scope('Locals');
    const response = await driver.client.setVariableRequest({ variablesReference: 5, name: 'n', value: '4' });
    assert.equal(response.body.value, '4!');
    assert.equal(confirmed, false);
    await settled({ driver, engine });
    const invalidated = driver.events.find(({ event }) => event === 'invalidated');
    assert.ok(invalidated && invalidated.seq > response.seq);
  });

  test('a change in the past asks first, and leaves all as it is when that is declined', async () => {
    const { driver, engine } = await withVariables();
    let changes = 0;
    engine.setVariable = () => {
      changes++;
      return Promise.resolve({ reason: 'goal', event: -1, error: null, problems: [] });
    };
    engine.tellState('paused', { moment: 2, lastMoment: 9 }, { cursor: 1 } as Partial<StateSnapshot>);
    await driver.nextRest();
    driver.surroundings.agrees = false;
    const change = () => driver.client.setVariableRequest({ variablesReference: 5, name: 'n', value: '4' });
    await assert.rejects(change, /nothing was changed/);
    assert.equal(driver.surroundings.questions.length, 1);
    assert.equal(changes, 0);
    assert.equal(await driver.line(), 1);
  });
});

describe('launching', () => {
  const refusals: Record<string, [object, RegExp]> = {
    'no script': [{ program: '' }, /Which script\? "program" is missing/],
    'a script of a relative path': [{ program: 'train.py' }, /"program" is "train\.py": .* absolute path/],
    'a script that is not there': [{ program: join(folder, 'gone.py') }, /gone\.py can't be read: .*ENOENT/],
    'a device that is none': [{ device: 'tpu' }, /"device" is "tpu": it must be auto, cpu or cuda/],
    'threads below 0': [{ threads: -1 }, /"threads" is -1/],
    'a seed that is no whole number': [{ seed: 1.5 }, /"seed" is 1\.5/],
    'a data folder that is not there': [{ dataFolder: join(folder, 'data') }, /"dataFolder" is ".*" *: .*exists/],
    'a history without room': [{ historyBudget: 0 }, /"historyBudget" is 0/],
    'words for a truth': [{ stopOnEntry: 'yes' }, /"stopOnEntry" is "yes": it must be true or false/],
  };
  for (const [name, [args, message]] of Object.entries(refusals)) {
    test(`${name} is refused, and the next try works`, async () => {
      const { driver } = scripted();
      await driver.client.initializeRequest();
      const launch = (more: object) => driver.client.customRequest('launch', { program, ...more });
      await assert.rejects(launch(args), message);
      assert.equal(driver.surroundings.engines.length, 0);
      await launch({});
      assert.equal(driver.surroundings.engines.length, 1);
    });
  }

  test('the configuration goes before the settings', async () => {
    const { engine } = await launched({ threads: 3, seed: 5, dataFolder: folder, historyBudget: 2 });
    const { threads, seed, dataFolder, byteBudget, device, fileName, source: text } = engine.started[0]!;
    assert.deepEqual(
      { threads, seed, dataFolder, byteBudget, device, fileName, text },
      { threads: 3, seed: 5, dataFolder: folder, byteBudget: 2097152, device: 'cpu', fileName: program, text: source },
    );
  });

  const entries: [string, object, object, boolean][] = [
    ['stops on entry where no breakpoint is set', {}, {}, true],
    ['runs up to a breakpoint that is set', {}, { lines: [{ line: 2 }] }, false],
    ['stops on entry where only a log point is set', {}, { lines: [{ line: 2, logMessage: 'x' }] }, true],
    ['stops on entry where it says so', { stopOnEntry: true }, { lines: [{ line: 2 }] }, true],
    ['runs on where it says so', { stopOnEntry: false }, {}, false],
  ];
  for (const [name, args, breakpoints, expected] of entries) {
    test(name, async () => {
      const { engine } = await launched(args, breakpoints);
      assert.deepEqual(engine.started[0]!.debug, { stopOnEntry: expected });
    });
  }

  test('without debugging the script just runs', async () => {
    const { engine } = await launched({ noDebug: true });
    assert.equal(engine.started[0]!.debug, undefined);
    assert.equal(engine.started[0]!.mode, 'running');
  });

  test('what is asked before a launch is refused', async () => {
    const { driver } = scripted();
    await driver.client.initializeRequest();
    await assert.rejects(driver.client.nextRequest({ threadId: 1 }), /no script has been launched/);
    await assert.rejects(driver.client.configurationDoneRequest(), /no script has been launched/);
    await assert.rejects(driver.client.attachRequest({}), /nothing to attach to/);
  });
});

describe('the script in its editor', () => {
  test('a change is told once', async () => {
    const session = await launched();
    const { driver } = session;
    driver.surroundings.change(driver.program, source);
    driver.surroundings.change(driver.program, `${source}# more`);
    driver.surroundings.change(driver.program, `${source}# still more`);
    await new Promise((resolve) => setImmediate(resolve));
    await settled(session);
    assert.equal(driver.output('important').match(/train\.py has changed/g)?.length, 1);
  });

  test('breakpoints of other files are refused and leave those of the script', async () => {
    const { driver, engine } = await launched({}, { lines: [{ line: 2 }] });
    const other = { source: { path: join(folder, 'other.py') }, breakpoints: [{ line: 1 }] };
    const { breakpoints } = (await driver.client.setBreakpointsRequest(other)).body;
    assert.equal(breakpoints[0]!.verified, false);
    assert.match(breakpoints[0]!.message!, /train\.py/);
    assert.equal(engine.asked.filter(({ name }) => name === 'setBreakpoints').length, 1);
  });

  test('a breakpoint keeps its id, and so its hit count, when another is set', async () => {
    const { driver } = await launched();
    const [first] = await driver.setLines([{ line: 2, hitCondition: '3' }]);
    const [added, same] = await driver.setLines([{ line: 1 }, { line: 2, hitCondition: '3' }]);
    assert.equal(same!.id, first!.id);
    assert.notEqual(added!.id, first!.id);
    const [changed] = await driver.setLines([{ line: 2, hitCondition: '4' }]);
    assert.notEqual(changed!.id, first!.id);
  });
});
