import type {
  EditTarget,
  EngineError,
  ExecutionMode,
  Goal,
  ProblemView,
  ProgressView,
  RunReport,
  StartOptions,
  StateSnapshot,
} from '../common/engineContract';
import { GradstepError } from '../common/errors';
import type { Death, EngineClient } from '../engine/client';
import type { EngineStatus, OutputLine, PanelHandlers, StepUnit } from '../protocol/contract';
import { deathCause, type DeathCause } from './deathCause';
import { OutputTail } from './outputTail';
import { engineErrorOf } from './panelErrors';

/** A script as it is run: with the text that the editor shows, saved or not. */
export interface ScriptSource {
  name: string;
  /** Absolute. */
  path: string;
  text: string;
}

/** Where a session stood: enough to bring another engine there. */
export interface Place {
  cursor: number;
  head: number;
  edits: StateSnapshot['edits'];
}

export type EngineSettings = Pick<
  StartOptions,
  'device' | 'cudaLibraryFolders' | 'threads' | 'dataFolder' | 'byteBudget' | 'seed'
>;

export interface PanelSessionOptions {
  createClient(options: StartOptions): EngineClient;
  /** What is shown has changed; the change may wait for `delay` milliseconds. */
  onChange(delay: number): void;
  /** For the engine's log. */
  log(message: string): void;
  texts: {
    /** @param how an exit code or a signal's name */
    died(how: string, cause: DeathCause | null): string;
    /** What to do about an engine that is not there. */
    recover: string;
  };
}

/** A run that ends sooner than this is never shown as one. */
const busyDelay = 150;
/** So many events before its goal a run begins to step. */
const steppedLead = 12;
const historyPage = 64;

/** The requests that the engine answers, or that drive it. */
type EngineHandlers = Omit<PanelHandlers, 'ready' | 'setValue' | 'revealLine' | 'command' | 'restart'>;

/** One script in one engine, from its opening to its closing: the client, its deaths, and what the panel shows of it. */
export class PanelSession {
  engineStatus: EngineStatus = 'starting';
  death: string | null = null;
  busy = false;
  snapshot: StateSnapshot | null = null;
  problems: ProblemView[] = [];
  error: EngineError | null = null;
  private readonly tail = new OutputTail();
  private readonly running = new Map<number, ProgressView>();
  private client: EngineClient | null = null;
  private stopListening: () => void = () => undefined;
  /** A debugger has the same engine, and it alone starts and ends it. */
  private shared = false;
  private started: StartOptions | null = null;
  /** Where the engine stood when it died, until another one stands there. */
  private lost: Place | null = null;
  private disposed = false;
  /** A run of two legs is under way: a rest between them is none. */
  private onTheWay = false;

  constructor(
    readonly script: ScriptSource,
    private readonly options: PanelSessionOptions,
  ) {}

  get output(): OutputLine[] {
    return this.tail.lines;
  }

  get progress(): ProgressView[] {
    return [...this.running.values()];
  }

  /** The process that trains. */
  get enginePid(): number | undefined {
    return this.client?.pid;
  }

  get place(): Place | null {
    if (this.lost) return this.lost;
    const { snapshot } = this;
    return snapshot && snapshot.head >= 0
      ? { cursor: snapshot.cursor, head: snapshot.head, edits: snapshot.edits }
      : null;
  }

  /** Runs the script to its first event, or silently to where another session stood. */
  async start(settings: EngineSettings, place: Place | null = null, output: readonly OutputLine[] = []): Promise<void> {
    this.tail.replace(output);
    this.started = this.optionsWith(settings);
    this.lost = place;
    this.engineStatus = place ? 'recovering' : 'starting';
    await this.bringUp();
  }

  /**
   * Shows what a debugger does, and lets the panel move the same script.
   * @param settings what another engine would be started with, once this one is gone
   */
  share(client: EngineClient, settings: EngineSettings): void {
    this.started = this.optionsWith(settings);
    this.shared = true;
    this.listen(client);
    if (client.state) this.receiveState(client.state);
  }

  get isShared(): boolean {
    return this.shared;
  }

  /** The preflight has refused the script that the debugger was to run. */
  refuse(problems: readonly ProblemView[]): void {
    this.problems = [...problems];
    this.options.onChange(0);
  }

