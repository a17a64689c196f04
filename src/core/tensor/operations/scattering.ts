import { PythonError } from '../../../common/errors';
import { keywordOnly, optional, required, withDefault, type OperationContext, type Scalar } from '../../operation';
import { elementCount, isFloating, type DType } from '../dtype';
import { apply, Tensor } from '../tensor';
import { fillWhere, nonZeroPositions } from './advancedIndexing';
import { axisOf, range } from './axes';
import { fedIntegers } from './basicIndexing';
import type { Operand } from './arithmetic';
import { asTensor, broadcastShape, castTo, checkBroadcast, fedScalar, resultType, scalarTypeNames } from './promotion';
import { reshape } from './views';
import { functionAndMethod, functionOnly, methodOnly, type TensorOperation } from './tensorOperation';

function checkIndex(index: Tensor, name: string): void {
  if (index.dtype === 'int64' || index.dtype === 'int32') return;
  throw new PythonError('RuntimeError', `${name}(): Expected dtype int32/int64 for index`);
}

/** The part of `source` that `index` covers, which may be smaller. */
function crop(source: Tensor, index: Tensor): Tensor {
  if (source.shape.join() === index.shape.join()) return source;
  const { tape } = source;
  const zeros = index.shape.map(() => 0);
  return apply(tape, 'Slice', [source, tape.ints(zeros), tape.ints(index.shape), tape.ints(range(zeros.length))]);
}

/** An index must lie in the indexed axis. */
function checkBounds(index: Tensor, axis: number, size: number): void {
  for (const element of index.data) {
    if (element < 0 || element >= size) {
      throw new PythonError(
        'RuntimeError',
        `index ${String(element)} is out of bounds for dimension ${axis} with size ${size}`,
      );
    }
  }
}

function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  checkIndex(index, 'gather');
  const axis = axisOf(dim, x.shape.length);
  if (index.shape.length !== x.shape.length) {
    throw new PythonError('RuntimeError', 'Index tensor must have the same number of dimensions as input tensor');
  }
  x.shape.forEach((size, i) => {
    if (i === axis || index.shape[i]! <= size) return;
    throw new PythonError(
      'RuntimeError',
      `Size does not match at dimension ${i} expected index [${index.shape.join(', ')}] to be no larger than self [${x.shape.join(', ')}] apart from dimension ${axis}`,
    );
  });
  checkBounds(index, axis, x.shape[axis] ?? 1);
  const { tape } = x;
  let source = x;
  x.shape.forEach((size, i) => {
    if (i === axis || index.shape[i] === size) return;
    source = apply(tape, 'Slice', [source, tape.ints([0]), tape.ints([index.shape[i]!]), tape.ints([i])]);
  });
  return apply(tape, 'GatherElements', [source, castTo(index, 'int64').value], { axis }, 'GatherBackward0');
}

function scatter(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Operand,
  reduction: 'none' | 'add',
  name: string,
): Tensor {
  checkIndex(index, reduction === 'add' ? 'scatter_add' : 'scatter');
  const axis = axisOf(dim, x.shape.length);
  checkBounds(index, axis, x.shape[axis] ?? 1);
  const { tape } = x;
  const indices = castTo(index, 'int64').value;
  const updates =
    source instanceof Tensor
      ? crop(castTo(source, x.dtype), index)
      : new Tensor(tape, tape.emitOne('Expand', [fedScalar(source, x.dtype), tape.ints(index.shape)]));
  return apply(tape, 'ScatterElements', [x, indices, updates], { axis, reduction }, name);
}

function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  if (index.dtype !== 'int64' && index.dtype !== 'int32') {
    throw new PythonError('RuntimeError', 'index_select(): Expected dtype int32 or int64 for index');
  }
  if (index.shape.length > 1) throw new PythonError('IndexError', 'index_select(): Index is supposed to be a vector');
  const axis = axisOf(dim, x.shape.length);
  const size = x.shape[axis] ?? 1;
  if (index.value.data?.some((element: number | bigint) => element < 0 || element >= size)) {
    throw new PythonError('IndexError', 'index out of range in self');
  }
  return apply(x.tape, 'Gather', [x, castTo(index, 'int64').value], { axis }, 'IndexSelectBackward0');
}

