import type { Graph, GraphNode, Initializer, TensorType } from '../onnx/graph';
import { loweringTable } from '../onnx/lowering';
import { opRow } from '../onnx/opTable';
import type { GraphRuntime } from './graphRuntime';
import type { TapeNode, Value } from './value';

/** The nodes that some values need, and what goes into them. */
export interface Collection {
  nodes: TapeNode[];
  feeds: Value[];
  constants: Value[];
  /** All outputs of the nodes, in order, and each one's place among them. */
  outputs: Value[];
  slotOf: Map<Value, number>;
}

/** @param slots of the collection's outputs: what the graph gives, in this order */
export function buildGraph(
  collection: Collection,
  slots: readonly number[],
  name: string,
  runtime: GraphRuntime,
): Graph {
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
