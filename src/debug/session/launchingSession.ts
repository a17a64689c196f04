import { basename, normalize } from 'node:path';
import {
  BreakpointEvent,
  ContinuedEvent,
  DebugSession,
  ExitedEvent,
  InitializedEvent,
  InvalidatedEvent,
  StoppedEvent,
  TerminatedEvent,
} from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { BreakpointView, DebugPlace } from '../../common/debugContract';
import type { StartOptions, StateSnapshot } from '../../common/engineContract';
import { GradstepError } from '../../common/errors';
import type { Translator } from '../../common/translator';
import type { EngineClient } from '../../engine/client';
import { BreakpointRegister } from './breakpointRegister';
import { capabilities } from './capabilities';
import { DebugConsole } from './console';
import { Debuggee, type Ending } from './debuggee';
import type { DebugLaunch, DebugSurroundings } from './debugSurroundings';
import { checkedArguments, launchSettings, type LaunchArguments } from './launchArguments';
import { stoppedBody, threadId } from './stoppedEvents';
import { VariableTable } from './variableTable';

/** What the ends of a script are to whoever started it; null where it has no exit code. */
const exitCodes: Readonly<Record<Ending['kind'], number | null>> = {
  finished: 0,
  failed: 1,
  refused: 2,
  stopped: null,
  died: null,
};

/** Ids of frames: those of a former rest are not mistaken for the present one's. */
const framesOfARest = 2 ** 16;

/** DAP's protocol asks for a number with every error. */
const errorId = 1000;

interface AnswerOptions<T> {
  /** For a person to see, wherever the request came from. */
  showUser?: boolean;
  /** After the answer: events have to come later than that. */
  then?: (result: T) => void;
}

interface Launched {
  launch: DebugLaunch;
  args: LaunchArguments;
  debuggee: Debuggee;
}

/** A debug session's life, from `initialize` to `disconnect`: the engine, what it tells by itself, and the end. */
export abstract class LaunchingSession extends DebugSession {
  protected readonly breakpoints = new BreakpointRegister();
  protected readonly table: VariableTable;
  private readonly console: DebugConsole;
  private launched: Launched | null = null;
  private stopListening: () => void = () => undefined;
  private sourceChanged = false;
  private rests = 0;

  constructor(protected readonly surroundings: DebugSurroundings) {
    super();
    this.table = new VariableTable(surroundings.l10n);
    this.setDebuggerLinesStartAt1(true);
    this.setDebuggerColumnsStartAt1(false);
    this.console = new DebugConsole(
      (event) => this.sendEvent(event),
      surroundings.l10n,
      () => {
        const { program, source } = this.present.launch;
        return { program, source, reference: this.sourceOf(program) };
      },
    );
  }

  /** Also where the IDE is gone without a word. */
  override shutdown(): void {
    this.close();
    super.shutdown();
  }

  override dispose(): void {
    this.close();
    super.dispose();
  }

  protected override initializeRequest(
    response: DebugProtocol.InitializeResponse,
    args: DebugProtocol.InitializeRequestArguments,
  ): void {
    this.table.display = {
      paging: args.supportsVariablePaging ?? false,
      isWatched: (dataId) => this.breakpoints.watches(dataId),
    };
    response.body = capabilities(this.surroundings.l10n);
    this.sendResponse(response);
  }

  protected override launchRequest(response: DebugProtocol.LaunchResponse, given: LaunchArguments): void {
    this.answer(
      response,
      async () => {
        const args = checkedArguments(given, this.surroundings.l10n);
        const launch = await this.read(args);
        const client = this.surroundings.openEngine(launch);
        const debuggee = new Debuggee(
          client,
          {
            stopped: (place, snapshot) => this.reportStopped(place, snapshot),
            continued: () => this.sendEvent(new ContinuedEvent(threadId, true)),
            invalidated: () => this.invalidate(),
            ended: (ending) => this.reportEnding(ending),
            runFailed: (error) => this.console.write('important', `${messageOf(error)}\n`),
          },
          this.surroundings.l10n,
        );
        this.launched = { launch, args, debuggee };
        const endings = [
          this.console.follow(client),
          this.surroundings.onDidChangeSource(args.program, () => void this.noticeChange()),
        ];
        this.stopListening = () => endings.forEach((end) => end());
      },
      { showUser: true, then: () => this.sendEvent(new InitializedEvent()) },
    );
  }

  protected override attachRequest(response: DebugProtocol.AttachResponse): void {
    this.refuse(
      response,
      new GradstepError(this.l10n.t('Gradstep launches scripts: there is nothing to attach to.'), {
        code: 'debug.attach',
      }),
    );
  }

  protected override configurationDoneRequest(response: DebugProtocol.ConfigurationDoneResponse): void {
    this.answer(response, () => void this.present, { then: () => this.startScript() });
  }

  protected override restartRequest(
    response: DebugProtocol.RestartResponse,
    restart?: DebugProtocol.RestartArguments,
  ): void {
    this.answer(
      response,
      async () => {
        const { debuggee, args: before } = this.present;
        const args = checkedArguments({ ...before, ...restart?.arguments }, this.l10n);
        const launch = await this.read({ ...args, program: before.program });
        this.launched = { launch, args, debuggee };
        this.sourceChanged = false;
        debuggee.supersede();
        this.surroundings.onRestart?.(debuggee.client, launch);
        const views = await this.breakpoints.sendAll(debuggee.client, launch.source);
        for (const view of views) this.sendEvent(new BreakpointEvent('changed', this.breakpointOf(view)));
      },
      { showUser: true, then: () => this.startScript() },
    );
  }

