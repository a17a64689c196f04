import type { Device, Edit, EngineStart, ExecutionMode, GraphOnCpu, WarningView } from '../common/engineContract';
import type { Phase } from '../common/phase';
import { Tape } from '../core/tensor/tape';
import type { LoopChecks } from '../core/training/checks';
import type { EventRecord } from '../core/training/eventRecord';
import { IterationCounter } from '../core/training/iterations';
import type { EventDetails, LayerCall, Recorder } from '../core/training/recorder';
import type { Timeline } from '../core/training/timeline';
import type { OrtRuntime } from '../runtime/ortRuntime';
import type { Host } from '../script/objects/interpreter';
import type { Channel } from './channel';
import type { AssignmentPlace } from './debugging/assignments';
import type { Debuggee, Debugger } from './debugging/debugger';
import { openRuntime } from './devices';
import { writeGraphs } from './graphFiles';
import { applyEdit } from './liveEdits';
import { OutputBuffer } from './outputBuffer';
import type { Program, ProgramFactory } from './programInterface';
import { ProgressThrottle } from './progressThrottle';
import { hasSameItems, liveObjects, RecordBuilder, visibleState, type LiveObjects } from './recordBuilder';
import { TraceQueue } from './traceQueue';

/** How a script is run from its first line. */
export interface ExecutionPlan {
  options: EngineStart;
  /** For a debugged script: where it was before, between events. */
  target: AssignmentPlace | null;
  /**
   * Runs silently to that event, with the edits made so far. `keepRecords`: what is recorded before it stays as it is,
   * since the script does the same again.
   */
  replay: { target: number; keepRecords: boolean } | null;
}

/** What an execution needs of its session. */
export interface ExecutionSession {
  readonly currentTimeline: Timeline;
  readonly currentMode: ExecutionMode;
  readonly currentChecks: LoopChecks;
  /** Makes the debugger of a run; null where the script isn't debugged. */
  debuggerOf(plan: ExecutionPlan, debuggee: Debuggee): Debugger | null;
  editsAt(event: number): Edit[];
  afterEvent(): void;
  afterEpoch(): void;
  /** True when the script must be given up. */
  poll(): boolean;
  checkUnwind(): void;
  refuseEdits(refused: readonly Edit[], thrown: unknown): void;
}

/** A running session looks at elements for its checks in so many events of so many. */
const checkedEvents = 10;
const checkEveryEvents = 100;
/** How long before its target a restored run steps, so that the last events have their layers. */
const steppingLead = 8;
/** A graph of more nodes than this takes long to compile. */
const mostPendingNodes = 1500;

const noWarnings: readonly WarningView[] = [];

/** One run of the script from its first line: it turns the script's events into records. */
export class Execution implements Recorder {
  readonly tape: Tape;
  readonly program: Program;
  readonly device: Device;
  readonly debugger: Debugger | null;
  /** Only a debugger wants to know. */
  readonly layer?: (call: LayerCall) => void;
  private readonly runtime: OrtRuntime;
  private readonly builder: RecordBuilder;
  private readonly iterations = new IterationCounter();
  private readonly output: OutputBuffer;
  private readonly trace: TraceQueue | null;
  private readonly progress: ProgressThrottle;
  private warnings: WarningView[] = [];
  private nextIndex = 0;
  private epoch = 1;
  /** A forward or backward that no flush has run yet. */
  private unflushed = false;
  /** A backward has happened in this epoch. */
  private trained = false;
  private replay: ExecutionPlan['replay'];
  /** A replay runs fused up to this event, and steps after it; negative: it steps from the beginning. */
  private readonly steppingFrom: number;

