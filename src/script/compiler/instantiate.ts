import type { Frame, Globals } from '../interpreter/base';
import type { Runtime } from '../interpreter/runtime';
import { parseOrThrow } from '../syntax/parse';
import { compileModule } from './compile';

/** Runs a module's body with the run-time library, the module's globals and its frame. */
export type CompiledModule = (R: Runtime, G: Globals, F: Frame) => void;

/**
 * Python source as a JavaScript function. Raises SyntaxError as PythonError.
 * @param watched for a debugger: the run-time's watcher is told before each statement
 */
export function instantiate(source: string, watched = false): CompiledModule {
  return new Function('R', 'G', 'F', compileModule(parseOrThrow(source), watched)) as CompiledModule;
}
