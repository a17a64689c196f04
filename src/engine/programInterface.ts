import type { EngineError, ProblemView, StartOptions } from '../common/engineContract';
import type { Tape } from '../core/tensor/tape';
import type { Recorder } from '../core/training/recorder';
import type { TrainingState } from '../core/training/trainingState';
import type { Runtime } from '../script/interpreter/runtime';
import type { Host } from '../script/objects/interpreter';

/** What a session gives to the program that it runs. */
export interface ProgramOptions {
  options: StartOptions;
  device: 'cpu' | 'cuda';
  tape: Tape;
  recorder: Recorder;
  host: Host;
  /** Called where a DataLoader's iterator is exhausted. */
  onEpochEnd(): void;
  /** Something a person should know, such as which data are used. */
  notice(message: string): void;
}

/** One run of a script, from its first line. */
export interface Program {
  readonly state: TrainingState;
  /** The interpreter, for a debugger; left out where there is none. */
  readonly runtime?: Runtime;
  /** Everything that the script asks for and Gradstep hasn't got; nothing runs. */
  preflight(): ProblemView[];
  run(): void;
  /** 1-based; 0 outside of the script. */
  currentLine(): number;
  describeError(error: unknown): EngineError;
}

export type ProgramFactory = (options: ProgramOptions) => Program;
