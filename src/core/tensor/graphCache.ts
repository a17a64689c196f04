import type { Graph } from '../onnx/graph';
import type { Collection } from './buildGraph';
import { Plan, type GraphCompiler } from './graphPlan';
import type { CompiledGraph, GraphRuntime } from './graphRuntime';
import { StructureTokens } from './structureTokens';
import { readDeferred, type TapeNode, type Value } from './value';

/** Told of every graph that is compiled: `--graphs` writes them to files. */
export type GraphListener = (graph: Graph) => void;

/** Compiled graphs that are kept: a loop needs a handful, a script whose shapes never repeat would pile them up. */
const mostPlans = 512;

/** What is wanted, but not at once. */
export interface Deferrable {
  /** Values that get a recipe instead of data where the targets' graph computes them anyway. */
  readonly deferrable: readonly Value[];
  /** False: this time they are wanted at once. */
  readonly defers: boolean;
}

const nothingDeferrable: Deferrable = { deferrable: [], defers: false };

/** What begins a reference in the tokens. */
const references = { none: 0, fed: 1, fedBefore: 2, constant: 3, output: 4 } as const;

/** Turns pending values into graphs, compiled once for each structure. */
export class GraphCache implements GraphCompiler {
  /** By the hash of their tokens. */
  private readonly plans = new Map<number, Plan[]>();
  private readonly tokens = new StructureTokens();
  private planCount = 0;
  private collections = 0;
  private compiledCount = 0;
  listener: GraphListener | null = null;

  constructor(readonly runtime: GraphRuntime) {}

  /** How many channels the runtime's convolutions take side by side; null where they don't work on blocks of them. */
  get channelBlock(): number | null {
    return this.runtime.channelBlock ?? null;
  }

  get compiledGraphs(): number {
    return this.compiledCount;
  }

  /** Computes the targets, and what the plan has learnt to fetch with them. Sets their data. */
  execute(asked: readonly Value[], name: string, { deferrable, defers }: Deferrable = nothingDeferrable): void {
    const targets = new Set(asked.map(fetchedFor));
    targets.forEach(readDeferred);
    targets.forEach(fetchNextTime);
    let nodes = collect(targets, ++this.collections);
    const waiting = deferrable.filter(({ node }) => node?.visited === this.collections);
    if (waiting.length < deferrable.length) {
      for (const value of deferrable) if (!waiting.includes(value)) targets.add(value);
      nodes = collect(targets, ++this.collections);
    }
    if (nodes.length === 0) return;
    this.tokens.clear();
    const collection = describe(nodes, this.tokens);
    const slotsOf = (values: readonly Value[]): number[] => values.map((value) => collection.slotOf.get(value)!);
    const wanted = slotsOf([...targets].filter(({ data }) => data === null));
    const later = slotsOf(waiting);
    this.tokens.addList(wanted);
    this.tokens.addList(later);
    const plan = this.planFor(name, wanted, later);
    plan.lastUse = this.collections;
    plan.execute(collection, defers);
    for (const node of collection.nodes) node.executed = true;
  }

  compile(graph: Graph): CompiledGraph {
    this.listener?.(graph);
    this.compiledCount++;
    return this.runtime.compile(graph);
  }

  /** Gives back what compiled graphs hold, memory that the JavaScript heap knows nothing of. They compile again on demand. */
  dispose(): void {
    for (const plan of [...this.plans.values()].flat()) plan.dispose();
  }

  /** The plan of the structure that the tokens tell. */
  private planFor(name: string, wanted: readonly number[], deferrable: readonly number[]): Plan {
    const { hash } = this.tokens;
    const sameHash = this.plans.get(hash);
    const known = sameHash?.find((plan) => this.tokens.equals(plan.tokens));
    if (known) return known;
    if (this.planCount === mostPlans) this.dropOldest();
    const plan = new Plan(this.tokens.copy(), this, name, wanted, deferrable);
    this.plans.set(hash, [...(this.plans.get(hash) ?? []), plan]);
    this.planCount++;
    return plan;
  }

  /** Drops the quarter of the plans that was not used for the longest time. */
  private dropOldest(): void {
    const byUse = [...this.plans.values()].flat().sort((a, b) => a.lastUse - b.lastUse);
    const dropped = new Set(byUse.slice(0, mostPlans / 4));
    for (const plan of dropped) plan.dispose();
    for (const [hash, plans] of this.plans) {
      const kept = plans.filter((plan) => !dropped.has(plan));
      if (kept.length > 0) this.plans.set(hash, kept);
      else this.plans.delete(hash);
    }
    this.planCount -= dropped.size;
  }
}

/** A stretch that no node makes comes with its vector. */
function fetchedFor(value: Value): Value {
  return value.data === null && value.node === null && value.stretch !== null ? value.stretch.vector : value;
}

/** What an earlier graph has computed without fetching it has to be computed again: its plan learns to fetch it. */
function fetchNextTime(value: Value | null): void {
  if (value?.data === null) value.unfetched?.plan.learn(value.unfetched.slot);
}

/** The nodes that the targets need, in the order of appending. */
function collect(targets: Iterable<Value>, visit: number): TapeNode[] {
  const nodes: TapeNode[] = [];
  const stack: TapeNode[] = [];
  const push = (value: Value | null): void => {
    if (value === null || value.data !== null) return;
    const { node } = value;
    if (node === null) {
      readDeferred(value);
      return;
    }
    if (node.visited === visit) return;
    node.visited = visit;
    nodes.push(node);
    stack.push(node);
  };
  for (const target of targets) push(target);
  for (let node = stack.pop(); node; node = stack.pop()) {
    for (const input of node.inputs) {
      if (!node.executed) fetchNextTime(input);
      push(input);
    }
  }
  return nodes.sort((a, b) => a.id - b.id);
}

/** @param tokens what tells the structure, types and constants is added to them */
function describe(nodes: TapeNode[], tokens: StructureTokens): Collection {
  const feeds: Value[] = [];
  const constants = new Set<Value>();
  const outputs: Value[] = [];
  const feedNumbers = new Map<Value, number>();
  const slotOf = new Map<Value, number>();
  const addInput = (value: Value): void => {
    const slot = slotOf.get(value);
    if (slot !== undefined) {
      tokens.add(references.output);
      tokens.add(slot);
    } else if (value.constant) {
      constants.add(value);
      tokens.add(references.constant);
      tokens.add(value.constantId);
    } else {
      const number = feedNumbers.get(value);
      tokens.add(number === undefined ? references.fed : references.fedBefore);
      if (number !== undefined) {
        tokens.add(number);
        return;
      }
      feedNumbers.set(value, feeds.length);
      feeds.push(value);
      tokens.addType(value.dtype, value.shape);
    }
  };
  for (const node of nodes) {
    tokens.addText(node.op);
    tokens.addAttributes(node.attributes);
    tokens.add(node.inputs.length);
    for (const input of node.inputs) {
      if (input === null) tokens.add(references.none);
      else addInput(input);
    }
    for (const output of node.outputs) {
      slotOf.set(output, outputs.length);
      outputs.push(output);
      tokens.addShape(output.shape);
    }
  }
  return { nodes, feeds, constants: [...constants], outputs, slotOf };
}
