import { PythonError } from '../common/errors';
import { makeBuiltins } from './builtins/functions';
import { instantiate } from './compiler/instantiate';
import { Runtime } from './interpreter/runtime';
import { PyException } from './objects/exceptions';
import type { TracebackEntry } from './objects/exceptions';
import type { Host, ModuleRow } from './objects/interpreter';
import type { PyValue } from './objects/value';
import type { Problem } from './preflight/preflight';
import { preflight } from './preflight/preflight';

export interface ScriptOptions {
  source: string;
  fileName: string;
  host: Host;
  /** The modules the script may import: the standard ones and the bindings'. */
  modules: readonly ModuleRow[];
  /** For a debugger: the run-time's watcher is told before each statement. */
  watched?: boolean;
}

/** An exception that no `except` took. */
export class UncaughtError extends PythonError {
  constructor(
    readonly typeName: string,
    message: string,
    /** Outermost frame first. */
    readonly traceback: readonly TracebackEntry[],
    details: { line: number | undefined; hint: string | undefined; cause: PyException },
    /** As Python prints it at the end of a traceback: `ValueError: text`. */
    readonly summary: string,
  ) {
    super('RuntimeError', message, { ...details, code: `python.${typeName}` });
    this.name = 'UncaughtError';
  }
}

export interface ScriptInterpreter {
  readonly runtime: Runtime;
  /** All problems that can be found without running; empty when there is none. */
  preflight(): Problem[];
  /**
   * Runs the script to its end. Throws `UncaughtError` for what Python would print as a traceback, PythonError for
   * syntax errors, `Unwind` when interrupted; any other error is a bug. `sys.exit()` ends it quietly.
   */
  run(): void;
}

export function createInterpreter(options: ScriptOptions): ScriptInterpreter {
  const runtime = new Runtime(options, makeBuiltins());
  return {
    runtime,
    preflight: () => preflight(options.source, options.modules, runtime),
    run: () => run(runtime, options),
  };
}

function run(runtime: Runtime, { source, watched }: ScriptOptions): void {
  const compiled = instantiate(source, watched);
  const { globals } = runtime;
  const assign = (name: string, value: PyValue): boolean => globals.set(name, value).has(name);
  const frame = runtime.enter(globals, '<module>', 1, () => Object.fromEntries(globals), assign);
  try {
    compiled(runtime, runtime.globals, frame);
  } catch (error) {
    const seen = runtime.unwinding(error, frame);
    if (!(seen instanceof PyException)) throw seen;
    if (seen.value.pyClass.name === 'SystemExit') return;
    throw uncaught(runtime, seen);
  } finally {
    runtime.leave(frame);
  }
}

function uncaught(runtime: Runtime, exception: PyException): UncaughtError {
  const { value } = exception;
  const message = runtime.str(value);
  const innermost = value.traceback[value.traceback.length - 1];
  const { module, qualifiedName } = value.pyClass;
  const type = module === 'builtins' || module === '__main__' ? qualifiedName : `${module}.${qualifiedName}`;
  return new UncaughtError(
    value.pyClass.name,
    message,
    value.traceback,
    { line: innermost?.line, hint: value.hint, cause: exception },
    message === '' ? type : `${type}: ${message}`,
  );
}