/** Adds `source` to (or puts it in) the rows of an axis that `index` names. */
function indexWrite(x: Tensor, dim: number, index: Tensor, source: Operand, add: boolean, alpha: Scalar): Tensor {
  const { tape } = x;
  const axis = axisOf(dim, x.shape.length);
  checkBounds(index, axis, x.shape[axis] ?? 1);
  const shape = x.shape.map((size, i) => (i === axis ? elementCount(index.shape) : size));
  const column = shape.map((_, i) => (i === axis ? shape[axis]! : 1));
  const shaped = tape.emitOne('Reshape', [castTo(index, 'int64').value, tape.ints(column)]);
  const indices = tape.emitOne('Expand', [shaped, tape.ints(shape)]);
  const values = asTensor(tape, source, x.dtype);
  const scaled = Number(alpha) === 1 ? values : apply(tape, 'Mul', [values, fedScalar(alpha, x.dtype)]);
  const updates = scaled.shape.join() === shape.join() ? scaled : apply(tape, 'Expand', [scaled, tape.ints(shape)]);
  const name = add ? 'IndexAddBackward0' : source instanceof Tensor ? 'IndexCopyBackward0' : 'IndexFillBackward0';
  return apply(tape, 'ScatterElements', [x, indices, updates], { axis, reduction: add ? 'add' : 'none' }, name);
}

export function maskedFill(x: Tensor, mask: Tensor, value: Operand): Tensor {
  if (mask.dtype !== 'bool') {
    throw new PythonError(
      'RuntimeError',
      `masked_fill_ only supports boolean masks, but got mask with dtype ${mask.dtype === 'float32' ? 'float' : mask.dtype}`,
    );
  }
  if (value instanceof Tensor && value.shape.length > 0) {
    throw new PythonError(
      'RuntimeError',
      `masked_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.shape.length} dimension(s).`,
    );
  }
  checkBroadcast([mask, x]);
  if (typeof value === 'number' && !isFloating(x.dtype)) {
    throw new PythonError('RuntimeError', 'value cannot be converted to type int64_t without overflow');
  }
  const source = value instanceof Tensor ? castTo(value, x.dtype) : fedScalar(value, x.dtype);
  return fillWhere(x, mask, source, 'MaskedFillBackward0');
}

/** torch.where(condition, a, b). */
export function where(condition: Tensor, a: Operand, b: Operand, context: OperationContext): Tensor {
  if (condition.dtype !== 'bool' && condition.dtype !== 'uint8') {
    throw new PythonError(
      'RuntimeError',
      `where expected condition to be a boolean tensor, but got a tensor with dtype ${scalarTypeNames[condition.dtype]}`,
    );
  }
  checkBroadcast([condition, a, b]);
  const dtype = resultType([a, b], context.defaultDtype);
  const type: DType = dtype === 'bool' ? 'uint8' : dtype === 'int16' || dtype === 'int8' ? 'int32' : dtype;
  const { tape } = context;
  const inputs = [castTo(condition, 'bool').value, asTensor(tape, a, type), asTensor(tape, b, type)];
  return castTo(apply(tape, 'Where', inputs, undefined, 'WhereBackward0'), dtype);
}

function nonZero(x: Tensor): Tensor {
  const lists = nonZeroPositions(x);
  const count = x.shape.length === 0 ? (Number(x.data[0]) === 0 ? 0 : 1) : lists[0]!.length;
  const rows = range(count).flatMap((row) => lists.map((list) => list[row]!));
  return new Tensor(x.tape, fedIntegers(rows, [count, x.shape.length]));
}

function flatGather(x: Tensor, indices: Tensor, name: string): Tensor {
  const flat = reshape(x, [elementCount(x.shape)]);
  return apply(x.tape, 'Gather', [flat, indices.value], { axis: 0 }, name);
}

