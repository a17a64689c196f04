import type {
  Device,
  Edit,
  EngineError,
  EngineStart,
  ExecutionMode,
  Goal,
  QueryHandlers,
  RequestMessage,
  RunContract,
  RunHandlers,
  RunReport,
  StateSnapshot,
  Status,
  StopReason,
} from '../common/engineContract';
import type { DebugStop } from '../common/debugContract';
import { GradstepError } from '../common/errors';
import { LoopChecks } from '../core/training/checks';
import { Timeline } from '../core/training/timeline';
import { Unwind } from '../script/objects/exceptions';
import type { Channel } from './channel';
import { DebugControl } from './debugging/debugControl';
import type { Debugger } from './debugging/debugger';
import { stopFor, type Debuggee } from './debugging/debugger';
import { errorOf } from './engineErrors';
import { snapshotOf, TensorReader } from './eventViews';
import { goalReached } from './goals';
import { Execution, type ExecutionPlan } from './execution';
import type { ProgramFactory } from './programInterface';
import { recordQueries } from './recordQueries';

const stateMilliseconds = 50;
const restedGoal: Goal = { kind: 'next' };

/** A request to run that has not been answered yet. */
interface ActiveRun {
  id: number;
  goal: Goal;
  event: number;
  iteration: number;
}

/**
 * One training session: it owns the timeline, runs the script on request and serves the client, while the script runs
 * as well as while it rests. Everything happens synchronously, inside the worker.
 */
export class Session {
  private options: EngineStart | null = null;
  private timeline = new Timeline();
  private checks = new LoopChecks();
  private edits: Edit[] = [];
  private mode: ExecutionMode = 'stepping';
  private status: Status = 'idle';
  private error: EngineError | null = null;
  private problems: RunReport['problems'] = [];
  private execution: Execution | null = null;
  /** What runs next, once the present execution is unwound. */
  private plan: ExecutionPlan | null = null;
  private run: ActiveRun | null = null;
  private resting = false;
  private pauseWanted = false;
  /** Answered when the script is unwound. */
  private stopRequests: number[] = [];
  private revision = 0;
  private lastState = 0;
  private compiledGraphs = 0;
  private classNames: readonly string[] | undefined;
  private device: Device = 'cpu';
  private readonly debugging: DebugControl = new DebugControl(this);
  private readonly reader = new TensorReader(
    () => this.timeline,
    () => this.execution?.tape ?? null,
  );

  constructor(
    private readonly channel: Channel,
    private readonly createProgram: ProgramFactory,
  ) {}

  /** Never returns: the worker lives until the process ends. */
  serveForever(): void {
    for (;;) {
      this.serve();
      if (this.plan) this.execute(this.plan);
      else if (!this.channel.hasNews()) this.channel.wait();
    }
  }

  private execute(plan: ExecutionPlan): void {
    this.plan = null;
    this.channel.clearInterrupt();
    this.pauseWanted = false;
    this.error = null;
    this.problems = [];
    this.checks = new LoopChecks();
    if (!plan.replay) this.timeline = new Timeline(plan.options.byteBudget);
    this.status = 'running';
    this.sendState();
    let reason: StopReason;
    this.execution?.tape.graphs.dispose();
    try {
      this.execution = new Execution(this.createProgram, plan, this, this.channel);
      this.device = this.execution.device;
      this.problems = this.execution.program.preflight();
      if (this.problems.length > 0) reason = 'refused';
      else {
        this.execution.runToEnd();
        reason = 'finished';
      }
    } catch (thrown) {
      reason = this.reasonOf(thrown);
    }
    this.execution?.end();
    this.status = reason === 'finished' ? 'finished' : reason === 'stopped' ? 'stopped' : 'failed';
    this.answerStops();
    if (this.plan !== null) return;
    this.sendState();
    this.answerRun(reason);
  }

  private reasonOf(thrown: unknown): StopReason {
    if (thrown instanceof Unwind) return 'stopped';
    this.error = this.execution?.program.describeError(thrown) ?? errorOf(thrown);
    return 'failed';
  }