  /** The debugger has left: the engine is this session's alone. */
  keep(): void {
    this.shared = false;
    this.options.onChange(0);
  }

  /** After a death: another engine, the same event. */
  async recover(): Promise<void> {
    if (this.engineStatus !== 'died') return;
    this.engineStatus = 'recovering';
    await this.bringUp();
  }

  /** A line of ours among the script's output. */
  note(message: string): void {
    this.tail.note(message);
    this.options.onChange(0);
  }

  /** @param confirmed what came after an event in the past may be cut off */
  async setValue(event: number, target: EditTarget, confirmed: boolean): Promise<void> {
    await this.run((client) => client.setValue(event, target, confirmed));
  }

  dispose(): void {
    this.disposed = true;
    this.release();
  }

  private optionsWith(settings: EngineSettings): StartOptions {
    const { path: fileName, text: source } = this.script;
    return { fileName, source, mode: 'stepping', goal: { kind: 'next' }, ...settings };
  }

  private release(): void {
    this.stopListening();
    this.stopListening = () => undefined;
    if (!this.shared) this.client?.dispose();
    this.shared = false;
    this.client = null;
  }

  readonly handlers: EngineHandlers = {
    next: ({ unit }) =>
      this.runTo(unit === 'phase' ? { kind: 'next' } : { kind: 'iterations', count: 1 }).then(() => null),
    previous: ({ unit }) => this.goBack(unit).then(() => null),
    run: ({ goal }) => this.runTo(goal).then(() => null),
    pause: async () => {
      // Before the first event there is nowhere to pause: a download, say, is given up.
      if ((this.snapshot?.head ?? -1) < 0 && !this.shared) await this.connected.stop();
      else await this.connected.pause();
      return null;
    },
    moveTo: async ({ event }) => {
      await this.connected.moveTo(event);
      return null;
    },
    event: ({ index }) => this.query((client) => client.event(index)),
    history: ({ from, count }) => this.query((client) => client.history(from, count)),
    readTensor: async ({ offset, length, ...address }) => {
      const page = await this.query((client) => client.readTensor(address, offset, length));
      // A view would take the whole message that it came in along to the webview.
      return { ...page, data: page.data.slice() };
    },
    statistics: (address) => this.query((client) => client.statistics(address)),
    histogram: ({ bins, ...address }) => this.query((client) => client.histogram(address, bins)),
    explain: ({ event, parameter, index }) => this.query((client) => client.explain(event, parameter, index)),
    schedules: ({ event }) => this.query((client) => client.schedules(event)),
  };

  private get connected(): EngineClient {
    if (this.client && this.engineStatus !== 'died') return this.client;
    throw new GradstepError('the engine is not running', { code: 'engine.died', hint: this.options.texts.recover });
  }

  private async query<T>(ask: (client: EngineClient) => Promise<T>): Promise<T> {
    return ask(this.connected);
  }

  private async runTo(goal: Goal): Promise<void> {
    const legs = this.legsTo(goal);
    await this.run(async (client) => {
      let report: RunReport | null = null;
      for (const [index, leg] of legs.entries()) {
        this.onTheWay = index < legs.length - 1;
        report = await client.run(leg.goal, leg.mode);
        if (report.reason !== 'goal') break;
      }
      return report!;
    });
  }

  /** A long way is run; its end is stepped, so that everything can be looked at where it comes to rest. */
  private legsTo(goal: Goal): { goal: Goal; mode: ExecutionMode }[] {
    const head = this.snapshot?.head ?? -1;
    switch (goal.kind) {
      case 'next':
      case 'phase':
      case 'line':
        return [{ goal, mode: 'stepping' }];
      case 'iterations':
        return [
          ...(goal.count > 1 ? [{ goal: { ...goal, count: goal.count - 1 }, mode: 'running' } as const] : []),
          { goal: { ...goal, count: 1 }, mode: 'stepping' },
        ];
      case 'event': {
        const lead = goal.index - steppedLead;
        const far = lead > Math.max(head, this.snapshot?.cursor ?? -1);
        return [
          ...(far ? [{ goal: { ...goal, index: lead }, mode: 'running' } as const] : []),
          { goal, mode: 'stepping' },
        ];
      }
      case 'events':
        return this.legsTo({ kind: 'event', index: (this.snapshot?.cursor ?? -1) + goal.count });
      case 'epoch':
      case 'continue':
      case 'step':
        return [{ goal, mode: 'running' }];
    }
  }

