import { PythonError } from '../../../common/errors';
import { keywordOnly, optional, required, withDefault, type OperationContext, type Scalar } from '../../operation';
import { dataFromNumbers, dtypeTable, elementCount, type DType, type Shape } from '../dtype';
import { Tensor } from '../tensor';
import { scalarData, scalarType } from './promotion';
import { functionOnly, methodOnly, type TensorOperation } from './tensorOperation';

/** What every factory takes by name. */
export const factoryOptions = {
  dtype: keywordOnly(optional('dtype')),
  device: keywordOnly(optional('device')),
  requires_grad: keywordOnly(withDefault('bool', false)),
  layout: keywordOnly(optional('any')),
  pin_memory: keywordOnly(withDefault('bool', false)),
};

/** @throws PythonError for a size below zero */
export function checkSize(size: Shape): void {
  const negative = size.find((entry) => entry < 0);
  if (negative === undefined) return;
  throw new PythonError(
    'RuntimeError',
    `Trying to create tensor with negative dimension ${negative}: [${size.join(', ')}]`,
  );
}

/** A tensor of one number. */
export function full(context: OperationContext, size: Shape, value: Scalar, dtype: DType): Tensor {
  checkSize(size);
  const data = dtypeTable[dtype].allocate(elementCount(size));
  const [element] = scalarData(value, dtype);
  if (data instanceof BigInt64Array) data.fill(element as bigint);
  else data.fill(element as number);
  return Tensor.fromData(context.tape, data, size, dtype);
}

/** The finished tensor of a factory. */
export function withGrad(tensor: Tensor, requiresGrad: boolean): Tensor {
  if (requiresGrad) tensor.setRequiresGrad(true);
  return tensor;
}

function filled(name: string, value: Scalar): TensorOperation {
  return functionOnly(
    name,
    { size: required('size'), ...factoryOptions },
    ({ size, dtype, requires_grad: grad }, context) => {
      if (name === 'zeros' && size.some((entry) => entry < 0)) {
        throw new PythonError('RuntimeError', 'zeros: Dimension size must be non-negative.');
      }
      return withGrad(full(context, size, value, dtype ?? context.defaultDtype), grad);
    },
  );
}

const likeOptions = { ...factoryOptions, memory_format: keywordOnly(optional('any')) };

function filledLike(name: string, value: Scalar): TensorOperation {
  return functionOnly(
    name,
    { input: required('tensor'), ...likeOptions },
    ({ input, dtype, requires_grad: grad }, context) =>
      withGrad(full(context, input.shape, value, dtype ?? input.dtype), grad),
  );
}

function newFilled(name: string, value: Scalar): TensorOperation {
  return methodOnly(
    name,
    {
      input: required('tensor'),
      size: required('size'),
      dtype: keywordOnly(optional('dtype')),
      device: keywordOnly(optional('device')),
    },
    ({ input, size, dtype }, context) => full(context, size, value, dtype ?? input.dtype),
  );
}

function typeOfRange(bounds: readonly Scalar[], dtype: DType | null, context: OperationContext): DType {
  if (dtype !== null) return dtype;
  return bounds.some((bound) => typeof bound === 'number') ? context.defaultDtype : 'int64';
}

/** torch.arange: start + i * step, computed in float64 (in int64 for integers). */
export function arange(
  context: OperationContext,
  start: Scalar,
  end: Scalar,
  step: Scalar,
  dtype: DType | null,
): Tensor {
  const type = typeOfRange([start, end, step], dtype, context);
  const [from, to, by] = [Number(start), Number(end), Number(step)];
  if (by === 0) throw new PythonError('RuntimeError', 'step must be nonzero');
  if ((by > 0 && from > to) || (by < 0 && from < to)) {
    throw new PythonError('RuntimeError', 'upper bound and lower bound inconsistent with step sign');
  }
  const count = Math.max(0, Math.ceil((to - from) / by));
  const numbers = Float64Array.from({ length: count }, (_, i) => from + i * by);
  return Tensor.fromData(context.tape, dataFromNumbers(numbers, type), [count], type);
}

