import { PythonError } from '../../../common/errors';
import { limitElements, scaleToNorm, totalNorm, vectorToTensors } from '../../../core/nn/gradientClipping';
import { reshape } from '../../../core/nn/tensorMath';
import { elementCount, isFloating } from '../../../core/tensor/dtype';
import { apply, Tensor } from '../../../core/tensor/tensor';
import type { Arguments } from '../../objects/arguments';
import { PyIterator, PyModule } from '../../objects/functions';
import type { Interpreter, ModuleRow } from '../../objects/interpreter';
import { nativeFunction } from '../../objects/native';
import type { PyValue } from '../../objects/value';
import { PyTensor, wrapTensor } from '../tensorClass';
import { torchContext } from '../torchContext';

/** A tensor, or an iterable of them. */
function tensors(value: PyValue, interpreter: Interpreter): Tensor[] {
  const items = value instanceof PyTensor ? [value] : interpreter.list(value);
  return items.map((item) => {
    if (item instanceof PyTensor) return item.tensor;
    throw new PythonError('AttributeError', `'${interpreter.classOf(item).name}' object has no attribute 'grad'`);
  });
}

function gradients(parameters: readonly Tensor[]): Tensor[] {
  return parameters.flatMap(({ grad }) => (grad ? [grad] : []));
}

/** A norm's order: a number, or 'inf'. */
function normOrder(args: Arguments): number {
  const given = args.value('norm_type');
  if (given === 'inf') return Infinity;
  return args.float('norm_type');
}

function scalar(value: number, interpreter: Interpreter): Tensor {
  return Tensor.fromData(torchContext(interpreter).tape, Float32Array.of(value), [], 'float32');
}

const clipNorm = nativeFunction(
  'clip_grad_norm_',
  'parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None',
  (args, interpreter) => {
    const given = args.value('parameters');
    const parameters = tensors(given, interpreter);
    if (given instanceof PyIterator && parameters.length === 0) {
      interpreter.warn('`parameters` is an empty generator, no gradient clipping will occur.');
    }
    const found = gradients(parameters);
    if (found.length === 0) return wrapTensor(scalar(0, interpreter));
    const order = normOrder(args);
    const { tape } = torchContext(interpreter);
    const total = tape.inOperation('clip_grad_norm_', () => tape.withoutGrad(() => totalNorm(found, order)));
    if (args.bool('error_if_nonfinite') && !Number.isFinite(Number(total.data[0]))) {
      throw new PythonError(
        'RuntimeError',
        `The total norm of order ${interpreter.str(order)} for gradients from \`parameters\` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set \`error_if_nonfinite=False\``,
      );
    }
    tape.inOperation('clip_grad_norm_', () => scaleToNorm(found, args.float('max_norm'), total));
    return wrapTensor(total);
  },
);

const clipValue = nativeFunction('clip_grad_value_', 'parameters, clip_value, foreach=None', (args, interpreter) => {
  const { tape } = torchContext(interpreter);
  const found = gradients(tensors(args.value('parameters'), interpreter));
  tape.inOperation('clip_grad_value_', () => limitElements(found, args.float('clip_value')));
});

const totalNormFunction = nativeFunction(
  'get_total_norm',
  'tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None',
  (args, interpreter) => {
    const found = tensors(args.value('tensors'), interpreter);
    if (found.length === 0) return wrapTensor(scalar(0, interpreter));
    return wrapTensor(totalNorm(found, normOrder(args)));
  },
);

const toVector = nativeFunction('parameters_to_vector', 'parameters', (args, interpreter) => {
  const flat = tensors(args.value('parameters'), interpreter).map((tensor) =>
    reshape(tensor, [elementCount(tensor.shape)]),
  );
  return wrapTensor(apply(flat[0]!.tape, 'Concat', flat, { axis: 0 }, 'CatBackward0'));
});

const fromVector = nativeFunction('vector_to_parameters', 'vec, parameters', (args, interpreter) => {
  const vector = args.value('vec');
  if (!(vector instanceof PyTensor) || !isFloating(vector.tensor.dtype)) {
    throw new PythonError(
      'TypeError',
      `expected torch.Tensor, but got: ${interpreter.repr(interpreter.classOf(vector))}`,
    );
  }
  const { tensor } = vector;
  tensor.tape.withoutGrad(() => vectorToTensors(tensor, tensors(args.value('parameters'), interpreter)));
});

const clipping = {
  clip_grad_norm_: clipNorm,
  clip_grad_norm: clipNorm,
  clip_grad_value_: clipValue,
  get_total_norm: totalNormFunction,
};

const vectors = { parameters_to_vector: toVector, vector_to_parameters: fromVector };

/** `torch.nn.utils` and the modules below it that scripts import from. */
export const utilsModules: readonly ModuleRow[] = [
  { name: 'torch.nn.utils', build: () => new PyModule('torch.nn.utils', { ...clipping, ...vectors }) },
  { name: 'torch.nn.utils.clip_grad', build: () => new PyModule('torch.nn.utils.clip_grad', clipping) },
  {
    name: 'torch.nn.utils.convert_parameters',
    build: () => new PyModule('torch.nn.utils.convert_parameters', vectors),
  },
];
