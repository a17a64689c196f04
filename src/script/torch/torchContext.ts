import { GradstepError } from '../../common/errors';
import type { OperationContext } from '../../core/operation';
import type { Recorder } from '../../core/training/recorder';
import type { Interpreter } from '../objects/interpreter';

/** What all torch bindings of one run share. */
export interface TorchContext extends OperationContext {
  readonly interpreter: Interpreter;
  readonly recorder: Recorder;
  /** Where the graphs run; without CUDA, `.cuda()` raises PyTorch's AssertionError. */
  readonly runtimeDevice: 'cpu' | 'cuda';
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
