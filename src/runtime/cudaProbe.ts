import { binding, initOrt } from 'onnxruntime-node/dist/binding';
import { encodeModel } from '../core/onnx/encodeModel';
import type { Graph } from '../core/onnx/graph';

const probeGraph: Graph = {
  name: 'probe',
  inputs: [{ name: 'x', dtype: 'float32', shape: [1] }],
  initializers: [],
  nodes: [{ name: 'Add', op: 'Add', inputs: ['x', 'x'], outputs: ['y'], attributes: {}, description: 'probe' }],
  outputs: [{ name: 'y', dtype: 'float32', shape: [1] }],
};

let known: string | null | undefined;

/**
 * Why CUDA can't be used; null when it can. A session with the CUDA provider alone is made and run: ONNX Runtime does
 * not fall back by itself, and its list of backends only says what was built in. Asked once in a process.
 */
export function cudaProblem(): string | null {
  if (known === undefined) known = probe();
  return known;
}

function probe(): string | null {
  initOrt();
  if (!binding.listSupportedBackends().some(({ name }) => name === 'cuda')) {
    return 'ONNX Runtime has no CUDA on this platform.';
  }
  const bytes = encodeModel(probeGraph);
  const session = new binding.InferenceSession();
  try {
    session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, {
      executionProviders: [{ name: 'cuda', deviceId: 0 }],
      extra: { session: { disable_cpu_ep_fallback: '1' } },
      logSeverityLevel: 3,
    });
    const x = { type: 'float32', dims: [1], data: Float32Array.of(21), location: 'cpu' as const };
    const { y } = session.run({ x }, { y: null }, {});
    session.dispose();
    if ((y?.data as Float32Array | undefined)?.[0] !== 42) return 'a first calculation on it gave a wrong result.';
    return null;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}
