import { GradstepError } from '../../common/errors';
import type { OperationContext } from '../../core/operation';
import type { Recorder } from '../../core/training/recorder';
import type { SyncDownloadOptions } from '../../data/downloadSync';
import type { Interpreter } from '../objects/interpreter';

/** What all torch bindings of one run share. */
export interface TorchContext extends OperationContext {
  readonly interpreter: Interpreter;
  readonly recorder: Recorder;
  /** Where the graphs run; without CUDA, `.cuda()` raises PyTorch's AssertionError. */
  readonly runtimeDevice: 'cpu' | 'cuda';
  /** The folder of the script: what relative data folders start from. Default: they stay relative. */
  readonly scriptFolder?: string;
  /** A further folder to look for data sets in; null or left out when none was given. */
  readonly dataFolder?: string | null;
  /** How `download=True` downloads; left out, the network is not used. */
  readonly downloader?: SyncDownloadOptions;
  /** Tells the person something about the run that is no warning of the script, such as a sample in place of data. */
  notice?(text: string): void;
  /** An iterator of a DataLoader is exhausted. */
  onEpochEnd?(): void;
}

const contexts = new WeakMap<Interpreter, TorchContext>();

/** Ties a context to its interpreter; bindings find it by `torchContext`. */
export function attachTorchContext(context: TorchContext): void {
  contexts.set(context.interpreter, context);
}

/** The context of the interpreter that a native body is handed. */
export function torchContext(interpreter: Interpreter): TorchContext {
  const context = contexts.get(interpreter);
  if (!context) {
    throw new GradstepError('torch is used in an interpreter that has no torch context', {
      code: 'script.context',
      audience: 'maintainer',
    });
  }
  return context;
}
