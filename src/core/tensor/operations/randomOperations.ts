import { PythonError } from '../../../common/errors';
import { keywordOnly, optional, required, withDefault, type OperationContext } from '../../operation';
import { drawBernoulliEach, fillNormal, fillUniform, type FloatArray } from '../../random/distributions';
import type { Generator } from '../../random/generator';
import { drawIntegers, drawPermutation } from '../../random/integers';
import { drawMultinomial } from '../../random/multinomial';
import { dataFromNumbers, elementCount, isFloating, type DType, type Shape } from '../dtype';
import { Tensor } from '../tensor';
import { factoryOptions, withGrad } from './creation';
import { castTo } from './promotion';
import { functionAndMethod, functionOnly, type TensorOperation } from './tensorOperation';

function floatArray(count: number, dtype: DType): FloatArray {
  if (dtype === 'float32') return new Float32Array(count);
  if (dtype === 'float64') return new Float64Array(count);
  throw new PythonError(
    'RuntimeError',
    `"check_uniform_bounds" not implemented for '${dtype === 'int64' ? 'Long' : dtype}'`,
  );
}

type Fill = (data: FloatArray, generator: Generator) => FloatArray;

function drawn(context: OperationContext, size: Shape, dtype: DType, generator: Generator | null, fill: Fill): Tensor {
  const data = fill(floatArray(elementCount(size), dtype), generator ?? context.generator);
  return Tensor.fromData(context.tape, data, size, dtype);
}

const generator = keywordOnly(optional('generator'));

function drawnRow(name: string, fill: Fill): TensorOperation {
  return functionOnly(
    name,
    { size: required('size'), generator, ...factoryOptions },
    ({ size, generator: source, dtype, requires_grad: grad }, context) =>
      withGrad(drawn(context, size, dtype ?? context.defaultDtype, source, fill), grad),
  );
}

function drawnLikeRow(name: string, fill: Fill): TensorOperation {
  return functionOnly(
    name,
    { input: required('tensor'), generator, ...factoryOptions },
    ({ input, generator: source, dtype, requires_grad: grad }, context) =>
      withGrad(drawn(context, input.shape, dtype ?? input.dtype, source, fill), grad),
  );
}

const uniform: Fill = (data, source) => fillUniform(data, source);
const normal: Fill = (data, source) => fillNormal(data, source);

/** `torch.randint`: int64 unless another type is asked for. */
export function randomIntegers(
  context: OperationContext,
  low: bigint,
  high: bigint,
  size: Shape,
  dtype: DType | null,
  source: Generator | null,
): Tensor {
  if (low >= high) {
    throw new PythonError(
      'RuntimeError',
      `random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}`,
    );
  }
  const data = drawIntegers(elementCount(size), source ?? context.generator, low, high);
  const type = dtype ?? 'int64';
  const typed = type === 'int64' ? data : dataFromNumbers(Array.from(data, Number), type);
  return Tensor.fromData(context.tape, typed, size, type);
}

/** Draws element by element around means and deviations: `torch.normal(mean, std)`. */
export function normalAround(
  context: OperationContext,
  mean: Tensor | number,
  std: Tensor | number,
  source: Generator | null,
): Tensor {
  const shape = mean instanceof Tensor ? mean.shape : (std as Tensor).shape;
  const dtype = mean instanceof Tensor ? mean.dtype : (std as Tensor).dtype;
  const noise = fillNormal(floatArray(elementCount(shape), dtype), source ?? context.generator);
  const numbers = (operand: Tensor | number): ((i: number) => number) => {
    if (typeof operand === 'number') return () => operand;
    const data = operand.data as FloatArray;
    return (i) => data[i % data.length]!;
  };
  const [center, spread] = [numbers(mean), numbers(std)];
  const round = dtype === 'float32' ? Math.fround : (value: number): number => value;
  const data = noise.map((value: number, i: number) => round(round(value * spread(i)) + center(i)));
  return Tensor.fromData(context.tape, data, shape, dtype);
}

/** Random tensors. */
export const randomOperations: readonly TensorOperation[] = [
  drawnRow('rand', uniform),
  drawnRow('randn', normal),
  drawnLikeRow('rand_like', uniform),
  drawnLikeRow('randn_like', normal),
  functionOnly(
    'randperm',
    { n: required('int'), generator, ...factoryOptions },
    ({ n, generator: source, dtype }, context) => {
      const order = Tensor.fromData(context.tape, drawPermutation(n, source ?? context.generator), [n], 'int64');
      return dtype === null ? order : castTo(order, dtype);
    },
  ),
  functionAndMethod('bernoulli', { input: required('tensor'), generator }, ({ input, generator: source }, context) => {
    if (!isFloating(input.dtype))
      throw new PythonError('RuntimeError', '"bernoulli_tensor_cpu_p_" not implemented for \'Long\'');
    const bits = drawBernoulliEach(input.data as FloatArray, source ?? context.generator);
    return Tensor.fromData(context.tape, dataFromNumbers(bits, input.dtype), input.shape, input.dtype);
  }),
  functionAndMethod(
    'multinomial',
    { input: required('tensor'), num_samples: required('int'), replacement: withDefault('bool', false), generator },
    ({ input, num_samples: samples, replacement, generator: source }, context) => {
      if (input.shape.length < 1 || input.shape.length > 2) {
        throw new PythonError('RuntimeError', `prob_dist must be 1 or 2 dim`);
      }
      const weights = (isFloating(input.dtype) ? input : castTo(input, 'float32')).data as FloatArray;
      const data = drawMultinomial(weights, input.shape.at(-1)!, samples, replacement, source ?? context.generator);
      return Tensor.fromData(context.tape, data, [...input.shape.slice(0, -1), samples], 'int64');
    },
  ),
];
