import { PythonError } from '../../../common/errors';
import { optional, required, withDefault, type OperationContext } from '../../operation';
import { dataFromNumbers, isFloating } from '../dtype';
import { apply, Tensor } from '../tensor';
import { add, divide, extreme, multiply, renamed, subtract } from './arithmetic';
import { axesOf, axisOf, range } from './axes';
import { concatenate } from './joining';
import { matmul } from './matrix';
import { guardedSquareRoot, mean, norm, variance } from './reductions';
import { functionAndMethod, functionOnly, methodOnly, type TensorOperation } from './tensorOperation';
import { floatingInput } from './unary';
import { permute, reshape, unsqueeze } from './views';

/** torch.tensordot: the last axes of one with the first of the other, or two lists of axes. */
function tensordot(a: Tensor, b: Tensor, first: readonly number[], second: readonly number[]): Tensor {
  const axesA = axesOf(first, a.shape.length);
  const axesB = axesOf(second, b.shape.length);
  axesA.forEach((axis, i) => {
    if (a.shape[axis] === b.shape[axesB[i]!]) return;
    throw new PythonError(
      'RuntimeError',
      `contracted dimensions need to match, but first has size ${a.shape[axis]!} in dim ${axis} and second has size ${b.shape[axesB[i]!]!} in dim ${axesB[i]!}`,
    );
  });
  const keptA = range(a.shape.length).filter((axis) => !axesA.includes(axis));
  const keptB = range(b.shape.length).filter((axis) => !axesB.includes(axis));
  const inner = axesA.reduce((product, axis) => product * a.shape[axis]!, 1);
  const sizes = (x: Tensor, axes: readonly number[]): number[] => axes.map((axis) => x.shape[axis]!);
  const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
  const rows = sizes(a, keptA);
  const columns = sizes(b, keptB);
  const left = reshape(permute(a, [...keptA, ...axesA]), [count(rows), inner]);
  const right = reshape(permute(b, [...axesB, ...keptB]), [inner, count(columns)]);
  return reshape(matmul(left, right), [...rows, ...columns]);
}

/** Half of exp(x) plus or minus exp(-x). */
function hyperbolic(op: 'Add' | 'Sub', x: Tensor, gradientName: string): Tensor {
  const { tape } = x;
  const inverse = apply(tape, 'Exp', [apply(tape, 'Neg', [x])]);
  const both = apply(tape, op, [apply(tape, 'Exp', [x]), inverse]);
  return apply(tape, 'Mul', [both, tape.scalar(0.5, x.dtype)], undefined, gradientName);
}

/** Windows of `size` elements, `step` apart, along an axis; the elements of a window are the last axis. A copy. */
function windows(x: Tensor, dimension: number, size: number, step: number): Tensor {
  const axis = axisOf(dimension, x.shape.length);
  const length = x.shape[axis] ?? 1;
  if (size > length) {
    throw new PythonError(
      'RuntimeError',
      `maximum size for tensor at dimension ${axis} is ${length} but size is ${size}`,
    );
  }
  if (step <= 0) throw new PythonError('RuntimeError', `step is ${step} but must be > 0`);
  const count = Math.floor((length - size) / step) + 1;
  const places = BigInt64Array.from({ length: count * size }, (_, i) =>
    BigInt(Math.floor(i / size) * step + (i % size)),
  );
  const indices = x.tape.constant(places, [count, size], 'int64');
  const gathered = apply(x.tape, 'Gather', [x, indices], { axis }, 'UnfoldBackward0');
  const order = range(gathered.shape.length);
  const perm = [...order.filter((at) => at !== axis + 1), axis + 1];
  return apply(x.tape, 'Transpose', [gathered], { perm }, 'UnfoldBackward0');
}

