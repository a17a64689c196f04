import { PythonError } from '../../../common/errors';
import { optional, required, withDefault } from '../../operation';
import { elementCount, type Shape } from '../dtype';
import { changedLayout, layoutInShape, type MemoryLayout } from '../memoryLayout';
import { apply, type Tensor } from '../tensor';
import { axesOf, axisOf, range } from './axes';
import { functionAndMethod, methodOnly, type TensorOperation } from './tensorOperation';

/**
 * A view: writes through it reach the base by `write`. Nodes that only serve a write are named after the copy.
 * @param layoutFrom the view's memory layout; without it nothing is known of it
 */
export function viewOf(
  base: Tensor,
  read: (base: Tensor) => Tensor,
  write: (base: Tensor, updated: Tensor) => Tensor,
  layoutFrom: (view: Tensor) => MemoryLayout = () => 'unknown',
): Tensor {
  const view = read(base).asView(base, read, write);
  view.layout = layoutFrom(view);
  return view;
}

/** A copy in row-major order. */
function contiguousCopy(x: Tensor, gradientName = 'CloneBackward0'): Tensor {
  const copy = apply(x.tape, 'Identity', [x], undefined, gradientName);
  copy.layout = 'contiguous';
  return copy;
}

function reshapeTo(x: Tensor, shape: Shape, gradientName: string): Tensor {
  return apply(x.tape, 'Reshape', [x, x.tape.ints(shape)], { allowzero: 1 }, gradientName);
}

/** The same elements in another shape, which must fit: a view where the memory layout allows it, else a copy. */
export function reshape(x: Tensor, shape: Shape, gradientName = 'ViewBackward0'): Tensor {
  const layout = layoutInShape(x.shape, x.layout, shape);
  if (layout === null) {
    const copy = reshapeTo(x, shape, 'UnsafeViewBackward0');
    copy.layout = 'contiguous';
    return copy;
  }
  return viewOf(
    x,
    (base) => reshapeTo(base, shape, gradientName),
    (base, updated) => reshapeTo(updated, base.shape, gradientName),
    () => layout,
  );
}

/** @throws PythonError in PyTorch's words when the memory layout would take a copy */
function viewInShape(x: Tensor, shape: Shape): Tensor {
  if (layoutInShape(x.shape, x.layout, shape) === null) {
    throw new PythonError(
      'RuntimeError',
      "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
    );
  }
  return reshape(x, shape);
}

/**
 * A shape with its -1 filled in.
 * @throws PythonError in PyTorch's words when it doesn't hold `count` elements
 */
export function inferSize(requested: readonly number[], count: number): number[] {
  const open = requested.indexOf(-1);
  if (open !== requested.lastIndexOf(-1)) throw new PythonError('RuntimeError', 'only one dimension can be inferred');
  const bad = requested.find((size) => size < -1);
  if (bad !== undefined) throw new PythonError('RuntimeError', `invalid shape dimension ${bad}`);
  const known = requested.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const invalid = (): PythonError =>
    new PythonError('RuntimeError', `shape '[${requested.join(', ')}]' is invalid for input of size ${count}`);
  if (open < 0) {
    if (known !== count) throw invalid();
    return [...requested];
  }
  if (known === 0) {
    if (count !== 0) throw invalid();
    throw new PythonError(
      'RuntimeError',
      `cannot reshape tensor of 0 elements into shape [${requested.join(', ')}] because the unspecified dimension size -1 can be any value and is ambiguous`,
    );
  }
  if (count % known !== 0) throw invalid();
  return requested.map((size) => (size === -1 ? count / known : size));
}

/** Axes in another order. */
export function permute(x: Tensor, axes: readonly number[], gradientName = 'PermuteBackward0'): Tensor {
  const inverse = range(axes.length).map((axis) => axes.indexOf(axis));
  return viewOf(
    x,
    (base) => apply(base.tape, 'Transpose', [base], { perm: axes }, gradientName),
    (base, updated) => apply(base.tape, 'Transpose', [updated], { perm: inverse }, gradientName),
    ({ shape }) => changedLayout(x, shape, (strides) => axes.map((axis) => strides[axis]!)),
  );
}

/** Two axes exchanged. */
export function transpose(x: Tensor, dim0: number, dim1: number, gradientName = 'TransposeBackward0'): Tensor {
  const rank = x.shape.length;
  const [a, b] = [axisOf(dim0, rank), axisOf(dim1, rank)];
  if (rank === 0) return alias(x, gradientName);
  const axes = range(rank);
  [axes[a], axes[b]] = [b, a];
  return permute(x, axes, gradientName);
}

