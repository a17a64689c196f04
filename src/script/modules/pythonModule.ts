import { runtimeOf } from '../builtins/access';
import { instantiate } from '../compiler/instantiate';
import type { CompiledModule } from '../compiler/instantiate';
import { PyModule } from '../objects/functions';
import type { Interpreter, ModuleRow } from '../objects/interpreter';
import type { PyValue } from '../objects/value';
import { nativeNames } from '../objects/value';

/**
 * A module written in Python and run by our own interpreter; its frames don't show in tracebacks.
 * `natives` are names it finds ready-made.
 */
export function pythonModule(
  name: string,
  source: string,
  natives: (interpreter: Interpreter) => Record<string, PyValue> = () => ({}),
): ModuleRow {
  let compiled: CompiledModule | null = null;
  for (const [, attribute] of source.matchAll(/(?:\.|def |')(\w+)/g)) nativeNames.add(attribute!);
  return {
    name,
    build: (interpreter) => {
      const runtime = runtimeOf(interpreter);
      const module = new PyModule(name, natives(interpreter));
      const globals = module.attributes;
      globals.set('__name__', name);
      compiled ??= instantiate(source);
      const frame = runtime.enter(globals, '<module>', 1, () => ({}));
      try {
        compiled(runtime, globals, frame);
      } finally {
        runtime.leave(frame);
      }
      return module;
    },
  };
}
