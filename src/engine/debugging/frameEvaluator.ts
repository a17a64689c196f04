import { GradstepError } from '../../common/errors';
import type { CapturedFrame } from '../../script/debugging/capture';
import { evaluate, evaluateQuietly, execute, type EvaluationFrame } from '../../script/debugging/evaluation';
import type { Frame } from '../../script/interpreter/base';
import type { Runtime } from '../../script/interpreter/runtime';
import type { PyValue } from '../../script/objects/value';
import type { BreakpointHost } from './breakpoints';

/** Frames to evaluate in, innermost first, and what must hold meanwhile. */
export interface FrameSource {
  /** False for a moment so long ago that its variables are gone. */
  isKept(): boolean;
  frames(): readonly EvaluationFrame[];
  during<T>(body: () => T): T;
}

/** Evaluates Python for the debugger: without events, and without moments. */
export class FrameEvaluator {
  constructor(
    private readonly runtime: Runtime,
    private readonly source: FrameSource,
    private readonly silently: <T>(body: () => T) => T,
  ) {}

  /** Runs `body` with the frames' values in place. */
  during<T>(body: () => T): T {
    return this.source.during(() => this.silently(body));
  }

  frames(): readonly EvaluationFrame[] {
    return this.source.frames();
  }

  get isKept(): boolean {
    return this.source.isKept();
  }

  /** @param quiet refuses what could change something */
  evaluate(frame: number, expression: string, quiet: boolean): PyValue {
    return this.during(() => (quiet ? evaluateQuietly : evaluate)(this.runtime, this.frameAt(frame), expression));
  }

  /** @returns the value of an expression; undefined for statements */
  execute(frame: number, source: string): PyValue | undefined {
    return this.during(() => execute(this.runtime, this.frameAt(frame), source));
  }

  /** What breakpoints are evaluated with, in the innermost frame. */
  host(say: BreakpointHost['say']): BreakpointHost {
    const { runtime } = this;
    return {
      test: (condition) =>
        this.during(() => {
          const value = evaluate(runtime, this.frameAt(0), condition);
          return { holds: runtime.isTrue(value), text: runtime.repr(value) };
        }),
      text: (expression) => this.during(() => runtime.str(evaluate(runtime, this.frameAt(0), expression))),
      say,
    };
  }

  private frameAt(index: number): EvaluationFrame {
    const frame = this.frames()[index];
    if (frame) return frame;
    throw new GradstepError('there is no frame to evaluate in: the script does not stand anywhere', {
      code: 'debug.noFrame',
    });
  }
}

/** The frames of the script as it stands. */
export function liveFrames(runtime: Runtime): FrameSource {
  return {
    isKept: () => true,
    frames: () => (runtime.frames() as Frame[]).map(liveFrame),
    during: (body) => body(),
  };
}

function liveFrame(frame: Frame): EvaluationFrame {
  let names: ReadonlyMap<string, PyValue> | null = null;
  return {
    get names() {
      names ??= frame.locals();
      return names;
    },
    isModule: frame.functionName === '<module>',
    assign: (name, value) => {
      if (!frame.assign(name, value)) {
        throw new GradstepError(`${frame.functionName} has no variable ${name}`, { code: 'debug.noVariable' });
      }
    },
  };
}

/** A frame as it was: nothing can be assigned there. */
export function pastFrame({ names, functionName }: CapturedFrame): EvaluationFrame {
  return {
    names,
    isModule: functionName === '<module>',
    assign: (name) => {
      throw new GradstepError(`${name} can't be changed in the past`, {
        code: 'debug.past',
        hint: 'Use Set Value in the Variables view, or continue to the last moment first.',
      });
    },
  };
}

export function notKept(): never {
  throw new GradstepError('the variables of this moment are no longer kept', {
    code: 'debug.notKept',
    hint: 'The last few thousand moments have theirs. The tensors of the event are in the panel.',
  });
}
