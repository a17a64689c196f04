import type { Interpreter } from '../objects/interpreter';
import type { PyValue } from '../objects/value';
import type { Runtime } from '../interpreter/runtime';

/** The run-time behind the interface that native code sees; built-ins use more of it than bindings may. */
export function runtimeOf(interpreter: Interpreter): Runtime {
  return interpreter as Runtime;
}

/** The rest of a JavaScript iterator as a Python-style generator of values. */
export function* walk(source: Iterator<PyValue>): Generator<PyValue, null> {
  for (let step = source.next(); step.done !== true; step = source.next()) yield step.value;
  return null;
}