/** The tensor itself as a new object that shares its memory. */
export function alias(x: Tensor, gradientName = 'AliasBackward0'): Tensor {
  return viewOf(
    x,
    (base) => apply(base.tape, 'Identity', [base], undefined, gradientName),
    (_base, updated) => updated,
    () => x.layout,
  );
}

function squeezeAxes(x: Tensor, axes: readonly number[], gradientName: string): Tensor {
  if (axes.length === 0) return alias(x, gradientName);
  return viewOf(
    x,
    (base) => apply(base.tape, 'Squeeze', [base, base.tape.ints(axes)], undefined, gradientName),
    (base, updated) => reshapeTo(updated, base.shape, 'UnsqueezeBackward0'),
    ({ shape }) => changedLayout(x, shape, (strides) => strides.filter((_, axis) => !axes.includes(axis))),
  );
}

export function squeeze(x: Tensor, dims: readonly number[] | null): Tensor {
  const candidates = dims === null ? range(x.shape.length) : axesOf(dims, x.shape.length);
  const name = dims === null ? 'SqueezeBackward0' : dims.length === 1 ? 'SqueezeBackward1' : 'SqueezeBackward2';
  return squeezeAxes(
    x,
    candidates.filter((axis) => x.shape[axis] === 1),
    name,
  );
}

export function unsqueeze(x: Tensor, dim: number): Tensor {
  const axis = axisOf(dim, x.shape.length + 1);
  return viewOf(
    x,
    (base) => apply(base.tape, 'Unsqueeze', [base, base.tape.ints([axis])], undefined, 'UnsqueezeBackward0'),
    (base, updated) => reshapeTo(updated, base.shape, 'SqueezeBackward1'),
    ({ shape }) => changedLayout(x, shape, (strides) => [...strides.slice(0, axis), 1, ...strides.slice(axis)]),
  );
}

/** @throws PythonError in PyTorch's words */
export function expand(x: Tensor, sizes: readonly number[]): Tensor {
  const rank = x.shape.length;
  const quoted = `Target sizes: [${sizes.join(', ')}].  Tensor sizes: [${x.shape.join(', ')}]`;
  if (sizes.length < rank) {
    throw new PythonError(
      'RuntimeError',
      `expand(torch.${x.dtype === 'float64' ? 'DoubleTensor' : x.dtype === 'int64' ? 'LongTensor' : 'FloatTensor'}{[${x.shape.join(', ')}]}, size=[${sizes.join(', ')}]): the number of sizes provided (${sizes.length}) must be greater or equal to the number of dimensions in the tensor (${rank})`,
    );
  }
  // PyTorch looks at the last dimension first.
  const shape = [...sizes].reverse().map((size, fromEnd) => {
    const axis = sizes.length - 1 - fromEnd;
    const own = x.shape[axis - sizes.length + rank];
    if (size === -1) {
      if (own === undefined) {
        throw new PythonError(
          'RuntimeError',
          `The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${axis}`,
        );
      }
      return own;
    }
    if (own !== undefined && own !== 1 && own !== size) {
      throw new PythonError(
        'RuntimeError',
        `The expanded size of the tensor (${size}) must match the existing size (${own}) at non-singleton dimension ${axis}.  ${quoted}`,
      );
    }
    return size;
  });
  shape.reverse();
  const expanded = apply(x.tape, 'Expand', [x, x.tape.ints(shape)], undefined, 'ExpandBackward0');
  const added = shape.length - rank;
  expanded.layout = changedLayout(x, shape, (strides) =>
    shape.map((size, axis) => (axis < added || x.shape[axis - added] !== size ? 0 : strides[axis - added]!)),
  );
  return expanded;
}

function flatten(x: Tensor, startDim: number, endDim: number): Tensor {
  const rank = x.shape.length;
  const [start, end] = [axisOf(startDim, rank), axisOf(endDim, rank)];
  if (rank === 0) return reshape(x, [1]);
  if (start > end)
    throw new PythonError('RuntimeError', 'flatten() has invalid args: start_dim cannot come after end_dim');
  if (start === end) return x;
  const joined = elementCount(x.shape.slice(start, end + 1));
  return reshape(x, [...x.shape.slice(0, start), joined, ...x.shape.slice(end + 1)]);
}

function unflatten(x: Tensor, dim: number, sizes: readonly number[]): Tensor {
  const axis = axisOf(dim, x.shape.length);
  const size = x.shape[axis]!;
  const known = sizes.reduce((product, entry) => (entry === -1 ? product : product * entry), 1);
  if (sizes.includes(-1) ? size % known !== 0 : known !== size) {
    throw new PythonError(
      'RuntimeError',
      `unflatten: Provided sizes [${sizes.join(', ')}] don't multiply up to the size of dim ${axis} (${size}) in the input tensor`,
    );
  }
  return reshape(x, [...x.shape.slice(0, axis), ...inferSize(sizes, size), ...x.shape.slice(axis + 1)]);
}

