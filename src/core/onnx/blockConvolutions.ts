import { dataFromNumbers, elementCount, type Shape, type TensorData } from '../tensor/dtype';
import { canConvolveBlocks, worksOnElements } from './blockable';
import { blockedDomain, type BlockedOpName } from './blockedOps';
import { typesOf, type BlockedNode, type Graph, type GraphNode, type Initializer, type TensorType } from './graph';
import type { AttributeValues } from './opRow';
import { fitsList, permutedIndices, Rearrangement } from './rearrangement';
import { sameShape } from './shapes';

type AnyNode = GraphNode | BlockedNode;

/** Of (C / b, H, k, W, k): (k, k, C / b, H, W). */
const groupsToDepth = [2, 4, 0, 1, 3];
/** And back. */
const groupsToSquares = [2, 3, 0, 4, 1];

/**
 * Rewrites a graph so that its convolutions work on channels in blocks: (N, C, H, W) in memory as (N, C / b, H, W, b),
 * where b floats fill a vector register. That needs no copies of the image (im2col) and no large matrix product; what
 * lies between two convolutions and takes either order stays in blocks. Values keep their names, shapes and, but for
 * the order of a convolution's sums, their bits.
 * @param block b, from the processor that runs the graph
 */
export function blockConvolutions(graph: Graph, block: number): Graph<AnyNode> {
  return graph.nodes.some(({ op }) => op === 'Conv') ? new Blocking(graph, block).rewrite() : graph;
}

class Blocking {
  private readonly types: ReadonlyMap<string, TensorType>;
  private readonly constants: ReadonlyMap<string, TensorData>;
  private readonly fetched: ReadonlySet<string>;
  /** Values that are there in (N, C, H, W). */
  private readonly plain: Set<string>;
  /** Values that are there in blocks, and their names in them. */
  private readonly inBlocks = new Map<string, string>();
  /** What made those of them that are no numbers, which can't be taken out of blocks again. */
  private readonly comparisons = new Map<string, GraphNode>();
  /** Kernels that are there in blocks. */
  private readonly kernels = new Map<string, string>();
  /** What is another value with its first two axes exchanged, and that value. */
  private readonly exchanged = new Map<string, string>();
  /** What is another value with its last two axes turned round, and that value. */
  private readonly flipped = new Map<string, string>();
  private readonly postponed = new Map<string, GraphNode>();
  /** What moves squares, by what it makes: it is made where something reads it that can't take it apart itself. */
  private readonly squares = new Map<string, GraphNode>();
  private readonly nodes: AnyNode[] = [];
  private readonly initializers: Initializer[] = [];
  private readonly integers = new Map<string, string>();

  constructor(
    private readonly graph: Graph,
    private readonly block: number,
  ) {
    const { inputs, outputs, initializers } = graph;
    this.types = typesOf(graph);
    this.constants = new Map(initializers.map(({ name, data }) => [name, data]));
    this.fetched = new Set(outputs.map(({ name }) => name));
    this.plain = new Set([...inputs, ...initializers].map(({ name }) => name));
  }

  rewrite(): Graph<AnyNode> {
    for (const node of this.graph.nodes) {
      if (canConvolveBlocks(node, this.types, this.block)) this.convolve(node);
      else if (this.staysInBlocks(node)) this.keepInBlocks(node);
      else if (this.movesBlocks(node)) this.moveBlocks(node);
      else if (this.exchanges(node)) this.postpone(node, this.exchanged);
      else if (this.flips(node)) this.postpone(node, this.flipped);
      else this.keepPlain(node);
    }
    const { name, inputs, outputs } = this.graph;
    for (const output of outputs) this.plainOf(output.name);
    const initializers = [...this.graph.initializers, ...this.initializers];
    return { name, inputs, outputs, initializers, nodes: this.nodes };
  }

  private convolve(node: GraphNode): void {
    const [image, kernel, ...bias] = node.inputs as [string, string, ...string[]];
    const { shape } = this.types.get(kernel)!;
    for (const name of bias) this.plainOf(name);
    const inputs = [
      shape[1]! < this.block ? this.plainOf(image) : this.blocksOf(image, node),
      this.kernelOf(kernel, shape, node),
      ...bias,
    ];
    this.emitBlocked(node, 'Conv', inputs, { kernel_shape: shape.slice(2), ...node.attributes });
  }