  protected override terminateRequest(response: DebugProtocol.TerminateResponse): void {
    this.sendResponse(response);
    void this.launched?.debuggee.terminate();
  }

  protected get l10n(): Translator {
    return this.surroundings.l10n;
  }

  /** @throws GradstepError `debug.notLaunched` */
  protected get present(): Launched {
    if (this.launched) return this.launched;
    throw new GradstepError(this.l10n.t('no script has been launched'), { code: 'debug.notLaunched' });
  }

  /** The engine of a script that rests. @throws GradstepError where it doesn't */
  protected get resting(): EngineClient {
    const { debuggee } = this.present;
    void debuggee.place;
    return debuggee.client;
  }

  /** Exactly one response, whatever happens; what the engine is asked goes out before anything else is handled. */
  protected answer<T extends object | void>(
    response: DebugProtocol.Response,
    work: () => T | Promise<T>,
    { showUser = false, then }: AnswerOptions<T> = {},
  ): void {
    const perform = async (): Promise<void> => {
      let result: T;
      try {
        result = await work();
      } catch (error) {
        this.refuse(response, error, showUser);
        return;
      }
      if (result) response.body = result;
      this.sendResponse(response);
      then?.(result);
    };
    void perform();
  }

  protected refuse(response: DebugProtocol.Response, error: unknown, showUser = false): void {
    const variables = { _message: messageOf(error) };
    this.sendErrorResponse(response, { id: errorId, format: '{_message}', variables, showUser });
  }

  protected sourceOf(path: string): DebugProtocol.Source {
    return { name: basename(path), path: this.convertDebuggerPathToClient(path) };
  }

  protected runsFrom(path: string | undefined): boolean {
    const { program } = this.present.launch;
    const [a, b] = [path ?? '', program].map((name) => {
      const plain = normalize(name);
      return process.platform === 'win32' ? plain.toLowerCase() : plain;
    });
    return a === b;
  }

  protected breakpointOf({ id, verified, line, message }: BreakpointView): DebugProtocol.Breakpoint {
    return {
      id,
      verified,
      ...(line !== null && {
        line: this.convertDebuggerLineToClient(line),
        source: this.sourceOf(this.present.launch.program),
      }),
      ...(message !== null && { message }),
    };
  }

  protected frameId(index: number): number {
    return this.rests * framesOfARest + index;
  }

  /** @throws GradstepError `debug.staleFrame` for a frame of a former rest */
  protected frameIndex(frameId: number | undefined): number {
    if (frameId === undefined) return 0;
    const index = frameId - this.rests * framesOfARest;
    if (index >= 0 && index < framesOfARest) return index;
    throw new GradstepError(this.l10n.t('the script has moved on from this frame'), { code: 'debug.staleFrame' });
  }

  /** The values at this place are other ones now. */
  protected invalidate(): void {
    this.table.clear();
    this.sendEvent(new InvalidatedEvent(['variables'], threadId));
  }

  private async read(args: LaunchArguments): Promise<DebugLaunch> {
    const { program, noDebug = false } = args;
    const settings = launchSettings(args, this.surroundings);
    try {
      return { program, source: await this.surroundings.readSource(program), settings, noDebug };
    } catch (error) {
      const message = this.l10n.t("{0} can't be read: {1}", program, messageOf(error));
      throw new GradstepError(message, { code: 'debug.unreadable', cause: error });
    }
  }

  private startScript(): void {
    const { launch, args, debuggee } = this.present;
    const { program, source, settings, noDebug } = launch;
    // Who sets no breakpoint wants to see something all the same.
    const stopOnEntry = args.stopOnEntry ?? !this.breakpoints.stopsSomewhere;
    const options: StartOptions = {
      ...settings,
      fileName: program,
      source,
      mode: stopOnEntry && !noDebug ? 'stepping' : 'running',
      goal: { kind: 'continue' },
      ...(!noDebug && { debug: { stopOnEntry } }),
    };
    this.table.clear();
    debuggee.drive((client) => client.start(options));
  }

  private close(): void {
    this.stopListening();
    const { launched } = this;
    if (!launched) return;
    this.launched = null;
    launched.debuggee.detach();
    this.surroundings.closeEngine(launched.debuggee.client);
  }

  private reportStopped(place: DebugPlace, snapshot: StateSnapshot): void {
    this.rests++;
    this.table.clear();
    const event = new StoppedEvent(place.stop.reason, threadId);
    event.body = stoppedBody(place, snapshot, this.l10n);
    this.sendEvent(event);
  }

  private reportEnding(ending: Ending): void {
    if (ending.kind === 'refused') this.surroundings.onRefused?.(this.present.debuggee.client, ending.problems);
    this.console.ending(ending, ending.kind === 'died' ? this.surroundings.deathText(ending.death) : null);
    const exitCode = exitCodes[ending.kind];
    if (exitCode !== null) this.sendEvent(new ExitedEvent(exitCode));
    this.sendEvent(new TerminatedEvent());
  }

  private async noticeChange(): Promise<void> {
    const { launch } = this.present;
    if (this.sourceChanged) return;
    const text = await this.surroundings.readSource(launch.program).catch(() => null);
    if (text === null || text === launch.source || this.sourceChanged) return;
    this.sourceChanged = true;
    const name = basename(launch.program);
    const message = this.l10n.t('{0} has changed: what runs is the text as it was. Restart takes the new one.', name);
    this.console.write('important', `${message}\n`);
  }
}

/** What failed and what to do about it, in one line. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = error instanceof GradstepError ? error.hint : undefined;
  return hint === undefined ? error.message : `${error.message} (${hint})`;
}
