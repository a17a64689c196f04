import type { DebugPlace, DebugQueryContract, DebugRunContract, StepAction } from './debugContract';
import type { Phase } from './phase';

/**
 * The whole contract between the engine (the child process that trains) and its clients: requests with exactly one
 * reply each, and messages that the engine sends by itself. Everything here survives a structured clone.
 */

/** A hyperparameter's value as an optimizer keeps it. */
export type HyperparameterValue = number | bigint | boolean | string | null | readonly HyperparameterValue[];

/** Numbers about a tensor, in double precision. Empty tensors have zeros; `min`, `max`, `mean`, `std` are NaN then. */
export interface Statistics {
  count: number;
  sum: number;
  /** The Euclidean norm. */
  l2: number;
  absmax: number;
  min: number;
  max: number;
  mean: number;
  /** The unbiased standard deviation, as `Tensor.std()`: NaN for fewer than two elements. */
  std: number;
  nan: number;
  infinite: number;
  zeros: number;
}

/** What an event's tensors are, by their part in it. */
export type TensorKind =
  | 'parameter'
  | 'gradient'
  | 'delta'
  | 'buffer'
  | 'state'
  | 'input'
  | 'output'
  | 'target'
  | 'loss'
  | 'layer'
  | 'layerGradient';

/** Names one tensor of one event. */
export interface TensorAddress {
  event: number;
  kind: TensorKind;
  /** A parameter's or layer's path; `<parameter>/<slot>` for an optimizer's state; '' where there is but one. */
  name: string;
}

export interface TensorView {
  kind: TensorKind;
  name: string;
  shape: number[];
  dtype: string;
  /** Null while the elements were never fetched (running) or when they are too many to look at unasked. */
  statistics: Statistics | null;
  /** False once the byte budget has dropped the elements: the statistics stay. */
  available: boolean;
  /** The Euclidean norm, there without being asked for wherever the elements are at hand. */
  norm?: number;
  /** The event that last changed a parameter, gradient, buffer or state; a delta is that event's. */
  since?: number;
  /** gradient: the backward passes summed in it since it was last cleared; 0 where it was set to zero. */
  accumulated?: number;
}

export interface ParameterGroupView {
  hyperparameters: Record<string, HyperparameterValue>;
  /** How many parameters the group has. */
  size: number;
}

export interface OptimizerView {
  /** The script's name for it. */
  name: string;
  type: string;
  groups: ParameterGroupView[];
}

export interface WarningView {
  category: string;
  message: string;
  line: number;
}

export interface EventSummary {
  index: number;
  phase: Phase;
  /** 1-based line of the script. */
  line: number;
  /** 1-based; 0 before the first iteration. */
  iteration: number;
  /** 1-based. */
  epoch: number;
  /** The learning rate of every parameter group. */
  lr: number[];
  loss: number | null;
}

/** An event with all that is known without reading elements. */
export interface EventView extends EventSummary {
  warnings: WarningView[];
  optimizers: OptimizerView[];
  tensors: TensorView[];
  /** The types of the layers, by path. */
  layerTypes: Record<string, string>;
  /** The byte budget has dropped this event's elements. */
  dropped: boolean;
  edits: Edit[];
}

/** A training event as the trace writes it. */
export interface TraceEvent {
  kind: 'event';
  event: number;
  phase: Phase;
  line: number;
  lr: number[];
  loss?: number | null;
  output?: TraceStatistics & { shape: number[]; first: (number | bigint | boolean)[] };
  parameters: {
    name: string;
    statistics: TraceStatistics & { shape: number[] };
    gradient: TraceStatistics | null;
  }[];
  warnings: string[];
}

export interface TraceStatistics {
  sum: number;
  l2: number;
  absmax: number;
}

/** What the script printed; `end` is null for what it wrote to a stream directly, which is no print. */
export interface TracePrint {
  kind: 'print';
  /** With its end. */
  text: string;
  stream: 'stdout' | 'stderr';
  end: string | null;
}

