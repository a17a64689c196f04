import { dataFromNumbers, isFloating, type DType, type Shape } from '../tensor/dtype';
import { typesOf, type Graph, type GraphNode, type Initializer, type TensorType } from './graph';
import { windowOf } from './ops/convolution';
import type { AttributeValues } from './opRow';
import type { OpName } from './opTable';
import { intAttribute, intsAttribute, sameShape } from './shapes';

/** More elements a window than that are more operators than ONNX Runtime's own kernel takes time. */
const largestWindow = 3;

/** A pooling whose windows tile the image, taken apart. */
interface Windows {
  /** The elements at each place of the windows, row by row: (N, C, H / k, W / k). */
  parts: readonly string[];
  /** The largest of each window. */
  largest: string;
  /** Of `parts` and `largest`. */
  type: TensorType;
  size: number;
}

/**
 * Rewrites max-poolings whose square windows tile the image as a maximum over the places of a window, and gradients
 * that go back to where `Indices` says as comparisons with it. ONNX Runtime's kernel with indices looks at one element
 * after the other, and passes over NaN where PyTorch keeps it.
 * @param goesBack whether a pooling's gradient is better off so as well, by the name of its image
 */
export function poolByWindows(graph: Graph, goesBack: (image: string) => boolean): Graph {
  return graph.nodes.some(({ op }) => op === 'MaxPool') ? new Pooling(graph, goesBack).rewrite() : graph;
}

class Pooling {
  private readonly types: ReadonlyMap<string, TensorType>;
  private readonly nodes: GraphNode[] = [];
  private readonly initializers: Initializer[];
  private readonly valueInfo: TensorType[];
  /** By the names of their indices. */
  private readonly windows = new Map<string, Windows>();
  /** The equalities of places with the largest, by both. */
  private readonly equal = new Map<string, string>();
  /** The gradients of poolings by those of their images, whose elements they are, zeros apart. */
  private readonly pooled = new Map<string, string>();

  constructor(
    private readonly graph: Graph,
    private readonly goesBack: (image: string) => boolean,
  ) {
    this.types = typesOf(graph);
    this.initializers = [...graph.initializers];
    this.valueInfo = [...(graph.valueInfo ?? [])];
  }

  rewrite(): Graph {
    for (const node of this.graph.nodes) {
      const image = this.types.get(node.inputs[0]!);
      const windows = this.windows.get(node.inputs[1]!);
      if (node.op === 'MaxPool' && image && tiles(node, image)) this.pool(node, image);
      else if (node.op === 'MaxUnpool' && windows) this.unpool(node, windows);
      else if (this.sumsPositions(node)) this.sumPooled(node);
      else this.nodes.push(node);
    }
    return { ...this.graph, nodes: this.nodes, initializers: this.initializers, valueInfo: this.valueInfo };
  }

  private pool(node: GraphNode, image: TensorType): void {
    const [size] = intsAttribute(node.attributes, 'kernel_shape') as [number];
    const [largest, indices] = node.outputs as [string, string];
    const [batch, channels, height, width] = image.shape as [number, number, number, number];
    const { dtype } = image;
    const type = { name: largest, dtype, shape: [batch, channels, height / size, width / size] };
    const places = size * size;
    const deep = this.emit(
      node,
      'SpaceToDepth',
      [image.name],
      dtype,
      [batch, places * channels, ...type.shape.slice(2)],
      {
        blocksize: size,
      },
    );
    const parts = Array.from({ length: places }, (_, place) => `${node.name}/part${place}`);
    for (const name of parts) this.valueInfo.push({ ...type, name });
    const sizes = this.integers(node, 'sizes', [places], new Array<number>(places).fill(channels));
    this.nodes.push(this.part(node, 'Split', [deep, sizes], parts, { axis: 1 }));
    // Of equal operands, such as two zeros, the kernel gives the second one: PyTorch the first.
    this.nodes.push(this.part(node, 'Max', [...parts].reverse(), [largest]));
    const windows = { parts, largest, type, size };
    if (this.goesBack(image.name)) this.windows.set(indices, windows);
    if (this.readsIndices(indices)) this.indices(node, windows, image, indices);
  }

  /** Whether anything reads the indices but gradients that are rewritten. */
  private readsIndices(indices: string): boolean {
    const { nodes, outputs } = this.graph;
    return (
      outputs.some(({ name }) => name === indices) ||
      nodes.some(({ op, inputs }) => inputs.includes(indices) && !(op === 'MaxUnpool' && this.windows.has(indices)))
    );
  }

