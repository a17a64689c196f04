import type {
  DebugPlace,
  DebugQueryContract,
  DebugRunContract,
  DebugStop,
  DebugVariable,
} from '../../common/debugContract';
import type { Goal, StateSnapshot } from '../../common/engineContract';
import { GradstepError } from '../../common/errors';
import type { EventRecord } from '../../core/training/eventRecord';
import { complete } from '../../script/debugging/completion';
import type { TensorReader } from '../eventViews';
import type { ExecutionPlan } from '../execution';
import { Assignments, type AssignmentPlace } from './assignments';
import { Breakpoints } from './breakpoints';
import { parseDataId } from './dataWatch';
import { Debugger, stopFor, type Debuggee, type DebuggedSession } from './debugger';
import { shownFrames, type ShownFrame } from './debugFrames';
import { ExceptionFilters } from './valueFilters';
import { VariableStore, type FrameOfVariables } from './variableStore';

/** What the debugger's requests need of the session. */
export interface ControlledSession extends DebuggedSession {
  readonly isResting: boolean;
  readonly tensorReader: TensorReader;
  announce(): StateSnapshot;
  runAgain(event: number, target: AssignmentPlace): void;
  answerAtOnce(): void;
}

type DebugQueries = {
  [N in keyof DebugQueryContract]: (body: DebugQueryContract[N]['request']) => DebugQueryContract[N]['reply'];
};

/** The debugger of a session, over all its runs: what was asked to be stopped at, and the answers to its requests. */
export class DebugControl {
  private readonly breakpoints = new Breakpoints();
  private readonly filters = new ExceptionFilters();
  private readonly assignments = new Assignments();
  private current: { debug: Debugger; store: VariableStore; debuggee: Debuggee } | null = null;

  constructor(private readonly session: ControlledSession) {}

  get needsStepping(): boolean {
    return this.current?.debug.needsStepping ?? false;
  }

  get place(): DebugPlace | undefined {
    return this.current?.debug.place;
  }

  /** A run begins. */
  attach({ options, target }: ExecutionPlan, debuggee: Debuggee): Debugger | null {
    this.current = null;
    if (!options.debug) return null;
    const { session, breakpoints, filters, assignments } = this;
    const { stopOnEntry } = options.debug;
    const debug = new Debugger({ session, debuggee, breakpoints, filters, assignments, stopOnEntry, target });
    const store = new VariableStore({
      runtime: debuggee.runtime,
      state: debuggee.state,
      timeline: () => session.currentTimeline,
      reader: session.tensorReader,
    });
    this.current = { debug, store, debuggee };
    return debug;
  }

  stopAtEvent(record: EventRecord): DebugStop | null {
    return this.current?.debug.stopAtEvent(record) ?? null;
  }

  arrive(stop: DebugStop): void {
    this.current?.debug.arrive(stop);
    this.current?.store.clear();
  }

  showEvent(event: number): void {
    this.current?.debug.showEvent(event);
    this.current?.store.clear();
  }

  /** @returns whether the goal lies within what is recorded: it is shown now, and nothing runs */
  goesOver(goal: Goal): boolean {
    const debug = this.current?.debug;
    if (!debug) return false;
    debug.beginRun();
    if (goal.kind !== 'step' && goal.kind !== 'continue') return false;
    const end = goal.kind === 'step' ? debug.beginStep(goal.action) : -1;
    const breakpoint = debug.breakpointFrom(1);
    const moment = end < 0 || (breakpoint >= 0 && breakpoint < end) ? breakpoint : end;
    if (moment < 0) return false;
    this.show(moment, debug.stopOf(moment));
    return true;
  }

  forgetChanges(): void {
    this.assignments.clear();
  }

  forgetChangesAfter(event: number): void {
    const limit = this.current?.debug.log.momentOfEvent(event) ?? -1;
    this.keepChangesUpTo(limit);
  }

  setVariable({ reference, name, value, confirm }: DebugRunContract['setVariable']['request']): void {
    const { debug, store } = this.resting();
    const { moment } = debug;
    if (!moment) throw notResting();
    const { source, frame } = store.assignment(reference, name, value);
    const place = debug.assignmentPlace(moment);
    if (debug.isLive) {
      debug.assign({ frame, source });
      this.assignments.add({ place, frame, source });
      store.clear();
      this.session.answerAtOnce();
      return;
    }
    if (!confirm) {
      throw new GradstepError(`changing ${name} here cuts off what came after it`, {
        code: 'engine.confirm',
        hint: 'Confirm to run the script again up to here, with the change.',
      });
    }
    this.keepChangesUpTo(moment.moment);
    this.assignments.add({ place, frame, source });
    this.session.runAgain(moment.event, place);
  }

