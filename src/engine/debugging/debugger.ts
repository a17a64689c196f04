import type { DebugException, DebugPlace, DebugStop, MomentView, StepAction } from '../../common/debugContract';
import type { StopReason } from '../../common/engineContract';
import type { Tape } from '../../core/tensor/tape';
import type { TapeNode } from '../../core/tensor/value';
import type { LoopChecks } from '../../core/training/checks';
import type { EventRecord } from '../../core/training/eventRecord';
import type { LayerCall } from '../../core/training/recorder';
import type { Timeline } from '../../core/training/timeline';
import type { TrainingState } from '../../core/training/trainingState';
import { FrameCapturer, type Capture } from '../../script/debugging/capture';
import type { Frame, ScriptWatcher } from '../../script/interpreter/base';
import type { Runtime } from '../../script/interpreter/runtime';
import type { PyException } from '../../script/objects/exceptions';
import type { PyValue } from '../../script/objects/value';
import type { Assignments } from './assignments';
import { type Assignment, type AssignmentPlace } from './assignments';
import { stopOfHits, type BreakpointHost, type Breakpoints } from './breakpoints';
import { CaptureRing, type KeptMoment } from './captureRing';
import { DataWatch } from './dataWatch';
import { FrameEvaluator, liveFrames } from './frameEvaluator';
import { framesAt, type MomentSources } from './momentFrames';
import { MomentLog, stepEnds } from './momentLog';
import { subMomentsOf, type KnownLayer } from './subMoments';
import type { ExceptionFilters } from './valueFilters';

/** The run of the script that is debugged. */
export interface Debuggee {
  readonly runtime: Runtime;
  readonly tape: Tape;
  readonly state: TrainingState;
  /** It does again what happened before, up to where it was: nothing stops it. */
  isReplaying(): boolean;
  /** Does what changes something: the last event shows what that did to parameters and optimizers. */
  change<T>(body: () => T): T;
}

/** What the debugger needs of its session. */
export interface DebuggedSession {
  readonly currentTimeline: Timeline;
  readonly currentChecks: LoopChecks;
  readonly pauseRequested: boolean;
  /** Returns when the script may go on. */
  rest(reason: StopReason, stop: DebugStop): void;
  checkUnwind(): void;
  say(text: string, line: number, isError: boolean): void;
}

export interface DebuggerParts {
  session: DebuggedSession;
  debuggee: Debuggee;
  breakpoints: Breakpoints;
  filters: ExceptionFilters;
  assignments: Assignments;
  stopOnEntry: boolean;
  /** Where the script was before it was run again; null for a run from its beginning. */
  target: AssignmentPlace | null;
}

const silentExceptions: ReadonlySet<string> = new Set(['StopIteration', 'GeneratorExit', 'SystemExit']);

/** Watches one run of a script: it numbers what happens, and rests where a step ends or a breakpoint is hit. */
export class Debugger implements ScriptWatcher {
  readonly log = new MomentLog();
  /** Evaluates in the frames that are shown, which may lie in the past. */
  readonly shown: FrameEvaluator;
  /** Evaluates where the script stands. */
  private readonly live: FrameEvaluator;
  private readonly host: BreakpointHost;
  private readonly ring = new CaptureRing();
  private readonly capturer: FrameCapturer;
  private readonly sources: MomentSources;
  private readonly dataWatch: DataWatch;
  private readonly recorded = new Map<number, DebugStop>();
  private readonly layers = new Map<string, KnownLayer>();
  private readonly seen = new WeakSet<object>();
  /** The moment that is shown. */
  private position = -1;
  private stop: DebugStop = stopFor('entry', 'Paused on entry');
  private step: { action: StepAction; depth: number } | null = null;
  private target: AssignmentPlace | null;
  /** Statements and layers of forwards: what a run does again is found by their number. */
  private liveCount = 0;
  private lastEvent = -1;
  private writesAtEvent = 0;
  private nodes: readonly TapeNode[] = [];
  /** The script evaluates something for the debugger: nothing of that is an event or a moment. */
  private silence = 0;

  constructor(private readonly parts: DebuggerParts) {
    this.target = parts.target;
    const { runtime } = parts.debuggee;
    const silently = <T>(body: () => T): T => this.silently(body);
    this.live = new FrameEvaluator(runtime, liveFrames(runtime), silently);
    this.sources = {
      runtime,
      state: parts.debuggee.state,
      log: this.log,
      ring: this.ring,
      timeline: () => parts.session.currentTimeline,
    };
    this.shown = new FrameEvaluator(
      runtime,
      framesAt(this.sources, () => this.position),
      silently,
    );
    this.host = this.live.host((text, line, isError) => parts.session.say(text, line, isError));
    this.dataWatch = new DataWatch(parts.debuggee, this.live);
    this.capturer = new FrameCapturer(runtime);
    runtime.watcher = this;
    parts.breakpoints.resetCounts();
    parts.filters.reset();
  }

