import { PythonError } from '../../../common/errors';
import { keywordOnly, optional, required, withDefault, type OperationContext } from '../../operation';
import type { OpName } from '../../onnx/opTable';
import { elementCount, isFloating, type DType } from '../dtype';
import { apply, Tensor } from '../tensor';
import type { Value } from '../value';
import { extreme, renamed } from './arithmetic';
import { axesOf, axisOf, range } from './axes';
import { castTo, scalarTypeNames } from './promotion';
import { functionAndMethod, type TensorOperation } from './tensorOperation';
import { floatingInput } from './unary';

/** Which axes a reduction runs over; null stands for all of them. */
type Dims = readonly number[] | null;

/** A reduction node; without dims over everything. An empty list of dims means all, as in PyTorch. */
function reduce(op: OpName, x: Tensor, dims: Dims, keepdim: boolean, gradientName: string): Tensor {
  const rank = x.shape.length;
  if (dims !== null) axesOf(dims, rank);
  const keepdims = keepdim ? 1 : 0;
  if (rank === 0) return apply(x.tape, op, [x, null], { keepdims }, gradientName);
  const axes = dims === null || dims.length === 0 ? null : axesOf(dims, rank);
  return apply(x.tape, op, [x, axes === null ? null : x.tape.ints(axes)], { keepdims }, gradientName);
}

function isAll(dims: Dims): boolean {
  return dims === null;
}

export function sum(x: Tensor, dims: Dims = null, keepdim = false, dtype: DType | null = null): Tensor {
  const computed = dtype ?? (isFloating(x.dtype) ? x.dtype : 'int64');
  return reduce('ReduceSum', castTo(x, computed), dims, keepdim, isAll(dims) ? 'SumBackward0' : 'SumBackward1');
}

export function mean(x: Tensor, dims: Dims = null, keepdim = false, dtype: DType | null = null): Tensor {
  const computed = dtype ?? x.dtype;
  if (!isFloating(computed)) {
    const which = dtype === null ? 'Input' : 'Output';
    throw new PythonError(
      'RuntimeError',
      `mean(): could not infer output dtype. ${which} dtype must be either a floating point or complex dtype. Got: ${scalarTypeNames[computed]}`,
    );
  }
  return reduce('ReduceMean', castTo(x, computed), dims, keepdim, isAll(dims) ? 'MeanBackward0' : 'MeanBackward1');
}

function product(x: Tensor, dim: number | null, keepdim: boolean, dtype: DType | null): Tensor {
  const computed = dtype ?? (isFloating(x.dtype) ? x.dtype : 'int64');
  const name = dim === null ? 'ProdBackward0' : 'ProdBackward1';
  return reduce('ReduceProd', castTo(x, computed), dim === null ? null : [dim], keepdim, name);
}

/** The sum of squared deviations from the mean, divided by count - correction. */
export function variance(x: Tensor, dims: Dims, correction: number, keepdim: boolean, gradientName: string): Tensor {
  if (!isFloating(x.dtype)) {
    throw new PythonError('RuntimeError', 'std and var only support floating point and complex dtypes');
  }
  const { tape } = x;
  const axes = dims === null || dims.length === 0 ? range(x.shape.length) : axesOf(dims, x.shape.length);
  const count = axes.reduce((total, axis) => total * x.shape[axis]!, 1);
  const centered = apply(tape, 'Sub', [x, reduce('ReduceMean', x, dims, true, 'MeanBackward1')]);
  const squares = apply(tape, 'Mul', [centered, centered]);
  const total = reduce('ReduceSum', squares, dims, keepdim, 'SumBackward1');
  return apply(tape, 'Div', [total, tape.scalar(Math.max(0, count - correction), x.dtype)], undefined, gradientName);
}

/** The square root whose gradient at 0 is 0, as PyTorch's norm and std have it. */
export function guardedSquareRoot(x: Tensor, gradientName: string): Tensor {
  const { tape } = x;
  if (!tape.gradEnabled || !x.requiresGrad) return apply(tape, 'Sqrt', [x]);
  const isZero = tape.emitOne('Equal', [x.value, tape.scalar(0, x.dtype)]);
  const safe = apply(tape, 'Where', [isZero, tape.scalar(1, x.dtype), x]);
  const root = apply(tape, 'Sqrt', [safe], undefined, gradientName);
  return apply(tape, 'Where', [isZero, tape.scalar(0, x.dtype), root], undefined, gradientName);
}

