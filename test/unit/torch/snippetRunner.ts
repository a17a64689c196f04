import { GradstepError } from '../../../src/common/errors';
import { defaultSeed, Generator } from '../../../src/core/random/generator';
import { Tape } from '../../../src/core/tensor/tape';
import { OrtRuntime } from '../../../src/runtime/ortRuntime';
import type { ModuleRow } from '../../../src/script/objects/interpreter';
import { standardModules } from '../../../src/script/modules/standardModules';
import { createInterpreter, UncaughtError } from '../../../src/script/runScript';
import { attachTorchContext } from '../../../src/script/torch/torchContext';
import { nnModules } from '../../../src/script/torch/nn/nnModules';
import { torchModules } from '../../../src/script/torch/torchModules';

const runtime = new OrtRuntime({ device: 'cpu', threads: 1 });

/** What a script prints, run by our interpreter; an uncaught exception as `Type: message`, addresses blanked. */
export function runSnippet(source: string, modules: readonly ModuleRow[] = [...torchModules, ...nnModules]): string {
  let printed = '';
  const interpreter = createInterpreter({
    source,
    fileName: 'snippet.py',
    modules: [...standardModules, ...modules],
    host: {
      print: (text) => {
        printed += text;
      },
      warn: () => undefined,
      progress: () => undefined,
      interrupted: () => false,
      now: () => 0,
      environment: new Map(),
    },
  });
  const tape = new Tape(runtime);
  attachTorchContext({
    tape,
    generator: new Generator(defaultSeed),
    defaultDtype: 'float32',
    warn: () => undefined,
    interpreter: interpreter.runtime,
    recorder: { record: (phase) => tape.flush(phase) },
    runtimeDevice: 'cpu',
  });
  try {
    interpreter.run();
  } catch (error) {
    if (!(error instanceof UncaughtError)) {
      if (error instanceof GradstepError)
        throw new Error(`${printed}${error.code}: ${error.message}`, { cause: error });
      throw error;
    }
    printed += `${error.summary}\n`;
  }
  return printed.replaceAll(/0x[0-9a-f]+/g, '0x');
}
