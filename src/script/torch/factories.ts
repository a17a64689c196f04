import { PythonError } from '../../common/errors';
import type { DType } from '../../core/tensor/dtype';
import { broadcastShape } from '../../core/tensor/operations/promotion';
import { full } from '../../core/tensor/operations/creation';
import { normalAround, randomIntegers } from '../../core/tensor/operations/randomOperations';
import { norm } from '../../core/tensor/operations/reductions';
import { storeInPlace } from '../../core/tensor/operations/inPlace';
import { tensorOperations } from '../../core/tensor/operations/tensorOperations';
import { expand } from '../../core/tensor/operations/views';
import { fillNormal } from '../../core/random/distributions';
import { Tensor } from '../../core/tensor/tensor';
import { typeName, type Arguments } from '../objects/arguments';
import { PyTuple } from '../objects/containers';
import { NativeFunction } from '../objects/functions';
import { nativeFunction } from '../objects/native';
import type { PyValue } from '../objects/value';
import { argumentConverters, integerOf, scalarOf, sequenceItems } from './argumentKinds';
import { PyDtype } from './dtypes';
import { PyGenerator } from './generatorClass';
import { NdArray } from './ndArray';
import { PyTensor, wrapResult, wrapTensor } from './tensorClass';
import { tensorFromPython } from './tensorData';
import { torchContext, type TorchContext } from './torchContext';

const copyWarning =
  'To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).';

function dtypeOf(args: Arguments, functionName: string): DType | null {
  const value = args.value('dtype');
  if (value === null) return null;
  if (value instanceof PyDtype) return value.required();
  throw new PythonError('TypeError', `${functionName}(): argument 'dtype' must be torch.dtype, not ${typeName(value)}`);
}

function checkDeviceArgument(args: Arguments, functionName: string, context: TorchContext): void {
  const device = args.value('device');
  if (device === null) return;
  argumentConverters.device(device, { functionName, parameter: 'device', position: null }, context);
}

function finish(tensor: Tensor, args: Arguments): PyTensor {
  if (args.bool('requires_grad')) tensor.setRequiresGrad(true);
  return wrapTensor(tensor);
}

/** Where a size begins among positional arguments: separate ints, or one list. */
function sizeOf(values: readonly PyValue[], site: string): number[] {
  const first = values[0];
  if (values.length === 1 && first !== undefined && integerOf(first) === null) {
    const items = sequenceItems(first);
    if (items !== null) return items.map((item) => integerOf(item) ?? 0);
    throw new PythonError('TypeError', `${site}(): argument 'size' must be tuple of ints, not ${typeName(first)}`);
  }
  return values.map((value) => {
    const integer = integerOf(value);
    if (integer !== null) return integer;
    throw new PythonError('TypeError', `${site}(): argument 'size' must be tuple of ints, not ${typeName(value)}`);
  });
}

function generatorOf(args: Arguments): PyGenerator['generator'] | null {
  const value = args.value('generator');
  return value instanceof PyGenerator ? value.generator : null;
}

const tensor = nativeFunction(
  'tensor',
  'data, *, dtype=None, device=None, requires_grad=False, pin_memory=False',
  (args, interpreter) => {
    const context = torchContext(interpreter);
    const data = args.value('data');
    if (data instanceof PyTensor) interpreter.warn(copyWarning);
    checkDeviceArgument(args, 'tensor', context);
    return finish(tensorFromPython(data, dtypeOf(args, 'tensor'), context), args);
  },
);

/** `as_tensor`, `asarray`, `from_numpy`: a tensor stays what it is. */
function sharing(name: string): NativeFunction {
  return nativeFunction(name, 'data, dtype=None, device=None', (args, interpreter) => {
    const data = args.value('data');
    const dtype = dtypeOf(args, name);
    const context = torchContext(interpreter);
    checkDeviceArgument(args, name, context);
    if (data instanceof NdArray && dtype === null) return wrapTensor(data.tensor.detach());
    if (data instanceof PyTensor && (dtype === null || dtype === data.tensor.dtype)) return data;
    return wrapTensor(tensorFromPython(data, dtype, context));
  });
}

