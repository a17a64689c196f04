import { PythonError } from '../../common/errors';
import type { Value } from './value';
import { concreteValue, type TapeNode } from './value';
import { elementCount, isFloating, type DType, type Shape, type TensorData } from './dtype';
import type { MemoryLayout } from './memoryLayout';
import type { Tape } from './tape';
import type { OpName } from '../onnx/opTable';
import type { AttributeValues } from '../onnx/opRow';

/** What tensors that share memory share: the current value and how often it was written in place. */
export class Storage {
  version = 0;
  /** Of a gradient: how many backward passes are summed in it; null for what no backward made. */
  backwards: number | null = null;

  constructor(public value: Value) {}
}

/**
 * A differentiable operation that has happened: PyTorch's `grad_fn`. `node` is dropped when a backward frees the graph.
 */
export interface GradientRecord {
  /** The tape node's id: a topological order. */
  readonly id: number;
  /** PyTorch's name, such as `AddmmBackward0`. */
  name: string;
  node: TapeNode | null;
  /** For each input of the node: whose gradient it is. */
  edges: readonly (GradientEdge | null)[];
  /** Hooks on its outputs' gradients (`Tensor.register_hook`), by the output they are of. */
  hooks: { readonly index: number; readonly hook: GradientHook }[] | null;
  /** Non-leaf tensors that asked to retain their gradients, by the output they are. */
  retained: Map<number, Tensor> | null;
  /** The inputs and outputs as they were, for the in-place check. */
  saved: readonly SavedVersion[];
}

/** Sees a gradient on its way; what it returns takes the gradient's place unless it is null. */
export type GradientHook = (gradient: Tensor) => Tensor | null;

/** An input or output as it was when the operation happened. */
export interface SavedVersion {
  readonly place: 'input' | 'output';
  readonly index: number;
  readonly tensor: Tensor;
  readonly storage: Storage;
  readonly version: number;
}

export type GradientEdge = { readonly record: GradientRecord; readonly index: number } | { readonly leaf: Tensor };

/** How a view reads its base, and how a write through the view changes the base. Both are differentiable. */
export interface View {
  readonly base: Tensor;
  readonly read: (base: Tensor) => Tensor;
  readonly write: (base: Tensor, updated: Tensor) => Tensor;
}

/** What the script holds: a handle on a value, with PyTorch's autograd state. */
export class Tensor {
  storage: Storage;
  /** The requires_grad of a leaf. For a result see `requiresGrad`. */
  private leafRequiresGrad = false;
  private ownGradFn: { record: GradientRecord; index: number } | null = null;
  grad: Tensor | null = null;
  /** Hooks on the gradient of a leaf, in order of registration. */
  hooks: GradientHook[] | null = null;
  isParameter = false;
  /** The last part of its name in a module, for readable graphs. */
  name: string | null = null;
  /** How PyTorch would have its elements in memory. */
  layout: MemoryLayout = 'contiguous';
  private view: View | null = null;
  private viewVersion = 0;
  /** Whether the view was made while gradients were recorded: it is read anew in the same mode. */
  private viewRecords = true;

  constructor(
    readonly tape: Tape,
    value: Value,
  ) {
    this.storage = new Storage(value);
  }

  static fromData(tape: Tape, data: TensorData, shape: Shape, dtype: DType): Tensor {
    return new Tensor(tape, concreteValue(data, shape, dtype));
  }

  get dtype(): DType {
    return this.value.dtype;
  }

  get shape(): Shape {
    return this.value.shape;
  }

  get requiresGrad(): boolean {
    return this.leafRequiresGrad || this.gradFn !== null;
  }

  get isLeaf(): boolean {
    return this.gradFn === null;
  }

  /** PyTorch's `grad_fn`; null for a leaf. */
  get gradFn(): { record: GradientRecord; index: number } | null {
    this.refresh();
    return this.ownGradFn;
  }

  set gradFn(gradFn: { record: GradientRecord; index: number } | null) {
    this.ownGradFn = gradFn;
  }

  /** The current value; a view is read anew when its base was written. */
  get value(): Value {
    this.refresh();
    return this.storage.value;
  }

  private refresh(): void {
    if (!this.view) return;
    const { base, read } = this.view;
    const { version } = base;
    if (version === this.viewVersion) return;
    this.viewVersion = version;
    const before = this.tape.gradEnabled;
    this.tape.gradEnabled = this.viewRecords;
    try {
      const fresh = read(base);
      this.storage.value = fresh.value;
      this.storage.version++;
      this.ownGradFn = fresh.gradFn;
      // PyTorch derives the history of a view anew from its memory layout once its base has been written.
      if (fresh.gradFn) fresh.gradFn.record.name = 'AsStridedBackward0';
    } finally {
      this.tape.gradEnabled = before;
    }
  }

  /** The tensor whose memory this one starts at: a view of all of another's elements starts where that one does. */
  get memory(): Tensor {
    const base = this.view?.base;
    return base && elementCount(base.shape) === elementCount(this.shape) ? base.memory : this;
  }

  get version(): number {
    return this.view ? this.view.base.version : this.storage.version;
  }

  /** The elements, row-major: runs what is pending for them. */
  get data(): TensorData {
    return this.tape.read(this.value);
  }