  constructor(
    factory: ProgramFactory,
    plan: ExecutionPlan,
    private readonly session: ExecutionSession,
    private readonly channel: Channel,
  ) {
    const { options, replay } = plan;
    this.replay = replay;
    this.device = options.device;
    this.runtime = openRuntime(options.device, options.threads);
    this.tape = new Tape(this.runtime);
    this.steppingFrom = replay ? this.firstSteppingEvent(replay) : -1;
    if (options.graphFolder !== undefined) this.tape.graphs.listener = writeGraphs(options.graphFolder);
    this.output = new OutputBuffer(channel);
    this.trace = options.trace === true ? new TraceQueue(channel, this.tape) : null;
    this.progress = new ProgressThrottle(channel);
    this.program = factory({
      options,
      device: options.device,
      tape: this.tape,
      recorder: this,
      host: this.host(),
      onEpochEnd: () => this.onEpochEnd(),
      notice: (message) => this.notice(message),
    });
    this.tape.lineSource = this.program;
    this.builder = new RecordBuilder(this.program.state);
    const attached = this.attachDebugger(plan);
    this.debugger = attached;
    if (attached) this.layer = (call) => attached.layer(call);
    // The debugger's filters have a say in it.
    this.tape.mode = this.steppingFrom < 0 ? session.currentMode : 'running';
  }

  /** What of the graphs stays on the CPU although the device is CUDA. */
  get onCpu(): GraphOnCpu[] {
    return this.runtime.onCpu;
  }

  runToEnd(): void {
    this.program.run();
    this.settle();
  }

  /** Makes everything that has happened visible: pending values, the trace, the output. */
  settle(): void {
    this.tape.flush('end');
    this.unflushed = false;
    this.trace?.flush();
    this.output.flush();
  }

  /** After the script's end, however it ended. */
  end(): void {
    try {
      this.trace?.flush();
    } catch {
      // The error that ended the script is the one to report; what it left uncomputed stays so.
    }
    this.output.flush();
    this.warnings.forEach(({ category, message, line }) => this.notice(`line ${line}: ${category}: ${message}`));
    this.warnings = [];
  }

  /** A running session's leftovers run before it steps. */
  setMode(mode: ExecutionMode): void {
    if (this.tape.mode === mode || this.replay) return;
    this.tape.flush('iteration');
    this.tape.mode = mode;
  }

  /** @throws what the live objects refuse */
  applyEdits(edits: readonly Edit[]): void {
    for (const { target } of edits) applyEdit(target, this.program.state, this.tape);
    const timeline = this.session.currentTimeline;
    timeline.replaceHead(this.builder.amend(timeline.at(timeline.head).record, edits));
  }

  /** The last event shows the values that the change gives parameters and optimizers after it. */
  change<T>(body: () => T): T {
    const { state } = this.program;
    const before = visibleState(liveObjects(state));
    const result = body();
    const timeline = this.session.currentTimeline;
    // A run that repeats what is recorded has not come to the head yet.
    const isHead = this.nextIndex === timeline.head + 1 && timeline.head >= 0;
    if (isHead && !hasSameItems(before, visibleState(liveObjects(state)))) {
      timeline.replaceHead(this.builder.amend(timeline.at(timeline.head).record, []));
    }
    return result;
  }

  record(phase: Phase, details: EventDetails): void {
    if (this.debugger?.isSilent) return;
    const index = this.nextIndex++;
    const line = this.program.currentLine();
    const iteration = this.iterations.observe(phase, line, this.tape.gradEnabled);
    if (details.output) details.output.value.keep = true;
    if (details.loss) details.loss.value.keep = true;
    if (phase === 'backward') this.trained = true;
    this.debugger?.beforeEvent();
    this.flush(phase, index);
    const training = this.tape.gradEnabled;
    const warnings = this.warnings.length === 0 ? noWarnings : this.warnings;
    const place = { index, phase, line, iteration, epoch: this.epoch, warnings, training };
    if (this.warnings.length > 0) this.warnings = [];
    const live = liveObjects(this.program.state);
    const record = this.builder.build(place, details, this.tape.mode === 'stepping', live);
    this.observe(record, live);
    this.debugger?.arriveAtEvent(record);
    if (!this.replay || !this.replays(record, this.replay)) {
      this.session.currentTimeline.append(record);
      this.trace?.event(record);
      this.session.afterEvent();
    }
    this.debugger?.stepThroughEvent(record);
  }

  private attachDebugger(plan: ExecutionPlan): Debugger | null {
    const { runtime, state } = this.program;
    if (!runtime) return null;
    const { tape } = this;
    return this.session.debuggerOf(plan, {
      runtime,
      state,
      tape,
      isReplaying: () => this.replay !== null,
      change: (body) => this.change(body),
    });
  }

