import { Generator } from '../../../src/core/random/generator';
import { Tape } from '../../../src/core/tensor/tape';
import type { EventDetails, Recorder } from '../../../src/core/training/recorder';
import type { Phase } from '../../../src/common/phase';
import { OrtRuntime } from '../../../src/runtime/ortRuntime';
import { collectionsModule } from '../../../src/script/modules/collectionsModule';
import { copyModule } from '../../../src/script/modules/copyModule';
import { createInterpreter, type ScriptInterpreter } from '../../../src/script/runScript';
import { nnModules } from '../../../src/script/torch/nn/nnModules';
import { attachTorchContext } from '../../../src/script/torch/torchContext';
import { torchModules } from '../../../src/script/torch/torchModules';

/** An event as the recorder got it. */
export interface RecordedEvent {
  phase: Phase;
  line: number;
  details: EventDetails;
}

export interface ScriptRun {
  output: string;
  warnings: string[];
  events: RecordedEvent[];
  tape: Tape;
  interpreter: ScriptInterpreter['runtime'];
}

const runtime = new OrtRuntime({ device: 'cpu', threads: 1 });

/** Runs a script with torch and torch.nn, and keeps what it printed and which training events it made. */
export function runNnScript(source: string): ScriptRun {
  let output = '';
  const warnings: string[] = [];
  const events: RecordedEvent[] = [];
  const script = createInterpreter({
    source,
    fileName: 'script.py',
    modules: [collectionsModule, copyModule, ...torchModules, ...nnModules],
    host: {
      print: (text) => {
        output += text;
      },
      warn: (_category, message) => warnings.push(message),
      progress: () => undefined,
      interrupted: () => false,
      now: () => 0,
      environment: new Map(),
    },
  });
  const { runtime: interpreter } = script;
  const tape = new Tape(runtime);
  tape.lineSource = interpreter;
  const recorder: Recorder = {
    record: (phase, details) => {
      tape.flush(phase);
      events.push({ phase, line: interpreter.currentLine(), details });
    },
  };
  attachTorchContext({
    interpreter,
    tape,
    recorder,
    generator: new Generator(),
    defaultDtype: 'float32',
    runtimeDevice: 'cpu',
    warn: (message) => interpreter.warn(message),
    notice: () => undefined,
  });
  script.run();
  return { output, warnings, events, tape, interpreter };
}