  /* ---- called by the execution ---- */

  get currentTimeline(): Timeline {
    return this.timeline;
  }

  get currentMode(): ExecutionMode {
    return this.debugging.needsStepping ? 'stepping' : this.mode;
  }

  get currentExecution(): Execution | null {
    return this.execution;
  }

  get tensorReader(): TensorReader {
    return this.reader;
  }

  /** The script rests, and may be asked about anything. */
  get isResting(): boolean {
    return this.resting;
  }

  get pauseRequested(): boolean {
    return this.pauseWanted;
  }

  debuggerOf(plan: ExecutionPlan, debuggee: Debuggee): Debugger | null {
    return this.debugging.attach(plan, debuggee);
  }

  get currentChecks(): LoopChecks {
    return this.checks;
  }

  editsAt(event: number): Edit[] {
    return this.edits.filter((edit) => edit.event === event);
  }

  /** Whether something ends a rest. */
  private get isCalled(): boolean {
    return this.run !== null || this.plan !== null || this.stopRequests.length > 0;
  }

  /** The script has made an event; returns when it may go on. */
  afterEvent(): void {
    this.checkUnwind();
    const { run } = this;
    const { record } = this.timeline.at(this.timeline.head);
    const stop = this.debugging.stopAtEvent(record);
    if (stop) this.rest('breakpoint', stop);
    else if (this.pauseWanted) this.rest('pause');
    else if (run === null || goalReached(run.goal, run, record)) this.rest('goal');
    else if (Date.now() - this.lastState >= stateMilliseconds) this.sendState();
  }

  /** A DataLoader is exhausted: the epoch's last event is the head. */
  afterEpoch(): void {
    if (this.run?.goal.kind === 'epoch' && this.timeline.head >= 0) this.rest('epoch');
  }

  /** Serves what has come meanwhile and reports whether the script must be given up; cheap when nothing has come. */
  poll(): boolean {
    if (!this.resting && this.channel.hasNews()) this.serve();
    return this.channel.interrupted() || this.stopRequests.length > 0 || this.plan !== null;
  }

  /** @throws Unwind when the script must be given up */
  checkUnwind(): void {
    if (this.poll()) throw new Unwind('stopped');
  }

  /** A change could not be repeated: it is forgotten, and said. */
  refuseEdits(refused: readonly Edit[], thrown: unknown): void {
    this.edits = this.edits.filter((edit) => !refused.includes(edit));
    this.channel.emit('notice', { message: `A change was refused: ${errorOf(thrown).message}` });
  }

  /** @param stop why, where the debugger knows it */
  rest(reason: StopReason, stop: DebugStop = restStop(reason)): void {
    this.execution?.settle();
    this.timeline.moveTo(this.timeline.head);
    this.debugging.arrive(stop);
    this.pauseWanted = false;
    this.resting = true;
    this.status = 'paused';
    this.sendState();
    this.answerRun(reason);
    while (!this.isCalled) {
      this.serve();
      if (!this.isCalled && !this.channel.hasNews()) this.channel.wait();
    }
    this.resting = false;
    this.checkUnwind();
    this.execution?.setMode(this.currentMode);
    this.status = 'running';
  }

  /** What is shown has changed without the script's running. */
  announce(): StateSnapshot {
    const snapshot = this.snapshot();
    this.channel.emit('state', snapshot);
    return snapshot;
  }

  say(text: string, line: number, isError: boolean): void {
    this.channel.emit('breakpointMessage', { text, line, isError });
  }

  /** Runs the script again, up to an event and on to where the debugger wants it. */
  runAgain(event: number, target: ExecutionPlan['target']): void {
    const { options } = this;
    if (!options) throw new GradstepError('nothing has been started', { code: 'engine.idle' });
    this.edits = this.edits.filter((edit) => edit.event <= event);
    this.run!.goal = { kind: 'continue' };
    this.plan = { options, target, replay: event < 0 ? null : { target: event, keepRecords: true } };
  }