/** The vector norm of order p over axes (torch.linalg.vector_norm). */
export function norm(x: Tensor, p: number, dims: Dims, keepdim: boolean): Tensor {
  if (!isFloating(x.dtype)) {
    throw new PythonError(
      'RuntimeError',
      `linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${scalarTypeNames[x.dtype]}`,
    );
  }
  const { tape } = x;
  const name = 'LinalgVectorNormBackward0';
  if (p === 2) return guardedSquareRoot(reduce('ReduceSum', apply(tape, 'Mul', [x, x]), dims, keepdim, name), name);
  const magnitude = apply(tape, 'Abs', [x]);
  if (p === 1) return reduce('ReduceSum', magnitude, dims, keepdim, name);
  if (p === Infinity) return reduce('ReduceMax', magnitude, dims, keepdim, name);
  if (p === -Infinity) return reduce('ReduceMin', magnitude, dims, keepdim, name);
  if (p === 0) return sum(castTo(nonZero(x), x.dtype), dims, keepdim);
  const powers = apply(tape, 'Pow', [magnitude, tape.feedScalar(p, x.dtype)]);
  const total = reduce('ReduceSum', powers, dims, keepdim, name);
  return apply(tape, 'Pow', [total, tape.feedScalar(1 / p, x.dtype)], undefined, name);
}

function orderOf(p: number | string): number {
  if (typeof p === 'number') return p;
  if (p === 'fro') return 2;
  throw new PythonError('NotImplementedError', `norm: the order '${p}' is not supported by Gradstep`);
}

function nonZero(x: Tensor): Tensor {
  return castTo(x.detach(), 'bool');
}

/** log(sum(exp(x))) that doesn't overflow. */
export function logSumExp(input: Tensor, dims: Dims, keepdim: boolean, context: OperationContext): Tensor {
  const x = floatingInput(input, context);
  const { tape } = x;
  const axes = dims === null ? range(x.shape.length) : axesOf(dims, x.shape.length);
  const largest = tape.emitOne('ReduceMax', [x.value, axes.length === 0 ? null : tape.ints(axes)], { keepdims: 1 });
  const shift = tape.emitOne('Where', [tape.emitOne('IsInf', [largest]), tape.scalar(0, x.dtype), largest]);
  const total = reduce(
    'ReduceSum',
    apply(tape, 'Exp', [apply(tape, 'Sub', [x, shift])]),
    dims,
    keepdim,
    'SumBackward1',
  );
  const flatShift: Value = keepdim ? shift : tape.emitOne('Reshape', [shift, tape.ints(total.shape)], { allowzero: 1 });
  return apply(tape, 'Add', [apply(tape, 'Log', [total]), flatShift], undefined, 'LogsumexpBackward0');
}

/** The type that ArgMax and ReduceMax have kernels for. */
function orderedType(dtype: DType): DType {
  if (dtype === 'bool') return 'uint8';
  return dtype === 'int16' ? 'int32' : dtype;
}

function checkNotEmpty(x: Tensor, name: string, dim: number | null): void {
  if (elementCount(x.shape) > 0) return;
  if (dim === null) {
    const message = `${name}(): Expected reduction dim to be specified for input.numel() == 0.`;
    if (name.startsWith('arg')) throw new PythonError('IndexError', message);
    throw new PythonError('RuntimeError', `${message} Specify the reduction dim with the 'dim' argument.`);
  }
  if (x.shape[axisOf(dim, x.shape.length)] === 0) {
    throw new PythonError('IndexError', `${name}(): Expected reduction dim ${dim} to have non-zero size.`);
  }
}

