import { PythonError } from '../../../common/errors';
import { optional, required, withDefault } from '../../operation';
import { elementCount, isFloating } from '../dtype';
import { apply, type Tensor } from '../tensor';
import { axisOf } from './axes';
import { castTo, scalarTypeNames } from './promotion';
import { functionAndMethod, functionOnly, methodOnly, type TensorOperation } from './tensorOperation';

function triangle(x: Tensor, diagonal: number, upper: boolean): Tensor {
  if (x.shape.length < 2) {
    throw new PythonError('RuntimeError', `${upper ? 'triu' : 'tril'}: input tensor must have at least 2 dimensions`);
  }
  const computed = x.dtype === 'int16' || x.dtype === 'int8' || x.dtype === 'uint8' ? castTo(x, 'int64') : x;
  const name = upper ? 'TriuBackward0' : 'TrilBackward0';
  const attributes = { upper: upper ? 1 : 0 };
  return castTo(apply(x.tape, 'Trilu', [computed, x.tape.scalar(diagonal, 'int64')], attributes, name), x.dtype);
}

/** Softmax or its logarithm along an axis. */
export function softmax(op: 'Softmax' | 'LogSoftmax', x: Tensor, dim: number): Tensor {
  if (!isFloating(x.dtype)) {
    const kernel = op === 'Softmax' ? 'softmax' : 'log_softmax';
    throw new PythonError(
      'NotImplementedError',
      `"${kernel}_lastdim_kernel_impl" not implemented for '${scalarTypeNames[x.dtype]}'`,
    );
  }
  const name = `${op}Backward0`;
  const axis = axisOf(dim, x.shape.length);
  if (x.shape.length > 0) return apply(x.tape, op, [x], { axis }, name);
  const { tape } = x;
  const row = apply(tape, op, [apply(tape, 'Unsqueeze', [x, tape.ints([0])])], { axis }, name);
  return apply(tape, 'Squeeze', [row, tape.ints([0])], undefined, name);
}

/** A copy with its own memory. */
export function clone(x: Tensor): Tensor {
  return apply(x.tape, 'Identity', [x], undefined, 'CloneBackward0');
}

const input = required('tensor');
const diagonal = withDefault('int', 0);
const inPlace = { inPlace: true };

function softmaxRow(name: string, op: 'Softmax' | 'LogSoftmax'): TensorOperation {
  return functionAndMethod(
    name,
    { input, dim: required('int'), dtype: optional('dtype') },
    ({ input: x, dim, dtype }) => softmax(op, dtype === null ? x : castTo(x, dtype), dim),
  );
}

