import { PythonError } from '../../../common/errors';
import { optional, required, withDefault, type OperationContext } from '../../operation';
import { apply, type Tensor } from '../tensor';
import { axisOf, range } from './axes';
import { sliceOf } from './basicIndexing';
import { checkSize } from './creation';
import { castTo, promoteTypes } from './promotion';
import { functionAndMethod, functionOnly, methodOnly, type TensorOperation } from './tensorOperation';
import { reshape, unsqueeze } from './views';

/** @throws PythonError in PyTorch's words */
export function concatenate(tensors: readonly Tensor[], dim: number, context: OperationContext): Tensor {
  if (tensors.length === 0) throw new PythonError('ValueError', 'torch.cat(): expected a non-empty list of Tensors');
  const scalar = tensors.findIndex((tensor) => tensor.shape.length === 0);
  if (scalar >= 0) {
    throw new PythonError('RuntimeError', `zero-dimensional tensor (at position ${scalar}) cannot be concatenated`);
  }
  // PyTorch leaves empty 1-D tensors out, whatever the others' rank.
  const present = tensors.filter((tensor) => tensor.shape.length !== 1 || tensor.shape[0] !== 0);
  const parts = present.length === 0 ? tensors : present;
  const first = parts[0]!;
  const axis = axisOf(dim, first.shape.length);
  parts.forEach((tensor, position) => {
    if (tensor.shape.length !== first.shape.length) {
      throw new PythonError(
        'RuntimeError',
        `Tensors must have same number of dimensions: got ${first.shape.length} and ${tensor.shape.length}`,
      );
    }
    first.shape.forEach((size, i) => {
      if (i === axis || tensor.shape[i] === size) return;
      throw new PythonError(
        'RuntimeError',
        `Sizes of tensors must match except in dimension ${axis}. Expected size ${size} but got size ${tensor.shape[i]!} for tensor number ${position} in the list.`,
      );
    });
  });
  const dtype = parts.map((tensor) => tensor.dtype).reduce(promoteTypes);
  const inputs = parts.map((tensor) => castTo(tensor, dtype));
  return apply(context.tape, 'Concat', inputs, { axis }, 'CatBackward0');
}

function stack(tensors: readonly Tensor[], dim: number): Tensor {
  const first = tensors[0];
  if (!first) throw new PythonError('RuntimeError', 'stack expects a non-empty TensorList');
  const axis = axisOf(dim, first.shape.length + 1);
  tensors.forEach((tensor, i) => {
    if (tensor.shape.join() === first.shape.join()) return;
    throw new PythonError(
      'RuntimeError',
      `stack expects each tensor to be equal size, but got [${first.shape.join(', ')}] at entry 0 and [${tensor.shape.join(', ')}] at entry ${i}`,
    );
  });
  const dtype = tensors.map((tensor) => tensor.dtype).reduce(promoteTypes);
  const inputs = tensors.map((tensor) =>
    apply(tensor.tape, 'Unsqueeze', [castTo(tensor, dtype), tensor.tape.ints([axis])]),
  );
  return apply(first.tape, 'Concat', inputs, { axis }, 'StackBackward0');
}

/** Pieces of the given sizes along an axis: views. */
function splitSizes(x: Tensor, sizes: readonly number[], axis: number, gradientName: string): Tensor[] {
  let start = 0;
  return sizes.map((size) => {
    const piece = sliceOf(x, axis, start, start + size, 1, gradientName);
    start += size;
    return piece;
  });
}

function split(x: Tensor, sizeOrSizes: number | readonly number[], dim: number): Tensor[] {
  const axis = axisOf(dim, x.shape.length);
  const total = x.shape[axis]!;
  if (typeof sizeOrSizes !== 'number') {
    const sum = sizeOrSizes.reduce((a, b) => a + b, 0);
    if (sum !== total) {
      throw new PythonError(
        'RuntimeError',
        `split_with_sizes expects split_sizes to sum exactly to ${total} (input tensor's size at dimension ${axis}), but got split_sizes=[${sizeOrSizes.join(', ')}]`,
      );
    }
    return splitSizes(x, sizeOrSizes, axis, 'SplitWithSizesBackward0');
  }
  const size = sizeOrSizes;
  if (size < 0 || (size === 0 && total !== 0)) {
    throw new PythonError('RuntimeError', `split expects split_size be non-negative, but got split_size=${size}`);
  }
  const count = Math.max(1, Math.ceil(total / Math.max(size, 1)));
  return splitSizes(
    x,
    range(count).map((i) => Math.min(size, total - i * size)),
    axis,
    'SplitBackward0',
  );
}

function unbind(x: Tensor, dim: number): Tensor[] {
  const axis = axisOf(dim, x.shape.length);
  if (x.shape.length === 0)
    throw new PythonError('RuntimeError', 'Dimension specified as 0 but tensor has no dimensions');
  const shape = x.shape.filter((_, i) => i !== axis);
  return range(x.shape[axis]!).map((i) =>
    reshape(sliceOf(x, axis, i, i + 1, 1, 'SliceBackward0'), shape, 'UnbindBackward0'),
  );
}

/** Reshapes as `torch.atleast_1d` does. */
function atLeast1d(x: Tensor): Tensor {
  return x.shape.length === 0 ? reshape(x, [1]) : x;
}

