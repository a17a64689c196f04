import { PythonError } from '../../common/errors';
import { isFloating } from '../../core/tensor/dtype';
import { giveOwnMemory } from '../../core/tensor/joining';
import { getItem, setItem } from '../../core/tensor/operations/advancedIndexing';
import { rowMajorStrides, stridesOf } from '../../core/tensor/memoryLayout';
import { castTo } from '../../core/tensor/operations/promotion';
import { storeInPlace } from '../../core/tensor/operations/inPlace';
import type { TensorOperation } from '../../core/tensor/operations/tensorOperation';
import { tensorOperations } from '../../core/tensor/operations/tensorOperations';
import { permute, reversedAxes, transpose } from '../../core/tensor/operations/views';
import { Tensor } from '../../core/tensor/tensor';
import { roundToInt } from '../interpreter/floatText';
import { typeName, unwrap } from '../objects/arguments';
import { PyTuple } from '../objects/containers';
import { PyIterator } from '../objects/functions';
import { addMembers, type PropertyRow } from '../objects/native';
import { NativeFunction } from '../objects/functions';
import type { PyValue } from '../objects/value';
import { elementOf, integerOf } from './argumentKinds';
import { bindMethod } from './bindOperation';
import { checkDevice, parseDevice, PyDevice } from './devices';
import { dtypeObject, PyDtype } from './dtypes';
import { legacyType } from './factories';
import { gradFunction } from './gradFunction';
import { runBackward } from './autograd';
import { NdArray } from './ndArray';
import { makeSize } from './returnTypes';
import { makeParameter, parameterClass, PyTensor, tensorClass, wrapTensor } from './tensorClass';
import { convertTensor, readConversion, tensorTypeNames, typeMethods } from './tensorConversion';
import { tensorFromPython, toList } from './tensorData';
import { indexItems } from './tensorIndexing';
import { operandOf, tensorOperators } from './tensorOperators';
import { registerTensorHook } from './tensorHooks';
import { conversionError, floatOf, itemOf, onlyElement, truthOf } from './tensorScalars';
import { tensorText } from './tensorPrinting';
import { torchContext, type TorchContext } from './torchContext';

const nonLeafGradWarning =
  "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more informations.";

function numpy(tensor: Tensor, force: boolean): NdArray {
  if (tensor.requiresGrad && !force) {
    throw new PythonError(
      'RuntimeError',
      "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
    );
  }
  return new NdArray(tensor);
}

function strides(tensor: Tensor): PyTuple {
  const strides = stridesOf(tensor.shape, tensor.layout) ?? rowMajorStrides(tensor.shape);
  return new PyTuple(strides.map(BigInt));
}

/** A copy of a leaf that stands on its own: `copy.deepcopy`. */
function deepCopy(self: PyTensor): PyTensor {
  const { tensor } = self;
  if (!tensor.isLeaf) {
    throw new PythonError(
      'RuntimeError',
      'Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001',
    );
  }
  giveOwnMemory(tensor.value);
  const fresh = new Tensor(tensor.tape, tensor.value);
  if (tensor.isParameter) return wrapTensor(makeParameter(fresh, tensor.requiresGrad));
  if (tensor.requiresGrad) fresh.setRequiresGrad(true);
  return wrapTensor(fresh);
}

function toCuda(self: PyTensor, context: TorchContext): PyTensor {
  checkDevice(new PyDevice('cuda', null), context);
  return self;
}

function assignData(target: Tensor, value: PyValue): void {
  if (!(value instanceof PyTensor)) {
    throw new PythonError('TypeError', `Variable data has to be a tensor, but got ${typeName(value)}`);
  }
  target.overwrite(value.tensor.value);
  target.layout = value.tensor.layout;
}