  get isSilent(): boolean {
    return this.silence > 0;
  }

  /** Values that a filter looks at are fetched at every event. */
  get needsStepping(): boolean {
    return this.parts.filters.needsValues;
  }

  /** It runs again up to where it was: what it prints was printed. */
  get isReturning(): boolean {
    return this.target !== null;
  }

  get moment(): MomentView | null {
    return this.position < 0 ? null : this.log.at(this.position);
  }

  /** What is shown is where the script stands. */
  get isLive(): boolean {
    return this.position === this.log.length - 1;
  }

  get place(): DebugPlace | undefined {
    const { moment, stop, log } = this;
    if (!moment) return undefined;
    return { moment: moment.moment, lastMoment: log.length - 1, kind: moment.kind, line: moment.line, stop };
  }

  silently<T>(body: () => T): T {
    this.silence++;
    try {
      return body();
    } finally {
      this.silence--;
    }
  }

  /* ---- what the script does ---- */

  statement(frame: Frame): void {
    if (this.silence > 0) return;
    const isFirst = !frame.begun;
    frame.begun = true;
    this.liveCount++;
    const { line, functionName } = frame;
    const moment = this.arriveAt('statement', line, depthOf(frame), functionName, { ordinal: this.liveCount });
    this.repeatAssignments({ statement: this.liveCount });
    this.parts.session.checkUnwind();
    if (this.parts.debuggee.isReplaying() || this.returns({ statement: this.liveCount })) return;
    const { breakpoints } = this.parts;
    const hits = breakpoints.hitsAtLine(line, this.host);
    const stop =
      stopOfHits(hits, 'breakpoint') ??
      (isFirst && breakpoints.watchesFunctions
        ? stopOfHits(breakpoints.hitsAtFunction(functionName, line, this.host), 'function breakpoint')
        : null) ??
      stopOfHits(this.dataHits(line, null), 'data breakpoint') ??
      (moment === 0 && this.parts.stopOnEntry ? stopFor('entry', 'Paused on entry') : null);
    this.restIfWanted(moment, stop);
  }

  raised(exception: PyException, frame: Frame, caught: boolean): void {
    const { value } = exception;
    const type = value.pyClass.name;
    if (this.silence > 0 || silentExceptions.has(type) || this.seen.has(value)) return;
    this.seen.add(value);
    if (this.parts.debuggee.isReplaying() || this.isReturning || !this.parts.filters.stopsAt(type, caught)) return;
    const moment = this.arriveAt('error', frame.line, depthOf(frame), frame.functionName);
    const message = this.silently(() => this.parts.debuggee.runtime.str(value));
    const traceback = this.parts.debuggee.runtime
      .frames()
      .map(({ functionName, line }) => ({ functionName, line }))
      .reverse();
    const text = message === '' ? type : `${type}: ${message}`;
    this.restAt(moment, 'breakpoint', {
      ...stopFor('exception', caught ? 'Paused on exception' : 'Paused on uncaught exception', text),
      exception: { type, message, uncaught: !caught, traceback },
    });
  }

  /** A layer of a forward has been called. */
  layer(call: LayerCall): void {
    if (this.silence > 0) return;
    this.layers.set(call.path, { type: call.type, line: call.line });
    this.liveCount++;
    const depth = this.scriptDepth() + (call.direct ? 2 : 1);
    const moment = this.arriveAt('layer', call.line, depth, call.path, { layer: call, ordinal: this.liveCount });
    this.repeatAssignments({ statement: this.liveCount });
    if (this.parts.debuggee.isReplaying() || this.returns({ statement: this.liveCount })) return;
    this.restIfWanted(moment, null);
  }

  /** The event's graphs are about to run. */
  beforeEvent(): void {
    this.nodes = this.needsStepping ? this.parts.debuggee.tape.pendingNodes() : [];
  }

  /** An event has happened and is recorded; whether it is a reason to stop is asked next. */
  arriveAtEvent({ index, line, phase }: EventRecord): void {
    this.lastEvent = index;
    this.writesAtEvent = this.parts.debuggee.tape.writes;
    this.arriveAt('event', line, this.scriptDepth() + 1, phase);
    const { droppedBefore } = this.parts.session.currentTimeline;
    if (droppedBefore > 0) this.ring.dropBefore(this.log.momentOfEvent(Math.min(droppedBefore, index)));
  }