  /**
   * @param problem PyTorch's words for a type without gradients
   * @throws PythonError as `Tensor.requires_grad_` does
   */
  setRequiresGrad(
    requiresGrad: boolean,
    problem = 'Only Tensors of floating point and complex dtype can require gradients',
  ): void {
    if (requiresGrad && !isFloating(this.dtype)) throw new PythonError('RuntimeError', problem);
    if (!requiresGrad && !this.isLeaf) {
      throw new PythonError(
        'RuntimeError',
        "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
      );
    }
    if (this.isLeaf) this.leafRequiresGrad = requiresGrad;
  }

  /** Shares the memory, not the history: PyTorch's `detach()` and `.data`. */
  detach(): Tensor {
    if (this.view) {
      const { base, read, write } = this.view;
      const detachedBase = base.detach();
      const view = read(detachedBase).asView(detachedBase, read, write);
      view.layout = this.layout;
      return view;
    }
    const detached = new Tensor(this.tape, this.storage.value);
    detached.storage = this.storage;
    detached.layout = this.layout;
    return detached;
  }

  /** Marks this result as a view of `base`, so that writes go through in both directions. */
  asView(base: Tensor, read: View['read'], write: View['write']): Tensor {
    this.view = { base, read, write };
    this.viewVersion = base.version;
    this.viewRecords = this.tape.gradEnabled;
    return this;
  }

  /**
   * Writes a result in place, and through to the base of a view.
   * @throws PythonError as PyTorch does for a leaf that requires grad
   */
  assign(result: Tensor): void {
    if (this.tape.gradEnabled && this.leafRequiresGrad && this.gradFn === null) {
      throw new PythonError(
        'RuntimeError',
        'a leaf Variable that requires grad is being used in an in-place operation.',
      );
    }
    if (this.view) {
      const { base, write } = this.view;
      if (this.tape.gradEnabled && base.leafRequiresGrad && base.gradFn === null) {
        throw new PythonError(
          'RuntimeError',
          'a view of a leaf Variable that requires grad is being used in an in-place operation.',
        );
      }
      base.assign(write(base, result));
      return;
    }
    this.overwrite(result.value);
    if (this.tape.gradEnabled && !this.leafRequiresGrad) this.gradFn = result.gradFn;
  }

  /** Replaces the value without regard to autograd: an optimizer's update, `copy_` under `no_grad`. */
  overwrite(value: Value): void {
    value.keep = true;
    value.persistent = true;
    value.label ??= this.name;
    this.storage.value = value;
    this.storage.version++;
    this.tape.writes++;
  }
}

/**
 * Applies an ONNX op to tensors and records it for autograd when an input requires grad.
 * @param gradientName PyTorch's name for the gradient, such as `ReluBackward0`
 */
export function applyAll(
  tape: Tape,
  op: OpName,
  inputs: readonly (Tensor | Value | null)[],
  attributes?: AttributeValues,
  gradientName = `${op}Backward0`,
): Tensor[] {
  const values = inputs.map((input) => (input instanceof Tensor ? input.value : input));
  const outputs = tape.emit(op, values, attributes).map((value) => new Tensor(tape, value));
  if (!hasRowMajorResult(op, inputs)) for (const output of outputs) output.layout = 'unknown';
  if (!tape.gradEnabled || !inputs.some((input) => input instanceof Tensor && input.requiresGrad)) return outputs;
  const node = outputs[0]!.value.node!;
  const record: GradientRecord = {
    id: node.id,
    name: gradientName,
    node,
    edges: inputs.map((input) => (input instanceof Tensor ? edgeOf(input) : null)),
    hooks: null,
    retained: null,
    saved: [...savedVersions('input', inputs), ...savedVersions('output', outputs)],
  };
  outputs.forEach((output, index) => {
    if (isFloating(output.dtype)) output.gradFn = { record, index };
  });
  return outputs;
}

/** Whether PyTorch's result is row-major: from row-major operands, and from a product that writes a new matrix. */
function hasRowMajorResult(op: OpName, inputs: readonly (Tensor | Value | null)[]): boolean {
  if (inputs.every((input) => !(input instanceof Tensor) || input.layout === 'contiguous')) return true;
  if (op === 'Gemm') return true;
  return op === 'MatMul' && inputs[0]!.shape.length >= inputs[1]!.shape.length;
}

function savedVersions(place: SavedVersion['place'], values: readonly (Tensor | Value | null)[]): SavedVersion[] {
  return values.flatMap((tensor, index) =>
    tensor instanceof Tensor
      ? [{ place, index, tensor, storage: tensor.storage, version: tensor.storage.version }]
      : [],
  );
}

/** `applyAll` for ops with one output. */
export function apply(
  tape: Tape,
  op: OpName,
  inputs: readonly (Tensor | Value | null)[],
  attributes?: AttributeValues,
  gradientName?: string,
): Tensor {
  return applyAll(tape, op, inputs, attributes, gradientName)[0]!;
}

function edgeOf(tensor: Tensor): GradientEdge | null {
  if (tensor.gradFn) return tensor.gradFn;
  return tensor.requiresGrad ? { leaf: tensor } : null;
}
