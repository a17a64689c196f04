import { binding, initOrt, type NativeTensor } from 'onnxruntime-node/dist/binding';
import { encodeModel } from '../core/onnx/encodeModel';
import type { Graph } from '../core/onnx/graph';
import { executionProviders } from './executionProviders';
import { withoutCpu } from './placement';

/** A convolution of one element: cuDNN loads the parts of itself that compute only when the first one runs. */
const probeGraph: Graph = {
  name: 'probe',
  inputs: [
    { name: 'x', dtype: 'float32', shape: [1, 1, 1, 1] },
    { name: 'w', dtype: 'float32', shape: [1, 1, 1, 1] },
  ],
  initializers: [],
  nodes: [{ name: 'Conv', op: 'Conv', inputs: ['x', 'w'], outputs: ['y'], attributes: {}, description: 'probe' }],
  outputs: [{ name: 'y', dtype: 'float32', shape: [1, 1, 1, 1] }],
};

/**
 * Why CUDA can't be used, in ONNX Runtime's words; null when it can. A session with the CUDA provider alone is made and
 * run: ONNX Runtime does not fall back by itself, and its list of backends only says what was built in.
 */
export function cudaProblem(): string | null {
  initOrt();
  if (!binding.listSupportedBackends().some(({ name }) => name === 'cuda')) {
    return 'ONNX Runtime has no CUDA on this platform.';
  }
  const bytes = encodeModel(probeGraph);
  const session = new binding.InferenceSession();
  try {
    session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, {
      executionProviders: executionProviders('cuda'),
      extra: withoutCpu,
      logSeverityLevel: 3,
    });
    const scalar = (value: number): NativeTensor => ({
      type: 'float32',
      dims: [1, 1, 1, 1],
      data: Float32Array.of(value),
      location: 'cpu',
    });
    const { y } = session.run({ x: scalar(21), w: scalar(2) }, { y: null }, {});
    session.dispose();
    if ((y?.data as Float32Array | undefined)?.[0] !== 42) return 'a first calculation on it gave a wrong result.';
    return null;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}
