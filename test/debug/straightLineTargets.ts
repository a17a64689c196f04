import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DebugPlace, MomentView } from '../../src/common/debugContract';
import type { ExecutionMode, RunReport, StateSnapshot } from '../../src/common/engineContract';
import { EngineClient } from '../../src/engine/client';
import { DebugDriver, type Rest } from '../support/debugDriver';
import type { Action } from './straightLine';

/** A variable as it is shown. */
export interface ShownVariable {
  name: string;
  value: string;
  type: string;
}

/** A debugger that the actions of a straight line can be done with. */
export interface Target {
  /** How the script runs from here on when somebody but a step makes it run. */
  readonly mode: ExecutionMode;
  /** Up to the first statement, again if need be; breakpoints stay. */
  start(): Promise<void>;
  /** @returns whether the script rests afterwards; otherwise it has finished */
  perform(action: Action, breakpoints: ReadonlySet<number>): Promise<boolean>;
  readonly state: StateSnapshot & { debug: DebugPlace };
  /** Innermost first. */
  frames(): Promise<{ name: string; line: number }[]>;
  /** The innermost frame's own variables; the module's where it is the module's. */
  variables(): Promise<ShownVariable[]>;
  /** A module's variable or expression, as Python writes its value. @param frame of `frames`; -1 is the module's */
  evaluate(expression: string, frame: number): Promise<string>;
  /** All that the engine has recorded. */
  moments(): Promise<MomentView[]>;
  close(): Promise<void>;
}

export interface TargetScript {
  /** Of the project's folder. */
  script: string;
  dataFolder: string;
}

const setVariable = 'unused';

function debugState(client: EngineClient): StateSnapshot & { debug: DebugPlace } {
  const { state } = client;
  assert.ok(state?.debug, 'the engine says nowhere it stands');
  return { ...state, debug: state.debug };
}

function allMoments(client: EngineClient): Promise<MomentView[]> {
  return client.ask('moments', { from: 0, count: debugState(client).debug.lastMoment + 1 });
}

/** By the engine's own requests, stepping all the time. */
export class EngineTarget implements Target {
  readonly mode = 'stepping';
  private readonly client = new EngineClient({ entry: join('dist', 'engine', 'main.cjs') });
  private readonly source: string;

  constructor(private readonly options: TargetScript) {
    this.source = readFileSync(options.script, 'utf8');
  }

  get state(): StateSnapshot & { debug: DebugPlace } {
    return debugState(this.client);
  }

  async start(): Promise<void> {
    const report = await this.client.start({
      fileName: resolve(this.options.script),
      source: this.source,
      device: 'cpu',
      threads: 1,
      dataFolder: this.options.dataFolder,
      mode: 'stepping',
      goal: { kind: 'continue' },
      debug: { stopOnEntry: true },
    });
    assert.ok(rests(report), JSON.stringify(report));
  }

  async perform(action: Action, breakpoints: ReadonlySet<number>): Promise<boolean> {
    const { client } = this;
    switch (action.kind) {
      case 'step':
        return rests(await client.run({ kind: 'step', action: action.action }));
      case 'continue':
        return rests(await client.run({ kind: 'continue' }));
      case 'stepBack':
        await client.ask('goBack', { action: 'step' });
        return true;
      case 'reverseContinue':
        await client.ask('goBack', { action: 'continue' });
        return true;
      case 'toggle': {
        const { source } = this;
        const lines = [...breakpoints].map((line) => ({ id: line, line }));
        const views = await client.ask('setBreakpoints', { source, breakpoints: lines });
        for (const [i, { verified, line }] of views.entries()) assert.ok(verified && line === lines[i]!.line);
        return true;
      }
      case 'nextEvent':
        return rests(await client.next());
      case 'moveTo':
        await client.moveTo(action.event);
        return true;
      case 'set': {
        const frames = await client.ask('frames', null);
        const scopes = await client.ask('scopes', { frame: frames.length - 1 });
        for (const { reference } of scopes.filter(({ kind }) => kind === 'globals' || kind === 'locals')) {
          const found = await client.ask('variables', { reference, filter: null, start: 0, count: 0 });
          if (!found.some(({ name }) => name === setVariable)) continue;
          const value = String(action.value);
          return rests(await client.setVariable({ reference, name: setVariable, value, confirm: true }));
        }
        throw new Error(`${setVariable} is nowhere among the module's variables`);
      }
    }
  }

  frames(): Promise<{ name: string; line: number }[]> {
    return this.client.ask('frames', null);
  }

  async variables(): Promise<ShownVariable[]> {
    const scopes = await this.client.ask('scopes', { frame: 0 });
    const scope = scopes.find(({ kind }) => kind === 'locals') ?? scopes.find(({ kind }) => kind === 'globals');
    assert.ok(scope, 'the frame has neither locals nor globals');
    const { reference } = scope;
    return this.client.ask('variables', { reference, filter: null, start: 0, count: 0 });
  }

