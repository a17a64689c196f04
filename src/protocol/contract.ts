import type {
  EditTarget,
  EngineError,
  EventView,
  Goal,
  Histogram,
  HistoryPage,
  ProblemView,
  ProgressView,
  ScheduleView,
  StateSnapshot,
  Statistics,
  TensorAddress,
  TensorPage,
  UpdateExplanation,
} from '../common/engineContract';

/** The whole contract between the extension host and the panel's webview. */

/** What the engine's process is doing, as far as the host knows. */
export type EngineStatus = 'none' | 'starting' | 'ready' | 'died' | 'recovering';

export interface OutputLine {
  stream: 'stdout' | 'stderr' | 'notice';
  text: string;
}

/** Everything the panel shows without asking, sent whole at each change with a rising revision. */
export interface PanelState {
  revision: number;
  /** A BCP 47 tag; the panel's texts are English or Simplified Chinese. */
  locale: string;
  script: { name: string; path: string } | null;
  /** The editor's text is no longer the one that runs. */
  scriptChanged: boolean;
  engineStatus: EngineStatus;
  /** Why the engine died, in its own last words. */
  death: string | null;
  /** A run is under way: run requests are refused until it rests, `pause` is not. */
  busy: boolean;
  snapshot: StateSnapshot | null;
  /** What the preflight refused, or what the script raised. */
  problems: ProblemView[];
  error: EngineError | null;
  /** The last lines of the script's output and of the engine's notices. */
  output: OutputLine[];
  progress: ProgressView[];
}

export type StepUnit = 'phase' | 'iteration';

/** Requests of the webview; each gets exactly one reply, a failure included. */
export interface PanelContract {
  /** After each load of the webview. */
  ready: { request: null; reply: PanelState };
  next: { request: { unit: StepUnit }; reply: null };
  previous: { request: { unit: StepUnit }; reply: null };
  run: { request: { goal: Goal }; reply: null };
  pause: { request: null; reply: null };
  restart: { request: null; reply: null };
  moveTo: { request: { event: number }; reply: null };
  /** The host asks before it cuts a future off. */
  setValue: { request: { event: number; target: EditTarget }; reply: null };
  event: { request: { index: number }; reply: EventView };
  history: { request: { from: number; count: number }; reply: HistoryPage };
  readTensor: { request: TensorAddress & { offset: number; length: number }; reply: TensorPage };
  statistics: { request: TensorAddress; reply: Statistics };
  histogram: { request: TensorAddress & { bins: number }; reply: Histogram };
  explain: { request: { event: number; parameter: string; index: number }; reply: UpdateExplanation };
  schedules: { request: { event: number }; reply: ScheduleView[] };
  /** Shows a line of the script in the editor. */
  revealLine: { request: { line: number }; reply: null };
  /** Runs one of the extension's commands that the panel offers. */
  command: { request: { name: PanelCommand }; reply: null };
}

export type PanelCommand = 'openExample' | 'stepThrough' | 'chooseDataFolder' | 'showEngineLog' | 'recover';

export type PanelRequestName = keyof PanelContract;

export interface PanelRequest<N extends PanelRequestName = PanelRequestName> {
  kind: 'request';
  id: number;
  name: N;
  body: PanelContract[N]['request'];
}

export type PanelReply =
  { kind: 'reply'; id: number; ok: true; body: unknown } | { kind: 'reply'; id: number; ok: false; error: EngineError };

/** What the host sends by itself. */
export type PanelMessage = { kind: 'state'; state: PanelState } | PanelReply;

/** A handler for each request: a missing one does not compile. */
export type PanelHandlers = {
  [N in PanelRequestName]: (body: PanelContract[N]['request']) => Promise<PanelContract[N]['reply']>;
};