  /** Answers the present run: nothing had to be run for it. */
  answerAtOnce(): void {
    this.sendState();
    this.answerRun('goal');
  }

  /* ---- requests ---- */

  private serve(): void {
    for (const message of this.channel.take()) this.handle(message);
  }

  private handle({ id, name, body }: RequestMessage): void {
    try {
      if (name === 'stop' && this.executing) {
        this.stopRequests.push(id);
        return;
      }
      if (name in this.runs) {
        this.beginRun(id, name as keyof RunContract, body as never);
        return;
      }
      const handler = (this.queries as Record<string, ((body: never) => unknown) | undefined>)[name];
      if (!handler)
        throw new GradstepError(`the engine does not know "${String(name)}"`, { code: 'engine.unknownRequest' });
      this.channel.send({ kind: 'reply', id, ok: true, body: handler(body as never) });
    } catch (thrown) {
      this.channel.send({ kind: 'reply', id, ok: false, error: errorOf(thrown) });
    }
  }

  private beginRun(id: number, name: keyof RunContract, body: never): void {
    const takesOver = name === 'start' || name === 'restart';
    if (this.run && !takesOver) {
      throw new GradstepError('the script is running', { code: 'engine.busy', hint: 'Pause it first.' });
    }
    if (this.run) this.answerRun('stopped');
    this.run = { id, goal: restedGoal, event: this.timeline.head, iteration: this.iteration };
    try {
      this.runs[name](body);
    } catch (thrown) {
      this.run = null;
      throw thrown;
    }
  }

  private get executing(): boolean {
    return this.status === 'paused' || this.status === 'running';
  }

  private get iteration(): number {
    return this.timeline.head < 0 ? 0 : this.timeline.at(this.timeline.head).record.iteration;
  }

  private readonly runs: RunHandlers = {
    start: (options) => {
      const edits = options.restore?.edits ?? [];
      this.options = options;
      this.mode = options.mode;
      this.edits = [...edits];
      const target = options.restore?.event;
      if (target === undefined) this.scheduleFresh(options, options.goal, null);
      else this.scheduleFresh(options, { kind: 'event', index: target }, { target, keepRecords: false });
    },
    restart: ({ goal }) => {
      if (!this.options) throw new GradstepError('nothing has been started', { code: 'engine.idle' });
      this.edits = [];
      this.scheduleFresh(this.options, goal, null);
    },
    run: ({ goal, mode }) => {
      this.mode = mode ?? this.mode;
      this.continueRun(goal);
    },
    edit: ({ event, targets, confirm }) => this.edit(event, targets, confirm),
    setVariable: (body) => this.debugging.setVariable(body),
  };

  private scheduleFresh(options: EngineStart, goal: Goal, replay: ExecutionPlan['replay']): void {
    this.run = { ...this.run!, goal, event: -1, iteration: 0 };
    this.timeline = new Timeline(options.byteBudget);
    this.debugging.forgetChanges();
    this.plan = { options, replay, target: null };
  }

  private continueRun(goal: Goal): void {
    const run = this.run!;
    run.goal = goal;
    const { timeline } = this;
    if (this.debugging.goesOver(goal)) {
      this.answerAtOnce();
      return;
    }
    const isDebuggersGoal = goal.kind === 'step' || (goal.kind === 'continue' && this.options?.debug !== undefined);
    if (isDebuggersGoal) timeline.moveTo(timeline.head);
    else {
      const record = timeline.cursor >= 0 ? timeline.at(timeline.cursor).record : { index: -1, iteration: 0, epoch: 1 };
      run.event = record.index;
      run.iteration = record.iteration;
      for (let index = timeline.cursor + 1; index <= timeline.head; index++) {
        const ahead = timeline.at(index).record;
        const epochEnds = goal.kind === 'epoch' && ahead.epoch > record.epoch;
        if (!epochEnds && !goalReached(goal, run, ahead)) continue;
        timeline.moveTo(epochEnds ? index - 1 : index);
        this.debugging.showEvent(timeline.cursor);
        this.sendState();
        this.answerRun('goal');
        return;
      }
      timeline.moveTo(timeline.head);
    }
    if (this.resting) return;
    if (this.status === 'finished' || this.status === 'failed' || this.status === 'stopped') {
      this.sendState();
      this.answerRun(this.status);
      return;
    }
    throw new GradstepError('nothing has been started', { code: 'engine.idle' });
  }

