import { PythonError } from '../../../common/errors';
import { operation, required, withDefault } from '../../operation';
import { elementCount, isFloating } from '../../tensor/dtype';
import { apply, type Tensor } from '../../tensor/tensor';
import { dtypeNames } from '../dtypeNames';
import { inFloat32, reduce, renamed, reshape, runtimeError, shapeText } from '../tensorMath';
import { averagePool, maxPool } from './pooling';

/** The cells that output `index` of `outputs` covers (ATen/native/AdaptivePooling.h). */
function windowAt(index: number, outputs: number, size: number): { start: number; end: number } {
  return { start: Math.floor((index * size) / outputs), end: Math.ceil(((index + 1) * size) / outputs) };
}

/** Fills in None, which keeps a size, and checks the rank. */
function outputSize(name: string, input: Tensor, requested: unknown, axes: number): number[] {
  const rank = input.shape.length;
  if (rank !== axes + 1 && rank !== axes + 2) {
    const ranks = axes === 1 ? '2D or 3D' : '3D or 4D';
    throw runtimeError(
      axes === 1
        ? `${name}(): Expected 2 to 3 dimensions, but got ${rank}-dimensional tensor for argument #1 'self' (while checking arguments for ${name})`
        : `${name}(): Expected ${ranks} tensor, but got ${shapeText(input.shape)}`,
    );
  }
  const items = itemsOf(requested);
  const listed = items.length === 1 ? items.concat(new Array<unknown>(axes - 1).fill(items[0])) : items;
  if (listed.length !== axes) throw runtimeError(`${name}: output_size must be ${axes}`);
  const sizes = listed.map((item, axis) => (item === null ? input.shape[rank - axes + axis]! : Number(item)));
  if (sizes.some((size) => size < 0)) {
    throw runtimeError(
      `${name}: elements of output_size must be greater than or equal to 0 but received {${sizes.join(', ')}}`,
    );
  }
  return sizes;
}

function itemsOf(requested: unknown): unknown[] {
  if (Array.isArray(requested)) return requested as unknown[];
  const items = (requested as { items?: readonly unknown[] } | null)?.items;
  return items ? [...items] : [requested];
}

/**
 * Averages windows that cover the image evenly.
 * @param requested an int, or a list of ints and None; plain or as the script's tuple
 */
export function adaptiveAveragePool(input: Tensor, requested: unknown, axes: 1 | 2): Tensor {
  const name = `adaptive_avg_pool${axes}d`;
  const sizes = outputSize(name, input, requested, axes);
  if (!isFloating(input.dtype)) {
    throw new PythonError(
      'NotImplementedError',
      `"adaptive_avg_pool2d" not implemented for '${dtypeNames[input.dtype].scalar}'`,
    );
  }
  const rank = input.shape.length;
  const spatial = input.shape.slice(-axes);
  const gradientName = axes === 1 ? 'SqueezeBackward1' : 'AdaptiveAvgPool2DBackward0';
  if (sizes.every((size) => size === 1)) {
    const reduced = spatial.map((_, axis) => rank - axes + axis);
    const oneName = axes === 1 ? gradientName : 'MeanBackward1';
    if (rank === axes + 2 && input.dtype === 'float32') {
      return apply(input.tape, 'GlobalAveragePool', [input], undefined, oneName);
    }
    return reduce('ReduceMean', input, reduced, true, oneName);
  }
  if (sizes.every((size, axis) => spatial[axis]! % size === 0)) {
    const kernel = sizes.map((size, axis) => spatial[axis]! / size);
    const pooled = averagePool(
      input,
      { kernel, stride: kernel, padding: kernel.map(() => 0), ceilMode: false },
      true,
      null,
    );
    return rank === axes + 2 ? renamed(pooled, gradientName) : pooled;
  }
  return inFloat32([input], (x) => {
    const width = sizes[axes - 1]!;
    const columns = averagingMatrix(spatial[axes - 1]!, width, true);
    const across = apply(
      x!.tape,
      'MatMul',
      [x!, x!.tape.constant(columns, [spatial[axes - 1]!, width], 'float32')],
      undefined,
      gradientName,
    );
    if (axes === 1) return across;
    const rows = averagingMatrix(spatial[0]!, sizes[0]!, false);
    return apply(
      x!.tape,
      'MatMul',
      [x!.tape.constant(rows, [sizes[0]!, spatial[0]!], 'float32'), across],
      undefined,
      gradientName,
    );
  });
}

