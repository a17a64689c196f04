import { GradstepError, PythonError } from '../../common/errors';
import { PyTuple } from '../objects/containers';
import type { PyExceptionObject } from '../objects/exceptions';
import { exceptionClass, makeException, PyException, Unwind } from '../objects/exceptions';
import type { PyModule } from '../objects/functions';
import type {
  BinaryOperator,
  ComparisonOperator,
  FrameView,
  Host,
  Interpreter,
  ModuleRow,
} from '../objects/interpreter';
import type { PyValue } from '../objects/value';
import { PyClass } from '../objects/value';

const maximumDepth = 1000;
/** How many loop turns and calls may pass between two looks at `host.interrupted()`. */
const pollMask = 1023;

export type Globals = Map<string, PyValue>;

/** Who is told what the script does: a debugger, which may block. */
export interface ScriptWatcher {
  /** A statement of the script is about to run; `frame.line` is its. */
  statement(frame: Frame): void;
  /** An exception has been raised, or has come out of native code. `caught`: an `except` is there that may take it. */
  raised(exception: PyException, frame: Frame, caught: boolean): void;
}

/** Refuses what an evaluation for a debugger's eyes must not do. Each method throws, or lets it pass. */
export interface QuietGuard {
  call(callee: PyValue): void;
  /** A function of the script begins. */
  enter(functionName: string): void;
  iterate(target: PyValue): void;
}

/** A running function of the script. */
export class Frame implements FrameView {
  parent: Frame | null = null;
  /** Its first statement has been reached. */
  begun = false;

  constructor(
    readonly functionName: string,
    public line: number,
    private readonly view: () => Record<string, PyValue | undefined>,
    /** True for code of our own modules, which the script's reader has no lines of. */
    readonly library = false,
    /** Sets a local variable; in code that a debugger watches. */
    private readonly setter?: (name: string, value: PyValue) => boolean,
  ) {}

  /** @returns false when the frame has no variable of that name */
  assign(name: string, value: PyValue): boolean {
    return this.setter?.(name, value) ?? false;
  }

  locals(): Map<string, PyValue> {
    return new Map(Object.entries(this.view()).filter((entry): entry is [string, PyValue] => entry[1] !== undefined));
  }
}

export interface RuntimeOptions {
  fileName: string;
  host: Host;
  modules: readonly ModuleRow[];
}

/** Frames, exceptions and limits: what all other layers of the run-time stand on. */
export abstract class RuntimeBase implements Interpreter {
  readonly fileName: string;
  readonly host: Host;
  readonly globals = new Map<string, PyValue>();
  readonly modules = new Map<string, PyModule>();
  readonly registry: ReadonlyMap<string, ModuleRow>;
  protected frame: Frame | null = null;
  protected depth = 0;
  protected handled: PyException | null = null;
  private ticks = 0;
  watcher: ScriptWatcher | null = null;
  /** There while something is evaluated that must change nothing. */
  guard: QuietGuard | null = null;
  /** How many `try` statements with an `except` are under way, in watched code. */
  guards = 0;

  constructor(options: RuntimeOptions) {
    this.fileName = options.fileName;
    this.host = options.host;
    this.registry = new Map(options.modules.map((row) => [row.name, row]));
  }

  abstract call(callee: PyValue, args?: readonly PyValue[], keywords?: ReadonlyMap<string, PyValue> | null): PyValue;
  abstract callMethod(target: PyValue, name: string, args?: readonly PyValue[]): PyValue;
  abstract getAttribute(target: PyValue, name: string): PyValue;
  abstract findAttribute(target: PyValue, name: string): PyValue | undefined;
  abstract setAttribute(target: PyValue, name: string, value: PyValue): void;
  abstract deleteAttribute(target: PyValue, name: string): void;
  abstract getItem(target: PyValue, key: PyValue): PyValue;
  abstract setItem(target: PyValue, key: PyValue, value: PyValue): void;
  abstract iterate(target: PyValue): Iterator<PyValue>;
  abstract list(target: PyValue): PyValue[];
  abstract length(target: PyValue): number;
  abstract isTrue(value: PyValue): boolean;
  abstract str(value: PyValue): string;
  abstract repr(value: PyValue): string;
  abstract format(value: PyValue, specification: string): string;
  abstract equals(a: PyValue, b: PyValue): boolean;
  abstract compare(operator: ComparisonOperator, a: PyValue, b: PyValue): PyValue;
  abstract binary(operator: BinaryOperator, a: PyValue, b: PyValue): PyValue;
  abstract classOf(value: PyValue): PyClass;
  abstract importModule(name: string): PyModule;
  abstract warn(message: string, category?: string): void;

  isInstance(value: PyValue, pyClass: PyClass): boolean {
    return this.classOf(value).isSubclassOf(pyClass);
  }

  raise(typeName: string, message: string): never {
    throw new PyException(makeException(exceptionClass(typeName), [message]));
  }

  currentLine(): number {
    let frame = this.frame;
    while (frame?.library === true) frame = frame.parent;
    return frame?.line ?? 0;
  }

  frames(): FrameView[] {
    const result: FrameView[] = [];
    for (let frame = this.frame; frame !== null; frame = frame.parent) {
      if (!frame.library) result.push(frame);
    }
    return result;
  }