function setGrad(target: Tensor, value: PyValue): void {
  if (value === null) {
    target.grad = null;
    return;
  }
  if (!(value instanceof PyTensor)) {
    throw new PythonError(
      'TypeError',
      `assigned grad expected to be a Tensor or None but got grad of type ${typeName(value)}`,
    );
  }
  if (value.tensor.shape.join() !== target.shape.join()) {
    const size = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
    throw new PythonError(
      'RuntimeError',
      `attempting to assign a gradient of size '${size(value.tensor.shape)}' to a tensor of size '${size(target.shape)}'. Please ensure that the gradient and the tensor are the same size`,
    );
  }
  target.grad = value.tensor;
}

const properties: Record<string, PropertyRow<PyTensor>> = {
  shape: ({ tensor }) => makeSize(tensor.shape),
  dtype: ({ tensor }) => dtypeObject(tensor.dtype),
  device: () => parseDevice('cpu'),
  ndim: ({ tensor }) => BigInt(tensor.shape.length),
  nbytes: ({ tensor }) => BigInt(tensor.data.byteLength),
  itemsize: ({ tensor }) => BigInt(tensor.data.BYTES_PER_ELEMENT),
  is_leaf: ({ tensor }) => tensor.isLeaf,
  is_cuda: () => false,
  is_sparse: () => false,
  requires_grad: {
    get: ({ tensor }) => tensor.requiresGrad,
    set: ({ tensor }, value, interpreter) => {
      const requiresGrad = interpreter.isTrue(value);
      if (requiresGrad && !isFloating(tensor.dtype)) {
        throw new PythonError('RuntimeError', 'only Tensors of floating point and complex dtype can require gradients');
      }
      tensor.setRequiresGrad(requiresGrad);
    },
  },
  retains_grad: ({ tensor }) => tensor.gradFn?.record.retained?.get(tensor.gradFn.index) === tensor,
  grad: {
    get: ({ tensor }, interpreter) => {
      if (tensor.grad) {
        giveOwnMemory(tensor.grad.value);
        return wrapTensor(tensor.grad);
      }
      if (!tensor.isLeaf && tensor.gradFn?.record.retained?.get(tensor.gradFn.index) !== tensor) {
        interpreter.warn(nonLeafGradWarning);
      }
      return null;
    },
    set: ({ tensor }, value) => setGrad(tensor, value),
  },
  grad_fn: ({ tensor }) => (tensor.gradFn ? gradFunction(tensor.gradFn.record) : null),
  data: {
    get: ({ tensor }) => wrapTensor(tensor.detach()),
    set: ({ tensor }, value) => assignData(tensor, value),
  },
  T: ({ tensor }) => wrapTensor(reversedAxes(tensor)),
  mT: ({ tensor }) => wrapTensor(transpose(tensor, -2, -1)),
  H: ({ tensor }) => wrapTensor(permute(tensor, [1, 0])),
  name: () => null,
  _version: ({ tensor }) => BigInt(tensor.version),
};