  async evaluate(expression: string, frame: number): Promise<string> {
    const index = frame < 0 ? (await this.client.ask('frames', null)).length + frame : frame;
    return (await this.client.ask('evaluate', { frame: index, expression, quiet: true })).value;
  }

  moments(): Promise<MomentView[]> {
    return allMoments(this.client);
  }

  close(): Promise<void> {
    this.client.dispose();
    return Promise.resolve();
  }
}

/** By the Debug Adapter Protocol; what the panel does is done by its own client of the same engine. */
export class AdapterTarget implements Target {
  mode: ExecutionMode = 'stepping';
  private driver: DebugDriver | null = null;
  private lines: number[] = [];

  constructor(private readonly options: TargetScript) {}

  get state(): StateSnapshot & { debug: DebugPlace } {
    return debugState(this.session.engine);
  }

  private get session(): DebugDriver {
    assert.ok(this.driver);
    return this.driver;
  }

  async start(): Promise<void> {
    await this.close();
    this.driver = DebugDriver.open();
    this.mode = 'stepping';
    const { script, dataFolder } = this.options;
    const lines = this.lines.map((line) => ({ line }));
    const stop = await this.driver.launch(script, { stopOnEntry: true, dataFolder: resolve(dataFolder) }, { lines });
    assert.ok(stop);
  }

  async perform(action: Action, breakpoints: ReadonlySet<number>): Promise<boolean> {
    const driver = this.session;
    switch (action.kind) {
      case 'step': {
        const commands = { over: 'next', in: 'stepIn', out: 'stepOut' } as const;
        this.mode = 'stepping';
        return this.stops(await driver.move(commands[action.action]));
      }
      case 'continue':
        this.mode = 'running';
        return this.stops(await driver.move('continue'));
      case 'stepBack':
      case 'reverseContinue':
        return this.stops(await driver.move(action.kind));
      case 'toggle': {
        this.lines = [...breakpoints];
        const views = await driver.setLines(this.lines.map((line) => ({ line })));
        for (const [i, { verified, line }] of views.entries()) assert.ok(verified && line === this.lines[i]);
        return true;
      }
      case 'nextEvent': {
        const [report] = await Promise.all([driver.engine.next(), driver.nextRest()]);
        return rests(report);
      }
      case 'moveTo': {
        const { moment } = this.state.debug;
        const { debug } = await driver.engine.moveTo(action.event);
        if (debug?.moment !== moment) assert.ok(await driver.nextRest());
        return true;
      }
      case 'set': {
        const name = setVariable;
        for (const scope of ['Locals', 'Globals']) {
          const frameId = (await driver.frames()).at(-1)!.id;
          const { scopes } = (await driver.client.scopesRequest({ frameId })).body;
          const variablesReference = scopes.find((one) => one.name.startsWith(scope))?.variablesReference ?? 0;
          if (variablesReference === 0) continue;
          if (!(await driver.children(variablesReference)).some((one) => one.name === name)) continue;
          const { moment, lastMoment } = this.state.debug;
          await driver.client.setVariableRequest({ variablesReference, name, value: String(action.value) });
          // In the past it has run again, and may have numbered more or fewer moments up to here.
          if (moment < lastMoment && this.state.debug.moment !== moment) assert.ok(await driver.nextRest());
          return true;
        }
        throw new Error(`${name} is nowhere among the module's variables`);
      }
    }
  }

  /** A layer's class, which stands behind its name, is nothing that a straight line has. */
  async frames(): Promise<{ name: string; line: number }[]> {
    return (await this.session.frames()).map(({ name, line }) => ({ name: name.replace(/ \(\w+\)$/, ''), line }));
  }

  async variables(): Promise<ShownVariable[]> {
    const frameId = (await this.session.frames())[0]!.id;
    const { scopes } = (await this.session.client.scopesRequest({ frameId })).body;
    const scope =
      scopes.find(({ name }) => name.startsWith('Locals')) ?? scopes.find(({ name }) => name.startsWith('Globals'));
    assert.ok(scope, 'the frame has neither locals nor globals');
    return (await this.session.children(scope.variablesReference)).map(({ type = '', ...rest }) => ({ ...rest, type }));
  }

  evaluate(expression: string, frame: number): Promise<string> {
    return this.session.evaluate(expression, { frame });
  }

  moments(): Promise<MomentView[]> {
    return allMoments(this.session.engine);
  }

  async close(): Promise<void> {
    await this.driver?.close();
    this.driver = null;
  }

  private stops(rest: Rest): boolean {
    return rest !== null;
  }
}

function rests({ reason, error }: RunReport): boolean {
  assert.ok(reason === 'goal' || reason === 'breakpoint' || reason === 'finished', `${reason}: ${error?.message}`);
  return reason !== 'finished';
}