export function argExtreme(op: 'ArgMax' | 'ArgMin', x: Tensor, dim: number | null, keepdim: boolean): Tensor {
  const { tape } = x;
  checkNotEmpty(x, op.toLowerCase(), dim);
  const value = castTo(x.detach(), orderedType(x.dtype)).value;
  if (dim === null || x.shape.length === 0) {
    const flat = tape.emitOne('Reshape', [value, tape.ints([elementCount(x.shape)])]);
    const index = tape.emitOne(op, [flat], { axis: 0, keepdims: 0 });
    const shape = keepdim ? x.shape.map(() => 1) : [];
    return new Tensor(tape, shape.length === 0 ? index : tape.emitOne('Reshape', [index, tape.ints(shape)]));
  }
  const axis = axisOf(dim, x.shape.length);
  return new Tensor(tape, tape.emitOne(op, [value], { axis, keepdims: keepdim ? 1 : 0 }));
}

/** The values at indices along an axis, where indices keep the axis with size 1 (or k). */
export function takeAlong(x: Tensor, indices: Tensor, axis: number, gradientName: string): Tensor {
  return apply(x.tape, 'GatherElements', [x, indices.value], { axis }, gradientName);
}

/** `x.max(dim)`: the values carry the gradient to the chosen element alone. */
function extremeAlong(
  kind: 'max' | 'min',
  x: Tensor,
  dim: number,
  keepdim: boolean,
): { values: Tensor; indices: Tensor } {
  const { tape } = x;
  const name = kind === 'max' ? 'MaxBackward0' : 'MinBackward0';
  const axis = axisOf(dim, x.shape.length);
  if (x.shape.length === 0) {
    return {
      values: apply(tape, 'Identity', [x], undefined, name),
      indices: new Tensor(tape, tape.feedScalar(0, 'int64')),
    };
  }
  checkNotEmpty(x, kind, dim);
  const kept = argExtreme(kind === 'max' ? 'ArgMax' : 'ArgMin', x, axis, true);
  const values = takeAlong(x, kept, axis, name);
  if (keepdim) return { values, indices: kept };
  const axes = tape.ints([axis]);
  return {
    values: apply(tape, 'Squeeze', [values, axes], undefined, name),
    indices: new Tensor(tape, tape.emitOne('Squeeze', [kept.value, axes])),
  };
}

function reduceExtreme(op: 'ReduceMax' | 'ReduceMin', x: Tensor, dims: Dims, keepdim: boolean, name: string): Tensor {
  return castTo(reduce(op, castTo(x, orderedType(x.dtype)), dims, keepdim, name), x.dtype);
}

function truth(op: 'ReduceMax' | 'ReduceMin', x: Tensor, dims: Dims, keepdim: boolean): Tensor {
  const bits = castTo(nonZero(x), 'int32');
  if (elementCount(x.shape) === 0 && dims === null) {
    return Tensor.fromData(x.tape, Uint8Array.of(op === 'ReduceMin' ? 1 : 0), [], 'bool');
  }
  return castTo(reduce(op, bits, dims, keepdim, ''), 'bool');
}

const input = required('tensor');
const dim = optional('ints');
const keepdim = withDefault('bool', false);
const dtype = keywordOnly(optional('dtype'));

function extremeRow(kind: 'max' | 'min'): TensorOperation {
  const [reduction, pairwise] = kind === 'max' ? (['ReduceMax', 'Max'] as const) : (['ReduceMin', 'Min'] as const);
  return functionAndMethod(
    kind,
    { input, dim: optional('operand'), keepdim, other: keywordOnly(optional('tensor')) },
    ({ input: x, dim: axisOrOther, keepdim: keep, other }, context) => {
      if (other !== null) return extreme(pairwise, x, other, context);
      if (axisOrOther instanceof Tensor) return extreme(pairwise, x, axisOrOther, context);
      if (axisOrOther !== null) return { typeName: kind, fields: extremeAlong(kind, x, Number(axisOrOther), keep) };
      checkNotEmpty(x, kind, null);
      return reduceExtreme(reduction, x, null, false, kind === 'max' ? 'MaxBackward1' : 'MinBackward1');
    },
  );
}