/** ‖x - y‖ of order p for each row x of (..., P, M) and y of (..., R, M): (..., P, R). */
function distances(x: Tensor, y: Tensor, p: number, context: OperationContext): Tensor {
  const [first, second] = [x.shape, y.shape];
  const problem =
    first.length < 2
      ? `cdist only supports at least 2D tensors, X1 got: ${first.length}D`
      : second.length < 2
        ? `cdist only supports at least 2D tensors, X2 got: ${second.length}D`
        : first.at(-1) !== second.at(-1)
          ? `X1 and X2 must have the same number of columns. X1: ${first.at(-1)!} X2: ${second.at(-1)!}`
          : null;
  if (problem !== null) throw new PythonError('RuntimeError', problem);
  const differences = subtract(unsqueeze(x, -2), unsqueeze(y, -3), context);
  return renamed(norm(differences, p, [-1], false), 'CdistBackward0');
}

/** Linear interpolation between the sorted elements. Reads the data; not differentiable. */
function quantile(x: Tensor, q: Tensor | number): Tensor {
  if (!isFloating(x.dtype))
    throw new PythonError('RuntimeError', 'quantile() input tensor must be either float or double dtype');
  const sorted = Float64Array.from(x.data as Float32Array).sort();
  if (sorted.length === 0) throw new PythonError('RuntimeError', 'quantile() input tensor must be non-empty');
  const asked = q instanceof Tensor ? Array.from(q.data as Float32Array) : [q];
  const numbers = asked.map((fraction) => {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new PythonError('RuntimeError', 'quantile() q values must be in the range [0, 1]');
    }
    const position = fraction * (sorted.length - 1);
    const below = Math.floor(position);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below]! + (sorted[above]! - sorted[below]!) * (position - below);
  });
  const shape = q instanceof Tensor ? q.shape : [];
  return Tensor.fromData(x.tape, dataFromNumbers(numbers, x.dtype), shape, x.dtype);
}

const input = required('tensor');
const pair = { input: required('tensor'), other: required('tensor') };
const inPlace = { inPlace: true };

function spreadAndMean(name: 'std_mean' | 'var_mean'): TensorOperation {
  return functionOnly(
    name,
    { input, dim: optional('ints'), unbiased: withDefault('bool', true), keepdim: withDefault('bool', false) },
    ({ input: x, dim, unbiased, keepdim }) => {
      const gradientName = name === 'std_mean' ? 'StdMeanBackward0' : 'VarMeanBackward0';
      const spread = variance(x, dim, unbiased ? 1 : 0, keepdim, gradientName);
      const first = name === 'std_mean' ? guardedSquareRoot(spread, gradientName) : spread;
      return [first, renamed(mean(x, dim, keepdim), gradientName)];
    },
  );
}