function moveAxes(x: Tensor, source: readonly number[], destination: readonly number[]): Tensor {
  const rank = x.shape.length;
  if (source.length !== destination.length) {
    throw new PythonError(
      'RuntimeError',
      `movedim: Invalid source or destination dims: source ([${source.join(', ')}] dims) should contain the same number of dims as destination ([${destination.join(', ')}] dims)`,
    );
  }
  const [from, to] = [axesOf(source, rank), axesOf(destination, rank)];
  const order = new Array<number>(rank).fill(-1);
  to.forEach((axis, i) => {
    order[axis] = from[i]!;
  });
  const rest = range(rank).filter((axis) => !from.includes(axis));
  return permute(
    x,
    order.map((axis) => (axis === -1 ? rest.shift()! : axis)),
  );
}

function checkedPermutation(x: Tensor, dims: readonly number[]): number[] {
  const rank = x.shape.length;
  if (dims.length !== rank) {
    throw new PythonError(
      'RuntimeError',
      `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${rank} is not equal to len(dims) = ${dims.length}`,
    );
  }
  const axes = dims.map((dim) => axisOf(dim, rank));
  if (new Set(axes).size !== rank) throw new PythonError('RuntimeError', 'permute(): duplicate dims are not allowed.');
  return axes;
}

/** Every axis in the opposite order: `x.T`. */
export function reversedAxes(x: Tensor): Tensor {
  return permute(x, range(x.shape.length).reverse());
}

const input = required('tensor');

/** Operations that give another view of the same elements. */
export const viewOperations: readonly TensorOperation[] = [
  methodOnly('view', { input, size: required('size') }, ({ input: x, size }) =>
    viewInShape(x, inferSize(size, elementCount(x.shape))),
  ),
  methodOnly('view_as', { input, other: required('tensor') }, ({ input: x, other }) =>
    viewInShape(x, inferSize(other.shape, elementCount(x.shape))),
  ),
  functionAndMethod('reshape', { input, shape: required('size') }, ({ input: x, shape }) =>
    reshape(x, inferSize(shape, elementCount(x.shape))),
  ),
  methodOnly('reshape_as', { input, other: required('tensor') }, ({ input: x, other }) =>
    reshape(x, inferSize(other.shape, elementCount(x.shape))),
  ),
  functionAndMethod('ravel', { input }, ({ input: x }) =>
    x.shape.length === 1 ? x : reshape(x, [elementCount(x.shape)]),
  ),
  functionAndMethod(
    'flatten',
    { input, start_dim: withDefault('int', 0), end_dim: withDefault('int', -1) },
    ({ input: x, start_dim: start, end_dim: end }) => flatten(x, start, end),
  ),
  functionAndMethod('unflatten', { input, dim: required('int'), sizes: required('size') }, ({ input: x, dim, sizes }) =>
    unflatten(x, dim, sizes),
  ),
  functionAndMethod('permute', { input, dims: required('size') }, ({ input: x, dims }) =>
    permute(x, checkedPermutation(x, dims)),
  ),
  functionAndMethod(
    'transpose',
    { input, dim0: required('int'), dim1: required('int') },
    ({ input: x, dim0, dim1 }) => transpose(x, dim0, dim1),
    { aliases: ['swapaxes', 'swapdims'] },
  ),
  functionAndMethod('t', { input }, ({ input: x }) => {
    if (x.shape.length > 2) {
      throw new PythonError(
        'RuntimeError',
        `t() expects a tensor with <= 2 dimensions, but self is ${x.shape.length}D`,
      );
    }
    return x.shape.length < 2 ? alias(x, 'TBackward0') : permute(x, [1, 0], 'TBackward0');
  }),
  functionAndMethod(
    'movedim',
    { input, source: required('ints'), destination: required('ints') },
    ({ input: x, source, destination }) => moveAxes(x, source, destination),
    { aliases: ['moveaxis'] },
  ),
  functionAndMethod('squeeze', { input, dim: optional('ints') }, ({ input: x, dim }) => squeeze(x, dim)),
  functionAndMethod('unsqueeze', { input, dim: required('int') }, ({ input: x, dim }) => unsqueeze(x, dim)),
  methodOnly('expand', { input, size: required('size') }, ({ input: x, size }) => expand(x, size)),
  methodOnly('expand_as', { input, other: required('tensor') }, ({ input: x, other }) => expand(x, other.shape)),
  functionAndMethod('broadcast_to', { input, size: required('size') }, ({ input: x, size }) => expand(x, size)),
  methodOnly('contiguous', { input }, ({ input: x }) => (x.layout === 'contiguous' ? x : contiguousCopy(x))),
];
