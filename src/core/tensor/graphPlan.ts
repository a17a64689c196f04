import type { Graph } from '../onnx/graph';
import { buildGraph, type Collection } from './buildGraph';
import { dtypeTable, elementCount } from './dtype';
import type { CompiledGraph, Feed, GraphRuntime } from './graphRuntime';
import { fillStretches } from './joining';
import type { FetchPlan, Recipe, Value } from './value';

/** How often a plan runs before it gets a graph without what can wait: to compile one takes as long as many runs. */
const runsBeforeDeferring = 64;

/** Bytes: of more, the second graph's own memory takes more than is saved, and the time goes elsewhere. */
const mostDeferred = 16 * 2 ** 20;

/** What compiles the graphs of plans. */
export interface GraphCompiler {
  readonly runtime: GraphRuntime;
  compile(graph: Graph): CompiledGraph;
}

/** A graph that gives some of a collection's outputs, compiled when it first runs. */
class PlannedGraph {
  private readonly graph: Graph;
  private compiled: CompiledGraph | null = null;
  private isDisposed = false;

  constructor(
    private readonly compiler: GraphCompiler,
    collection: Collection,
    /** The outputs that it gives, in its own order. */
    private readonly slots: readonly number[],
    name: string,
  ) {
    this.graph = buildGraph(collection, slots, name, compiler.runtime);
  }

  /** @param outputOf whose elements a slot's are; undefined where nobody wants them */
  run(feeds: readonly Value[], outputOf: (slot: number) => Value | undefined): void {
    this.compiled ??= this.compiler.compile(this.graph);
    const results = this.compiled.run(feeds as unknown as readonly Feed[]);
    if (this.isDisposed) this.dispose();
    this.slots.forEach((slot, i) => {
      const output = outputOf(slot);
      if (!output) return;
      output.data = results[i]!;
      output.node = null;
      output.unfetched = null;
      output.recipe = null;
      fillStretches(output, output.data);
    });
  }

  /** Gives back what the compiled graph holds. A recipe may still want it: then it is compiled for one run. */
  dispose(): void {
    this.isDisposed = true;
    this.compiled?.dispose();
    this.compiled = null;
  }
}

/**
 * The graphs of one structure. It learns which of its values somebody asks for later, and fetches those as well. What
 * can wait is left out of a graph that runs often, until a script reads it.
 */
export class Plan implements FetchPlan {
  /** The number of the last execution that used it. */
  lastUse = 0;
  /** Indices into all node outputs, in order. */
  private readonly fetched: Set<number>;
  private readonly deferrable: readonly number[];
  private defers: boolean;
  private runs = 0;
  private whole: PlannedGraph | null = null;
  private withoutDeferrable: PlannedGraph | null = null;

  /**
   * @param tokens the structure, with what was wanted when it was first met
   * @param deferrable of the collection's outputs: what can wait
   */
  constructor(
    readonly tokens: Int32Array,
    private readonly compiler: GraphCompiler,
    private readonly name: string,
    wanted: readonly number[],
    deferrable: readonly number[],
  ) {
    this.fetched = new Set(wanted);
    this.deferrable = deferrable;
    this.defers = deferrable.length > 0;
  }

  /**
   * Computes a collection of this structure.
   * @param mayDefer whether what can wait may do so this time
   */
  execute(collection: Collection, mayDefer: boolean): void {
    const { feeds, outputs } = collection;
    const deferrable = this.deferrable.map((slot) => outputs[slot]!);
    const isDue = this.defers && ++this.runs > runsBeforeDeferring;
    const leavesOut = mayDefer && isDue && isWorthKeeping(feeds, deferrable);
    this.whole ??= this.graphOf(collection, [...this.fetched, ...this.deferrable]);
    const graph = leavesOut ? (this.withoutDeferrable ??= this.graphOf(collection, [...this.fetched])) : this.whole;
    graph.run(feeds, (slot) => outputs[slot]);
    if (leavesOut) defer(new LaterRun(this, this.whole, feeds, this.deferrable, deferrable));
    outputs.forEach((output, slot) => {
      if (output.data === null && output.recipe === null) output.unfetched = { plan: this, slot };
    });
  }

  learn(slot: number): void {
    if (this.fetched.has(slot)) return;
    this.fetched.add(slot);
    this.dispose();
  }

  /** A script reads what has been left out: it may do so again. */
  stopDeferring(): void {
    this.defers = false;
    this.withoutDeferrable?.dispose();
    this.withoutDeferrable = null;
  }

  /** Gives back what compiled graphs hold. The next run compiles again. */
  dispose(): void {
    this.whole?.dispose();
    this.withoutDeferrable?.dispose();
    this.whole = this.withoutDeferrable = null;
  }

  private graphOf(collection: Collection, slots: readonly number[]): PlannedGraph {
    const inOrder = [...new Set(slots)].sort((a, b) => a - b);
    return new PlannedGraph(this.compiler, collection, inOrder, this.name);
  }
}

/** A run that has happened, and can happen again for what it left out. */
class LaterRun implements Recipe {
  private readonly outputs: ReadonlyMap<number, Value>;

  constructor(
    private readonly plan: Plan,
    private readonly graph: PlannedGraph,
    private readonly feeds: readonly Value[],
    slots: readonly number[],
    readonly values: readonly Value[],
  ) {
    this.outputs = new Map(slots.map((slot, i) => [slot, values[i]!]));
  }

  compute(): void {
    this.graph.run(this.feeds, (slot) => this.outputs.get(slot));
  }

  learn(): void {
    this.plan.stopDeferring();
  }
}

function defer(recipe: LaterRun): void {
  for (const value of recipe.values) {
    value.recipe = recipe;
    // The recipe stands for the nodes: an iteration's nodes take more memory than many gradients.
    value.node = null;
    for (const stretch of value.stretches ?? []) stretch.node = null;
  }
}

/** The recipe keeps alive what the run was fed with: a batch of images may take more than the gradients do. */
function isWorthKeeping(feeds: readonly Value[], left: readonly Value[]): boolean {
  const fed = feeds.reduce((sum, value) => (value.persistent ? sum : sum + bytesOf(value)), 0);
  const saved = left.reduce((sum, value) => sum + bytesOf(value), 0);
  return 2 * fed <= saved && saved <= mostDeferred;
}

function bytesOf({ dtype, shape }: Value): number {
  return elementCount(shape) * dtypeTable[dtype].bytes;
}
