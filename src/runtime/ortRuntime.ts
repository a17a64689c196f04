import { binding, initOrt, type NativeSession, type NativeTensor } from 'onnxruntime-node/dist/binding';
import { GradstepError } from '../common/errors';
import { encodeModel } from '../core/onnx/encodeModel';
import type { Graph } from '../core/onnx/graph';
import type { OpName } from '../core/onnx/opTable';
import type { DType, TensorData } from '../core/tensor/dtype';
import type { CompiledGraph, Feed, GraphRuntime } from '../core/tensor/graphRuntime';
import { executionProviders, kernelTypes, type Device } from './executionProviders';

export interface OrtRuntimeOptions {
  device: Device;
  /** Threads inside one operator. */
  threads: number;
}

/** ONNX Runtime's names of our element types. */
const ortTypes: Readonly<Record<DType, string>> = {
  float32: 'float32',
  float64: 'float64',
  int64: 'int64',
  int32: 'int32',
  int16: 'int16',
  int8: 'int8',
  uint8: 'uint8',
  bool: 'bool',
};

/** Runs graphs on ONNX Runtime, synchronously. The only importer of onnxruntime-node. */
export class OrtRuntime implements GraphRuntime {
  private readonly sessionOptions: object;

  constructor(private readonly options: OrtRuntimeOptions) {
    initOrt();
    this.sessionOptions = {
      executionProviders: executionProviders(options.device),
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    };
  }

  lacks(op: OpName, dtype: DType): boolean {
    const types = kernelTypes[this.options.device][op];
    return types !== undefined && !types.includes(dtype);
  }

  compile(graph: Graph): CompiledGraph {
    const bytes = encodeModel(graph);
    const session = new binding.InferenceSession();
    try {
      session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, this.sessionOptions);
    } catch (cause) {
      throw new GradstepError(`ONNX Runtime refused the graph "${graph.name}": ${messageOf(cause)}`, {
        code: 'runtime.compile',
        audience: 'maintainer',
        cause,
      });
    }
    return new OrtGraph(graph, session);
  }
}

class OrtGraph implements CompiledGraph {
  private readonly fetches: Record<string, null>;

  constructor(
    private readonly graph: Graph,
    private readonly session: NativeSession,
  ) {
    this.fetches = Object.fromEntries(graph.outputs.map(({ name }) => [name, null]));
  }

  dispose(): void {
    this.session.dispose();
  }

  run(feeds: readonly Feed[]): TensorData[] {
    const tensors: Record<string, NativeTensor> = {};
    this.graph.inputs.forEach(({ name }, i) => {
      const { dtype, shape, data } = feeds[i]!;
      tensors[name] = { type: ortTypes[dtype], dims: shape, data, location: 'cpu' };
    });
    let results: Record<string, NativeTensor>;
    try {
      results = this.session.run(tensors, this.fetches, {});
    } catch (cause) {
      throw new GradstepError(`the graph "${this.graph.name}" failed: ${messageOf(cause)}`, {
        code: 'runtime.run',
        audience: 'maintainer',
        cause,
      });
    }
    return this.graph.outputs.map(({ name }) => results[name]!.data as TensorData);
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