const randint = nativeFunction(
  'randint',
  'low, high=None, size=None, *, generator=None, dtype=None, device=None, requires_grad=False',
  (args, interpreter) => {
    const context = torchContext(interpreter);
    checkDeviceArgument(args, 'randint', context);
    const second = args.value('high');
    const secondIsSize = second !== null && sequenceItems(second) !== null;
    const size = secondIsSize ? second : args.value('size');
    if (size === null) {
      throw new PythonError('TypeError', "randint() missing required argument 'size' (pos 2)");
    }
    const [low, high] = secondIsSize || second === null ? [0n, args.int('low')] : [args.int('low'), args.int('high')];
    return finish(
      randomIntegers(context, low, high, sizeOf([size], 'randint'), dtypeOf(args, 'randint'), generatorOf(args)),
      args,
    );
  },
);

const randintLike = nativeFunction(
  'randint_like',
  'input, low, high=None, *, dtype=None, device=None, requires_grad=False',
  (args, interpreter) => {
    const { tensor: input } = args.object('input', PyTensor, 'Tensor');
    const [low, high] = args.isNone('high') ? [0n, args.int('low')] : [args.int('low'), args.int('high')];
    return finish(
      randomIntegers(
        torchContext(interpreter),
        low,
        high,
        input.shape,
        dtypeOf(args, 'randint_like') ?? input.dtype,
        null,
      ),
      args,
    );
  },
);

const normal = nativeFunction(
  'normal',
  'mean, std=1.0, size=None, *, generator=None, dtype=None, device=None, requires_grad=False',
  (args, interpreter) => {
    const context = torchContext(interpreter);
    const operand = (name: string): Tensor | number => {
      const value = args.value(name);
      return value instanceof PyTensor ? value.tensor : args.float(name);
    };
    const [mean, std] = [operand('mean'), operand('std')];
    const generator = generatorOf(args);
    if (mean instanceof Tensor || std instanceof Tensor) return wrapTensor(normalAround(context, mean, std, generator));
    const size = sizeOf([args.value('size')], 'normal');
    const dtype = dtypeOf(args, 'normal') ?? context.defaultDtype;
    const data = full(context, size, 0n, dtype).data as Float32Array | Float64Array;
    fillNormal(data, generator ?? context.generator, mean, std);
    return finish(Tensor.fromData(context.tape, data, size, dtype), args);
  },
);

/** A function whose tensors follow one another: `einsum(equation, a, b)`, `meshgrid(x, y)`. */
function gathered(name: string, leading: string | null): NativeFunction {
  const row = tensorOperations.find((entry) => entry.name === name)!;
  const parameter = leading === null ? 'tensors' : 'operands';
  const signature = `${leading === null ? '' : `${leading}, `}*${parameter}, indexing='ij'`;
  return nativeFunction(name, signature, (args, interpreter) => {
    const rest = args.rest();
    const list = rest.length === 1 && !(rest[0] instanceof PyTensor) ? (sequenceItems(rest[0]!) ?? []) : rest;
    const context = torchContext(interpreter);
    const site = { functionName: name, parameter, position: null };
    const values: Record<string, unknown> = {
      [parameter]: list.map((value) => argumentConverters.tensor(value, site, context)),
      indexing: args.string('indexing'),
    };
    if (leading !== null) values[leading] = args.string(leading);
    return wrapResult(context.tape.inOperation(name, () => row.run(values as Record<string, never>, context)));
  });
}

const broadcastTensors = nativeFunction('broadcast_tensors', '*tensors', (args) => {
  const tensors = args.rest().map((value) => (value as PyTensor).tensor);
  const shape = tensors.reduce<number[]>((common, { shape: own }) => broadcastShape(common, own), []);
  return new PyTuple(tensors.map((entry) => wrapTensor(expand(entry, shape))));
});

