import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { dirname } from 'node:path';
import { cudaText, type CudaProblem } from '../common/cudaProblem';
import type { DebugQueryContract, DebugRunContract } from '../common/debugContract';
import type {
  Device,
  Edit,
  EditTarget,
  EngineContract,
  EngineError,
  EngineEvents,
  EngineMessage,
  EventView,
  ExecutionMode,
  Goal,
  Histogram,
  HistoryPage,
  HyperparameterValue,
  QueryContract,
  RequestName,
  RunReport,
  ScheduleView,
  StartOptions,
  StateSnapshot,
  Statistics,
  TensorAddress,
  TensorPage,
  UpdateExplanation,
} from '../common/engineContract';
import { GradstepError } from '../common/errors';
import { english, type Translator } from '../common/translator';
import { allocatorSettings } from './allocatorSettings';
import { checkCuda, cudaProcess, maySupportCuda, type CudaProcess } from './cudaCheck';
import { ortFolderVariable } from './cudaFolders';

/** How the child process ended when nobody had asked it to. */
export interface Death {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** The last of what it wrote on stderr: ONNX Runtime's own words are there and nowhere else. */
  stderr: string;
}

/** What a client tells its owner. */
export interface ClientEvents extends EngineEvents {
  died: Death;
}

/** What decides which libraries an engine's process must find. */
type CudaWish = Pick<StartOptions, 'device' | 'fileName' | 'cudaLibraryFolders'>;

export interface ClientOptions {
  /** The child's entry point, `dist/engine/main.cjs`. */
  entry: string;
  /** What the child's environment has besides this process's. */
  environment?: NodeJS.ProcessEnv;
  /** What will be started, where that is known: a debugger sets its breakpoints in the process before the start. */
  wish?: CudaWish;
  /** The extension's folder for its own data, in which a CUDA provider may have been installed. */
  store?: string;
  /** Of what the client says itself. */
  l10n?: Translator;
}

interface Pending {
  resolve: (body: never) => void;
  reject: (error: GradstepError) => void;
}

const stderrKept = 8000;

/** The engine as its owner sees it: promises for requests, events for the rest. It holds no training state. */
export class EngineClient {
  private readonly events = new EventEmitter();
  private child: ChildProcess | null = null;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private stderr = '';
  private disposed = false;
  private lastStart: StartOptions | null = null;
  private last: StateSnapshot | null = null;
  /** Runs while it is found out whether CUDA works. */
  private checking: AbortController | null = null;
  private saidWhyNoCuda = false;
  private readonly l10n: Translator;
  /** Of the next child. */
  private environment: NodeJS.ProcessEnv;

  constructor(private readonly options: ClientOptions) {
    this.l10n = options.l10n ?? english;
    const { wish } = options;
    const cuda = wish && wish.device !== 'cpu' ? this.cudaProcess(wish) : null;
    this.environment = cuda && this.isWanted(cuda, wish!) ? cuda.environment : this.usualEnvironment();
  }

  /** The latest snapshot; null before the first. */
  get state(): StateSnapshot | null {
    return this.last;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  on<N extends keyof ClientEvents>(name: N, listener: (body: ClientEvents[N]) => void): () => void {
    this.events.on(name, listener);
    return () => this.events.off(name, listener);
  }

  /**
   * Runs a script from its first line; resolves when it rests. A script that runs is given up.
   * @throws GradstepError `engine.noCuda` where the device is `cuda` and there is none
   */
  start(options: StartOptions): Promise<RunReport> {
    this.lastStart = options;
    return this.launch(options);
  }

  restart(goal: Goal): Promise<RunReport> {
    return this.request('restart', { goal });
  }

  /** @param mode how the script runs from here on; as before when left out */
  run(goal: Goal, mode?: ExecutionMode): Promise<RunReport> {
    return this.request('run', { goal, ...(mode && { mode }) });
  }

  /** One event on: over what is recorded, and at the head by running the script. */
  next(): Promise<RunReport> {
    return this.run({ kind: 'next' });
  }

  forward(): Promise<RunReport> {
    return this.next();
  }

  /** One event back; nothing runs. */
  back(): Promise<StateSnapshot> {
    return this.moveTo(Math.max(0, (this.last?.cursor ?? 0) - 1));
  }

  moveTo(event: number): Promise<StateSnapshot> {
    return this.request('moveTo', { event });
  }

  pause(): Promise<null> {
    return this.request('pause', null);
  }

  setMode(mode: ExecutionMode): Promise<null> {
    return this.request('setMode', { mode });
  }

  /** Gives the run up. A child that doesn't come to rest in time, deep in native code, is killed: see `recover`. */
  async stop(timeoutMilliseconds = 5000): Promise<void> {
    const { child } = this;
    this.checking?.abort();
    if (!child) return;
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMilliseconds);
    try {
      await this.request('stop', null).catch(() => null);
    } finally {
      clearTimeout(timer);
    }
  }

