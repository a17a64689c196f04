import { PythonError } from '../../common/errors';
import { backward } from '../../core/autodiff/buildBackward';
import { sameShape } from '../../core/onnx/shapes';
import { Tensor } from '../../core/tensor/tensor';
import type { Value } from '../../core/tensor/value';
import { typeName } from '../objects/arguments';
import { PyTuple } from '../objects/containers';
import { nativeFunction } from '../objects/native';
import type { PyValue } from '../objects/value';
import { sequenceItems } from './argumentKinds';
import { PyTensor, wrapTensor } from './tensorClass';
import { torchContext, type TorchContext } from './torchContext';

const noDoubleBackward = new PythonError(
  'NotImplementedError',
  'create_graph=True is not supported by Gradstep: gradients of gradients are not computed',
);

function checkedGradient(root: Tensor, gradient: PyValue): Value | undefined {
  if (gradient === null) return undefined;
  if (!(gradient instanceof PyTensor)) {
    throw new PythonError('TypeError', `gradients can be either Tensors or None, but got ${typeName(gradient)}`);
  }
  const { tensor } = gradient;
  if (!sameShape(tensor.shape, root.shape)) {
    const size = (shape: readonly number[]): string => `torch.Size([${shape.join(', ')}])`;
    throw new PythonError(
      'RuntimeError',
      `Mismatch in shape: grad_output[0] has a shape of ${size(tensor.shape)} and output[0] has a shape of ${size(root.shape)}.`,
    );
  }
  return tensor.value;
}

/** `tensor.backward(...)`: differentiates and records the event. */
export function runBackward(
  root: Tensor,
  gradient: PyValue,
  retainGraph: boolean,
  createGraph: boolean,
  context: TorchContext,
): void {
  if (createGraph) throw noDoubleBackward;
  const gradients = backward(root, { gradient: checkedGradient(root, gradient), retainGraph });
  context.recorder.record('backward', { loss: root, gradients });
}

function tensorList(value: PyValue): Tensor[] {
  const items = value instanceof PyTensor ? [value] : sequenceItems(value);
  if (items === null)
    throw new PythonError('TypeError', `expected Tensor or sequence of Tensors, got ${typeName(value)}`);
  return items.map((item) => {
    if (item instanceof PyTensor) return item.tensor;
    throw new PythonError('TypeError', `expected Tensor, got ${typeName(item)}`);
  });
}

/** Collects what flows into tensors without touching their `.grad`. */
class GradientCollector {
  private readonly leaves = new Map<Tensor, Value>();
  /** For results: stand-ins whose `.grad` the walk fills. */
  private readonly standIns = new Map<Tensor, { standIn: Tensor; restore: () => void }>();

  constructor(private readonly inputs: readonly Tensor[]) {
    for (const input of inputs) {
      const { gradFn } = input;
      if (!gradFn) continue;
      const { record, index } = gradFn;
      const before = record.retained;
      const standIn = new Tensor(input.tape, input.value);
      record.retained = new Map([...(before ?? []), [index, standIn]]);
      this.standIns.set(input, { standIn, restore: () => (record.retained = before) });
    }
  }

  onLeaf(leaf: Tensor, gradient: Value): void {
    const before = this.leaves.get(leaf);
    this.leaves.set(leaf, before ? leaf.tape.emitOne('Add', [before, gradient]) : gradient);
  }

  finish(): (Tensor | null)[] {
    for (const { restore } of this.standIns.values()) restore();
    return this.inputs.map((input) => {
      const standIn = this.standIns.get(input);
      if (standIn) return standIn.standIn.grad;
      const gradient = this.leaves.get(input);
      return gradient ? new Tensor(input.tape, gradient) : null;
    });
  }
}

/** `torch.autograd.grad`. */
export const gradFunctionOfTorch = nativeFunction(
  'grad',
  'outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=None, is_grads_batched=False, materialize_grads=False',
  (args) => {
    if (args.bool('create_graph')) throw noDoubleBackward;
    const outputs = tensorList(args.value('outputs'));
    const inputs = tensorList(args.value('inputs'));
    for (const input of inputs) {
      if (input.requiresGrad) continue;
      throw new PythonError('RuntimeError', 'One of the differentiated Tensors does not require grad');
    }
    const given = args.value('grad_outputs');
    const gradients = given instanceof PyTensor ? [given] : given === null ? [] : (sequenceItems(given) ?? []);
    const collector = new GradientCollector(inputs);
    let results: (Tensor | null)[];
    try {
      outputs.forEach((output, i) => {
        const gradient = checkedGradient(output, gradients[i] ?? null);
        const retainGraph = args.value('retain_graph') === true || i < outputs.length - 1;
        backward(output, { gradient, retainGraph, onLeaf: (leaf, value) => collector.onLeaf(leaf, value) });
      });
    } finally {
      results = collector.finish();
    }
    const unusedAllowed = args.value('allow_unused') === true || args.bool('materialize_grads');
    return new PyTuple(
      results.map((result, i) => {
        if (result) return wrapTensor(result);
        if (unusedAllowed) return null;
        throw new PythonError(
          'RuntimeError',
          `The differentiated Tensor at index ${i} appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.`,
        );
      }),
    );
  },
);

/** `torch.autograd.backward`. */
export const backwardFunctionOfTorch = nativeFunction(
  'backward',
  'tensors, grad_tensors=None, retain_graph=None, create_graph=False',
  (args, interpreter) => {
    const tensors = tensorList(args.value('tensors'));
    const given = args.value('grad_tensors');
    const gradients = given instanceof PyTensor ? [given] : given === null ? [] : (sequenceItems(given) ?? []);
    tensors.forEach((tensor, i) => {
      const retain = args.value('retain_graph') === true || i < tensors.length - 1;
      runBackward(tensor, gradients[i] ?? null, retain, args.bool('create_graph'), torchContext(interpreter));
    });
  },
);