  /** Why the script rests after an event; null where the debugger has no reason. */
  stopAtEvent(record: EventRecord): DebugStop | null {
    const { breakpoints, filters, debuggee, session } = this.parts;
    if (debuggee.isReplaying() || this.isReturning) return null;
    const { line, phase } = record;
    const exception = this.silently(() =>
      filters.atEvent({
        record,
        nodes: this.nodes,
        findings: session.currentChecks.findings,
        read: (value) => debuggee.tape.read(value),
        compute: (values) => debuggee.tape.readAll(values, 'origin'),
      }),
    );
    const stop =
      (exception && exceptionStop(exception)) ??
      stopOfHits(breakpoints.hitsAtPhase(phase, line, this.host), 'function breakpoint') ??
      stopOfHits(this.dataHits(line, record), 'data breakpoint');
    if (stop) this.recorded.set(this.log.length - 1, stop);
    return stop;
  }

  /** After an event's rest: the layers of a backward and the parameters of a step can be stepped through. */
  stepThroughEvent(record: EventRecord): void {
    const { index } = record;
    this.repeatAssignments({ event: index });
    this.returns({ event: index });
    for (const { kind, name, line } of subMomentsOf(record, this.layers)) {
      const moment = this.arriveAt(kind, line, this.scriptDepth() + 2, name);
      if (this.parts.debuggee.isReplaying() || this.isReturning) continue;
      this.restIfWanted(moment, null);
    }
  }

  /* ---- where it stands ---- */

  /** A rest begins, for a reason of the debugger's or of another client's. */
  arrive(stop: DebugStop): void {
    this.position = this.log.length - 1;
    this.stop = stop;
    this.step = null;
  }

  /** What is shown has changed without the script's running. */
  show(moment: number, stop: DebugStop): void {
    this.position = moment;
    this.stop = stop;
  }

  /** Shows an event, or where the script stands when that is the last one. */
  showEvent(event: number): void {
    const moment = event === this.lastEvent ? this.log.length - 1 : this.log.momentOfEvent(event);
    if (moment >= 0) this.show(moment, stopFor('goto', `At event ${event}`));
  }

  /** The next run is a step from what is shown. @returns the moment where it ends when that is recorded; else -1 */
  beginStep(action: StepAction): number {
    if (this.position < 0) return -1;
    this.step = { action, depth: this.log.depthAt(this.position) };
    return this.log.placeAfter(this.position, action);
  }

  /** The next run is no step. */
  beginRun(): void {
    this.step = null;
  }

  /** The nearest moment in a direction at which a breakpoint stopped, or would have; -1 when there is none. */
  breakpointFrom(direction: 1 | -1): number {
    const { log, recorded } = this;
    for (let moment = this.position + direction; moment >= 0 && moment < log.length; moment += direction) {
      const stop = recorded.get(moment);
      if (stop && stop.reason !== 'breakpoint' && this.stillStops(stop)) return moment;
      if (log.kindAt(moment) !== 'statement') continue;
      const isHit = this.parts.breakpoints.wouldStopAt(log.lineAt(moment), () => this.hostAt(moment));
      if (isHit) return moment;
    }
    return -1;
  }

  /** A breakpoint that has been removed since stops nothing on the way back. */
  private stillStops({ reason, breakpointIds }: DebugStop): boolean {
    return reason === 'exception' || breakpointIds.some((id) => this.parts.breakpoints.has(id));
  }

  /** Why it stopped there when it was run; a plain stop for what was passed. */
  stopOf(moment: number): DebugStop {
    return this.recorded.get(moment) ?? stopFor('step', 'Paused on step');
  }

  /** The script's own frames at what is shown, innermost first; only the innermost where the others are not kept. */
  scriptFrames(): { name: string; line: number }[] {
    const { position, isLive } = this;
    if (isLive) {
      return this.parts.debuggee.runtime.frames().map(({ functionName, line }) => ({ name: functionName, line }));
    }
    const kept = this.ring.at(position);
    if (kept) return kept.capture.frames.map(({ functionName, line }) => ({ name: functionName, line }));
    const { kind, name, line } = this.log.at(position);
    return [{ name: kind === 'statement' || kind === 'error' ? name : '<module>', line }];
  }

  keptAt(moment: number): KeptMoment | undefined {
    return this.ring.at(moment);
  }

  layerAt(path: string): KnownLayer | undefined {
    return this.layers.get(path);
  }

