import type { Graph } from '../onnx/graph';
import type { OpName } from '../onnx/opTable';
import type { DType, Shape, TensorData } from './dtype';

/** What a graph is fed with. */
export interface Feed {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TensorData;
}

/** A graph that has been compiled: it runs as often as one likes. */
export interface CompiledGraph {
  /**
   * @param feeds one for each of the graph's inputs, in their order
   * @returns one new array for each of the graph's outputs, in their order
   */
  run(feeds: readonly Feed[]): TensorData[];
  /** Frees what the graph holds; it can't run any more. */
  dispose(): void;
}

/** What executes graphs. `runtime/ortRuntime.ts` is the one that ships. */
export interface GraphRuntime {
  /** Whether it has no kernel of an op for an element type: the op's lowering stands in. */
  lacks?(op: OpName, dtype: DType): boolean;
  /** How many channels its convolutions take side by side, where they work on blocks of them. */
  readonly channelBlock?: number | null;
  /** @throws GradstepError `runtime.compile`, with the graph named */
  compile(graph: Graph): CompiledGraph;
}