export type TraceItem = TraceEvent | TracePrint;

/** How far a run goes. Every goal ends as well where the script ends. */
export type Goal =
  | { kind: 'next' }
  | { kind: 'events'; count: number }
  | { kind: 'event'; index: number }
  | { kind: 'phase'; phase: Phase }
  | { kind: 'line'; line: number }
  /** To the first event of the iteration that many iterations further. */
  | { kind: 'iterations'; count: number }
  /** To where the DataLoader is exhausted. */
  | { kind: 'epoch' }
  | { kind: 'continue' }
  /** A debugger's step: debugged sessions only. */
  | { kind: 'step'; action: StepAction };

/** A value that a person changed; it took effect right after its event. */
export interface Edit {
  event: number;
  target: EditTarget;
}

export type EditTarget =
  | { kind: 'hyperparameter'; optimizer: string; group: number; name: string; value: HyperparameterValue }
  | { kind: 'element'; parameter: string; index: number; value: number }
  | { kind: 'parameter'; parameter: string; values: number[] };

export type ExecutionMode = 'stepping' | 'running';

/** Where graphs run. */
export type Device = 'cpu' | 'cuda';

export interface StartOptions {
  /** Absolute. */
  fileName: string;
  source: string;
  /** `cuda` fails where there is none; `auto` takes CUDA where it works. The client finds out which it is. */
  device: Device | 'auto';
  /** Folders in which CUDA's libraries are looked for before all others; absolute. */
  cudaLibraryFolders?: readonly string[];
  /** Threads inside one operator; 0 is the engine's own choice. */
  threads: number;
  /** Where data sets are looked up besides the script's own folder. */
  dataFolder: string | null;
  mode: ExecutionMode;
  goal: Goal;
  /** What the recorded tensors may take; 512 MiB when left out. */
  byteBudget?: number;
  /** Writes every compiled graph there, as an ONNX file. */
  graphFolder?: string;
  /** Seeds the default generator, as torch.manual_seed does, before the script runs: an integer. */
  seed?: number;
  /** Sends a TraceItem for each print and each event. */
  trace?: boolean;
  /** The script is debugged: it heeds breakpoints, and rests before its first statement when `stopOnEntry`. */
  debug?: { stopOnEntry: boolean };
  /** Rebuilds what another engine had: runs to that event with these edits, silently. */
  restore?: { event: number; edits: Edit[] };
}

/** A start as the engine gets it. */
export interface EngineStart extends StartOptions {
  device: Device;
}

export type Status =
  /** Nothing has been started. */
  'idle' | 'running' | 'paused' | 'finished' | 'failed' | 'stopped';

export interface EngineError {
  code: string;
  /** For a script's exception: `ValueError: ...`, as Python writes it. */
  message: string;
  line: number | null;
  hint: string | null;
  audience: 'user' | 'maintainer';
  /** Outermost frame first. */
  traceback: { functionName: string; line: number }[];
}

export interface ProblemView {
  /** 1-based. */
  line: number;
  /** 0-based. */
  column: number;
  message: string;
  hint: string | null;
}

export type StopReason =
  | 'goal'
  /** A debugger's breakpoint: see the snapshot's `debug.stop`. */
  | 'breakpoint'
  | 'pause'
  | 'epoch'
  | 'finished'
  | 'failed'
  /** The preflight refused the script: see `problems`. */
  | 'refused'
  | 'stopped';

/** Why a run came to rest, and where. */
export interface RunReport {
  reason: StopReason;
  /** The event it stands on; -1 before the first. */
  event: number;
  error: EngineError | null;
  problems: ProblemView[];
}

/** The kinds of findings about a training loop. */
export type CheckName =
  | 'accumulated'
  | 'stepWithoutBackward'
  | 'schedulerFirst'
  | 'schedulerInstead'
  | 'neverChanges'
  | 'vanishing'
  | 'exploding'
  | 'notFinite';

