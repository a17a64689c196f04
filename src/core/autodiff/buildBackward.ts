import { GradstepError, PythonError } from '../../common/errors';
import { opRow } from '../onnx/opTable';
import { sameShape } from '../onnx/shapes';
import { dtypeTable, elementCount, type Shape } from '../tensor/dtype';
import type { Tape } from '../tensor/tape';
import { Tensor, type GradientEdge, type GradientHook, type GradientRecord } from '../tensor/tensor';
import { Value, type TapeNode } from '../tensor/value';
import { savedNames, type GradientRule, type RuleContext } from './gradientRule';
import { ruleTable } from './ruleTable';
import { unbroadcast } from './unbroadcast';

const freedMessage =
  'Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.';

export interface BackwardOptions {
  /** The gradient of the root; a scalar's is 1 when it is left out. */
  gradient?: Value | undefined;
  retainGraph?: boolean;
  /** Where the gradients of leaves go; `.grad` accumulation when left out. */
  onLeaf?: (leaf: Tensor, gradient: Value) => void;
}

/**
 * Reverse-mode differentiation: walks the tape once from `root`, emits the gradients by the rule table and adds them
 * into the leaves' `.grad` (torch/csrc/autograd/engine.cpp).
 * @returns the gradient of every forward node's first output, for display
 * @throws PythonError in PyTorch's words
 */
export function backward(root: Tensor, options: BackwardOptions = {}): Map<TapeNode, Value> {
  const { tape } = root;
  if (!root.requiresGrad) {
    throw new PythonError('RuntimeError', 'element 0 of tensors does not require grad and does not have a grad_fn');
  }
  if (!options.gradient && elementCount(root.shape) !== 1) {
    throw new PythonError('RuntimeError', 'grad can be implicitly created only for scalar outputs');
  }
  const onLeaf = options.onLeaf ?? accumulateGrad;
  return tape.withoutGrad(() =>
    tape.inRole('backward', undefined, () => {
      const seed = options.gradient ?? filledConstant(tape, root.shape, 1, root);
      if (!root.gradFn) {
        onLeaf(root, hooked(root, seed));
        return new Map();
      }
      return new Walk(tape, onLeaf).run(root.gradFn, seed, options.retainGraph ?? false);
    }),
  );
}

/** PyTorch's AccumulateGrad: `.grad` is created, or added to in place. */
export function accumulateGrad(leaf: Tensor, gradient: Value): void {
  const { tape } = leaf;
  if (leaf.name !== null) gradient.label ??= `${leaf.name}.grad`;
  if (leaf.grad === null) {
    gradient.keep = true;
    gradient.deferrable = true;
    leaf.grad = new Tensor(tape, gradient);
    leaf.grad.storage.backwards = 1;
    leaf.grad.name = leaf.name === null ? null : `${leaf.name}.grad`;
    return;
  }
  leaf.grad.overwrite(tape.emitOne('Add', [leaf.grad.value, gradient]));
  leaf.grad.storage.backwards = (leaf.grad.storage.backwards ?? 0) + 1;
}

/** A leaf's gradient after its hooks. */
function hooked(leaf: Tensor, gradient: Value): Value {
  return (leaf.hooks ?? []).reduce((value, hook) => throughHook(leaf.tape, hook, value), gradient);
}

function throughHook(tape: Tape, hook: GradientHook, gradient: Value): Value {
  return hook(new Tensor(tape, gradient))?.value ?? gradient;
}

class Walk {
  private readonly gradients = new Map<GradientRecord, (Value | null)[]>();
  private readonly shown = new Map<TapeNode, Value>();

  constructor(
    private readonly tape: Tape,
    private readonly onLeaf: (leaf: Tensor, gradient: Value) => void,
  ) {}