/** The matrix that averages each window: (size, outputs), or (outputs, size). */
function averagingMatrix(size: number, outputs: number, onTheRight: boolean): Float32Array {
  const matrix = new Float32Array(size * outputs);
  for (let output = 0; output < outputs; output++) {
    const { start, end } = windowAt(output, outputs, size);
    for (let cell = start; cell < end; cell++) {
      matrix[onTheRight ? cell * outputs + output : output * size + cell] = 1 / (end - start);
    }
  }
  return matrix;
}

/** Takes the maximum of windows that cover the image evenly. */
export function adaptiveMaxPool(input: Tensor, requested: unknown, axes: 1 | 2): Tensor {
  const sizes = outputSize(`adaptive_max_pool${axes}d`, input, requested, axes);
  const rank = input.shape.length;
  const spatial = input.shape.slice(-axes);
  const gradientName = axes === 1 ? 'SqueezeBackward1' : 'AdaptiveMaxPool2DBackward0';
  if (sizes.every((size, axis) => size > 0 && spatial[axis]! % size === 0)) {
    const kernel = sizes.map((size, axis) => spatial[axis]! / size);
    const { output } = maxPool(input, {
      kernel,
      stride: kernel,
      padding: kernel.map(() => 0),
      dilation: kernel.map(() => 1),
      ceilMode: false,
    });
    return renamed(output, gradientName);
  }
  return sizes.reduce((current, size, axis) => maximaAlong(current, rank - axes + axis, size, gradientName), input);
}

/** Maxima of a maximum are the whole window's: one axis after the other. */
function maximaAlong(input: Tensor, axis: number, outputs: number, gradientName: string): Tensor {
  const { tape } = input;
  const last = input.shape.length - 1;
  const rows = axis === last ? input : swapped(input, axis, last);
  const size = rows.shape[last]!;
  const flat = reshape(rows, [elementCount(rows.shape) / size, size]);
  const pieces = Array.from({ length: outputs }, (_, output) => {
    const { start, end } = windowAt(output, outputs, size);
    const window = apply(tape, 'Slice', [flat, tape.ints([start]), tape.ints([end]), tape.ints([1]), tape.ints([1])]);
    const length = end - start;
    return maxPool(window, { kernel: [length], stride: [length], padding: [0], dilation: [1], ceilMode: false }).output;
  });
  const joined = reshape(
    apply(tape, 'Concat', pieces, { axis: 1 }),
    [...rows.shape.slice(0, -1), outputs],
    gradientName,
  );
  return axis === last ? joined : swapped(joined, axis, last, gradientName);
}

function swapped(input: Tensor, first: number, second: number, gradientName = 'TransposeBackward0'): Tensor {
  const perm = input.shape.map((_, axis) => (axis === first ? second : axis === second ? first : axis));
  return apply(input.tape, 'Transpose', [input], { perm }, gradientName);
}

export const adaptivePoolingOperations = [
  operation(
    'adaptive_avg_pool1d',
    { input: required('tensor'), output_size: required('any') },
    ({ input, output_size }) => adaptiveAveragePool(input, output_size, 1),
  ),
  operation(
    'adaptive_avg_pool2d',
    { input: required('tensor'), output_size: required('any') },
    ({ input, output_size }) => adaptiveAveragePool(input, output_size, 2),
  ),
  operation(
    'adaptive_max_pool1d',
    { input: required('tensor'), output_size: required('any'), return_indices: withDefault('bool', false) },
    ({ input, output_size, return_indices }) => {
      refuseIndices(return_indices);
      return adaptiveMaxPool(input, output_size, 1);
    },
  ),
  operation(
    'adaptive_max_pool2d',
    { input: required('tensor'), output_size: required('any'), return_indices: withDefault('bool', false) },
    ({ input, output_size, return_indices }) => {
      refuseIndices(return_indices);
      return adaptiveMaxPool(input, output_size, 2);
    },
  ),
];

function refuseIndices(asked: boolean): void {
  if (asked) throw new PythonError('NotImplementedError', 'Gradstep does not give the indices of adaptive max pooling');
}