const vectorNorm = (name: string): NativeFunction =>
  nativeFunction(name, 'x, ord=2, dim=None, keepdim=False, *, dtype=None', (args) => {
    const { tensor: input } = args.object('x', PyTensor, 'Tensor');
    const order = args.value('ord');
    const dim = args.value('dim');
    const dims = dim === null ? null : sizeOf([dim], name);
    const p = order === null || order === 'fro' ? 2 : Number(scalarOf(order));
    return wrapTensor(norm(input, p, dims, args.bool('keepdim')));
  });

/** Functions whose arguments are more than a row can say. */
export const factoryFunctions: Readonly<Record<string, NativeFunction>> = {
  tensor,
  as_tensor: sharing('as_tensor'),
  asarray: sharing('asarray'),
  from_numpy: sharing('from_numpy'),
  randint,
  randint_like: randintLike,
  normal,
  einsum: gathered('einsum', 'equation'),
  meshgrid: gathered('meshgrid', null),
  broadcast_tensors: broadcastTensors,
};

export const linalgFunctions: Readonly<Record<string, NativeFunction>> = {
  norm: vectorNorm('norm'),
  vector_norm: vectorNorm('vector_norm'),
};

/** `torch.Tensor(2, 3)`, `torch.LongTensor([1, 2])`: sizes make zeros, a list makes its elements. */
export function legacyConstructor(name: string, dtype: DType | null): NativeFunction {
  return nativeFunction(name, '*args, device=None', (args, interpreter) => {
    const context = torchContext(interpreter);
    const rest = args.rest();
    const type = dtype ?? context.defaultDtype;
    const first = rest[0];
    if (rest.length === 0) return wrapTensor(full(context, [0], 0n, type));
    if (rest.length === 1 && first !== undefined && integerOf(first) === null) {
      return wrapTensor(tensorFromPython(first, type, context));
    }
    return wrapTensor(full(context, sizeOf(rest, name), 0n, type));
  });
}

const legacyTypes: Readonly<Record<string, DType>> = {
  FloatTensor: 'float32',
  DoubleTensor: 'float64',
  LongTensor: 'int64',
  IntTensor: 'int32',
  ShortTensor: 'int16',
  CharTensor: 'int8',
  ByteTensor: 'uint8',
  BoolTensor: 'bool',
};

/** `FloatTensor` and its like, by name. */
export function legacyConstructors(): Record<string, NativeFunction> {
  return Object.fromEntries(Object.entries(legacyTypes).map(([name, dtype]) => [name, legacyConstructor(name, dtype)]));
}

/** `torch.cuda.FloatTensor` and its like, which a PyTorch without CUDA has but doesn't make tensors with. */
export function unavailableConstructors(): Record<string, NativeFunction> {
  return Object.fromEntries(
    Object.keys(legacyTypes).map((name) => [
      name,
      nativeFunction(name, '*args, **options', () => {
        throw new PythonError(
          'TypeError',
          `type torch.cuda.${name} not available. Torch not compiled with CUDA enabled.`,
        );
      }),
    ]),
  );
}

/** The element type that `torch.FloatTensor` stands for in `x.type(torch.FloatTensor)`; null for anything else. */
export function legacyType(value: PyValue): DType | null {
  return value instanceof NativeFunction ? (legacyTypes[value.name] ?? null) : null;
}

/** Runs a row's in-place form: `torch.relu_`. */
export function inPlaceFunction(name: string): NativeFunction {
  const row = tensorOperations.find((entry) => entry.name === name)!;
  return nativeFunction(`${name}_`, 'input', (args, interpreter) => {
    const input = args.object('input', PyTensor, 'Tensor');
    const context = torchContext(interpreter);
    const result = row.run({ input: input.tensor } as unknown as Record<string, never>, context) as Tensor;
    storeInPlace(input.tensor, result, name);
    return input;
  });
}
