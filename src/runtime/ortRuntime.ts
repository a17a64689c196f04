import { binding, initOrt, type NativeSession, type NativeTensor } from 'onnxruntime-node/dist/binding';
import type { Device, GraphOnCpu } from '../common/engineContract';
import { GradstepError } from '../common/errors';
import { optimizeForCpu } from '../core/onnx/optimizeForCpu';
import { encodeModel } from '../core/onnx/encodeModel';
import { typesOf, type BlockedNode, type Graph, type GraphNode } from '../core/onnx/graph';
import type { OpName } from '../core/onnx/opTable';
import type { DType, TensorData } from '../core/tensor/dtype';
import type { CompiledGraph, Feed, GraphRuntime } from '../core/tensor/graphRuntime';
import { channelBlock, channelBlockInput, channelBlockProbe } from './channelBlock';
import { executionProviders, kernelTypes } from './executionProviders';
import { NodeProfile, Placement, withoutCpu } from './placement';

export interface OrtRuntimeOptions {
  device: Device;
  /** The device's own when left out; tests put others in. */
  providers?: ReturnType<typeof executionProviders>;
  /** Threads inside one operator. */
  threads: number;
}

/**
 * How long an idle thread waits awake, in microseconds: over the gap between two operators, not over what the script
 * does between two graphs.
 */
const spinDuration = '20';

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

type SessionOptions = Record<string, unknown> & { extra: { session: object; optimization?: object } };

/**
 * It makes a factor of a product of matrices the attribute of a fused one, in single precision: in a graph of float64
 * the result has half of its digits (onnxruntime, core/optimizer/matmul_scale_fusion.cc).
 */
const withoutScaleFusion = { optimization: { disable_specified_optimizers: 'MatMulScaleFusion' } };

/** What every session is created with. */
export function sessionOptions({ device, providers, threads }: OrtRuntimeOptions): SessionOptions {
  return {
    executionProviders: providers ?? executionProviders(device),
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '1', spin_duration_us: spinDuration } } },
  };
}

/** Runs graphs on ONNX Runtime, synchronously. The only importer of onnxruntime-node. */
export class OrtRuntime implements GraphRuntime {
  private readonly sessionOptions: SessionOptions;
  private readonly placement = new Placement();
  readonly channelBlock: number | null;

  constructor(private readonly options: OrtRuntimeOptions) {
    initOrt();
    this.sessionOptions = sessionOptions(options);
    this.channelBlock = options.device === 'cpu' ? channelBlock(() => this.runChannelBlockProbe()) : null;
  }

  private runChannelBlockProbe(): Float32Array {
    const probe = new OrtGraph(channelBlockProbe, openSession(encodeModel(channelBlockProbe), this.sessionOptions));
    const feeds = channelBlockProbe.inputs.map((input) => ({ ...input, data: channelBlockInput }));
    const [blocks] = probe.run(feeds) as [Float32Array];
    probe.dispose();
    return blocks;
  }

  lacks(op: OpName, dtype: DType): boolean {
    const types = kernelTypes[this.options.device][op];
    return types !== undefined && !types.includes(dtype);
  }

  /** What of the graphs stays on the CPU although the device is another one. */
  get onCpu(): GraphOnCpu[] {
    return this.placement.onCpu;
  }

  compile(graph: Graph): CompiledGraph {
    try {
      if (this.options.device === 'cpu') return this.compileOnCpu(graph);
      return this.compileOnDevice(graph, encodeModel(graph));
    } catch (cause) {
      throw new GradstepError(`ONNX Runtime refused the graph "${graph.name}": ${messageOf(cause)}`, {
        code: 'runtime.compile',
        audience: 'maintainer',
        cause,
      });
    }
  }

  private compileOnCpu(graph: Graph): OrtGraph {
    const bytes = encodeModel(optimizeForCpu(graph, this.channelBlock));
    return new OrtGraph(graph, openSession(bytes, this.optionsFor(graph)));
  }

  private optionsFor(graph: Graph): SessionOptions {
    const { sessionOptions: options } = this;
    if (![...typesOf(graph).values()].some(({ dtype }) => dtype === 'float64')) return options;
    return { ...options, extra: { ...options.extra, ...withoutScaleFusion } };
  }

  /** All of the graph on the device, or some nodes on the CPU, which its first run tells the names of. */
  private compileOnDevice(graph: Graph, bytes: Uint8Array): OrtGraph {
    let profile: NodeProfile | null = null;
    const options = this.optionsFor(graph);
    const { extra } = options;
    const { session } = this.placement.create(graph.name, (strict) => {
      // A refusal is no error to log.
      const refusingCpu = {
        logSeverityLevel: 4,
        extra: { ...extra, session: { ...extra.session, ...withoutCpu.session } },
      };
      if (!strict) profile = new NodeProfile();
      return openSession(bytes, { ...options, ...(strict ? refusingCpu : profile?.options) });
    });
    return new OrtGraph(graph, session, () => {
      if (!profile) return;
      session.endProfiling();
      this.placement.learn(graph.name, profile.take());
      profile = null;
    });
  }
}

function openSession(bytes: Uint8Array, options: object): NativeSession {
  const session = new binding.InferenceSession();
  session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, options);
  return session;
}

/** What a session reads of a tensor; its elements are put in for each run. */
type FedTensor = Omit<NativeTensor, 'data'> & { data: TensorData | null };

class OrtGraph implements CompiledGraph {
  private readonly tensors: readonly FedTensor[];
  private readonly feeds: Record<string, NativeTensor>;
  private readonly fetches: Record<string, null>;

  constructor(
    private readonly graph: Graph<GraphNode | BlockedNode>,
    private readonly session: NativeSession,
    private readonly afterRun: (() => void) | null = null,
  ) {
    this.tensors = graph.inputs.map(({ dtype, shape }): FedTensor => ({
      type: ortTypes[dtype],
      dims: shape,
      data: null,
      location: 'cpu',
    }));
    this.feeds = Object.fromEntries(graph.inputs.map(({ name }, i) => [name, this.tensors[i]! as NativeTensor]));
    this.fetches = Object.fromEntries(graph.outputs.map(({ name }) => [name, null]));
  }

  dispose(): void {
    this.afterRun?.();
    this.session.dispose();
  }

  run(feeds: readonly Feed[]): TensorData[] {
    for (let i = 0; i < this.tensors.length; i++) this.tensors[i]!.data = feeds[i]!.data;
    let results: Record<string, NativeTensor>;
    try {
      results = this.session.run(this.feeds, this.fetches, {});
    } catch (cause) {
      throw new GradstepError(`the graph "${this.graph.name}" failed: ${messageOf(cause)}`, {
        code: 'runtime.run',
        audience: 'maintainer',
        cause,
      });
    } finally {
      // What was fed is not the graph's to keep.
      for (const tensor of this.tensors) tensor.data = null;
    }
    this.afterRun?.();
    return this.graph.outputs.map(({ name }) => results[name]!.data as TensorData);
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