  private async goBack(unit: StepUnit): Promise<void> {
    const cursor = this.snapshot?.cursor ?? -1;
    if (cursor <= 0) return;
    const event = unit === 'phase' ? cursor - 1 : await this.previousIteration(cursor);
    await this.connected.moveTo(event);
  }

  /** The first event of the iteration before the cursor's; the first of all where there is none. */
  private async previousIteration(cursor: number): Promise<number> {
    let target: number | null = null;
    let first = 0;
    for (let end = cursor + 1; end > 0; end -= historyPage) {
      const from = Math.max(0, end - historyPage);
      const { events } = await this.connected.history(from, end - from);
      for (const { index, iteration } of events.reverse()) {
        target ??= iteration - 1;
        if (iteration < target) return first;
        first = index;
      }
    }
    return 0;
  }

  private async bringUp(): Promise<void> {
    const options = this.started!;
    const place = this.lost;
    this.release();
    this.listen(this.options.createClient(options));
    this.death = null;
    this.snapshot = place ? this.snapshot : null;
    this.options.onChange(0);
    const restore = place && { event: place.head, edits: place.edits };
    try {
      await this.run((client) => client.start({ ...options, ...(restore && { restore }) }));
      if (place && place.cursor < place.head) await this.connected.moveTo(place.cursor);
      this.lost = null;
    } catch (thrown) {
      if (this.isDead || this.disposed) return;
      this.error = engineErrorOf(thrown);
    }
    this.engineStatus = 'ready';
    this.options.onChange(0);
  }

  private get isDead(): boolean {
    return this.engineStatus === 'died';
  }

  private listen(client: EngineClient): void {
    this.client = client;
    const listening = [
      client.on('state', (snapshot) => this.receiveState(snapshot)),
      client.on('output', ({ text, stream }) => {
        this.tail.append(stream, text);
        this.options.onChange(busyDelay);
      }),
      client.on('notice', ({ message }) => {
        this.options.log(message);
        this.note(message);
      }),
      client.on('progress', (progress) => {
        if (progress.closed) this.running.delete(progress.id);
        else this.running.set(progress.id, progress);
        this.options.onChange(0);
      }),
      client.on('died', (death) => this.receiveDeath(death)),
    ];
    this.stopListening = () => listening.forEach((stop) => stop());
  }

  private async run(start: (client: EngineClient) => Promise<RunReport>): Promise<void> {
    if (this.busy) throw new GradstepError('the script is running', { code: 'engine.busy', hint: 'Pause it first.' });
    const client = this.connected;
    this.busy = true;
    this.options.onChange(busyDelay);
    try {
      const report = await start(client);
      if (client !== this.client) return;
      const { problems } = this;
      this.problems = report.problems;
      if (report.error) this.error = report.error;
      if (problems.length + report.problems.length > 0) this.options.onChange(0);
    } finally {
      this.onTheWay = false;
      if (client === this.client && this.busy) {
        this.busy = false;
        this.options.onChange(0);
      }
    }
  }

  private receiveState(snapshot: StateSnapshot): void {
    this.snapshot = snapshot;
    this.error = snapshot.error;
    const rests = snapshot.status !== 'running';
    // The report that answers the run follows on the heels of this state: what is asked now comes after it.
    if (rests && !this.onTheWay) this.busy = false;
    if (rests && this.engineStatus === 'starting') this.engineStatus = 'ready';
    // The debugger has set it running.
    const begins = !rests && this.shared && !this.busy;
    if (begins) this.busy = true;
    this.options.onChange(begins ? busyDelay : 0);
  }

  private receiveDeath({ exitCode, signal, stderr }: Death): void {
    const how = signal ?? String(exitCode);
    const cause = deathCause(stderr, `${process.platform}-${process.arch}`);
    const message = this.options.texts.died(how, cause);
    this.lost = this.place;
    this.engineStatus = 'died';
    const words = [message, stderr.trim()].filter((text) => text !== '').join('\n');
    this.death = cause ? message : words;
    this.busy = false;
    this.running.clear();
    this.options.log(words);
    this.note(message);
  }
}