  readTensor(address: TensorAddress, offset: number, length: number): Promise<TensorPage> {
    return this.request('readTensor', { ...address, offset, length });
  }

  statistics(address: TensorAddress): Promise<Statistics> {
    return this.request('statistics', address);
  }

  histogram(address: TensorAddress, bins: number): Promise<Histogram> {
    return this.request('histogram', { ...address, bins });
  }

  /** How a `step` event changed one element of a parameter. */
  explain(event: number, parameter: string, index: number): Promise<UpdateExplanation> {
    return this.request('explain', { event, parameter, index });
  }

  /** As of an event. */
  schedules(event: number): Promise<ScheduleView[]> {
    return this.request('schedules', { event });
  }

  event(index: number): Promise<EventView> {
    return this.request('event', { index });
  }

  history(from: number, count: number): Promise<HistoryPage> {
    return this.request('history', { from, count });
  }

  /** What a debugger asks; see `DebugQueryContract`. */
  ask<N extends keyof DebugQueryContract>(
    name: N,
    body: DebugQueryContract[N]['request'],
  ): Promise<DebugQueryContract[N]['reply']> {
    return this.request(name, body) as Promise<DebugQueryContract[N]['reply']>;
  }

  /** Set Value of a variable at the debugger's moment. */
  setVariable(body: DebugRunContract['setVariable']['request']): Promise<RunReport> {
    return this.request('setVariable', body);
  }

  ping(): Promise<QueryContract['ping']['reply']> {
    return this.request('ping', null);
  }

  /** @param confirm cuts off what came after an event in the past, and runs up to it again */
  setValue(event: number, target: EditTarget | EditTarget[], confirm = false): Promise<RunReport> {
    return this.request('edit', { event, targets: Array.isArray(target) ? target : [target], confirm });
  }

  setLearningRate(event: number, optimizer: string, group: number, lr: number, confirm = false): Promise<RunReport> {
    const value: HyperparameterValue = lr;
    return this.setValue(event, { kind: 'hyperparameter', optimizer, group, name: 'lr', value }, confirm);
  }

  /** After a death: starts a new child and brings it to the event and the edits of the old one. */
  recover(): Promise<RunReport> {
    if (!this.lastStart) throw new GradstepError('nothing has been started', { code: 'engine.idle' });
    const event = this.last?.head ?? -1;
    const edits: Edit[] = this.last?.edits ?? [];
    return this.launch(event < 0 ? this.lastStart : { ...this.lastStart, restore: { event, edits } });
  }

  dispose(): void {
    this.disposed = true;
    this.checking?.abort();
    this.child?.kill('SIGKILL');
    this.child = null;
    this.rejectAll('the engine was closed', 'engine.disposed');
    this.events.removeAllListeners();
  }

  private launch(options: StartOptions): Promise<RunReport> {
    const { device } = options;
    if (device === 'cpu') return this.beginOn('cpu', options, this.usualEnvironment());
    return this.beginOnCuda(options);
  }

  /** Where an engine runs that must not, or need not, use CUDA. */
  private usualEnvironment(): NodeJS.ProcessEnv {
    return { ...allocatorSettings, ...process.env, ...this.options.environment };
  }

  private cudaProcess({ fileName, cudaLibraryFolders }: CudaWish): CudaProcess {
    return cudaProcess({
      entry: this.options.entry,
      store: this.options.store ?? null,
      environment: this.usualEnvironment(),
      scriptFolder: dirname(fileName),
      given: cudaLibraryFolders ?? [],
    });
  }

  /** `auto` wants CUDA only where something speaks for it. */
  private isWanted({ ortFolder }: CudaProcess, { device }: CudaWish): boolean {
    return device === 'cuda' || maySupportCuda(this.usualEnvironment(), ortFolder);
  }