  /** Whether it reads what is only there in blocks, and all else that it reads can be put there or is one number. */
  private staysInBlocks({ op, inputs, outputs }: GraphNode): boolean {
    const type = this.types.get(outputs[0]!);
    if (!worksOnElements.has(op) || !type || (type.dtype !== 'float32' && op !== 'Equal')) return false;
    return (
      inputs.some((name) => this.isOnlyInBlocks(name)) &&
      inputs.every((name) => this.isNumber(name) || (this.fitsBlocks(name) && this.hasShape(name, type.shape)))
    );
  }

  private keepInBlocks(node: GraphNode): void {
    const [output] = node.outputs as [string];
    const inputs = node.inputs.map((name) => (this.isNumber(name) ? name : this.blocksOf(name, node)));
    this.nodes.push({ ...node, inputs, outputs: [this.named(output)] });
    this.inBlocks.set(output, this.named(output));
    if (this.types.get(output)!.dtype === 'bool') this.comparisons.set(output, node);
  }

  /** Whether it moves channels of what is only there in blocks, whole blocks at a time. */
  private movesBlocks({ op, inputs, outputs, attributes }: GraphNode): boolean {
    if (!this.isOnlyInBlocks(inputs[0]!)) return false;
    if (op === 'SpaceToDepth' || op === 'DepthToSpace')
      return [...inputs, ...outputs].every((name) => this.fitsBlocks(name));
    if (attributes['axis'] !== 1) return false;
    if (op === 'Split') return [inputs[0]!, ...outputs].every((name) => this.fitsBlocks(name));
    return op === 'Concat' && inputs.every((name) => this.inBlocks.has(name) && this.fitsBlocks(name));
  }

  private moveBlocks(node: GraphNode): void {
    const outputs = node.outputs.map((name) => this.named(name));
    const squares = this.squares.get(node.inputs[0]!);
    if (node.op === 'Split' && squares?.op === 'SpaceToDepth' && fitsList(this.squareGroups(squares))) {
      this.splitSquares(squares, node, outputs);
    } else if (node.op === 'Split' || node.op === 'Concat') {
      const inputs = node.inputs.map((name) => (this.inBlocks.has(name) ? this.blocksOf(name, node) : name));
      this.nodes.push({ ...node, inputs, outputs });
    } else {
      this.squares.set(node.outputs[0]!, node);
    }
    node.outputs.forEach((name, i) => this.inBlocks.set(name, outputs[i]!));
  }

  /** Squares that become channels, and these channels taken apart: each part straight from the image. */
  private splitSquares(squares: GraphNode, split: GraphNode, outputs: readonly string[]): void {
    const [batch, depth] = this.types.get(squares.outputs[0]!)!.shape as [number, number];
    const groups = this.squareGroups(squares);
    const order = permutedIndices(groups, groupsToDepth);
    const whole = this.rearrangement(`${outputs[0]!}:rows`, squares.description);
    const rows = whole.reshape(this.blocksOf(squares.inputs[0]!, squares), [batch, order.length, this.block]);
    let begin = 0;
    outputs.forEach((output, i) => {
      const { shape } = this.types.get(split.outputs[i]!)!;
      const end = begin + (order.length * shape[1]!) / depth;
      const part = this.rearrangement(output, squares.description);
      part.reshape(part.gather(rows, order.slice(begin, end), 1), shape, output);
      begin = end;
    });
  }

  /** Squares that become channels, or channels that become squares. */
  private moveSquares(node: GraphNode, output: string): void {
    const { shape } = this.types.get(node.outputs[0]!)!;
    const parts = this.rearrangement(output, node.description);
    const from = [shape[0]!, ...this.squareGroups(node), this.block];
    const order = node.op === 'SpaceToDepth' ? groupsToDepth : groupsToSquares;
    const permutation = [0, ...order.map((axis) => axis + 1)];
    parts.reshape(parts.permuteRows(this.blocksOf(node.inputs[0]!, node), from, permutation, 1), shape, output);
  }

