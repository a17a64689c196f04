import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import type { DebugQueryContract, DebugRunContract } from '../common/debugContract';
import type {
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
import { cudaEnvironment } from './cudaLibraries';

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

export interface ClientOptions {
  /** The child's entry point, `dist/engine/main.cjs`. */
  entry: string;
  /** The child's environment: LD_LIBRARY_PATH is read when the process starts. */
  environment?: NodeJS.ProcessEnv;
}

interface Pending {
  resolve: (body: never) => void;
  reject: (error: GradstepError) => void;
}

const stderrKept = 8000;
const missingLibrary = /with error: (\S+?): cannot open/;

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

  constructor(private readonly options: ClientOptions) {}

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

  /** Runs a script from its first line; resolves when it rests. A script that runs is given up. */
  start(options: StartOptions): Promise<RunReport> {
    this.lastStart = options;
    return this.request('start', options);
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
    if (event < 0) return this.request('start', this.lastStart);
    return this.request('start', { ...this.lastStart, restore: { event, edits } });
  }

  dispose(): void {
    this.disposed = true;
    this.child?.kill('SIGKILL');
    this.child = null;
    this.rejectAll('the engine was closed', 'engine.disposed');
    this.events.removeAllListeners();
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
      env: this.childEnvironment(),
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

  private childEnvironment(): NodeJS.ProcessEnv {
    const environment = { ...process.env, ...this.options.environment };
    const start = this.lastStart;
    if (process.platform !== 'linux' || start?.device === 'cpu') return environment;
    const scriptFolder = start ? dirname(start.fileName) : null;
    return { ...environment, ...cudaEnvironment({ environment, scriptFolder, home: homedir() }) };
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
    const library = missingLibrary.exec(text)?.[1];
    if (library === undefined || this.lastStart?.device !== 'cuda') return;
    const message = library.includes('onnxruntime_providers')
      ? `ONNX Runtime's CUDA provider is not installed: ${library} is missing.`
      : `CUDA needs ${library}, which was not found.`;
    this.events.emit('notice', { message });
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