  /** Where a change that is made now is to be repeated when the script is run again. */
  assignmentPlace(moment: MomentView): AssignmentPlace {
    const ordinal = this.log.ordinalAt(moment.moment);
    return ordinal === 0 ? { event: moment.event } : { statement: ordinal };
  }

  private arriveAt(
    kind: MomentView['kind'],
    line: number,
    depth: number,
    name: string,
    { layer, ordinal = 0 }: { layer?: LayerCall; ordinal?: number } = {},
  ): number {
    const moment = this.log.append({ kind, line, depth, event: this.lastEvent, name }, ordinal);
    const { tape } = this.parts.debuggee;
    this.ring.add({ capture: this.capture(), layer: (tape.mode === 'stepping' && layer) || null });
    return moment;
  }

  /** Parameters are recorded with every event: what a script writes into them by itself comes in between. */
  private capture(): Capture {
    const { tape, state } = this.parts.debuggee;
    const isWritten = tape.writes !== this.writesAtEvent;
    return this.capturer.capture(isWritten ? state.parameters().map(([, parameter]) => parameter) : []);
  }

  private hostAt(moment: number): BreakpointHost {
    const evaluator = new FrameEvaluator(
      this.parts.debuggee.runtime,
      framesAt(this.sources, () => moment),
      (body) => this.silently(body),
    );
    return evaluator.host(() => undefined);
  }

  private scriptDepth(): number {
    return depthOf(this.parts.debuggee.runtime.currentFrame());
  }

  private restIfWanted(moment: number, stop: DebugStop | null): void {
    const { session } = this.parts;
    if (stop) {
      if (stop.reason !== 'entry') this.recorded.set(moment, stop);
      this.restAt(moment, 'breakpoint', stop);
    } else if (session.pauseRequested) this.restAt(moment, 'pause', stopFor('pause', 'Paused'));
    else if (
      this.step &&
      stepEnds(this.step.action, this.step.depth, this.log.kindAt(moment), this.log.depthAt(moment))
    )
      this.restAt(moment, 'goal', stopFor('step', 'Paused on step'));
  }

  private restAt(moment: number, reason: StopReason, stop: DebugStop): void {
    if (reason === 'breakpoint' && stop.reason === 'exception') this.recorded.set(moment, stop);
    this.parts.session.rest(reason, stop);
  }

  /** Rests where the script was before it was run again. @returns whether it is still on its way there */
  private returns(here: AssignmentPlace): boolean {
    const { target } = this;
    if (!target) return false;
    const isThere =
      'event' in here
        ? 'event' in target && here.event >= target.event
        : 'statement' in target && here.statement >= target.statement;
    if (!isThere) return true;
    this.target = null;
    this.parts.session.rest('goal', stopFor('goto', 'Run again, with the change'));
    return true;
  }

  private repeatAssignments(place: AssignmentPlace): void {
    for (const assignment of this.parts.assignments.at(place)) {
      try {
        this.assign(assignment);
      } catch (thrown) {
        this.parts.session.say(`${assignment.source} could not be repeated: ${(thrown as Error).message}`, 0, true);
      }
    }
  }

  /** Executes a change in the frame that it was made in. @returns an expression's value; undefined for statements */
  assign({ frame, source }: Pick<Assignment, 'frame' | 'source'>): PyValue | undefined {
    const value = this.parts.debuggee.change(() => this.live.execute(frame, source));
    this.ring.renew(this.capture());
    return value;
  }

  private dataHits(line: number, record: EventRecord | null): ReturnType<Breakpoints['hitsOfData']> {
    const { breakpoints, session } = this.parts;
    if (breakpoints.dataBreakpoints.length === 0) return [];
    const { currentTimeline } = session;
    return breakpoints.hitsOfData(
      ({ dataId }) => this.silently(() => this.dataWatch.change(dataId, record, currentTimeline)),
      line,
      this.host,
    );
  }
}

export function stopFor(reason: DebugStop['reason'], description: string, text: string | null = null): DebugStop {
  return { reason, description, text, breakpointIds: [], exception: null };
}

function exceptionStop(exception: DebugException): DebugStop {
  const text = `${exception.type}: ${exception.message}`;
  return { ...stopFor('exception', `Paused on ${exception.type}`, text), exception };
}

/** How many frames of the script lie on the stack: 1 for the module's own. */
function depthOf(innermost: Frame | null): number {
  let depth = 0;
  for (let frame = innermost; frame !== null; frame = frame.parent) if (!frame.library) depth++;
  return depth;
}
