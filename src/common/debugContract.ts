import type { RunReport, StateSnapshot } from './engineContract';

/**
 * What a debugger and the engine say to each other, in addition to the engine's contract. The script's doings are
 * numbered: each statement before it runs, each event after it, each layer of a forward or backward and each parameter
 * of a step is a moment. A debugged session stands on one, as its timeline stands on an event.
 */

export type StepAction = 'over' | 'in' | 'out';

export type MomentKind =
  /** Before a statement. */
  | 'statement'
  /** Inside a phase, at its end: its event has just happened. */
  | 'event'
  /** Inside a forward or backward, after one layer of it. */
  | 'layer'
  /** Inside an optimizer's step, at one of its parameters. */
  | 'parameter'
  /** Where an exception was raised. */
  | 'error';

export type DebugStopReason =
  'entry' | 'step' | 'breakpoint' | 'function breakpoint' | 'data breakpoint' | 'exception' | 'pause' | 'goto';

/** Why the script rests. */
export interface DebugStop {
  reason: DebugStopReason;
  /** In a few words, such as `Paused on breakpoint`. */
  description: string;
  /** The measured value and where it was found, such as `loss.item() > 2.5: 2.63`; null where there is nothing to add. */
  text: string | null;
  /** The breakpoints that are the reason. */
  breakpointIds: number[];
  /** For `exception`: its type and its message, as the exception widget shows them. */
  exception: DebugException | null;
}

export interface DebugException {
  /** `ValueError`, or a filter's name such as `NaN or Inf`. */
  type: string;
  message: string;
  /** True for an exception that no `except` of the script takes. */
  uncaught: boolean;
  /** Outermost frame first, as a traceback prints it; empty for what is no exception. */
  traceback: { functionName: string; line: number }[];
}

/** Where a debugged script stands. */
export interface DebugPlace {
  moment: number;
  /** The last moment that is recorded: what comes after it has not been run. */
  lastMoment: number;
  kind: MomentKind;
  /** 1-based. */
  line: number;
  stop: DebugStop;
}

export interface DebugFrame {
  /** 0 is the innermost. */
  index: number;
  name: string;
  /** `phase`, `layer` and `parameter` are no functions of the script. */
  kind: 'script' | 'phase' | 'layer' | 'parameter';
  /** Of a layer its class, such as `Conv2d`; null of other frames. */
  type: string | null;
  /** 1-based. */
  line: number;
  /** Whether the session can go back to its first moment. */
  canRestart: boolean;
}

export type ScopeKind =
  'layer' | 'parameter' | 'locals' | 'globals' | 'model' | 'gradients' | 'optimizer' | 'schedule' | 'event';

export interface DebugScope {
  kind: ScopeKind;
  /** Of a layer's or parameter's scope: which one; empty otherwise. */
  subject: string;
  /** See `DebugVariable`. */
  reference: number;
}

/** A variable, or the result of an evaluation. */
export interface DebugVariable {
  name: string;
  /** One line: a tensor's dtype, shape, range and mean, never its elements. */
  value: string;
  type: string;
  /** Not 0: it has children, to be asked for while the session stays where it is. */
  reference: number;
  named: number;
  indexed: number;
  /** A Python expression of the frame that yields it; null where there is none. */
  evaluateName: string | null;
  /** Its children take work: shown on request. */
  lazy: boolean;
  /** Set Value is possible. */
  writable: boolean;
  /** For `setDataBreakpoints`; null where its changes can't be watched. */
  dataId: string | null;
}

export interface LineBreakpoint {
  /** Chosen by the client; unique among all kinds of breakpoints. */
  id: number;
  /** 1-based. */
  line: number;
  /** A Python expression of the frame. */
  condition?: string;
  /** A number (that hit alone, as debugpy counts), or `>`, `>=`, `<`, `<=`, `==`, `%` and one. */
  hitCondition?: string;
  /** Said instead of stopping; `{expression}` is evaluated. */
  logMessage?: string;
}