  private edit(event: number, targets: Edit['target'][], confirm: boolean): void {
    const { timeline, options } = this;
    if (!options) throw new GradstepError('nothing has been started', { code: 'engine.idle' });
    timeline.at(event);
    const edits = targets.map((target) => ({ event, target }));
    if (event === timeline.head && this.resting && this.execution) {
      this.execution.applyEdits(edits);
      this.edits.push(...edits);
      timeline.moveTo(event);
      this.sendState();
      this.answerRun('goal');
      return;
    }
    if (!confirm) {
      throw new GradstepError(`changing event ${event} cuts off what came after it`, {
        code: 'engine.confirm',
        hint: 'Confirm to run the script again up to that event, with the change.',
      });
    }
    const before = this.edits;
    this.edits = [...before.filter((edit) => edit.event <= event), ...edits];
    this.run!.goal = { kind: 'event', index: event };
    this.debugging.forgetChangesAfter(event);
    this.plan = { options, target: null, replay: { target: event, keepRecords: true } };
  }

  private readonly queries: QueryHandlers = {
    ping: () => ({ status: this.status }),
    state: () => this.snapshot(),
    ...recordQueries(() => this.timeline, this.reader),
    ...this.debugging.queries,
    moveTo: ({ event }) => {
      if (this.status === 'running') throw new GradstepError('the script is running', { code: 'engine.busy' });
      this.timeline.moveTo(event);
      this.debugging.showEvent(event);
      return this.announce();
    },
    setMode: ({ mode }) => {
      this.mode = mode;
      if (!this.resting) this.execution?.setMode(mode);
      return null;
    },
    pause: () => {
      // A run that has been asked for is paused too, before it has begun.
      if (this.run) this.pauseWanted = true;
      return null;
    },
    stop: () => {
      this.channel.clearInterrupt();
      return null;
    },
  };

  private answerStops(): void {
    for (const id of this.stopRequests) this.channel.send({ kind: 'reply', id, ok: true, body: null });
    this.stopRequests = [];
  }

  private answerRun(reason: StopReason): void {
    if (!this.run) return;
    const { id } = this.run;
    this.run = null;
    const { error, problems } = this;
    const body: RunReport = { reason, event: this.timeline.cursor, error, problems };
    this.channel.send({ kind: 'reply', id, ok: true, body });
  }

  private sendState(): void {
    this.lastState = Date.now();
    this.channel.emit('state', this.snapshot());
  }

  private snapshot(): StateSnapshot {
    const { timeline, execution, status, mode, device, edits, error, checks } = this;
    const { place } = this.debugging;
    this.compiledGraphs = execution?.tape.graphs.compiledGraphs ?? this.compiledGraphs;
    this.classNames = execution?.program.state.classNames() ?? this.classNames;
    const atHead = timeline.cursor === timeline.head;
    return snapshotOf(timeline, {
      revision: ++this.revision,
      status,
      accuracy:
        atHead || timeline.cursor < 0
          ? (execution?.program.state.accuracy() ?? null)
          : timeline.at(timeline.cursor).record.accuracy,
      ...(this.classNames && { classNames: this.classNames }),
      line: this.executing ? (execution?.program.currentLine() ?? 0) : 0,
      mode,
      device,
      onCpu: execution?.onCpu ?? [],
      findings: checks.findings,
      edits: [...edits],
      compiledGraphs: this.compiledGraphs,
      error,
      ...(place && { debug: place }),
    });
  }
}

function restStop(reason: StopReason): DebugStop {
  return reason === 'pause' ? stopFor('pause', 'Paused') : stopFor('goto', 'Paused by the panel');
}
