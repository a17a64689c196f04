import type { Graph, GraphNode, Initializer, TensorType } from '../onnx/graph';
import type { AttributeValue, TensorAttribute } from '../onnx/opRow';
import { loweringTable } from '../onnx/lowering';
import { opRow } from '../onnx/opTable';
import type { CompiledGraph, Feed, GraphRuntime } from './graphRuntime';
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

  constructor(wanted: Iterable<number>) {
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
  /** Structure, types and constants: collections with the same key run on the same graph. */
  key: string;
}

/** Turns pending values into graphs, compiled once for each structure. */
export class GraphCache {
  private readonly plans = new Map<string, Plan>();
  private collections = 0;
  private compiledCount = 0;
  listener: GraphListener | null = null;

  constructor(private readonly runtime: GraphRuntime) {}

  get compiledGraphs(): number {
    return this.compiledCount;
  }

  /** Computes the targets, and what the plan has learnt to fetch with them. Sets their data. */
  execute(targets: readonly Value[], name: string): void {
    const visit = ++this.collections;
    for (const target of targets) {
      target.unfetched?.plan.learn(target.unfetched.slot);
    }
    const collection = collect(targets, visit);
    if (collection.nodes.length === 0) return;
    const outputs: Value[] = [];
    const slotOf = new Map<Value, number>();
    for (const node of collection.nodes) {
      for (const output of node.outputs) {
        slotOf.set(output, outputs.length);
        outputs.push(output);
      }
    }
    const wanted = targets.filter((target) => target.data === null).map((target) => slotOf.get(target)!);
    const key = `${collection.key}>${wanted.join(',')}`;
    let plan = this.plans.get(key);
    if (!plan) {
      plan = new Plan(wanted);
      this.plans.set(key, plan);
      if (this.plans.size > mostPlans) this.dropOldest(plan);
    }
    plan.lastUse = visit;
    if (!plan.compiled) {
      const slots = [...plan.fetched].sort((a, b) => a - b);
      const graph = buildGraph(collection, outputs, slots, name);
      this.listener?.(graph);
      plan.compiled = { graph: this.runtime.compile(graph), slots };
      this.compiledCount++;
    }
    const { graph, slots } = plan.compiled;
    const results = graph.run(collection.feeds as unknown as readonly Feed[]);
    outputs.forEach((output, slot) => {
      output.unfetched = { plan, slot };
    });
    slots.forEach((slot, i) => {
      const output = outputs[slot]!;
      output.data = results[i]!;
      output.node = null;
      output.unfetched = null;
    });
    for (const node of collection.nodes) node.executed = true;
  }

  private dropOldest(justMade: Plan): void {
    for (const [key, plan] of leastRecent(this.plans)) {
      if (plan === justMade) continue;
      plan.dispose();
      this.plans.delete(key);
    }
  }
}

/** The quarter of the entries that was not used for the longest time. */
function leastRecent(plans: ReadonlyMap<string, Plan>): [string, Plan][] {
  return [...plans].sort(([, a], [, b]) => a.lastUse - b.lastUse).slice(0, mostPlans / 4);
}

function collect(targets: readonly Value[], visit: number): Collection {
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
    for (const input of node.inputs) push(input);
  }
  nodes.sort((a, b) => a.id - b.id);
  return describe(nodes);
}

function describe(nodes: TapeNode[]): Collection {
  const feeds: Value[] = [];
  const constants: Value[] = [];
  const references = new Map<Value, string>();
  let key = '';
  let slot = 0;
  const referTo = (value: Value): string => {
    let reference = references.get(value);
    if (reference === undefined) {
      if (value.constant) {
        reference = `c${constants.length}`;
        constants.push(value);
        key += `${reference}=#${value.constantId};`;
      } else {
        reference = `f${feeds.length}`;
        feeds.push(value);
        key += `${reference}=${value.dtype}[${value.shape.join()}];`;
      }
      references.set(value, reference);
    }
    return reference;
  };
  for (const node of nodes) {
    let line = node.op + attributesKey(node);
    for (const input of node.inputs) line += input === null ? ' -' : ' ' + referTo(input);
    line += ':';
    for (const output of node.outputs) {
      references.set(output, `n${slot++}`);
      line += `[${output.shape.join()}]`;
    }
    key += line + '\n';
  }
  return { nodes, feeds, constants, key };
}

function attributesKey({ attributes }: TapeNode): string {
  let key = '';
  for (const name in attributes) {
    const value = attributes[name];
    key +=
      typeof value === 'object' && !Array.isArray(value) ? `,${name}=${tensorKey(value)}` : `,${name}=${String(value)}`;
  }
  return key;
}

function tensorKey(tensor: AttributeValue): string {
  const { dtype, shape, data } = tensor as TensorAttribute;
  return `${dtype}[${shape.join()}]${data.join()}`;
}

function buildGraph(collection: Collection, outputs: readonly Value[], slots: readonly number[], name: string): Graph {
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
    const lowered = loweringTable[node.op]?.(graphNode, node.outputs[0]!.dtype);
    if (!lowered) return [graphNode];
    initializers.push(...lowered.initializers);
    return lowered.nodes;
  });
  return {
    name,
    inputs,
    initializers,
    nodes,
    outputs: slots.map((slot) => {
      const output = outputs[slot]!;
      return { name: nameOf.get(output)!, dtype: output.dtype, shape: output.shape };
    }),
  };
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