/** Operations that training scripts use now and then, made of the others. */
export const moreOperations: readonly TensorOperation[] = [
  spreadAndMean('std_mean'),
  spreadAndMean('var_mean'),
  functionAndMethod('aminmax', { input }, ({ input: x }) => ({
    typeName: 'aminmax',
    fields: {
      min: apply(x.tape, 'ReduceMin', [x, null], { keepdims: 0 }, 'AminmaxBackward0'),
      max: apply(x.tape, 'ReduceMax', [x, null], { keepdims: 0 }, 'AminmaxBackward0'),
    },
  })),
  functionAndMethod('nanmean', { input }, ({ input: x }, context) => {
    const { tape } = x;
    const isNan = tape.emitOne('IsNaN', [x.value]);
    const kept = apply(tape, 'Where', [isNan, tape.scalar(0, x.dtype), x]);
    const ones = tape.emitOne('Where', [isNan, tape.scalar(0, x.dtype), tape.scalar(1, x.dtype)]);
    const count = new Tensor(tape, tape.emitOne('ReduceSum', [ones, null], { keepdims: 0 }));
    return divide(apply(tape, 'ReduceSum', [kept, null], { keepdims: 0 }), count, context);
  }),
  functionAndMethod('logaddexp', pair, ({ input: x, other }, context) => {
    const larger = extreme('Max', x.detach(), other.detach(), context);
    const exponential = (operand: Tensor): Tensor => apply(x.tape, 'Exp', [subtract(operand, larger, context)]);
    const total = add(exponential(x), exponential(other), context);
    return renamed(add(apply(x.tape, 'Log', [total]), larger, context), 'LogaddexpBackward0');
  }),
  functionAndMethod('hypot', pair, ({ input: x, other }, context) => {
    const squares = add(multiply(x, x, context), multiply(other, other, context), context);
    return apply(x.tape, 'Sqrt', [squares], undefined, 'HypotBackward0');
  }),
  functionAndMethod(
    'exp2',
    { input },
    ({ input: x }, context) => {
      const y = floatingInput(x, context);
      return apply(y.tape, 'Pow', [y.tape.scalar(2, y.dtype), y], undefined, 'Exp2Backward0');
    },
    inPlace,
  ),
  functionAndMethod(
    'sinh',
    { input },
    ({ input: x }, context) => hyperbolic('Sub', floatingInput(x, context), 'SinhBackward0'),
    inPlace,
  ),
  functionAndMethod(
    'cosh',
    { input },
    ({ input: x }, context) => hyperbolic('Add', floatingInput(x, context), 'CoshBackward0'),
    inPlace,
  ),
  functionAndMethod('heaviside', { input, values: required('tensor') }, ({ input: x, values }) => {
    const { tape } = x;
    const zero = tape.scalar(0, x.dtype);
    const step = tape.emitOne('Cast', [tape.emitOne('Greater', [x.value, zero])], {
      to: x.dtype === 'float64' ? 11 : 1,
    });
    return new Tensor(tape, tape.emitOne('Where', [tape.emitOne('Equal', [x.value, zero]), values.value, step]));
  }),
  functionAndMethod('quantile', { input, q: required('operand') }, ({ input: x, q }) =>
    quantile(x, q instanceof Tensor ? q : Number(q)),
  ),
  functionAndMethod('cumprod', { input, dim: required('int') }, ({ input: x, dim }, context) => {
    const axis = axisOf(dim, x.shape.length);
    const { tape } = x;
    const part = (i: number): Tensor =>
      apply(tape, 'Slice', [x, tape.ints([i]), tape.ints([i + 1]), tape.ints([axis])]);
    const parts: Tensor[] = [];
    for (let i = 0; i < x.shape[axis]!; i++) parts.push(i === 0 ? part(0) : multiply(parts[i - 1]!, part(i), context));
    return renamed(concatenate(parts, axis, context), 'CumprodBackward0');
  }),
  functionOnly(
    'tensordot',
    { a: required('tensor'), b: required('tensor'), dims: withDefault('int', 2) },
    ({ a, b, dims }) =>
      tensordot(
        a,
        b,
        range(dims).map((i) => a.shape.length - dims + i),
        range(dims),
      ),
  ),
  methodOnly(
    'unfold',
    { input, dimension: required('int'), size: required('int'), step: required('int') },
    ({ input: x, dimension, size, step }) => windows(x, dimension, size, step),
  ),
  functionOnly(
    'cdist',
    {
      x1: required('tensor'),
      x2: required('tensor'),
      p: withDefault('float', 2),
      compute_mode: optional('string'),
    },
    ({ x1, x2, p }, context) => distances(x1, x2, p, context),
  ),
  functionOnly('atleast_1d', { input }, ({ input: x }) => (x.shape.length === 0 ? reshape(x, [1]) : x)),
  functionOnly('atleast_2d', { input }, ({ input: x }) => {
    if (x.shape.length === 0) return reshape(x, [1, 1]);
    return x.shape.length === 1 ? unsqueeze(x, 0) : x;
  }),
  functionOnly('column_stack', { tensors: required('tensors') }, ({ tensors }, context) =>
    concatenate(
      tensors.map((x) => (x.shape.length < 2 ? reshape(x, [x.shape[0] ?? 1, 1]) : x)),
      1,
      context,
    ),
  ),
];