function spreadRow(name: 'std' | 'var'): TensorOperation {
  return functionAndMethod(
    name,
    {
      input,
      dim: optional('flagOrInts'),
      unbiased: withDefault('bool', true),
      keepdim,
      correction: keywordOnly(optional('float')),
    },
    ({ input: x, dim: given, unbiased, keepdim: keep, correction }) => {
      const flagOnly = typeof given === 'boolean';
      const dims = given === null || flagOnly ? null : given;
      const biased = flagOnly ? !given : !unbiased;
      const divisor = correction ?? (biased ? 0 : 1);
      if (name === 'var') return variance(x, dims, divisor, keep, 'VarBackward0');
      return renamed(
        guardedSquareRoot(variance(x, dims, divisor, keep, 'StdBackward0'), 'StdBackward0'),
        'StdBackward0',
      );
    },
  );
}

/** Reductions. */
export const reductionOperations: readonly TensorOperation[] = [
  functionAndMethod('sum', { input, dim, keepdim, dtype }, ({ input: x, dim: dims, keepdim: keep, dtype: type }) =>
    sum(x, dims, keep, type),
  ),
  functionAndMethod('mean', { input, dim, keepdim, dtype }, ({ input: x, dim: dims, keepdim: keep, dtype: type }) =>
    mean(x, dims, keep, type),
  ),
  functionAndMethod(
    'prod',
    { input, dim: optional('int'), keepdim, dtype },
    ({ input: x, dim: axis, keepdim: keep, dtype: type }) => product(x, axis, keep, type),
  ),
  functionAndMethod('nansum', { input, dim, keepdim, dtype }, ({ input: x, dim: dims, keepdim: keep, dtype: type }) => {
    const zero = x.tape.scalar(0, x.dtype);
    return sum(apply(x.tape, 'Where', [x.tape.emitOne('IsNaN', [x.value]), zero, x]), dims, keep, type);
  }),
  spreadRow('std'),
  spreadRow('var'),
  extremeRow('max'),
  extremeRow('min'),
  functionAndMethod('amax', { input, dim, keepdim }, ({ input: x, dim: dims, keepdim: keep }) =>
    reduceExtreme('ReduceMax', x, dims, keep, 'AmaxBackward0'),
  ),
  functionAndMethod('amin', { input, dim, keepdim }, ({ input: x, dim: dims, keepdim: keep }) =>
    reduceExtreme('ReduceMin', x, dims, keep, 'AminBackward0'),
  ),
  functionAndMethod('argmax', { input, dim: optional('int'), keepdim }, ({ input: x, dim: axis, keepdim: keep }) =>
    argExtreme('ArgMax', x, axis, keep),
  ),
  functionAndMethod('argmin', { input, dim: optional('int'), keepdim }, ({ input: x, dim: axis, keepdim: keep }) =>
    argExtreme('ArgMin', x, axis, keep),
  ),
  functionAndMethod(
    'logsumexp',
    { input, dim: required('ints'), keepdim },
    ({ input: x, dim: dims, keepdim: keep }, context) => logSumExp(x, dims, keep, context),
  ),
  functionAndMethod(
    'norm',
    { input, p: withDefault('any', 2), dim, keepdim, dtype },
    ({ input: x, p, dim: dims, keepdim: keep, dtype: type }) =>
      norm(type === null ? x : castTo(x, type), orderOf(typeof p === 'string' ? p : Number(p ?? 2)), dims, keep),
  ),
  functionAndMethod('any', { input, dim, keepdim }, ({ input: x, dim: dims, keepdim: keep }) =>
    truth('ReduceMax', x, dims, keep),
  ),
  functionAndMethod('all', { input, dim, keepdim }, ({ input: x, dim: dims, keepdim: keep }) =>
    truth('ReduceMin', x, dims, keep),
  ),
  functionAndMethod('count_nonzero', { input, dim }, ({ input: x, dim: dims }) =>
    sum(castTo(nonZero(x), 'int64'), dims, false),
  ),
  functionAndMethod(
    'cumsum',
    { input, dim: required('int'), dtype },
    ({ input: x, dim: axis, dtype: type }) => {
      const computed = castTo(x, type ?? (isFloating(x.dtype) ? x.dtype : 'int64'));
      if (x.shape.length === 0) return apply(x.tape, 'Identity', [computed], undefined, 'CumsumBackward0');
      const position = x.tape.scalar(axisOf(axis, x.shape.length), 'int64');
      return apply(x.tape, 'CumSum', [computed, position], undefined, 'CumsumBackward0');
    },
    { inPlace: true },
  ),
];
