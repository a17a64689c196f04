import type { Graph, GraphNode, Initializer, TensorType } from '../onnx/graph';
import { loweringTable } from '../onnx/lowering';
import { opRow } from '../onnx/opTable';
import { elementCount, type TensorData } from './dtype';
import type { CompiledGraph, Feed, GraphRuntime } from './graphRuntime';
import { StructureTokens } from './structureTokens';
import type { FetchPlan, TapeNode, Value } from './value';

/** Compiled graphs that are kept: a loop needs a handful, a script whose shapes never repeat would pile them up. */
const mostPlans = 512;

/** Told of every graph that is compiled: `--graphs` writes them to files. */
export type GraphListener = (graph: Graph) => void;

/** A graph of one structure. It learns which of its values somebody asks for later, and fetches those as well. */
class Plan implements FetchPlan {
  /** Indices into all node outputs, in order. */
  readonly fetched: Set<number>;
  compiled: { graph: CompiledGraph; slots: readonly number[] } | null = null;
  /** The number of the last execution that used it. */
  lastUse = 0;

  /** @param tokens the structure, with what was wanted when it was first met */
  constructor(
    readonly tokens: Int32Array,
    wanted: Iterable<number>,
  ) {
    this.fetched = new Set(wanted);
  }

  learn(slot: number): void {
    if (this.fetched.has(slot)) return;
    this.fetched.add(slot);
    this.dispose();
  }

  dispose(): void {
    this.compiled?.graph.dispose();
    this.compiled = null;
  }
}

/** The nodes that some values need, and what goes into them. */
interface Collection {
  nodes: TapeNode[];
  feeds: Value[];
  constants: Value[];
  /** All outputs of the nodes, in order, and each one's place among them. */
  outputs: Value[];
  slotOf: Map<Value, number>;
}

/** What begins a reference in the tokens. */
const references = { none: 0, fed: 1, fedBefore: 2, constant: 3, output: 4 } as const;

/** Turns pending values into graphs, compiled once for each structure. */
export class GraphCache {
  /** By the hash of their tokens. */
  private readonly plans = new Map<number, Plan[]>();
  private readonly tokens = new StructureTokens();
  private planCount = 0;
  private collections = 0;
  private compiledCount = 0;
  listener: GraphListener | null = null;

  constructor(private readonly runtime: GraphRuntime) {}

  /** How many channels the runtime's convolutions take side by side; null where they don't work on blocks of them. */
  get channelBlock(): number | null {
    return this.runtime.channelBlock ?? null;
  }

  get compiledGraphs(): number {
    return this.compiledCount;
  }

  /** Computes the targets, and what the plan has learnt to fetch with them. Sets their data. */
  execute(asked: readonly Value[], name: string): void {
    const visit = ++this.collections;
    const targets = [...new Set(asked.map(fetchedFor))];
    targets.forEach(fetchNextTime);
    const nodes = collect(targets, visit);
    if (nodes.length === 0) return;
    this.tokens.clear();
    const collection = describe(nodes, this.tokens);
    const { outputs, slotOf } = collection;
    const wanted = targets.filter((target) => target.data === null).map((target) => slotOf.get(target)!);
    this.tokens.addEnd();
    for (const slot of wanted) this.tokens.add(slot);
    const plan = this.planFor(wanted);
    plan.lastUse = visit;
    if (!plan.compiled) {
      const slots = [...plan.fetched].sort((a, b) => a - b);
      const graph = buildGraph(collection, slots, name, this.runtime);
      this.listener?.(graph);
      plan.compiled = { graph: this.runtime.compile(graph), slots };
      this.compiledCount++;
    }
    const { graph, slots } = plan.compiled;
    const results = graph.run(collection.feeds as unknown as readonly Feed[]);
    slots.forEach((slot, i) => {
      const output = outputs[slot]!;
      output.data = results[i]!;
      output.node = null;
      output.unfetched = null;
      fillStretches(output, results[i]!);
    });
    outputs.forEach((output, slot) => {
      if (output.data === null) output.unfetched = { plan, slot };
    });
    for (const node of collection.nodes) node.executed = true;
  }

  /** Gives back what compiled graphs hold, memory that the JavaScript heap knows nothing of. They compile again on demand. */
  dispose(): void {
    for (const plan of [...this.plans.values()].flat()) plan.dispose();
  }