/** torch.linspace: from both ends towards the middle, in the result's own precision. */
function linspace(context: OperationContext, start: number, end: number, steps: number, dtype: DType): Tensor {
  if (steps < 0) throw new PythonError('RuntimeError', 'number of steps must be non-negative');
  const round = dtype === 'float32' ? Math.fround : (value: number): number => value;
  const step = steps > 1 ? round(round(round(end) - round(start)) / (steps - 1)) : 0;
  const half = Math.floor(steps / 2);
  const numbers = Float64Array.from({ length: steps }, (_, i) =>
    i < half || steps === 1 ? round(round(start) + step * i) : round(round(end) - step * (steps - i - 1)),
  );
  return Tensor.fromData(context.tape, dataFromNumbers(numbers, dtype), [steps], dtype);
}

const like = required('tensor');

/** New tensors. */
export const creationOperations: readonly TensorOperation[] = [
  filled('zeros', 0n),
  filled('ones', 1n),
  filled('empty', 0n),
  filledLike('zeros_like', 0n),
  filledLike('ones_like', 1n),
  filledLike('empty_like', 0n),
  newFilled('new_zeros', 0n),
  newFilled('new_ones', 1n),
  newFilled('new_empty', 0n),
  functionOnly(
    'full',
    { size: required('ints'), fill_value: required('scalar'), ...factoryOptions },
    ({ size, fill_value: value, dtype, requires_grad: grad }, context) =>
      withGrad(full(context, size, value, dtype ?? scalarType(value, context.defaultDtype)), grad),
  ),
  functionOnly(
    'full_like',
    { input: like, fill_value: required('scalar'), ...likeOptions },
    ({ input, fill_value: value, dtype, requires_grad: grad }, context) =>
      withGrad(full(context, input.shape, value, dtype ?? input.dtype), grad),
  ),
  methodOnly(
    'new_full',
    { input: like, size: required('ints'), fill_value: required('scalar'), dtype: keywordOnly(optional('dtype')) },
    ({ input, size, fill_value: value, dtype }, context) => full(context, size, value, dtype ?? input.dtype),
  ),
  functionOnly(
    'eye',
    { n: required('int'), m: optional('int'), ...factoryOptions },
    ({ n, m, dtype, requires_grad: grad }, context) => {
      const columns = m ?? n;
      const numbers = new Float64Array(n * columns);
      for (let i = 0; i < Math.min(n, columns); i++) numbers[i * columns + i] = 1;
      const type = dtype ?? context.defaultDtype;
      return withGrad(Tensor.fromData(context.tape, dataFromNumbers(numbers, type), [n, columns], type), grad);
    },
  ),
  functionOnly(
    'arange',
    { start: required('scalar'), end: optional('scalar'), step: withDefault('scalar', 1n), ...factoryOptions },
    ({ start, end, step, dtype, requires_grad: grad }, context) =>
      withGrad(end === null ? arange(context, 0n, start, step, dtype) : arange(context, start, end, step, dtype), grad),
  ),
  functionOnly(
    'linspace',
    { start: required('float'), end: required('float'), steps: required('int'), ...factoryOptions },
    ({ start, end, steps, dtype, requires_grad: grad }, context) =>
      withGrad(linspace(context, start, end, steps, dtype ?? context.defaultDtype), grad),
  ),
  functionOnly(
    'logspace',
    {
      start: required('float'),
      end: required('float'),
      steps: required('int'),
      base: withDefault('float', 10),
      ...factoryOptions,
    },
    ({ start, end, steps, base, dtype, requires_grad: grad }, context) => {
      const type = dtype ?? context.defaultDtype;
      const exponents = linspace(context, start, end, steps, 'float64').data as Float64Array;
      const data = dataFromNumbers(
        exponents.map((exponent) => base ** exponent),
        type,
      );
      return withGrad(Tensor.fromData(context.tape, data, [steps], type), grad);
    },
  ),
];

/** torch.nn.functional.one_hot. Reads the classes. */
export function oneHot(input: Tensor, classes: number): Tensor {
  if (input.dtype !== 'int64') {
    throw new PythonError('RuntimeError', `one_hot is only applicable to index tensor of type LongTensor.`);
  }
  const data = Array.from(input.data as BigInt64Array, Number);
  if (data.some((index) => index < 0)) throw new PythonError('RuntimeError', 'Class values must be non-negative.');
  const depth = classes === -1 ? data.reduce((top, index) => Math.max(top, index + 1), 0) : classes;
  if (data.some((index) => index >= depth)) {
    throw new PythonError('RuntimeError', 'Class values must be smaller than num_classes.');
  }
  const result = new BigInt64Array(data.length * depth);
  data.forEach((index, row) => {
    result[row * depth + index] = 1n;
  });
  return Tensor.fromData(input.tape, result, [...input.shape, depth], 'int64');
}
