import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EngineError } from '../common/engineContract';
import { Generator } from '../core/random/generator';
import { createInterpreter, UncaughtError, type ScriptInterpreter } from '../script/runScript';
import { attachTorchContext } from '../script/torch/torchContext';
import { errorOf } from './engineErrors';
import type { Program, ProgramFactory, ProgramOptions } from './programInterface';
import { scriptModules } from './scriptModules';
import { ScriptState } from './scriptState';

/** Beside this bundle; a build without it never downloads. */
const downloadEntry = join(__dirname, '..', 'data', 'downloadWorker.cjs');

/** A script run by our interpreter, with torch bound to the session's tape. */
export const createProgram: ProgramFactory = (given) => {
  const { options, host } = given;
  const script = createInterpreter({
    source: options.source,
    fileName: options.fileName,
    host,
    modules: scriptModules,
    watched: options.debug !== undefined,
  });
  attachContext(script, given);
  const { runtime } = script;
  // Every event tells all its warnings, not only the first of each place.
  runtime.warningFilters.add('always', null, '');
  return {
    state: new ScriptState(runtime),
    runtime,
    preflight: () =>
      script.preflight().map(({ line, column, message, suggestion }) => ({ line, column, message, hint: suggestion })),
    run: () => script.run(),
    currentLine: () => runtime.currentLine(),
    describeError,
  } satisfies Program;
};

function attachContext({ runtime }: ScriptInterpreter, given: ProgramOptions): void {
  const { options, tape, recorder, device, host } = given;
  attachTorchContext({
    interpreter: runtime,
    tape,
    recorder,
    generator: options.seed === undefined ? new Generator() : new Generator(Math.trunc(options.seed)),
    defaultDtype: 'float32',
    runtimeDevice: device,
    scriptFolder: dirname(options.fileName),
    dataFolder: options.dataFolder,
    warn: (message) => runtime.warn(message),
    notice: (text) => given.notice(text),
    onEpochEnd: () => given.onEpochEnd(),
    ...(existsSync(downloadEntry) && {
      downloader: { entry: downloadEntry, isCancelled: () => host.interrupted() },
    }),
  });
}

function describeError(thrown: unknown): EngineError {
  if (!(thrown instanceof UncaughtError)) return errorOf(thrown);
  return {
    code: thrown.code,
    message: `${thrown.typeName}: ${thrown.message}`,
    line: thrown.line ?? null,
    hint: thrown.hint ?? null,
    audience: 'user',
    traceback: thrown.traceback.map(({ functionName, line }) => ({ functionName, line })),
  };
}