/** A finding about the training loop; `src/core/training/checkTable.ts` has the table. */
export interface FindingView {
  check: CheckName;
  title: string;
  severity: 'info' | 'warning' | 'error';
  /** In English, with the numbers in it. */
  message: string;
  suggestion: string;
  /** What the message is made of besides the subjects, for other languages. */
  numbers: Record<string, number>;
  firstEvent: number;
  line: number;
  occurrences: number;
  /** Names of parameters or layers that it is about. */
  subjects: string[];
}

/** One phase of an iteration. */
export interface PatternEntryView {
  phase: Phase;
  line: number;
  /** Not in every iteration, such as a scheduler's step at the end of an epoch. */
  occasional?: true;
}

/** Graphs of one name of which some nodes stay on the CPU. */
export interface GraphOnCpu {
  graph: string;
  /** How many graphs of that name. */
  graphs: number;
  /** The ONNX operators that ran on the CPU; empty before the first run. */
  operators: string[];
}

/** The whole state, sent at each change with a rising revision; a lost one costs nothing. */
export interface StateSnapshot {
  revision: number;
  status: Status;
  /** The event that is shown; -1 when there is none. */
  cursor: number;
  /** The last event that is recorded; -1 when there is none. */
  head: number;
  /** The event under the cursor. While running: only its summary's fields are filled. */
  event: EventView | null;
  /** 1-based line where the script stands; 0 when it doesn't. */
  line: number;
  mode: ExecutionMode;
  device: Device;
  /** What of the graphs stays on the CPU although the device is CUDA; empty where all of it is where it should be. */
  onCpu: GraphOnCpu[];
  iteration: number;
  epoch: number;
  /** The phases of one iteration in the order in which this script runs them, with their lines; empty at first. */
  pattern: PatternEntryView[];
  /** Where in the pattern the event under the cursor stands; -1 outside of it. */
  position: number;
  /** What the script computes as its accuracy, when it does (a global called `accuracy` or `acc`). */
  accuracy: number | null;
  /** What the script's data set calls its classes, by index; left out when no global data set names them. */
  classNames?: readonly string[];
  findings: FindingView[];
  edits: Edit[];
  bytes: number;
  byteBudget: number;
  /** Events before this one have lost their elements to the byte budget. */
  droppedBefore: number;
  compiledGraphs: number;
  error: EngineError | null;
  /** Where the debugger stands; left out where the script isn't debugged or has not rested yet. */
  debug?: DebugPlace;
}

export interface ProgressView {
  id: number;
  description: string;
  done: number;
  /** `null` when the length is unknown. */
  total: number | null;
  postfix: string;
  closed: boolean;
}

/** A page of a tensor's elements, row-major, copied. */
export interface TensorPage {
  address: TensorAddress;
  shape: number[];
  dtype: string;
  offset: number;
  data: Float32Array | Float64Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;
  total: number;
}

/** The most elements that one page holds. */
export const maximumPageLength = 25_000;

/** The learning rate of one parameter group: what was, what is, and what its scheduler will do. */
export interface ScheduleView {
  /** The script's name for the optimizer, and the group's index. */
  optimizer: string;
  group: number;
  /** The script's name for the scheduler and its class; null when nothing schedules this group. */
  scheduler: string | null;
  type: string | null;
  /** The scheduler's settings, such as step_size and gamma. */
  settings: Record<string, HyperparameterValue>;
  /** The rate before the first scheduler step and after each one up to the event. */
  past: number[];
  /** The rate after each of the next scheduler steps; empty where it can't be known, as with ReduceLROnPlateau. */
  future: number[];
  nextChange: { inSteps: number; from: number; to: number } | null;
}

/** One line of an update's mathematics with this step's numbers in it. */
export interface ExplanationLine {
  /** What is assigned, such as `buf`. */
  name: string;
  /** In PyTorch's names, such as `momentum * buf + (1 - dampening) * g`. */
  expression: string;
  /** The same with numbers. */
  substituted: string;
  value: number;
}

