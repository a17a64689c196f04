import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { GradstepDebugSession } from '../../src/debug/session/gradstepDebugSession';
import type { LaunchArguments } from '../../src/debug/session/launchArguments';
import type { EngineClient } from '../../src/engine/client';
import { PlainSurroundings } from './debugSurroundings';

/** Long enough for the slowest machine; only a hang takes it. */
const patience = 120_000;

export interface Configuration {
  lines?: DebugProtocol.SourceBreakpoint[];
  functions?: DebugProtocol.FunctionBreakpoint[];
  data?: DebugProtocol.DataBreakpoint[];
  filters?: DebugProtocol.ExceptionFilterOptions[];
}

/** Where the script came to rest; null where it has ended. */
export type Rest = DebugProtocol.StoppedEvent['body'] | null;

/** What became of the breakpoints that were set before the start. */
export interface Breakpoints {
  lines: DebugProtocol.Breakpoint[];
  functions: DebugProtocol.Breakpoint[];
  data: DebugProtocol.Breakpoint[];
  filters: DebugProtocol.Breakpoint[];
}

type Movement =
  | 'continue'
  | 'next'
  | 'stepIn'
  | 'stepOut'
  | 'stepBack'
  | 'reverseContinue'
  | 'pause'
  | 'restart'
  | 'configurationDone'
  | 'terminate'
  | 'restartFrame';

/** A debug session and the client that drives it, over DAP's messages, in one process. */
export class DebugDriver {
  readonly events: DebugProtocol.Event[] = [];
  breakpoints: Breakpoints = { lines: [], functions: [], data: [], filters: [] };
  private readonly rests: DebugProtocol.Event[] = [];
  private awaited: (() => void) | null = null;
  program = '';

  private constructor(
    readonly client: DebugClient,
    readonly surroundings: PlainSurroundings,
    private readonly session: GradstepDebugSession | null,
  ) {
    for (const name of ['stopped', 'terminated', 'continued', 'output', 'exited', 'invalidated', 'breakpoint']) {
      client.on(name, (event: DebugProtocol.Event) => this.receive(event));
    }
  }

  /** In this process. @param createEngine the real one when left out */
  static open(createEngine?: () => EngineClient): DebugDriver {
    const surroundings = new PlainSurroundings(createEngine);
    const session = new GradstepDebugSession(surroundings);
    session.setRunAsServer(true);
    const [there, back] = [new PassThrough(), new PassThrough()];
    session.start(there, back);
    const client = new DebugClient('', '', 'gradstep');
    // The declaration hides what DebugClient itself uses for sockets.
    (client as unknown as { connect(readable: PassThrough, writable: PassThrough): void }).connect(back, there);
    return new DebugDriver(client, surroundings, session);
  }

  /** In a process of its own, over stdin and stdout. */
  static async spawn(server: string): Promise<DebugDriver> {
    const client = new DebugClient(process.execPath, server, 'gradstep');
    await client.start();
    return new DebugDriver(client, new PlainSurroundings(), null);
  }

  get engine(): EngineClient {
    return this.surroundings.engines.at(-1)!;
  }

  get source(): DebugProtocol.Source {
    return { path: this.program };
  }

  /** The whole of what was written into the console. */
  output(category?: string): string {
    return this.events
      .filter(({ event, body }) => event === 'output' && (category === undefined || body.category === category))
      .map(({ body }) => body.output as string)
      .join('');
  }

  /** From `initialize` up to where the script first rests. */
  async launch(
    program: string,
    args: Partial<LaunchArguments> = {},
    { lines = [], functions = [], data = [], filters = [] }: Configuration = {},
  ): Promise<Rest> {
    this.program = resolve(program);
    await this.client.initializeRequest({
      adapterID: 'gradstep',
      linesStartAt1: true,
      columnsStartAt1: true,
      pathFormat: 'path',
      supportsVariablePaging: true,
      supportsVariableType: true,
    });
    const initialized = this.client.waitForEvent('initialized', patience);
    await this.client.launchRequest({ program: this.program, ...args } as LaunchArguments);
    await initialized;
    this.breakpoints = {
      lines: await this.setLines(lines),
      functions: (await this.client.setFunctionBreakpointsRequest({ breakpoints: functions })).body.breakpoints,
      data: (await this.client.setDataBreakpointsRequest({ breakpoints: data })).body.breakpoints,
      filters: await this.setFilters(filters),
    };
    return this.move('configurationDone', {});
  }

  async setLines(breakpoints: DebugProtocol.SourceBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    return (await this.client.setBreakpointsRequest({ source: this.source, breakpoints })).body.breakpoints;
  }

  async setFilters(filterOptions: DebugProtocol.ExceptionFilterOptions[]): Promise<DebugProtocol.Breakpoint[]> {
    const response = (await this.client.customRequest('setExceptionBreakpoints', {
      filters: [],
      filterOptions,
    })) as DebugProtocol.SetExceptionBreakpointsResponse;
    return response.body?.breakpoints ?? [];
  }

  /** Where it rests; the answer came before that. */
  async move(command: Movement, args: object = { threadId: 1 }): Promise<Rest> {
    const response = await this.client.customRequest(command, args);
    const event = await this.rest();
    assert.ok(response.seq < event.seq, `the answer to ${command} came after the event`);
    return event.event === 'stopped' ? (event as DebugProtocol.StoppedEvent).body : null;
  }

  /** Where something else than a request of this client brings it. */
  async nextRest(): Promise<Rest> {
    const event = await this.rest();
    return event.event === 'stopped' ? (event as DebugProtocol.StoppedEvent).body : null;
  }

  async frames(): Promise<DebugProtocol.StackFrame[]> {
    return (await this.client.stackTraceRequest({ threadId: 1 })).body.stackFrames;
  }

  async line(): Promise<number> {
    return (await this.frames())[0]!.line;
  }

  /** In the outermost frame, the module's, unless another is asked for. */
  async evaluate(
    expression: string,
    { frame = -1, context = 'watch' }: { frame?: number; context?: string } = {},
  ): Promise<string> {
    const frameId = (await this.frames()).at(frame)!.id;
    return (await this.client.evaluateRequest({ expression, frameId, context })).body.result;
  }

  /** A frame's scopes and their variables, by name. */
  async scope(name: string, frame = 0): Promise<DebugProtocol.Variable[]> {
    const frameId = (await this.frames()).at(frame)!.id;
    const { scopes } = (await this.client.scopesRequest({ frameId })).body;
    const scope = scopes.find((one) => one.name.startsWith(name));
    assert.ok(scope, `no scope ${name} among ${scopes.map((one) => one.name).join()}`);
    return this.children(scope.variablesReference);
  }

  async children(variablesReference: number): Promise<DebugProtocol.Variable[]> {
    return (await this.client.variablesRequest({ variablesReference })).body.variables;
  }

  async close(): Promise<void> {
    await this.client.stop();
    this.session?.dispose();
  }

  private receive(event: DebugProtocol.Event): void {
    this.events.push(event);
    if (event.event !== 'stopped' && event.event !== 'terminated') return;
    this.rests.push(event);
    this.awaited?.();
  }

  private async rest(): Promise<DebugProtocol.Event> {
    if (this.rests.length === 0) {
      await new Promise<void>((arrived, failed) => {
        const timer = setTimeout(() => failed(new Error(`it does not rest: ${JSON.stringify(this.events)}`)), patience);
        this.awaited = () => {
          clearTimeout(timer);
          arrived();
        };
      });
      this.awaited = null;
    }
    return this.rests.shift()!;
  }
}
