import type { ProblemView, StartOptions } from '../../common/engineContract';
import type { Translator } from '../../common/translator';
import type { Death, EngineClient } from '../../engine/client';

/** The settings that a launch configuration may override. */
export type DebugSettings = Pick<
  StartOptions,
  'device' | 'cudaLibraryFolders' | 'threads' | 'dataFolder' | 'byteBudget' | 'seed'
>;

/** A script that is about to be debugged. */
export interface DebugLaunch {
  /** Absolute. */
  program: string;
  /** The text that runs, and that breakpoints refer to. */
  source: string;
  settings: DebugSettings;
  /** Run Without Debugging: nothing stops, nothing is recorded for going back. */
  noDebug: boolean;
}

/** What a debug session needs from where it runs. One object may serve several sessions. */
export interface DebugSurroundings {
  readonly l10n: Translator;
  /** What the person has set, for a script. */
  settings(program: string): DebugSettings;
  /**
   * A script's text as its editor shows it, saved or not, or as it is on the disk.
   * @throws when there is none; the message is shown
   */
  readSource(program: string): Promise<string>;
  /** Tells whenever the text that `readSource` would give has changed. Returns what ends it. */
  onDidChangeSource(program: string, listener: () => void): () => void;
  /** Called once a session, before it asks or starts anything. Others may use the client as well. */
  openEngine(launch: DebugLaunch): EngineClient;
  /** The session is over and leaves its engine: disposes of it, unless somebody else goes on with it. */
  closeEngine(client: EngineClient): void;
  /** A restart takes the script's present text: tells before the script starts again. */
  onRestart?(client: EngineClient, launch: DebugLaunch): void;
  /** What of the script Gradstep does not know: nothing of it has run. */
  onRefused?(client: EngineClient, problems: readonly ProblemView[]): void;
  /** Asks a question that cutting off the recorded future depends on. */
  confirm(question: string, detail: string): Promise<boolean>;
  /** Why the engine's process ended, in words for a person. */
  deathText(death: Death): string;
}