  /** The first place of the largest, as its place in the flat image. */
  private indices(node: GraphNode, windows: Windows, image: TensorType, output: string): void {
    const { parts, size, type } = windows;
    const [batch, channels, height, width] = image.shape as [number, number, number, number];
    const [rows, columns] = type.shape.slice(2) as [number, number];
    const planes = Array.from({ length: batch * channels }, (_, plane) => plane * height * width);
    const corners = Array.from(
      { length: rows * columns },
      (_, i) => Math.floor(i / columns) * size * width + (i % columns) * size,
    );
    const offset = (place: number): string =>
      this.integers(node, `offset${place}`, [], [Math.floor(place / size) * width + (place % size)]);
    let within = offset(parts.length - 1);
    for (let place = parts.length - 2; place >= 0; place--) {
      const operands = [this.isLargest(node, windows, place), offset(place), within];
      within = this.emit(node, 'Where', operands, 'int64', type.shape, {}, `Where${place}`);
    }
    const ofWindow = this.emit(
      node,
      'Add',
      [
        this.integers(node, 'planes', [batch, channels, 1, 1], planes),
        this.integers(node, 'corners', [rows, columns], corners),
      ],
      'int64',
      type.shape,
    );
    this.nodes.push(this.part(node, 'Add', [ofWindow, within], [output], {}, 'Indices'));
  }

  /** Each window's gradient goes to the first place that has the largest; to the last one where it is NaN. */
  private unpool(node: GraphNode, windows: Windows): void {
    const { parts, type, size } = windows;
    const { dtype, shape } = type;
    const zero = `${node.name}/zero`;
    this.initializers.push({ name: zero, dtype, shape: [], data: dataFromNumbers([0], dtype) });
    this.valueInfo.push({ name: zero, dtype, shape: [] });
    let left = node.inputs[0]!;
    this.pooled.set(node.outputs[0]!, left);
    const gradients = parts.slice(0, -1).map((_, place) => {
      const isLargest = this.isLargest(node, windows, place);
      const gradient = this.emit(node, 'Where', [isLargest, left, zero], dtype, shape, {}, `gradient${place}`);
      left = this.emit(node, 'Where', [isLargest, zero, left], dtype, shape, {}, `left${place}`);
      return gradient;
    });
    const deepShape = [shape[0]!, parts.length * shape[1]!, ...shape.slice(2)];
    const deep = this.emit(node, 'Concat', [...gradients, left], dtype, deepShape, { axis: 1 });
    this.nodes.push(this.part(node, 'DepthToSpace', [deep], node.outputs, { blocksize: size }));
  }

  /** Whether it sums an image's gradient over all but the channels, as the gradient of a bias does. */
  private sumsPositions({ op, inputs }: GraphNode): boolean {
    if (op !== 'ReduceSum' || !this.pooled.has(inputs[0]!)) return false;
    const axes = this.graph.initializers.find(({ name }) => name === inputs[1]);
    return axes !== undefined && String(axes.data) === '0,2,3';
  }

  /** The same without the zeros. */
  private sumPooled(node: GraphNode): void {
    this.nodes.push({ ...node, inputs: [this.pooled.get(node.inputs[0]!)!, ...node.inputs.slice(1)] });
  }

  private isLargest(node: GraphNode, { parts, largest, type }: Windows, place: number): string {
    const known = this.equal.get(parts[place]!);
    if (known !== undefined) return known;
    const result = this.emit(node, 'Equal', [parts[place]!, largest], 'bool', type.shape, {}, `Equal${place}`);
    this.equal.set(parts[place]!, result);
    return result;
  }

  private emit(
    node: GraphNode,
    op: OpName,
    inputs: readonly string[],
    dtype: DType,
    shape: Shape,
    attributes: AttributeValues = {},
    called: string = op,
  ): string {
    const name = `${node.name}/${called}`;
    this.valueInfo.push({ name, dtype, shape });
    this.nodes.push(this.part(node, op, inputs, [name], attributes, called));
    return name;
  }

  private part(
    node: GraphNode,
    op: OpName,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: AttributeValues = {},
    called: string = op,
  ): GraphNode {
    return { ...node, name: `${node.name}/${called}`, op, inputs, outputs, attributes };
  }

  private integers(node: GraphNode, called: string, shape: Shape, values: readonly number[]): string {
    const name = `${node.name}/${called}`;
    this.initializers.push({ name, dtype: 'int64', shape, data: dataFromNumbers(values, 'int64') });
    return name;
  }
}

/** Whether square windows cover a 2-D image, each element once. */
function tiles({ attributes }: GraphNode, { dtype, shape }: TensorType): boolean {
  const window = windowOf(attributes, intsAttribute(attributes, 'kernel_shape') ?? []);
  const [size = 0] = window.kernel;
  const square = [size, size];
  return (
    isFloating(dtype) &&
    shape.length === 4 &&
    size > 1 &&
    size <= largestWindow &&
    sameShape(window.kernel, square) &&
    sameShape(window.strides, square) &&
    [...window.padsBegin, ...window.padsEnd].every((pad) => pad === 0) &&
    window.dilations.every((dilation) => dilation === 1) &&
    intAttribute(attributes, 'storage_order', 0) === 0 &&
    shape.slice(2).every((length) => length % size === 0)
  );
}
