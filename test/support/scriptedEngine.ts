import type { DebugPlace, DebugQueryContract, DebugStop } from '../../src/common/debugContract';
import type { EngineEvents, RunReport, StartOptions, StateSnapshot } from '../../src/common/engineContract';
import { EngineClient, type ClientEvents } from '../../src/engine/client';

type Answers = {
  [N in keyof DebugQueryContract]?: (body: DebugQueryContract[N]['request']) => DebugQueryContract[N]['reply'];
};

/** An engine without a script: a test says what it tells and answers, in the order that the test is about. */
export class ScriptedEngine extends EngineClient {
  readonly started: StartOptions[] = [];
  readonly asked: { name: string; body: unknown }[] = [];
  readonly answers: Answers = {
    setBreakpoints: ({ breakpoints }) =>
      breakpoints.map(({ id, line }) => ({ id, verified: true, line, message: null })),
    setFunctionBreakpoints: ({ breakpoints }) => breakpoints.map(({ id }) => verified(id)),
    setDataBreakpoints: ({ breakpoints }) => breakpoints.map(({ id }) => verified(id)),
    setExceptionFilters: ({ filters }) => filters.map((_filter, id) => verified(id)),
    frames: () => [{ index: 0, name: '<module>', kind: 'script', type: null, line: 1, canRestart: false }],
  };
  private readonly listeners = new Map<string, Set<(body: never) => void>>();
  private snapshot: StateSnapshot | null = null;
  private finishRun: ((report: RunReport) => void) | null = null;
  private failRun: ((error: Error) => void) | null = null;

  constructor() {
    super({ entry: '' });
  }

  override get state(): StateSnapshot | null {
    return this.snapshot;
  }

  override on<N extends keyof ClientEvents>(name: N, listener: (body: ClientEvents[N]) => void): () => void {
    const listeners = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  override start(options: StartOptions): Promise<RunReport> {
    this.started.push(options);
    return this.begin();
  }

  override run(): Promise<RunReport> {
    return this.begin();
  }

  override ask<N extends keyof DebugQueryContract>(
    name: N,
    body: DebugQueryContract[N]['request'],
  ): Promise<DebugQueryContract[N]['reply']> {
    this.asked.push({ name, body });
    const answer = this.answers[name] as
      ((body: DebugQueryContract[N]['request']) => DebugQueryContract[N]['reply']) | undefined;
    return Promise.resolve().then(() => {
      if (!answer) throw new Error(`nothing answers ${name}`);
      return answer(body);
    });
  }

  override dispose(): void {
    this.listeners.clear();
  }

  tell<N extends keyof (ClientEvents & EngineEvents)>(name: N, body: ClientEvents[N]): void {
    for (const listener of this.listeners.get(name) ?? []) listener(body as never);
  }

  /** A state as the engine sends it. */
  tellState(status: StateSnapshot['status'], place: Partial<DebugPlace> = {}, more: Partial<StateSnapshot> = {}): void {
    const debug: DebugPlace = { moment: 0, lastMoment: 0, kind: 'statement', line: 1, stop: stopAt('step'), ...place };
    this.snapshot = { ...emptySnapshot, status, debug, ...more };
    this.tell('state', this.snapshot);
  }

  /** The run comes to its end at a place. */
  rest(report: Partial<RunReport> = {}, place: Partial<DebugPlace> = {}, more: Partial<StateSnapshot> = {}): void {
    const whole: RunReport = { reason: 'goal', event: more.cursor ?? -1, error: null, problems: [], ...report };
    const status = { finished: 'finished', failed: 'failed', stopped: 'stopped', refused: 'failed' } as const;
    this.tellState(whole.reason in status ? status[whole.reason as keyof typeof status] : 'paused', place, more);
    this.finishRun?.(whole);
  }

  refuseRun(error: Error): void {
    this.failRun?.(error);
  }

  private begin(): Promise<RunReport> {
    return new Promise((resolve, reject) => {
      this.finishRun = resolve;
      this.failRun = reject;
    });
  }
}

export function stopAt(reason: DebugStop['reason'], more: Partial<DebugStop> = {}): DebugStop {
  return { reason, description: `Paused on ${reason}`, text: null, breakpointIds: [], exception: null, ...more };
}

function verified(id: number): { id: number; verified: true; line: null; message: null } {
  return { id, verified: true, line: null, message: null };
}

const emptySnapshot: StateSnapshot = {
  revision: 0,
  status: 'idle',
  cursor: -1,
  head: -1,
  event: null,
  line: 0,
  mode: 'stepping',
  device: 'cpu',
  onCpu: [],
  iteration: 0,
  epoch: 1,
  pattern: [],
  position: -1,
  accuracy: null,
  findings: [],
  edits: [],
  bytes: 0,
  byteBudget: 0,
  droppedBefore: 0,
  compiledGraphs: 0,
  error: null,
};