/** How an optimizer's step changed one element of a parameter. */
export interface UpdateExplanation {
  optimizer: string;
  type: string;
  parameter: string;
  index: number;
  before: number;
  gradient: number | null;
  after: number;
  lines: ExplanationLine[];
}

/**
 * Counts on a symmetric logarithmic axis with a real zero: linear between the smallest decades, one bin around zero.
 * `counts` leaves exact zeros out, as well as NaN and infinities: they have counts of their own.
 */
export interface Histogram {
  /** Rising; one more than `counts`. */
  edges: number[];
  counts: number[];
  zeros: number;
  nan: number;
  infinite: number;
}

/** Some consecutive events, for charts. */
export interface HistoryPage {
  from: number;
  events: EventSummary[];
  total: number;
}

/** Requests that are answered at once, while the script runs as well. */
export interface QueryContract extends DebugQueryContract {
  ping: { request: null; reply: { status: Status } };
  state: { request: null; reply: StateSnapshot };
  event: { request: { index: number }; reply: EventView };
  history: { request: { from: number; count: number }; reply: HistoryPage };
  readTensor: { request: TensorAddress & { offset: number; length: number }; reply: TensorPage };
  statistics: { request: TensorAddress; reply: Statistics };
  histogram: { request: TensorAddress & { bins: number }; reply: Histogram };
  /** For a `step` event. */
  explain: { request: { event: number; parameter: string; index: number }; reply: UpdateExplanation };
  /** As of an event. */
  schedules: { request: { event: number }; reply: ScheduleView[] };
  moveTo: { request: { event: number }; reply: StateSnapshot };
  setMode: { request: { mode: ExecutionMode }; reply: null };
  /** The run pauses at the next event at the latest; the reply only says that the wish is known. */
  pause: { request: null; reply: null };
  /** Gives the run up; the reply comes when the script is unwound. */
  stop: { request: null; reply: null };
}

/** Requests that run the script; the reply comes when it rests again. A second one meanwhile is refused as busy. */
export interface RunContract extends DebugRunContract {
  start: { request: EngineStart; reply: RunReport };
  restart: { request: { goal: Goal }; reply: RunReport };
  /** `mode` changes how the script runs from here on. */
  run: { request: { goal: Goal; mode?: ExecutionMode }; reply: RunReport };
  /** Changes values. An event before the head needs `confirm`: what came after it is cut off. */
  edit: { request: { event: number; targets: EditTarget[]; confirm: boolean }; reply: RunReport };
}

export type EngineContract = QueryContract & RunContract;
export type QueryName = keyof QueryContract;
export type RunName = keyof RunContract;
export type RequestName = keyof EngineContract;

export interface RequestMessage<N extends RequestName = RequestName> {
  kind: 'request';
  id: number;
  name: N;
  body: EngineContract[N]['request'];
}

export type ReplyMessage =
  { kind: 'reply'; id: number; ok: true; body: unknown } | { kind: 'reply'; id: number; ok: false; error: EngineError };

/** What the engine sends by itself. */
export interface EngineEvents {
  state: StateSnapshot;
  /** Text as the script printed it, line ends included. */
  output: { text: string; stream: 'stdout' | 'stderr' };
  notice: { message: string };
  progress: ProgressView;
  trace: { items: TraceItem[] };
  /** What a breakpoint with a message says, and what went wrong with one. */
  breakpointMessage: { text: string; line: number; isError: boolean };
}

export type EventName = keyof EngineEvents;

export type EngineEventMessage = { [N in EventName]: { kind: 'event'; name: N; body: EngineEvents[N] } }[EventName];

export type EngineMessage = ReplyMessage | EngineEventMessage;

/** One handler for each request: a missing one does not compile. */
export type QueryHandlers = {
  [N in QueryName]: (body: QueryContract[N]['request']) => QueryContract[N]['reply'];
};

export type RunHandlers = { [N in RunName]: (body: RunContract[N]['request']) => void };