  private async beginOnCuda(options: StartOptions): Promise<RunReport> {
    const usual = this.usualEnvironment();
    const cuda = this.cudaProcess(options);
    if (!this.isWanted(cuda, options)) return this.beginOn('cpu', options, usual);
    this.checking?.abort();
    const checking = new AbortController();
    this.checking = checking;
    const problem = await checkCuda({
      entry: this.options.entry,
      environment: cuda.environment,
      signal: checking.signal,
    });
    if (checking.signal.aborted) return { reason: 'stopped', event: -1, error: null, problems: [] };
    this.checking = null;
    if (problem === null) return this.beginOn('cuda', options, cuda.environment);
    if (options.device === 'cuda') throw this.cudaError(problem);
    this.sayWhyNoCuda(problem);
    return this.beginOn('cpu', options, usual);
  }

  /** A child that was started without CUDA's libraries in reach can't find them any more: another one takes its place. */
  private beginOn(device: Device, options: StartOptions, environment: NodeJS.ProcessEnv): Promise<RunReport> {
    const { child } = this;
    const names = ['LD_LIBRARY_PATH', ortFolderVariable];
    if (child && device === 'cuda' && names.some((name) => this.environment[name] !== environment[name])) {
      this.child = null;
      child.kill('SIGKILL');
      this.rejectAll('the engine was started anew', 'engine.disposed');
    }
    if (!this.child) this.environment = environment;
    return this.request('start', { ...options, device });
  }

  private cudaError(problem: CudaProblem): GradstepError {
    const { what, todo } = cudaText(problem, this.l10n);
    return new GradstepError(this.l10n.t("CUDA can't be used: {0}", what), { code: 'engine.noCuda', hint: todo });
  }

  private sayWhyNoCuda(problem: CudaProblem): void {
    if (this.saidWhyNoCuda) return;
    this.saidWhyNoCuda = true;
    const { what, todo } = cudaText(problem, this.l10n);
    const message = this.l10n.t("CUDA can't be used, so this runs on the CPU: {0} {1}", what, todo);
    this.events.emit('notice', { message });
  }

  private request<N extends RequestName>(
    name: N,
    body: EngineContract[N]['request'],
  ): Promise<EngineContract[N]['reply']> {
    if (this.disposed) return Promise.reject(new GradstepError('the engine was closed', { code: 'engine.disposed' }));
    const child = this.connect();
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve: resolve as Pending['resolve'], reject });
      child.send({ kind: 'request', id, name, body }, (error) => {
        if (!error) return;
        this.pending.delete(id);
        reject(new GradstepError(`the engine can't be reached: ${error.message}`, { code: 'engine.died' }));
      });
    });
  }

  private connect(): ChildProcess {
    if (this.child) return this.child;
    const child = fork(this.options.entry, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: this.environment,
    });
    this.child = child;
    this.stderr = '';
    child.on('message', (message) => {
      if (this.child === child) this.receive(message as EngineMessage);
    });
    child.stdout?.resume();
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.keepStderr(text));
    child.on('error', (error) => this.keepStderr(error.message));
    child.on('close', (exitCode, signal) => {
      if (this.child !== child) return;
      this.child = null;
      this.reportDeath(exitCode, signal);
    });
    return child;
  }

  private receive(message: EngineMessage): void {
    if (message.kind === 'event') {
      if (message.name === 'state') this.last = message.body;
      this.events.emit(message.name, message.body);
      return;
    }
    const pending = this.pending.get(message.id);
    if (!pending) return;
    this.pending.delete(message.id);
    if (message.ok) pending.resolve(message.body as never);
    else pending.reject(gradstepError(message.error));
  }

  private keepStderr(text: string): void {
    this.stderr = (this.stderr + text).slice(-stderrKept);
  }

  private reportDeath(exitCode: number | null, signal: NodeJS.Signals | null): void {
    const how = signal === null ? `with exit code ${exitCode}` : `by ${signal}`;
    this.rejectAll(`the engine's process ended ${how}`, 'engine.died');
    this.events.emit('died', { exitCode, signal, stderr: this.stderr });
  }

  private rejectAll(message: string, code: string): void {
    const hint = this.stderr.trim() === '' ? undefined : this.stderr.trim();
    for (const { reject } of this.pending.values()) reject(new GradstepError(message, { code, ...(hint && { hint }) }));
    this.pending.clear();
  }
}

function gradstepError({ message, code, hint, line, audience }: EngineError): GradstepError {
  return new GradstepError(message, {
    code,
    audience,
    ...(hint !== null && { hint }),
    ...(line !== null && { line }),
  });
}