export interface FunctionBreakpoint {
  id: number;
  /** A phase (`optimizer.step`, `step`, `backward`, `scheduler.step` ...) or a function of the script. */
  name: string;
  condition?: string;
  hitCondition?: string;
}

export interface DataBreakpoint {
  id: number;
  /** `parameter:<name>`, `gradient:<name>`, `lr:<optimizer>:<group>`, or `variable:<function>:<expression>`. */
  dataId: string;
  condition?: string;
  hitCondition?: string;
}

/** What became of a breakpoint. */
export interface BreakpointView {
  id: number;
  verified: boolean;
  /** Where it is now; null for one that has no line. */
  line: number | null;
  /** Why it was moved or refused; null where there is nothing to say. */
  message: string | null;
}

export type ExceptionFilter = 'uncaught' | 'raised' | 'notFinite' | 'gradientNorm' | 'deadUnits' | 'check';

export interface ExceptionFilterSetting {
  filter: ExceptionFilter;
  /**
   * `gradientNorm`: the limit; `deadUnits`: the share of a layer's units, in percent; `raised`, `uncaught`: exception
   * types, with commas; `notFinite`, `check`: a part of the tensor's or finding's name.
   */
  condition?: string;
}

export interface DebugCompletion {
  label: string;
  kind: 'variable' | 'function' | 'class' | 'module' | 'property' | 'method' | 'keyword';
  /** What of the text it replaces: 0-based column and length. */
  start: number;
  length: number;
}

/** Moments as they were recorded, for tests and for tools. */
export interface MomentView {
  moment: number;
  kind: MomentKind;
  line: number;
  /** 1 for the module's own statements. */
  depth: number;
  /** The last event that had happened; -1 before the first. */
  event: number;
  /** The function, phase, layer or parameter. */
  name: string;
}

/** Requests that are answered at once. References are valid until the session moves, runs or changes a value. */
export interface DebugQueryContract {
  /** `source` is what the breakpoints are checked against; the engine keeps them for every later run of it. */
  setBreakpoints: { request: { source: string; breakpoints: LineBreakpoint[] }; reply: BreakpointView[] };
  setFunctionBreakpoints: {
    request: { source: string; breakpoints: FunctionBreakpoint[] };
    reply: BreakpointView[];
  };
  setDataBreakpoints: { request: { breakpoints: DataBreakpoint[] }; reply: BreakpointView[] };
  /** The replies' ids are the filters' indices. */
  setExceptionFilters: { request: { filters: ExceptionFilterSetting[] }; reply: BreakpointView[] };
  /** Innermost first. */
  frames: { request: null; reply: DebugFrame[] };
  scopes: { request: { frame: number }; reply: DebugScope[] };
  /** `start` and `count` page through what `filter` selects; `count` 0 means all. */
  variables: {
    request: { reference: number; filter: 'named' | 'indexed' | null; start: number; count: number };
    reply: DebugVariable[];
  };
  /**
   * A Python expression of a frame. `quiet` refuses whatever could change something; otherwise statements are taken as
   * well, and their changes are repeated whenever the script is run up to here again.
   */
  evaluate: { request: { frame: number; expression: string; quiet: boolean }; reply: DebugVariable };
  complete: { request: { frame: number; text: string; column: number }; reply: DebugCompletion[] };
  /** What watching a variable would watch; null where that can't be. */
  dataBreakpointInfo: {
    request: { reference: number; name: string; frame: number };
    reply: { dataId: string | null; description: string };
  };
  moments: { request: { from: number; count: number }; reply: MomentView[] };
  /** Nothing runs: over what is recorded, to the place before at this depth, or to the last breakpoint. */
  goBack: { request: { action: 'step' | 'continue' }; reply: StateSnapshot };
  /** To the first moment of a frame; nothing runs. */
  restartFrame: { request: { frame: number }; reply: StateSnapshot };
}

/** Requests that may run the script. */
export interface DebugRunContract {
  /** A moment in the past needs `confirm`: what came after it is cut off and the script runs up to it again. */
  setVariable: {
    request: { reference: number; name: string; value: string; confirm: boolean };
    reply: RunReport;
  };
}