addMembers<PyTensor>(tensorClass, {
  methods: {
    ...tensorOperators,
    __repr__: ['', (self, _args, interpreter) => tensorText(self.tensor, torchContext(interpreter))],
    __str__: ['', (self, _args, interpreter) => tensorText(self.tensor, torchContext(interpreter))],
    __format__: [
      'format_spec',
      (self, args, interpreter) => {
        const specification = args.string('format_spec');
        if (self.tensor.shape.length === 0 && !self.tensor.isParameter) {
          return interpreter.format(elementOf(self.tensor), specification);
        }
        if (specification === '') return tensorText(self.tensor, torchContext(interpreter));
        throw new PythonError('TypeError', `unsupported format string passed to ${self.pyClass.name}.__format__`);
      },
    ],
    __bool__: ['', ({ tensor }) => truthOf(tensor)],
    __float__: ['', ({ tensor }, _args, interpreter) => floatOf(tensor, torchContext(interpreter))],
    __int__: [
      '',
      ({ tensor }) => {
        const element = onlyElement(tensor, conversionError);
        return typeof element === 'number' ? roundToInt(Math.trunc(element)) : BigInt(element);
      },
    ],
    __index__: [
      '',
      (self) => {
        const integer = integerOf(self);
        if (integer !== null) return BigInt(integer);
        throw new PythonError('TypeError', 'only integer tensors of a single element can be converted to an index');
      },
    ],
    __len__: [
      '',
      ({ tensor }) => {
        if (tensor.shape.length === 0) throw new PythonError('TypeError', 'len() of a 0-d tensor');
        return BigInt(tensor.shape[0]!);
      },
    ],
    __iter__: [
      '',
      (self, _args, interpreter) => {
        const { tensor } = self;
        if (tensor.shape.length === 0) throw new PythonError('TypeError', 'iteration over a 0-d tensor');
        const rows = interpreter.callMethod(self, 'unbind', [0n]);
        return new PyIterator(interpreter.iterate(rows), 'tuple_iterator');
      },
    ],
    __contains__: [
      'element',
      (self, args, interpreter) => {
        const equal = interpreter.compare('==', self, args.value('element'));
        return equal instanceof PyTensor && Array.from(equal.tensor.data as Uint8Array).some((entry) => entry !== 0);
      },
    ],
    __getitem__: [
      'index',
      ({ tensor }, args, interpreter) => {
        const context = torchContext(interpreter);
        const items = indexItems(args.value('index'), context);
        return wrapTensor(context.tape.inOperation('getitem', () => getItem(tensor, items)));
      },
    ],
    __setitem__: [
      'index, value',
      ({ tensor }, args, interpreter) => {
        const context = torchContext(interpreter);
        const value = operandOf(args.value('value'));
        if (value === null) {
          throw new PythonError(
            'TypeError',
            `can't assign a ${typeName(args.value('value'))} to a torch.${tensorTypeNames[tensor.dtype].slice(6)}`,
          );
        }
        const items = indexItems(args.value('index'), context);
        context.tape.inOperation('setitem', () => setItem(tensor, items, value));
      },
    ],
    __deepcopy__: ['memo', (self) => deepCopy(self)],
    __copy__: ['', (self) => wrapTensor(self.tensor.detach())],
    item: ['', ({ tensor }) => itemOf(tensor)],
    tolist: ['', ({ tensor }) => toList(tensor)],
    numpy: ['*, force=False', ({ tensor }, args) => numpy(tensor, args.bool('force'))],
    size: [
      'dim=None',
      ({ tensor }, args) => {
        if (args.isNone('dim')) return makeSize(tensor.shape);
        const dim = args.index('dim');
        const rank = tensor.shape.length;
        if (dim < -rank || dim >= rank) {
          throw new PythonError(
            'IndexError',
            `Dimension out of range (expected to be in range of [${-Math.max(rank, 1)}, ${Math.max(rank, 1) - 1}], but got ${dim})`,
          );
        }
        return BigInt(tensor.shape.at(dim)!);
      },
    ],
    stride: [
      'dim=None',
      ({ tensor }, args) => (args.isNone('dim') ? strides(tensor) : strides(tensor).items.at(args.index('dim'))!),
    ],
    get_device: ['', () => -1n],
    data_ptr: ['', ({ tensor }) => wrapTensor(tensor.memory).id],
    backward: [
      'gradient=None, retain_graph=None, create_graph=False, inputs=None',
      ({ tensor }, args, interpreter) =>
        runBackward(
          tensor,
          args.value('gradient'),
          args.value('retain_graph') === true,
          args.bool('create_graph'),
          torchContext(interpreter),
        ),
    ],
    requires_grad_: [
      'requires_grad=True',
      (self, args) => {
        self.tensor.setRequiresGrad(
          args.bool('requires_grad'),
          'only Tensors of floating point dtype can require gradients',
        );
        return self;
      },
    ],
    retain_grad: [
      '',
      ({ tensor }) => {
        const { gradFn } = tensor;
        if (!tensor.requiresGrad) {
          throw new PythonError('RuntimeError', "can't retain_grad on Tensor that has requires_grad=False");
        }
        if (gradFn) (gradFn.record.retained ??= new Map()).set(gradFn.index, tensor);
      },
    ],
    register_hook: ['hook', (self, args, interpreter) => registerTensorHook(self, args.value('hook'), interpreter)],
    cpu: ['', (self) => self],
    cuda: ['device=None, non_blocking=False', (self, _args, interpreter) => toCuda(self, torchContext(interpreter))],
    pin_memory: ['', (self) => self],
    share_memory_: ['', (self) => self],
    type: [
      'dtype=None, non_blocking=False',
      (self, args) => {
        const dtype = args.value('dtype');
        if (dtype === null) return tensorTypeNames[self.tensor.dtype];
        if (dtype instanceof PyDtype) return wrapTensor(castTo(self.tensor, dtype.required()));
        const legacy = legacyType(dtype);
        if (legacy) return wrapTensor(castTo(self.tensor, legacy));
        const found = Object.entries(tensorTypeNames).find(([, name]) => name === unwrap(dtype));
        if (found) return wrapTensor(castTo(self.tensor, found[0] as Tensor['dtype']));
        throw new PythonError('ValueError', `invalid type: '${String(dtype)}'`);
      },
    ],
    new_tensor: [
      'data, *, dtype=None, device=None, requires_grad=False',
      ({ tensor }, args, interpreter) => {
        const asked = args.value('dtype');
        const dtype = asked instanceof PyDtype ? asked.required() : tensor.dtype;
        const made = tensorFromPython(args.value('data'), dtype, torchContext(interpreter));
        if (args.bool('requires_grad')) made.setRequiresGrad(true);
        return wrapTensor(made);
      },
    ],
    is_complex: ['', () => false],
    is_signed: ['', ({ tensor }) => isFloating(tensor.dtype) || tensor.dtype.startsWith('int')],
  },
  properties,
});