  run(root: { record: GradientRecord; index: number }, seed: Value, retainGraph: boolean): Map<TapeNode, Value> {
    const records = reachable(root.record);
    const leaves = new Map<Tensor, Value>();
    this.add(root, seed, leaves);
    for (const record of records) {
      const incoming = this.gradients.get(record);
      if (!incoming) continue;
      this.differentiate(record, incoming, leaves);
    }
    for (const [leaf, gradient] of leaves) this.onLeaf(leaf, hooked(leaf, gradient));
    if (!retainGraph) records.forEach(release);
    return this.shown;
  }

  private add(edge: GradientEdge, gradient: Value, leaves: Map<Tensor, Value>): void {
    if ('leaf' in edge) {
      const before = leaves.get(edge.leaf);
      leaves.set(edge.leaf, before ? this.tape.emitOne('Add', [before, gradient]) : gradient);
      return;
    }
    const { record, index } = edge;
    let slots = this.gradients.get(record);
    if (!slots) {
      slots = [];
      this.gradients.set(record, slots);
    }
    const before = slots[index];
    slots[index] = before ? this.tape.emitOne('Add', [before, gradient]) : gradient;
  }

  private differentiate(record: GradientRecord, incoming: (Value | null)[], leaves: Map<Tensor, Value>): void {
    const { node } = record;
    if (!node) throw new PythonError('RuntimeError', freedMessage);
    checkVersions(record);
    for (const { index, hook } of record.hooks ?? []) {
      const gradient = incoming[index];
      if (gradient) incoming[index] = throughHook(this.tape, hook, gradient);
    }
    record.retained?.forEach((tensor, index) => {
      const gradient = incoming[index];
      if (gradient) accumulateGrad(tensor, gradient);
    });
    const first = incoming[0];
    if (first) {
      if (this.tape.mode === 'stepping') first.keep = true;
      this.shown.set(node, first);
    }
    const { modulePath, operation } = node.provenance;
    this.tape.inModule(modulePath, () =>
      this.tape.inRole('backward', node, () =>
        this.tape.inOperation(operation, () => this.emitGradients(node, record.edges, incoming, leaves)),
      ),
    );
  }

  private emitGradients(
    node: TapeNode,
    edges: readonly (GradientEdge | null)[],
    incoming: (Value | null)[],
    leaves: Map<Tensor, Value>,
  ): void {
    const rule: GradientRule = ruleTable[node.op];
    const context = contextOf(this.tape, node, incoming);
    edges.forEach((edge, index) => {
      if (!edge) return;
      const input = node.inputs[index]!;
      const emitGradient = rule.inputs[inputName(node, index)];
      if (emitGradient === undefined || emitGradient === 'nonDifferentiable') {
        throw new GradstepError(`${node.op} has no gradient for its input ${inputName(node, index)}`, {
          code: 'autodiff.rule',
          line: node.provenance.line,
        });
      }
      const gradient = unbroadcast(this.tape, emitGradient(context, index), input.shape);
      if (!sameShape(gradient.shape, input.shape)) {
        throw new GradstepError(
          `the gradient of ${node.op}'s ${inputName(node, index)} has shape [${gradient.shape.join(', ')}] instead of [${input.shape.join(', ')}]`,
          { code: 'autodiff.shape', audience: 'maintainer', line: node.provenance.line },
        );
      }
      this.add(edge, gradient, leaves);
    });
  }
}

/** The records that the root depends on, latest first. */
function reachable(root: GradientRecord): GradientRecord[] {
  const seen = new Set([root]);
  const stack = [root];
  for (let record = stack.pop(); record; record = stack.pop()) {
    for (const edge of record.edges) {
      if (edge && 'record' in edge && !seen.has(edge.record)) {
        seen.add(edge.record);
        stack.push(edge.record);
      }
    }
  }
  return [...seen].sort((a, b) => b.id - a.id);
}

/** Frees what the rule saved. Rules that read no elements keep their shapes, as in PyTorch. */
function release(record: GradientRecord): void {
  const { node } = record;
  if (!node) return;
  record.saved = [];
  if (savedByRecord(node, record).size > 0) {
    record.node = null;
    record.edges = [];
    return;
  }
  const stub = (value: Value | null): Value | null => (value === null ? null : new Value(value.dtype, value.shape));
  record.node = {
    ...node,
    inputs: node.inputs.map((input) => (input?.constant || isIntegers(input) ? input : stub(input))),
    outputs: node.outputs.map((output) => stub(output)!),
  };
}