  /** The rows of an image before they are moved: (C / b, H, k, W, k) of squares, (k, k, C / b, H, W) of channels. */
  private squareGroups({ op, inputs, outputs, attributes }: GraphNode): Shape {
    const size = attributes['blocksize'] as number;
    const toDepth = op === 'SpaceToDepth';
    const { shape } = this.types.get(toDepth ? outputs[0]! : inputs[0]!)!;
    const [, depth, height, width] = shape as [number, number, number, number];
    const blocks = depth / size ** 2 / this.block;
    return toDepth ? [blocks, height, size, width, size] : [size, size, blocks, height, width];
  }

  /** What is fetched is taken out of blocks anyway. */
  private isOnlyInBlocks(name: string): boolean {
    return this.inBlocks.has(name) && !this.plain.has(name) && !this.fetched.has(name);
  }

  private isNumber(name: string): boolean {
    const shape = this.types.get(name)?.shape;
    return shape !== undefined && elementCount(shape) === 1;
  }

  /** Whether a value is in blocks or can be put there. */
  private fitsBlocks(name: string): boolean {
    const type = this.types.get(name);
    if (!type || type.shape.length !== 4 || type.shape[1]! % this.block !== 0) return false;
    return type.dtype === 'float32' || this.inBlocks.has(name);
  }

  private hasShape(name: string, shape: Shape): boolean {
    return sameShape(this.types.get(name)!.shape, shape);
  }

  private keepPlain(node: GraphNode): void {
    for (const name of node.inputs) this.plainOf(name);
    this.nodes.push(node);
    for (const name of node.outputs) this.plain.add(name);
  }

  /** Kernels are made from what is in blocks already; the node itself follows where something else reads it. */
  private postpone(node: GraphNode, source: Map<string, string>): void {
    const [output] = node.outputs as [string];
    source.set(output, node.inputs[0]!);
    this.postponed.set(output, node);
  }

  private exchanges({ op, inputs, attributes }: GraphNode): boolean {
    return op === 'Transpose' && String(attributes['perm']) === '1,0,2,3' && this.fitsBlocks(inputs[0]!);
  }

  /** A slice that turns the last two of four axes round. */
  private flips({ op, inputs }: GraphNode): boolean {
    const [image, starts, ends, axes, steps] = inputs as [string, ...string[]];
    if (op !== 'Slice' || !this.fitsBlocks(image)) return false;
    const [height, width] = this.types.get(image)!.shape.slice(2) as [number, number];
    const wanted = [
      [height - 1, width - 1],
      [-height - 1, -width - 1],
      [2, 3],
      [-1, -1],
    ];
    return [starts, ends, axes, steps].every((name, i) => String(this.constants.get(name!)) === String(wanted[i]));
  }

  private named(value: string): string {
    return `${value}:blocks`;
  }

  private emitBlocked(
    node: GraphNode,
    op: BlockedOpName,
    inputs: readonly string[],
    attributes: AttributeValues,
  ): void {
    const [output] = node.outputs as [string];
    this.nodes.push({ ...node, op, domain: blockedDomain, inputs, outputs: [this.named(output)], attributes });
    this.inBlocks.set(output, this.named(output));
  }

  /** A value in (N, C, H, W): takes it out of its blocks where it is only there. */
  private plainOf(value: string): string {
    if (this.plain.has(value) || value === '') return value;
    this.plain.add(value);
    const postponed = this.postponed.get(value);
    if (postponed) {
      this.keepPlain(postponed);
      return value;
    }
    const comparison = this.comparisons.get(value);
    if (comparison) {
      const { name } = comparison;
      this.nodes.push({
        ...comparison,
        name: `${name}/plain`,
        inputs: comparison.inputs.map((input) => this.plainOf(input)),
      });
      return value;
    }
    this.putTogether(value);
    this.nodes.push({
      name: `${value}/ReorderOutput`,
      op: 'ReorderOutput',
      domain: blockedDomain,
      inputs: [this.inBlocks.get(value)!],
      outputs: [value],
      attributes: { channels: this.types.get(value)!.shape[1] },
      description: 'out of blocks of channels',
    });
    return value;
  }

