import type { Graph } from '../../src/core/onnx/graph';
import { Tape } from '../../src/core/tensor/tape';
import { createProgram } from '../../src/engine/program';
import type { OrtRuntime } from '../../src/runtime/ortRuntime';
import { recordingHost } from './scriptHost';

/** Ends a script whose loop has no end. */
class EnoughIterations extends Error {}

/** As many as it takes for the graph to be the loop's own. */
const iterations = 4;

/** The graph of one whole iteration of a training script, as running mode makes it. */
export function iterationGraph(source: string, runtime: OrtRuntime): Graph {
  const tape = new Tape(runtime);
  tape.mode = 'running';
  let latest: Graph | null = null;
  tape.graphs.listener = (graph) => (latest = graph);
  let steps = 0;
  const program = createProgram({
    options: {
      source,
      fileName: '/network.py',
      device: 'cpu',
      threads: 1,
      dataFolder: null,
      mode: 'running',
      goal: { kind: 'next' },
    },
    tape,
    host: recordingHost(),
    device: 'cpu',
    recorder: {
      record: (phase, { loss }) => {
        if (loss) loss.value.keep = true;
        if (phase !== 'step') return;
        tape.flush('iteration');
        if (++steps === iterations) throw new EnoughIterations();
      },
    },
    notice: () => undefined,
    onEpochEnd: () => undefined,
  });
  try {
    program.run();
  } catch (thrown) {
    if (!(thrown instanceof EnoughIterations)) throw thrown;
  }
  if (!latest) throw new Error('no graph of an iteration was made');
  return latest;
}
