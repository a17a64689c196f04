import { PythonError } from '../../../common/errors';
import { keywordOnly, optional, required, withDefault, type OperationContext } from '../../operation';
import { drawBernoulli, fillExponential, fillNormal, fillUniform, type FloatArray } from '../../random/distributions';
import { drawIntegers, unboundedDraws } from '../../random/integers';
import { dataFromNumbers, dtypeTable, elementCount, isFloating, type TensorData } from '../dtype';
import { apply, Tensor } from '../tensor';
import { broadcastValue } from './advancedIndexing';
import { full } from './creation';
import { castTo, scalarTypeNames } from './promotion';
import { maskedFill } from './scattering';
import { methodOnly, type TensorOperation } from './tensorOperation';

/** Writes new elements into a tensor, and through its views. */
function write(x: Tensor, data: TensorData): Tensor {
  x.assign(Tensor.fromData(x.tape, data, x.shape, x.dtype));
  return x;
}

/** `x.fill_(number)`. */
export function fill(x: Tensor, value: number | bigint | boolean, context: OperationContext): Tensor {
  x.assign(full(context, x.shape, value, x.dtype));
  if (Number(value) === 0 && x.storage.backwards !== null) x.storage.backwards = 0;
  return x;
}

/** `x.copy_(source)`: cast and broadcast. */
export function copy(x: Tensor, source: Tensor): Tensor {
  const cast = castTo(source, x.dtype);
  let spread: Tensor;
  try {
    spread = broadcastValue(cast, x.shape);
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    const rank = x.shape.length;
    const differs = x.shape.map((size, i) => {
      const own = source.shape[i - rank + source.shape.length];
      return own !== undefined && own !== 1 && own !== size;
    });
    const axis = differs.lastIndexOf(true);
    throw new PythonError(
      'RuntimeError',
      axis < 0
        ? `output with shape [${x.shape.join(', ')}] doesn't match the broadcast shape [${source.shape.join(', ')}]`
        : `The size of tensor a (${x.shape[axis]!}) must match the size of tensor b (${source.shape[axis - rank + source.shape.length]!}) at non-singleton dimension ${axis}`,
    );
  }
  x.assign(spread === source ? apply(x.tape, 'Identity', [spread], undefined, 'CopyBackwards') : spread);
  return x;
}

function floatData(x: Tensor, kernel: string): FloatArray {
  if (!isFloating(x.dtype)) {
    throw new PythonError('NotImplementedError', `"${kernel}" not implemented for '${scalarTypeNames[x.dtype]}'`);
  }
  return dtypeTable[x.dtype].allocate(elementCount(x.shape)) as FloatArray;
}

const input = required('tensor');
const generator = keywordOnly(optional('generator'));

/** Operations that exist in place alone. */
export const fillingOperations: readonly TensorOperation[] = [
  methodOnly('zero_', { input }, ({ input: x }, context) => fill(x, 0n, context)),
  methodOnly('fill_', { input, value: required('scalar') }, ({ input: x, value }, context) => fill(x, value, context)),
  methodOnly(
    'copy_',
    { input, src: required('tensor'), non_blocking: withDefault('bool', false) },
    ({ input: x, src }) => copy(x, src),
  ),
  methodOnly('set_', { input, source: required('tensor') }, ({ input: x, source }) => {
    x.overwrite(source.value);
    return x;
  }),
  methodOnly('detach_', { input }, ({ input: x }) => {
    x.gradFn = null;
    return x;
  }),
  methodOnly(
    'normal_',
    { input, mean: withDefault('float', 0), std: withDefault('float', 1), generator },
    ({ input: x, mean, std, generator: source }, context) => {
      if (std < 0) throw new PythonError('RuntimeError', `normal expects std >= 0.0, but found std ${std}`);
      return write(x, fillNormal(floatData(x, 'normal_kernel_cpu'), source ?? context.generator, mean, std));
    },
  ),
  methodOnly(
    'uniform_',
    { input, from: withDefault('float', 0), to: withDefault('float', 1), generator },
    ({ input: x, from, to, generator: source }, context) => {
      if (from > to) {
        throw new PythonError(
          'RuntimeError',
          `uniform_ expects to return a [from, to) range, but found from=${from} > to=${to}`,
        );
      }
      return write(x, fillUniform(floatData(x, 'check_uniform_bounds'), source ?? context.generator, from, to));
    },
  ),
  methodOnly(
    'exponential_',
    { input, lambd: withDefault('float', 1), generator },
    ({ input: x, lambd, generator: source }, context) =>
      write(x, fillExponential(floatData(x, 'exponential_cpu'), source ?? context.generator, lambd)),
  ),
  methodOnly(
    'bernoulli_',
    { input, p: withDefault('float', 0.5), generator },
    ({ input: x, p, generator: source }, context) =>
      write(x, dataFromNumbers(drawBernoulli(elementCount(x.shape), source ?? context.generator, p), x.dtype)),
  ),
  methodOnly(
    'random_',
    { input, from: optional('int'), to: optional('int'), generator },
    ({ input: x, from, to, generator: source }, context) => {
      const count = elementCount(x.shape);
      const drawSource = source ?? context.generator;
      if (from === null) {
        const draw = unboundedDraws[x.dtype];
        const drawn = Array.from({ length: count }, () => draw(drawSource));
        return write(
          x,
          x.dtype === 'int64' ? BigInt64Array.from(drawn as bigint[]) : dataFromNumbers(drawn as number[], x.dtype),
        );
      }
      const [low, high] = to === null ? [0, from] : [from, to];
      if (low >= high) {
        throw new PythonError(
          'RuntimeError',
          `random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}`,
        );
      }
      const integers = drawIntegers(count, drawSource, BigInt(low), BigInt(high));
      return write(x, x.dtype === 'int64' ? integers : dataFromNumbers(Array.from(integers, Number), x.dtype));
    },
  ),
  methodOnly('fill_diagonal_', { input, fill_value: required('scalar') }, ({ input: x, fill_value: value }) => {
    const columns = x.shape.at(-1)!;
    const diagonal = Uint8Array.from({ length: elementCount(x.shape) }, (_, i) =>
      Math.floor(i / columns) === i % columns ? 1 : 0,
    );
    x.assign(maskedFill(x, Tensor.fromData(x.tape, diagonal, x.shape, 'bool'), value));
    return x;
  }),
];