function isIntegers(value: Value | null): boolean {
  return value?.dtype === 'int64';
}

function checkVersions(record: GradientRecord): void {
  const node = record.node!;
  const saves = savedByRecord(node, record);
  for (const { place, index, tensor, storage, version } of record.saved) {
    if (storage.version === version) continue;
    if (!saves.has(place === 'input' ? inputName(node, index) : outputName(node, index))) continue;
    const { shape } = storage.value;
    // A saved output belongs to the record that made it, whatever was written over it since.
    const gradFn = place === 'output' ? { record, index } : tensor.gradFn;
    const origin = gradFn
      ? `, which is output ${gradFn.index} of ${gradFn.record.name.replace(/Backward\d*$/, '')},`
      : '';
    throw new PythonError(
      'RuntimeError',
      `one of the variables needed for gradient computation has been modified by an inplace operation: [${tensorTypeName(storage.value)} [${shape.join(', ')}]]${origin} is at version ${storage.version}; expected version ${version} instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False).`,
    );
  }
}

/** What the gradients that this record is asked for read. */
function savedByRecord({ op }: TapeNode, { edges }: GradientRecord): ReadonlySet<string> {
  let wanted = op as string;
  edges.forEach((edge, index) => {
    if (edge) wanted += ` ${index}`;
  });
  let saved = savedByWanted.get(wanted);
  if (!saved) {
    saved = savedNames(
      ruleTable[op],
      edges.flatMap((edge, index) => (edge ? [inputName({ op }, index)] : [])),
    );
    savedByWanted.set(wanted, saved);
  }
  return saved;
}

/** By the op and the inputs whose gradients are wanted. */
const savedByWanted = new Map<string, ReadonlySet<string>>();

function outputName(node: Pick<TapeNode, 'op'>, index: number): string {
  return opRow(node.op).outputs[index] ?? '';
}

function tensorTypeName(value: Value): string {
  return value.dtype === 'float64' ? 'torch.DoubleTensor' : 'torch.FloatTensor';
}

/** The ONNX name of a node's input, without the mark of an optional or variadic one. */
export function inputName(node: Pick<TapeNode, 'op'>, index: number): string {
  const names = opRow(node.op).inputs;
  return (names[Math.min(index, names.length - 1)] ?? '').replace(/\?$|\.\.\.$/, '');
}

function contextOf(tape: Tape, node: TapeNode, incoming: (Value | null)[]): RuleContext {
  const outputGradientAt = (index: number): Value =>
    incoming[index] ?? filledConstant(tape, node.outputs[index]!.shape, 0, node.outputs[index]!);
  return {
    tape,
    inputs: node.inputs,
    outputs: node.outputs,
    attributes: node.attributes,
    get outputGradient() {
      return outputGradientAt(0);
    },
    outputGradientAt,
    input: (index) => {
      const input = node.inputs[index];
      if (!input)
        throw new GradstepError(`${node.op} has no input ${index}`, { code: 'autodiff.input', audience: 'maintainer' });
      return input;
    },
    emit: (op, inputs, attributes) => tape.emitOne(op, inputs, attributes),
  };
}

/** A constant of one number in a shape, made by ConstantOfShape when it is large. */
export function filledConstant(tape: Tape, shape: Shape, value: number, like: { dtype: Value['dtype'] }): Value {
  const data = dtypeTable[like.dtype].allocate(1);
  if (data instanceof BigInt64Array) data[0] = BigInt(value);
  else data[0] = value;
  if (shape.length === 0) return tape.constant(data, [], like.dtype);
  return tape.emitOne('ConstantOfShape', [tape.ints(shape)], { value: { dtype: like.dtype, shape: [1], data } });
}