  /**
   * Stepping: at each event. Running: once an iteration, where its last event is a step or the next one begins; sooner
   * where nothing is trained, and where a loop without steps would pile nodes up.
   */
  private flush(phase: Phase, index: number): void {
    if (this.tape.mode === 'stepping') {
      this.tape.flush(phase);
      return;
    }
    const begins = phase === 'forward' || phase === 'backward';
    const evaluates = phase === 'forward' && !this.tape.gradEnabled;
    if (phase === 'step' || evaluates || (begins && this.unflushed) || this.tape.pendingCount > mostPendingNodes) {
      // Gradients that a step has used up wait for somebody who looks at them.
      this.tape.flush('iteration', phase === 'step' && !this.readsElements(index));
      this.unflushed = false;
    }
    if (phase === 'backward') this.unflushed = true;
  }

  private observe(record: EventRecord, { parameters }: LiveObjects): void {
    this.session.currentChecks.observe({ record, parameters, readElements: this.readsElements(record.index) });
  }

  /** Whether the checks look at an event's elements. */
  private readsElements(index: number): boolean {
    return this.tape.mode === 'stepping' || index % checkEveryEvents < checkedEvents;
  }

  /** @returns whether the event is one that the replay passes over, or its target at which the script has rested */
  private replays(record: EventRecord, replay: NonNullable<ExecutionPlan['replay']>): boolean {
    const timeline = this.session.currentTimeline;
    const { index } = record;
    if (index === this.steppingFrom) {
      this.tape.flush('iteration');
      this.tape.mode = this.session.currentMode;
    }
    const last = index >= replay.target;
    if (replay.keepRecords && !last) {
      const known = timeline.at(index).record;
      if (known.phase !== record.phase || known.line !== record.line) {
        this.notice(
          `The script did something else this time: event ${index} was ${known.phase} in line ${known.line} and is ${record.phase} in line ${record.line}.`,
        );
        timeline.truncate(index - 1);
        this.replay = { ...replay, keepRecords: false };
        timeline.append(record);
      }
    } else {
      if (replay.keepRecords) timeline.truncate(index - 1);
      timeline.append(record);
    }
    if (!replay.keepRecords || last) this.repeatEdits(index);
    else this.repeatEditsQuietly(index);
    if (!last) {
      this.session.checkUnwind();
      return true;
    }
    this.replay = null;
    timeline.moveTo(timeline.head);
    this.session.afterEvent();
    return true;
  }

  private repeatEdits(index: number): void {
    const edits = this.session.editsAt(index);
    if (edits.length === 0) return;
    try {
      this.applyEdits(edits);
    } catch (thrown) {
      this.session.refuseEdits(edits, thrown);
    }
  }

  /** The record that is kept shows its edits already. */
  private repeatEditsQuietly(index: number): void {
    for (const { target } of this.session.editsAt(index)) applyEdit(target, this.program.state, this.tape);
  }

  private firstSteppingEvent({ target, keepRecords }: NonNullable<ExecutionPlan['replay']>): number {
    if (!keepRecords) return target - steppingLead;
    const timeline = this.session.currentTimeline;
    const { iteration } = timeline.at(target).record;
    let first = target;
    while (first > 0 && timeline.at(first - 1).record.iteration === iteration) first--;
    return first - 1;
  }

  /** Exhausted data end an epoch when something was trained on them: an evaluation's don't. */
  private onEpochEnd(): void {
    if (!this.trained) return;
    this.trained = false;
    if (!this.replay) this.session.afterEpoch();
    this.epoch++;
  }

  private notice(message: string): void {
    if (!this.replay) this.channel.emit('notice', { message });
  }

  private host(): Host {
    return {
      print: (text, stream, end) => {
        if (this.replay || this.debugger?.isReturning) return;
        if (this.trace) this.trace.print(text, stream, end ?? null);
        else this.output.write(text, stream);
      },
      warn: (category, message, line) => {
        this.warnings.push({ category, message, line });
      },
      progress: (report) => {
        if (!this.replay) this.progress.report(report);
      },
      interrupted: () => this.session.poll(),
      now: () => Date.now() / 1000,
      environment: new Map(),
    };
  }
}