/** Triangles, softmax, copies. */
export const shapingOperations: readonly TensorOperation[] = [
  functionAndMethod('tril', { input, diagonal }, ({ input: x, diagonal: k }) => triangle(x, k, false), inPlace),
  functionAndMethod('triu', { input, diagonal }, ({ input: x, diagonal: k }) => triangle(x, k, true), inPlace),
  softmaxRow('softmax', 'Softmax'),
  softmaxRow('log_softmax', 'LogSoftmax'),
  functionAndMethod('clone', { input, memory_format: optional('any') }, ({ input: x }) => clone(x)),
  functionAndMethod('detach', { input }, ({ input: x }) => x.detach()),
  methodOnly('type_as', { input, other: required('tensor') }, ({ input: x, other }) => castTo(x, other.dtype)),
  functionAndMethod('numel', { input }, ({ input: x }) => BigInt(elementCount(x.shape)), { aliases: ['nelement'] }),
  methodOnly('element_size', { input }, ({ input: x }) => BigInt(x.data.BYTES_PER_ELEMENT)),
  methodOnly('dim', { input }, ({ input: x }) => BigInt(x.shape.length), { aliases: ['ndimension'] }),
  methodOnly('is_contiguous', { input }, ({ input: x }) => x.layout === 'contiguous'),
  functionAndMethod('is_floating_point', { input }, ({ input: x }) => isFloating(x.dtype)),
  functionAndMethod('is_nonzero', { input }, ({ input: x }) => Number(x.data[0]) !== 0),
  functionAndMethod(
    'diff',
    { input, n: withDefault('int', 1), dim: withDefault('int', -1) },
    ({ input: x, n, dim }) => {
      let result = x;
      for (let i = 0; i < n; i++) result = difference(result, axisOf(dim, x.shape.length));
      return result;
    },
  ),
  functionAndMethod('trace', { input }, ({ input: x }) => {
    const { tape } = x;
    const size = Math.min(x.shape[0] ?? 0, x.shape[1] ?? 0);
    const positions = BigInt64Array.from({ length: size }, (_, i) => BigInt(i * (x.shape[1]! + 1)));
    const flat = apply(tape, 'Reshape', [x, tape.ints([elementCount(x.shape)])]);
    const diagonalOf = apply(tape, 'Gather', [flat, tape.constant(positions, [size], 'int64')], { axis: 0 });
    return apply(tape, 'ReduceSum', [diagonalOf, null], { keepdims: 0 }, 'TraceBackward0');
  }),
  functionAndMethod('diag', { input, diagonal }, ({ input: x, diagonal: k }) => diag(x, k)),
  functionOnly(
    'meshgrid',
    { tensors: required('tensors'), indexing: withDefault('string', 'ij') },
    ({ tensors, indexing }) => {
      const order =
        indexing === 'xy' && tensors.length >= 2 ? [tensors[1]!, tensors[0]!, ...tensors.slice(2)] : tensors;
      const shape = order.map((tensor) => elementCount(tensor.shape));
      return tensors.map((tensor) => {
        const own = shape.map((size, axis) => (order[axis] === tensor ? size : 1));
        const column = apply(tensor.tape, 'Reshape', [tensor, tensor.tape.ints(own)]);
        return apply(tensor.tape, 'Expand', [column, tensor.tape.ints(shape)], undefined, 'ExpandBackward0');
      });
    },
  ),
];

function difference(x: Tensor, axis: number): Tensor {
  const { tape } = x;
  const size = x.shape[axis]!;
  const part = (from: number, to: number): Tensor =>
    apply(tape, 'Slice', [x, tape.ints([from]), tape.ints([to]), tape.ints([axis])]);
  return apply(tape, 'Sub', [part(1, size), part(0, size - 1)], undefined, 'SubBackward0');
}

function diag(x: Tensor, offset: number): Tensor {
  const { tape } = x;
  if (x.shape.length === 1) {
    const size = x.shape[0]! + Math.abs(offset);
    const positions = BigInt64Array.from({ length: x.shape[0]! }, (_, i) =>
      BigInt((i + Math.max(-offset, 0)) * size + i + Math.max(offset, 0)),
    );
    const empty = tape.emitOne('Expand', [tape.scalar(0, x.dtype), tape.ints([size * size])]);
    const flat = apply(tape, 'ScatterElements', [empty, tape.constant(positions, [x.shape[0]!], 'int64'), x], {
      axis: 0,
    });
    return apply(tape, 'Reshape', [flat, tape.ints([size, size])], undefined, 'DiagBackward0');
  }
  const [rows, columns] = [x.shape[0]!, x.shape[1]!];
  const count = Math.max(0, Math.min(rows - Math.max(-offset, 0), columns - Math.max(offset, 0)));
  const positions = BigInt64Array.from({ length: count }, (_, i) =>
    BigInt((i + Math.max(-offset, 0)) * columns + i + Math.max(offset, 0)),
  );
  const flat = apply(tape, 'Reshape', [x, tape.ints([rows * columns])]);
  return apply(tape, 'Gather', [flat, tape.constant(positions, [count], 'int64')], { axis: 0 }, 'DiagonalBackward0');
}