for (const [name, dtype] of Object.entries(typeMethods)) {
  addMembers<PyTensor>(tensorClass, {
    methods: { [name]: ['', (self) => wrapTensor(castTo(self.tensor, dtype))] },
  });
}

for (const name of ['half', 'bfloat16']) {
  addMembers<PyTensor>(tensorClass, {
    methods: {
      [name]: [
        '',
        () => {
          throw new PythonError('NotImplementedError', 'Gradstep has no half precision');
        },
      ],
    },
  });
}

tensorClass.setMember(
  'to',
  new NativeFunction(
    'to',
    (args, keywords, interpreter) => {
      const self = args[0] as PyTensor;
      const context = torchContext(interpreter);
      const converted = convertTensor(self.tensor, readConversion(args.slice(1), keywords, context));
      return wrapTensor(converted);
    },
    null,
    true,
  ),
);

for (const row of tensorOperations) {
  if (!row.method) continue;
  for (const name of [row.name, ...row.aliases]) {
    tensorClass.setMember(name, bindMethod(row, tensorClass, { name }));
    if (row.inPlace) tensorClass.setMember(`${name}_`, bindMethod(inPlaceRow(row), tensorClass, { name: `${name}_` }));
  }
}

/** The row of `x.NAME_(...)`: the operation, its result stored in its first operand. */
function inPlaceRow(row: TensorOperation): TensorOperation {
  return {
    ...row,
    run: (args, context) => {
      const target = Object.values(args)[0] as unknown as Tensor;
      return storeInPlace(target, row.run(args, context) as Tensor, row.name);
    },
  };
}

addMembers<PyTensor>(parameterClass, {
  staticMethods: {
    __new__: [
      'cls, data=None, requires_grad=True',
      (args, interpreter) => {
        const data = args.value('data');
        const requiresGrad = args.bool('requires_grad');
        if (data === null) {
          const { tape, defaultDtype } = torchContext(interpreter);
          const empty = Tensor.fromData(
            tape,
            tensorFromPython(new PyTuple(), defaultDtype, torchContext(interpreter)).data,
            [0],
            defaultDtype,
          );
          return wrapTensor(makeParameter(empty, requiresGrad));
        }
        if (data instanceof PyTensor) return wrapTensor(makeParameter(data.tensor, requiresGrad));
        throw new PythonError('TypeError', `cannot assign '${typeName(data)}' as Parameter data`);
      },
    ],
  },
});
