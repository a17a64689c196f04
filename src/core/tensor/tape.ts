import { GradstepError } from '../../common/errors';
import { opRow, type OpName } from '../onnx/opTable';
import type { AttributeValues } from '../onnx/opRow';
import { dtypeTable, elementCount, type DType, type Shape, type TensorData } from './dtype';
import { GraphCache, type Deferrable } from './graphCache';
import type { GraphRuntime } from './graphRuntime';
import { concreteValue, recipeOf, Value, type Provenance, type TapeNode } from './value';

const noAttributes: AttributeValues = {};

/** How the tape runs: a graph for each event, whose forward is fetched whole, or one for as much as possible. */
export type ExecutionMode = 'stepping' | 'running';

/** Where the script stands. */
export interface LineSource {
  currentLine(): number;
}

/**
 * The record of tensor operations. Appending computes nothing; pending nodes run as one ONNX graph when somebody reads
 * a value or when an event asks for a flush.
 */
export class Tape {
  mode: ExecutionMode = 'stepping';
  gradEnabled = true;
  /** How often a tensor was written in place. */
  writes = 0;
  lineSource: LineSource = { currentLine: () => 0 };
  /** Nodes that no graph has contained yet, in the order of appending. */
  private pending: TapeNode[] = [];
  /** How many of the first pending nodes were already left over by an earlier flush. */
  private leftOver = 0;
  private nextId = 0;
  private readonly modulePath: string[] = [];
  private operation = '';
  private role: Provenance['role'] = 'forward';
  private forwardNode: TapeNode | undefined;
  private readonly constants = new Map<string, Value>();
  /** The constants of `ints`, by their elements: most of what is looked up. */
  private readonly integers = new Map<string, Value>();
  readonly graphs: GraphCache;

  constructor(runtime: GraphRuntime) {
    this.graphs = new GraphCache(runtime);
  }

  /**
   * Appends an ONNX node.
   * @param inputs values by the op's input order; null leaves an optional input out
   * @throws GradstepError `onnx.shape` when the shapes don't fit
   */
  emit(op: OpName, inputs: readonly (Value | null)[], attributes: AttributeValues = noAttributes): Value[] {
    for (const input of inputs) {
      if (input !== null && input.node === null && input.stretch !== null && !input.stretch.vector.recipe) {
        this.cutOut(input, input.stretch);
      }
    }
    const outputs = opRow(op)
      .infer(inputs, attributes)
      .map(({ dtype, shape }) => new Value(dtype, shape));
    this.append(op, inputs, attributes, outputs);
    return outputs;
  }

  private append(
    op: OpName,
    inputs: readonly (Value | null)[],
    attributes: AttributeValues,
    outputs: readonly Value[],
  ): void {
    const provenance: Provenance = {
      line: this.lineSource.currentLine(),
      modulePath: this.modulePath.at(-1) ?? '',
      operation: this.operation,
      role: this.role,
    };
    if (this.forwardNode) provenance.forwardNode = this.forwardNode;
    const node: TapeNode = {
      id: this.nextId++,
      op,
      inputs,
      attributes,
      outputs,
      provenance,
      executed: false,
      visited: -1,
    };
    outputs.forEach((output, index) => {
      output.node = node;
      output.outputIndex = index;
    });
    this.pending.push(node);
  }

  /** A graph needs a stretch of a vector before the vector has been fetched. */
  private cutOut(value: Value, { vector, offset }: NonNullable<Value['stretch']>): void {
    const end = offset + elementCount(value.shape);
    const elements = this.emitOne('Slice', [vector, this.ints([offset]), this.ints([end]), this.ints([0])]);
    this.append('Reshape', [elements, this.ints(value.shape)], noAttributes, [value]);
  }

  /** How many nodes no graph has contained yet. */
  get pendingCount(): number {
    return this.pending.length;
  }

  /** The nodes that no graph has contained yet, oldest first: a copy. */
  pendingNodes(): readonly TapeNode[] {
    return [...this.pending];
  }

  /** Appends a node and gives its first output. */
  emitOne(op: OpName, inputs: readonly (Value | null)[], attributes: AttributeValues = noAttributes): Value {
    return this.emit(op, inputs, attributes)[0]!;
  }

  /** A value that is embedded in graphs. Equal constants are one value. */
  constant(data: TensorData, shape: Shape, dtype: DType): Value {
    const key = `${dtype}[${shape.join(',')}]${data.join(',')}`;
    let value = this.constants.get(key);
    if (!value) {
      value = concreteValue(data, shape, dtype);
      value.constant = true;
      value.constantId = this.constants.size;
      this.constants.set(key, value);
    }
    return value;
  }