  readonly queries: DebugQueries = {
    setBreakpoints: (body) => this.breakpoints.setLines(body),
    setFunctionBreakpoints: (body) => this.breakpoints.setFunctions(body),
    setDataBreakpoints: (body) => this.breakpoints.setData(body, (dataId) => this.refusalOf(dataId)),
    setExceptionFilters: ({ filters }) => this.filters.set(filters),
    frames: () => this.frames().map(({ scriptIndex: _, ...frame }) => frame),
    scopes: ({ frame }) => {
      const { debug, store } = this.resting();
      const { moment } = debug;
      if (!moment) return [];
      const layer = debug.keptAt(moment.moment)?.layer ?? null;
      return debug.shown.during(() => store.scopes({ ...this.variablesAt(frame), moment, layer }));
    },
    variables: (request) => {
      const { debug, store } = this.resting();
      return debug.shown.during(() => store.children(request));
    },
    evaluate: (request) => this.evaluate(request),
    complete: ({ frame, text, column }) => {
      const { debug, debuggee } = this.resting();
      const inner = debug.shown.frames()[this.frameAt(frame).scriptIndex];
      return inner ? debug.shown.during(() => complete(debuggee.runtime, inner, text, column)) : [];
    },
    dataBreakpointInfo: ({ reference, name, frame }) =>
      this.resting().store.watchable(reference, name, this.variablesAt(frame)),
    moments: ({ from, count }) => {
      const log = this.current?.debug.log;
      const end = Math.min(from + count, log?.length ?? 0);
      return Array.from({ length: Math.max(0, end - from) }, (_, i) => log!.at(from + i));
    },
    goBack: ({ action }) => {
      const { debug } = this.resting();
      const { moment, log } = debug;
      if (!moment) throw notResting();
      const found = action === 'step' ? log.placeBefore(moment.moment) : debug.breakpointFrom(-1);
      const target = Math.max(0, found);
      return this.goTo(target, debug.stopOf(target));
    },
    restartFrame: ({ frame }) => {
      const { debug } = this.resting();
      const { moment, log } = debug;
      if (!moment) throw notResting();
      const frames = this.frames();
      const shown = this.frameAt(frame);
      const depth = frames.length - shown.index;
      // A phase begins with the statement that it is in.
      const begin =
        shown.kind === 'phase'
          ? log.placeBefore(log.beginOfFrame(moment.moment, depth))
          : log.beginOfFrame(moment.moment, depth);
      return this.goTo(Math.max(0, begin), stopFor('goto', 'Frame restarted'));
    },
  };

  private evaluate({ frame, expression, quiet }: DebugQueryContract['evaluate']['request']): DebugVariable {
    const { debug, store } = this.resting();
    const at = this.variablesAt(frame);
    const { scriptIndex } = at.frame;
    const view = (value: Parameters<VariableStore['view']>[1]): DebugVariable =>
      debug.shown.during(() => store.view(expression, value, at));
    try {
      return view(debug.shown.evaluate(scriptIndex, expression, true));
    } catch (thrown) {
      if (quiet) throw thrown;
      if (!debug.isLive) throw inThePast(thrown);
    }
    const value = debug.assign({ frame: scriptIndex, source: expression });
    const moment = debug.moment!;
    this.assignments.add({ place: debug.assignmentPlace(moment), frame: scriptIndex, source: expression });
    store.clear();
    this.session.announce();
    if (value !== undefined) return view(value);
    return {
      name: expression,
      value: '',
      type: '',
      reference: 0,
      named: 0,
      indexed: 0,
      evaluateName: null,
      lazy: false,
      writable: false,
      dataId: null,
    };
  }

  private frames(): ShownFrame[] {
    const { debug } = this.resting();
    return shownFrames(debug, this.session.currentTimeline);
  }

  private frameAt(index: number): ShownFrame {
    const frame = this.frames()[index];
    if (frame) return frame;
    throw new GradstepError(`there is no frame ${index}`, { code: 'debug.noFrame' });
  }

  private variablesAt(frame: number): FrameOfVariables {
    const { debug } = this.resting();
    const shown = this.frameAt(frame);
    const names = debug.shown.isKept ? (debug.shown.frames()[shown.scriptIndex]?.names ?? null) : null;
    const script = debug.scriptFrames();
    const functionName = script[shown.scriptIndex]?.name ?? '<module>';
    return { frame: shown, functionName, names, moduleFrame: script.length - 1 };
  }

  private goTo(moment: number, stop: DebugStop): StateSnapshot {
    this.show(moment, stop);
    return this.session.announce();
  }

  private show(moment: number, stop: DebugStop): void {
    const { debug, store } = this.current!;
    debug.show(moment, stop);
    store.clear();
    this.session.currentTimeline.moveTo(debug.log.eventAt(moment));
  }

  private keepChangesUpTo(moment: number): void {
    const log = this.current?.debug.log;
    this.assignments.keep((place) => {
      if (!log) return false;
      const own = 'event' in place ? log.momentOfEvent(place.event) : log.momentOfOrdinal(place.statement);
      return own >= 0 && own <= moment;
    });
  }

  private refusalOf(dataId: string): string | null {
    try {
      parseDataId(dataId);
      return null;
    } catch (thrown) {
      return (thrown as Error).message;
    }
  }

  private resting(): NonNullable<DebugControl['current']> {
    if (!this.current || !this.session.isResting) throw notResting();
    return this.current;
  }
}

function notResting(): GradstepError {
  return new GradstepError('the script does not rest: there is nothing to look at', {
    code: 'debug.notResting',
    hint: 'Pause it first.',
  });
}

function inThePast(thrown: unknown): GradstepError {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new GradstepError(`this moment lies in the past, where nothing can be executed: ${message}`, {
    code: 'debug.past',
    hint: 'Change a variable by Set Value, which runs the script again up to here; or go to the last moment first.',
  });
}