  /** The plan of the structure that the tokens tell. */
  private planFor(wanted: readonly number[]): Plan {
    const { hash } = this.tokens;
    const sameHash = this.plans.get(hash);
    const known = sameHash?.find((plan) => this.tokens.equals(plan.tokens));
    if (known) return known;
    if (this.planCount === mostPlans) this.dropOldest();
    const plan = new Plan(this.tokens.copy(), wanted);
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

/** A vector has been fetched: its stretches have their elements. */
function fillStretches(vector: Value, data: TensorData): void {
  for (const value of vector.stretches ?? []) {
    const { offset } = value.stretch!;
    const end = offset + elementCount(value.shape);
    value.data ??= value.ownMemory ? data.slice(offset, end) : data.subarray(offset, end);
    value.node = null;
    value.unfetched = null;
    value.stretch = null;
  }
  vector.stretches = null;
}

/** What an earlier graph has computed without fetching it has to be computed again: its plan learns to fetch it. */
function fetchNextTime(value: Value | null): void {
  if (value?.data === null) value.unfetched?.plan.learn(value.unfetched.slot);
}

/** The nodes that the targets need, in the order of appending. */
function collect(targets: readonly Value[], visit: number): TapeNode[] {
  const nodes: TapeNode[] = [];
  const stack: TapeNode[] = [];
  const push = (value: Value | null): void => {
    if (value === null || value.data !== null) return;
    const node = value.node!;
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

function buildGraph(collection: Collection, slots: readonly number[], name: string, runtime: GraphRuntime): Graph {
  const names = new NameTable();
  const nameOf = new Map<Value, string>();
  const inputs: TensorType[] = collection.feeds.map((value) => {
    const unique = names.unique(value.label ?? 'input');
    nameOf.set(value, unique);
    return { name: unique, dtype: value.dtype, shape: value.shape };
  });
  const initializers: Initializer[] = collection.constants.map((value) => {
    const unique = names.unique('constant');
    nameOf.set(value, unique);
    return { name: unique, dtype: value.dtype, shape: value.shape, data: value.data! };
  });
  const nodes = collection.nodes.flatMap((node): readonly GraphNode[] => {
    const nodeName = names.unique(nodeBaseName(node));
    const outputNames = opRow(node.op).outputs;
    node.outputs.forEach((output, i) => {
      const suffix = node.outputs.length === 1 ? '' : `:${outputNames[i] ?? i}`;
      nameOf.set(output, names.unique((output.label ?? nodeName) + suffix));
    });
    const graphNode: GraphNode = {
      name: nodeName,
      op: node.op,
      inputs: node.inputs.map((input) => (input === null ? '' : nameOf.get(input)!)),
      outputs: node.outputs.map((output) => nameOf.get(output)!),
      attributes: node.attributes,
      description: describeNode(node),
    };
    const lowering = loweringTable[node.op];
    const [output] = node.outputs as [Value, ...Value[]];
    if (!lowering || (lowering.where === 'lacking' && !runtime.lacks?.(node.op, output.dtype))) return [graphNode];
    const lowered = lowering.lower(graphNode, output);
    initializers.push(...lowered.initializers);
    return lowered.nodes;
  });
  const fetched = new Set(slots);
  return {
    name,
    inputs,
    initializers,
    nodes,
    outputs: slots.map((slot) => typeOf(collection.outputs[slot]!, nameOf)),
    valueInfo: collection.outputs.filter((_, slot) => !fetched.has(slot)).map((output) => typeOf(output, nameOf)),
  };
}

function typeOf(value: Value, nameOf: ReadonlyMap<Value, string>): TensorType {
  return { name: nameOf.get(value)!, dtype: value.dtype, shape: value.shape };
}

function nodeBaseName({ provenance, op }: TapeNode): string {
  const where = [provenance.role === 'backward' ? 'grad' : '', provenance.modulePath, provenance.operation];
  return [...where.filter((part) => part !== ''), op].join('/');
}

function describeNode({ provenance }: TapeNode): string {
  const parts = [`line ${provenance.line}`, provenance.role];
  if (provenance.modulePath !== '') parts.push(provenance.modulePath);
  if (provenance.operation !== '') parts.push(provenance.operation);
  if (provenance.forwardNode) parts.push(`gradient of ${provenance.forwardNode.op}`);
  return parts.join(' · ');
}

class NameTable {
  private readonly used = new Map<string, number>();

  unique(base: string): string {
    const count = this.used.get(base) ?? 0;
    this.used.set(base, count + 1);
    return count === 0 ? base : this.unique(`${base}_${count}`);
  }
}