  enter(
    globals: Globals,
    functionName: string,
    line: number,
    view: () => Record<string, PyValue | undefined>,
    setter?: (name: string, value: PyValue) => boolean,
  ): Frame {
    const library = globals !== this.globals;
    if (this.guard !== null && !library) this.guard.enter(functionName);
    const frame = new Frame(functionName, line, view, library, setter);
    this.resume(frame);
    return frame;
  }

  /** Puts a frame (a new one, or a generator's) on the stack. */
  resume(frame: Frame): void {
    if (++this.depth > maximumDepth) {
      this.depth--;
      this.raise('RecursionError', 'maximum recursion depth exceeded');
    }
    frame.parent = this.frame;
    this.frame = frame;
    this.tick();
  }

  leave(frame: Frame): void {
    this.depth--;
    this.frame = frame.parent;
  }

  /** Called before every statement of watched code. */
  watch(frame: Frame): void {
    this.watcher?.statement(frame);
  }

  /** The innermost frame of the script; null outside of it. */
  currentFrame(): Frame | null {
    let frame = this.frame;
    while (frame?.library === true) frame = frame.parent;
    return frame;
  }

  /** Called at every loop turn and call. */
  tick(): void {
    if ((++this.ticks & pollMask) === 0 && this.host.interrupted()) throw new Unwind('interrupted');
  }

  isUnwind(error: unknown): boolean {
    return this.asPython(error) === null;
  }

  isStopIteration(error: unknown): boolean {
    return error instanceof PyException && error.value.pyClass.isSubclassOf(exceptionClass('StopIteration'));
  }

  /** The Python exception that a JavaScript error stands for; `null` for bugs and for Unwind. */
  protected asPython(error: unknown): PyException | null {
    if (error instanceof PyException) return error;
    if (error instanceof GradstepError) {
      const pyClass = exceptionClass(error instanceof PythonError ? error.exception : 'RuntimeError');
      const exception = makeException(pyClass, [error.message]);
      exception.hint = error.hint;
      return new PyException(exception);
    }
    if (error instanceof RangeError && error.message.includes('call stack')) {
      return new PyException(makeException(exceptionClass('RecursionError'), ['maximum recursion depth exceeded']));
    }
    if (error instanceof RangeError && error.message.includes('BigInt')) {
      return new PyException(makeException(exceptionClass('MemoryError'), []));
    }
    return null;
  }

  /** An error on its way out of a frame: what the caller will see, with this frame in its traceback. */
  unwinding(error: unknown, frame: Frame): unknown {
    const exception = this.asPython(error);
    if (exception === null) return error;
    this.link(exception.value);
    if (!frame.library) {
      this.watcher?.raised(exception, frame, this.guards > 0);
      exception.value.traceback.unshift({ functionName: frame.functionName, line: frame.line });
    }
    return exception;
  }

  /** An error at a `try` of this frame; bugs and Unwind go on. */
  caught(error: unknown, frame: Frame): PyException {
    const exception = this.asPython(error);
    if (exception === null) throw error;
    this.link(exception.value);
    while (this.frame !== null && this.frame !== frame) this.leave(this.frame);
    if (!frame.library) this.watcher?.raised(exception, frame, true);
    return exception;
  }

  private link(value: PyExceptionObject): void {
    const current = this.handled?.value;
    if (current !== undefined && current !== value && value.context === null && value.traceback.length === 0) {
      value.context = current;
    }
  }

  beginHandling(exception: PyException): PyException | null {
    const previous = this.handled;
    this.handled = exception;
    return previous;
  }

  endHandling(previous: PyException | null): void {
    this.handled = previous;
  }

  matches(exception: PyException, type: PyValue): boolean {
    if (type instanceof PyTuple) return type.items.some((item) => this.matches(exception, item));
    if (!(type instanceof PyClass) || !type.isSubclassOf(exceptionClass('BaseException'))) {
      this.raise('TypeError', 'catching classes that do not inherit from BaseException is not allowed');
    }
    return exception.value.pyClass.isSubclassOf(type);
  }

  raised(value: PyValue, cause: PyValue | undefined): PyException {
    const exception = this.exceptionFrom(value);
    if (cause !== undefined) {
      exception.suppressContext = true;
      exception.cause = cause === null ? null : this.exceptionFrom(cause);
    }
    if (this.handled !== null && this.handled.value !== exception) exception.context = this.handled.value;
    return new PyException(exception);
  }

  private exceptionFrom(value: PyValue): PyExceptionObject {
    const made = value instanceof PyClass ? this.call(value) : value;
    if (!this.isInstance(made, exceptionClass('BaseException'))) {
      this.raise('TypeError', 'exceptions must derive from BaseException');
    }
    return made as PyExceptionObject;
  }

  reraise(): PyException {
    if (this.handled === null) this.raise('RuntimeError', 'No active exception to reraise');
    return this.handled;
  }

  assertion(message: PyValue | undefined): PyException {
    return new PyException(makeException(exceptionClass('AssertionError'), message === undefined ? [] : [message]));
  }

  unbound(name: string, free: boolean): never {
    if (free) {
      const text = `cannot access free variable '${name}' where it is not associated with a value in enclosing scope`;
      this.raise('NameError', text);
    }
    this.raise('UnboundLocalError', `cannot access local variable '${name}' where it is not associated with a value`);
  }
}