function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  if (mask.dtype !== 'bool') {
    throw new PythonError('RuntimeError', 'masked_select: expected BoolTensor for mask');
  }
  const shape = broadcastShape(x.shape, mask.shape);
  const { tape } = x;
  const full = new Tensor(tape, tape.emitOne('Expand', [mask.value, tape.ints(shape)]));
  const positions = [...full.data].flatMap((element, i) => (Number(element) === 0 ? [] : [i]));
  const source = apply(tape, 'Expand', [x, tape.ints(shape)]);
  return flatGather(source, new Tensor(tape, fedIntegers(positions)), 'MaskedSelectBackward0');
}

const input = required('tensor');
const dim = required('int');
const index = required('tensor');
const inPlace = { inPlace: true };

/** Gathering, scattering and masking. */
export const scatteringOperations: readonly TensorOperation[] = [
  functionAndMethod('gather', { input, dim, index }, ({ input: x, dim: axis, index: i }) => gather(x, axis, i)),
  functionAndMethod(
    'scatter',
    { input, dim, index, src: optional('operand'), value: optional('scalar') },
    ({ input: x, dim: axis, index: i, src, value }) => {
      const source = src ?? value ?? 0n;
      return scatter(x, axis, i, source, 'none', source instanceof Tensor ? 'ScatterBackward0' : 'ScatterBackward1');
    },
    inPlace,
  ),
  functionAndMethod(
    'scatter_add',
    { input, dim, index, src: required('tensor') },
    ({ input: x, dim: axis, index: i, src }) => scatter(x, axis, i, src, 'add', 'ScatterAddBackward0'),
    inPlace,
  ),
  functionAndMethod('index_select', { input, dim, index }, ({ input: x, dim: axis, index: i }) =>
    indexSelect(x, axis, i),
  ),
  functionAndMethod(
    'index_add',
    { input, dim, index, source: required('tensor'), alpha: keywordOnly(withDefault('scalar', 1n)) },
    ({ input: x, dim: axis, index: i, source, alpha }) => indexWrite(x, axis, i, source, true, alpha),
    inPlace,
  ),
  functionAndMethod(
    'index_copy',
    { input, dim, index, source: required('tensor') },
    ({ input: x, dim: axis, index: i, source }) => indexWrite(x, axis, i, source, false, 1n),
    inPlace,
  ),
  functionAndMethod(
    'index_fill',
    { input, dim, index, value: required('scalar') },
    ({ input: x, dim: axis, index: i, value }) => indexWrite(x, axis, i, value, false, 1n),
    inPlace,
  ),
  functionAndMethod(
    'masked_fill',
    { input, mask: required('tensor'), value: required('operand') },
    ({ input: x, mask, value }) => maskedFill(x, mask, value),
    inPlace,
  ),
  functionAndMethod('masked_select', { input, mask: required('tensor') }, ({ input: x, mask }) =>
    maskedSelect(x, mask),
  ),
  functionOnly(
    'where',
    { condition: required('tensor'), input: optional('operand'), other: optional('operand') },
    ({ condition, input: a, other: b }, context) => {
      if (a !== null && b !== null) return where(condition, a, b, context);
      return nonZeroPositions(condition).map((list) => new Tensor(context.tape, fedIntegers(list)));
    },
  ),
  methodOnly(
    'where',
    { input, condition: required('tensor'), other: required('operand') },
    ({ input: x, condition, other }, context) => where(condition, x, other, context),
  ),
  functionAndMethod('take', { input, index }, ({ input: x, index: i }) =>
    flatGather(x, castTo(i, 'int64'), 'TakeBackward0'),
  ),
  functionAndMethod(
    'nonzero',
    { input, as_tuple: withDefault('bool', false) },
    ({ input: x, as_tuple: asTuple }, context) =>
      asTuple ? nonZeroPositions(x).map((list) => new Tensor(context.tape, fedIntegers(list))) : nonZero(x),
  ),
  functionOnly('argwhere', { input }, ({ input: x }) => nonZero(x)),
  functionAndMethod(
    'take_along_dim',
    { input, indices: required('tensor'), dim: required('int') },
    ({ input: x, indices, dim: axis }) => gather(x, axis, indices),
  ),
];