function tile(x: Tensor, repeats: readonly number[], padShape: boolean, name: string): Tensor {
  if (!padShape && repeats.length < x.shape.length) {
    throw new PythonError(
      'RuntimeError',
      'Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor',
    );
  }
  const missing = Math.max(0, x.shape.length - repeats.length);
  const full = [...new Array<number>(missing).fill(1), ...repeats];
  const leading = full.length - x.shape.length;
  checkSize(full.map((count, axis) => count * (x.shape[axis - leading] ?? 1)));
  const shaped =
    leading === 0
      ? x
      : apply(x.tape, 'Reshape', [x, x.tape.ints([...new Array<number>(leading).fill(1), ...x.shape])], {
          allowzero: 1,
        });
  if (full.length === 0) return apply(x.tape, 'Identity', [x], undefined, name);
  return apply(x.tape, 'Tile', [shaped, x.tape.ints(full)], undefined, name);
}

/** The elements of an axis in the order of `positions`. */
export function reorder(x: Tensor, axis: number, positions: readonly number[], gradientName: string): Tensor {
  return apply(x.tape, 'Gather', [x, x.tape.ints(positions)], { axis }, gradientName);
}

function roll(x: Tensor, shifts: readonly number[], dims: readonly number[] | null): Tensor {
  if (dims === null || dims.length === 0) {
    const count = x.shape.reduce((product, size) => product * size, 1);
    return reshape(roll(reshape(x, [count]), shifts, [0]), x.shape, 'RollBackward0');
  }
  if (shifts.length !== dims.length) {
    throw new PythonError(
      'RuntimeError',
      `shifts and dimensions must align. shifts: ${shifts.length}, dims:${dims.length}`,
    );
  }
  return dims.reduce((result, dim, i) => {
    const axis = axisOf(dim, x.shape.length);
    const size = x.shape[axis]!;
    const shift = shifts[i]!;
    const positions = range(size).map((p) => (((p - shift) % size) + size) % size);
    return reorder(result, axis, positions, 'RollBackward0');
  }, x);
}

const input = required('tensor');
const tensors = required('tensors');
const dim = withDefault('int', 0);

/** Joining, splitting and repeating. */
export const joiningOperations: readonly TensorOperation[] = [
  functionOnly('cat', { tensors, dim }, ({ tensors: parts, dim: axis }, context) => concatenate(parts, axis, context), {
    aliases: ['concat', 'concatenate'],
  }),
  functionOnly('stack', { tensors, dim }, ({ tensors: parts, dim: axis }) => stack(parts, axis)),
  functionOnly('hstack', { tensors }, ({ tensors: parts }, context) => {
    const shaped = parts.map(atLeast1d);
    return concatenate(shaped, shaped[0]?.shape.length === 1 ? 0 : 1, context);
  }),
  functionOnly('vstack', { tensors }, ({ tensors: parts }, context) =>
    concatenate(
      parts.map((part) =>
        part.shape.length === 0 ? reshape(part, [1, 1]) : part.shape.length === 1 ? unsqueeze(part, 0) : part,
      ),
      0,
      context,
    ),
  ),
  functionAndMethod(
    'split',
    { input, split_size: required('intOrInts'), dim },
    ({ input: x, split_size: sizes, dim: axis }) => split(x, sizes, axis),
  ),
  functionAndMethod('chunk', { input, chunks: required('int'), dim }, ({ input: x, chunks, dim: axis }) => {
    if (chunks <= 0)
      throw new PythonError('RuntimeError', `chunk expects \`chunks\` to be greater than 0, got: ${chunks}`);
    const size = x.shape[axisOf(axis, x.shape.length)]!;
    return split(x, Math.ceil(size / chunks), axis);
  }),
  functionAndMethod('unbind', { input, dim }, ({ input: x, dim: axis }) => unbind(x, axis)),
  methodOnly('repeat', { input, repeats: required('size') }, ({ input: x, repeats }) =>
    tile(x, repeats, false, 'RepeatBackward0'),
  ),
  functionAndMethod('tile', { input, dims: required('size') }, ({ input: x, dims }) =>
    tile(x, dims, true, 'RepeatBackward0'),
  ),
  functionAndMethod(
    'repeat_interleave',
    { input, repeats: required('int'), dim: optional('int') },
    ({ input: x, repeats, dim: axis }) => {
      const flat = axis === null ? reshape(x, [x.shape.reduce((product, size) => product * size, 1)]) : x;
      const position = axisOf(axis ?? 0, flat.shape.length);
      const positions = range(flat.shape[position]! * repeats).map((i) => Math.floor(i / repeats));
      return reorder(flat, position, positions, 'IndexSelectBackward0');
    },
  ),
  functionAndMethod('flip', { input, dims: required('size') }, ({ input: x, dims }) =>
    dims.reduce((result, entry) => {
      const axis = axisOf(entry, x.shape.length);
      return reorder(result, axis, range(x.shape[axis]!).reverse(), 'FlipBackward0');
    }, x),
  ),
  functionAndMethod('fliplr', { input }, ({ input: x }) =>
    reorder(x, 1, range(x.shape[1]!).reverse(), 'FlipBackward0'),
  ),
  functionAndMethod('flipud', { input }, ({ input: x }) =>
    reorder(x, 0, range(x.shape[0]!).reverse(), 'FlipBackward0'),
  ),
  functionAndMethod('roll', { input, shifts: required('ints'), dims: optional('ints') }, ({ input: x, shifts, dims }) =>
    roll(x, shifts, dims),
  ),
];