  /** A value in blocks: puts it there. */
  private blocksOf(value: string, { description }: GraphNode): string {
    this.putTogether(value);
    const known = this.inBlocks.get(value);
    if (known !== undefined) return known;
    const output = this.named(value);
    this.plainOf(value);
    this.nodes.push({
      name: `${value}/ReorderInput`,
      op: 'ReorderInput',
      domain: blockedDomain,
      inputs: [value],
      outputs: [output],
      attributes: {},
      description,
    });
    this.inBlocks.set(value, output);
    return output;
  }

  /** Moves squares that nothing has needed yet. */
  private putTogether(value: string): void {
    const node = this.squares.get(value);
    if (!node) return;
    this.squares.delete(value);
    this.moveSquares(node, this.inBlocks.get(value)!);
  }

  /** A kernel (M, C, kh, kw) as (M / b, C / b, kh, kw, b of C, b of M); where C < b, as (M / b, C, kh, kw, b of M). */
  private kernelOf(kernel: string, shape: Shape, node: GraphNode): string {
    const known = this.kernels.get(kernel);
    if (known !== undefined) return known;
    const result = this.rearrangedKernel(kernel, shape, node);
    this.kernels.set(kernel, result);
    return result;
  }

  private rearrangedKernel(kernel: string, shape: Shape, node: GraphNode): string {
    const [filters, channels, height, width] = shape as [number, number, number, number];
    const source = this.exchanged.get(kernel);
    const parts = this.rearrangement(kernel, node.description);
    const positions = height * width;
    const [blocks, inside] = channels < this.block ? [1, channels] : [channels / this.block, this.block];
    if (source === undefined) {
      const image = parts.reshape(this.plainOf(kernel), [1, filters, channels, positions]);
      const rows = parts.reorder(image);
      if (blocks === 1 && inside < this.block) return parts.reshape(rows, shape);
      const groups = [filters / this.block, blocks, inside, positions];
      const all = parts.reshape(rows, [elementCount(groups), this.block]);
      return parts.reshape(parts.gather(all, permutedIndices(groups, [0, 1, 3, 2])), shape);
    }
    const flipped = this.flipped.get(source);
    const rowGroups = [blocks, inside, filters / this.block, positions];
    const order = inside < this.block ? [2, 0, 1, 3] : [2, 0, 3, 1];
    if (flipped !== undefined) {
      const rows = parts.reshape(this.blocksOf(flipped, node), [elementCount(rowGroups), this.block]);
      return parts.reshape(parts.gather(rows, permutedIndices(rowGroups, order, 3)), shape);
    }
    const squares = this.squares.get(source);
    if (squares?.op === 'DepthToSpace') {
      return this.kernelOfSquares(parts, squares, [blocks, inside, filters / this.block], shape);
    }
    const rows = parts.reshape(this.blocksOf(source, node), [...rowGroups, this.block]);
    return parts.reshape(parts.transpose(rows, [...order, 4]), shape);
  }

  /** As from the image, in one step: (C / b, b of C, k, k, M / b, H, W, b of M) to (M / b, C / b, H, k, W, k, b, b). */
  private kernelOfSquares(
    parts: Rearrangement,
    squares: GraphNode,
    [blocks, inside, filterBlocks]: readonly [number, number, number],
    shape: Shape,
  ): string {
    const size = squares.attributes['blocksize'] as number;
    const [height, width] = shape.slice(2).map((length) => length / size) as [number, number];
    const from = [blocks, inside, size, size, filterBlocks, height, width, this.block];
    const image = this.blocksOf(squares.inputs[0]!, squares);
    const permutation = inside < this.block ? [4, 0, 1, 5, 2, 6, 3] : [4, 0, 5, 2, 6, 3, 1];
    return parts.reshape(parts.permuteRows(image, from, permutation), shape);
  }

  private rearrangement(value: string, description: string): Rearrangement {
    return new Rearrangement(value, description, this.nodes, (values) => this.ints(values));
  }

  private ints(values: readonly number[]): string {
    const key = values.join();
    const known = this.integers.get(key);
    if (known !== undefined) return known;
    const name = `blocks${this.integers.size}`;
    this.initializers.push({ name, dtype: 'int64', shape: [values.length], data: dataFromNumbers(values, 'int64') });
    this.integers.set(key, name);
    return name;
  }
}