  /** A constant int64 vector: axes, shapes, starts. */
  ints(values: readonly number[]): Value {
    const key = values.join();
    let value = this.integers.get(key);
    if (!value) {
      value = this.constant(BigInt64Array.from(values, BigInt), [values.length], 'int64');
      this.integers.set(key, value);
    }
    return value;
  }

  /** A constant scalar of shape []. For numbers that change from step to step use `feed`. */
  scalar(value: number, dtype: DType): Value {
    return this.constant(scalarData(value, dtype), [], dtype);
  }

  /** A scalar that is fed at each run, so that its graph serves every step. */
  feedScalar(value: number, dtype: DType): Value {
    return concreteValue(scalarData(value, dtype), [], dtype);
  }

  /** The elements of a value: runs the graph that makes them when they are not there. */
  read(value: Value): TensorData {
    if (value.data === null) this.run([value], 'read');
    if (value.data === null) {
      throw new GradstepError('a value was read that no graph computes', { code: 'tape.read', audience: 'maintainer' });
    }
    return value.data;
  }

  /** As `read`, for somebody who only looks: it changes nothing about what later runs fetch. */
  look(value: Value): TensorData {
    recipeOf(value)?.compute();
    return this.read(value);
  }

  /**
   * Runs what is pending. Both modes fetch what is marked to be kept, and what was left over by the flush before;
   * stepping mode fetches the whole forward as well, of which a gradient needs much.
   * @param name what the graph is called, such as `forward` or `backward`
   * @param defers whether what nobody needs at once may wait until somebody reads it
   */
  flush(name: string, defers = false): void {
    if (this.pending.length === 0) return;
    const targets: Value[] = [];
    const deferrable: Value[] = [];
    const running = this.mode === 'running';
    this.pending.forEach((node, position) => {
      const wanted = position < this.leftOver || (!running && node.provenance.role === 'forward');
      for (const output of node.outputs) {
        if (!wanted && !output.keep) continue;
        const canWait = running && output.deferrable && !output.ownMemory && !wanted;
        (canWait ? deferrable : targets).push(output);
      }
    });
    if (targets.length + deferrable.length > 0) this.run(targets, name, { deferrable, defers });
    this.leftOver = this.pending.length;
  }

  /** Computes the given values in one graph. */
  readAll(values: readonly Value[], name: string): void {
    const missing = values.filter((value) => value.data === null);
    if (missing.length > 0) this.run(missing, name);
  }

  private run(targets: readonly Value[], name: string, later?: Deferrable): void {
    this.graphs.execute(targets, name, later);
    const before = this.pending.length;
    const leftOverBefore = this.leftOver;
    let remainingLeftOver = 0;
    const remaining: TapeNode[] = [];
    for (let i = 0; i < before; i++) {
      const node = this.pending[i]!;
      if (node.executed) continue;
      if (i < leftOverBefore) remainingLeftOver++;
      remaining.push(node);
    }
    this.pending = remaining;
    this.leftOver = remainingLeftOver;
  }

  /** Forgets nodes that nothing has run: the script was unwound. */
  discardPending(): void {
    this.pending = [];
    this.leftOver = 0;
  }

  /** Runs `body` inside a module: what it appends is attributed to the path. */
  inModule<T>(path: string, body: () => T): T {
    this.modulePath.push(path);
    try {
      return body();
    } finally {
      this.modulePath.pop();
    }
  }

  /** Attributes what `body` appends to an operation, in PyTorch's word for it. The outermost one wins. */
  inOperation<T>(operation: string, body: () => T): T {
    if (this.operation !== '') return body();
    this.operation = operation;
    try {
      return body();
    } finally {
      this.operation = '';
    }
  }

  /** Attributes what `body` appends to the gradient of a node (`backward`) or to an optimizer's step. */
  inRole<T>(role: Provenance['role'], forwardNode: TapeNode | undefined, body: () => T): T {
    const [roleBefore, nodeBefore] = [this.role, this.forwardNode];
    this.role = role;
    this.forwardNode = forwardNode;
    try {
      return body();
    } finally {
      this.role = roleBefore;
      this.forwardNode = nodeBefore;
    }
  }

  /** Runs `body` without recording gradients. */
  withoutGrad<T>(body: () => T): T {
    const before = this.gradEnabled;
    this.gradEnabled = false;
    try {
      return body();
    } finally {
      this.gradEnabled = before;
    }
  }
}

function scalarData(value: number, dtype: DType): TensorData {
  const data = dtypeTable[dtype].allocate(1);
  if (data instanceof BigInt64Array) data[0] = BigInt(value);
  else data[0] = value;
  return data;
}
