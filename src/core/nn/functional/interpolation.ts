import { PythonError } from '../../../common/errors';
import { operation, optional, required, withDefault } from '../../operation';
import { apply, type Tensor } from '../../tensor/tensor';
import { dtypeTable } from '../../tensor/dtype';
import { renamed } from '../tensorMath';

export interface InterpolationOptions {
  /** The output's spatial sizes; one number stands for all axes. */
  size: readonly number[] | null;
  scaleFactor: readonly number[] | null;
  mode: string;
  alignCorners: boolean | null;
}

/**
 * Resizes (N, C, spatial...) to the nearest element, or linearly between elements (ATen/native/UpSample.h).
 * @throws PythonError ValueError in PyTorch's words
 */
export function interpolate(input: Tensor, { size, scaleFactor, mode, alignCorners }: InterpolationOptions): Tensor {
  const axes = input.shape.length - 2;
  if (size && scaleFactor) throw new PythonError('ValueError', 'only one of size or scale_factor should be defined');
  if (!size && !scaleFactor) throw new PythonError('ValueError', 'either size or scale_factor should be defined');
  const linear = mode === (axes === 1 ? 'linear' : 'bilinear');
  if (mode !== 'nearest' && !linear) {
    throw new PythonError(
      'NotImplementedError',
      `Gradstep has no interpolation with mode='${mode}' for ${axes + 2}-D inputs`,
    );
  }
  if (mode === 'nearest' && alignCorners !== null) {
    throw new PythonError(
      'ValueError',
      'align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear',
    );
  }
  let result = input;
  for (let axis = 0; axis < axes; axis++) {
    const from = input.shape[axis + 2]!;
    const factor = scaleFactor ? (scaleFactor[axis] ?? scaleFactor[0]!) : null;
    const to = factor === null ? (size![axis] ?? size![0]!) : Math.floor(from * factor);
    const step = factor === null ? from / to : 1 / factor;
    result = linear
      ? resizeLinearly(result, axis + 2, from, to, step, alignCorners ?? false)
      : pickNearest(result, axis + 2, from, to, step);
  }
  const name = linear
    ? `Upsample${axes === 1 ? 'Linear' : 'Bilinear'}${axes}DBackward0`
    : `UpsampleNearest${axes}DBackward0`;
  return renamed(result, name);
}

function pickNearest(input: Tensor, axis: number, from: number, to: number, step: number): Tensor {
  const indices = Array.from({ length: to }, (_, i) => Math.min(Math.floor(Math.fround(i * step)), from - 1));
  return apply(input.tape, 'Gather', [input, input.tape.ints(indices)], { axis });
}

/** Multiplies an axis by the matrix (from, to) of the weights. */
function resizeLinearly(
  input: Tensor,
  axis: number,
  from: number,
  to: number,
  step: number,
  alignCorners: boolean,
): Tensor {
  const { tape, dtype } = input;
  const weights = dtypeTable[dtype].allocate(from * to) as Float32Array;
  const along = alignCorners ? (to > 1 ? (from - 1) / (to - 1) : 0) : step;
  for (let i = 0; i < to; i++) {
    const at = alignCorners ? i * along : Math.max(0, (i + 0.5) * along - 0.5);
    const low = Math.min(Math.floor(at), from - 1);
    const high = Math.min(low + 1, from - 1);
    weights[low * to + i]! += 1 - (at - low);
    weights[high * to + i]! += at - low;
  }
  const last = input.shape.length - 1;
  const matrix = tape.constant(weights, [from, to], dtype);
  if (axis === last) return apply(tape, 'MatMul', [input, matrix]);
  const perm = input.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const turned = apply(tape, 'Transpose', [input], { perm });
  return apply(tape, 'Transpose', [apply(tape, 'MatMul', [turned, matrix])], { perm });
}

/** Numbers of the script: an int, a float, or a tuple of them. */
export function listedNumbers(given: unknown): number[] | null {
  if (given === null || given === undefined) return null;
  const items = (given as { items?: readonly unknown[] }).items;
  return items ? items.map(Number) : [Number(given)];
}

export const interpolationOperations = [
  operation(
    'interpolate',
    {
      input: required('tensor'),
      size: optional('any'),
      scale_factor: optional('any'),
      mode: withDefault('string', 'nearest'),
      align_corners: optional('bool'),
      recompute_scale_factor: optional('bool'),
      antialias: withDefault('bool', false),
    },
    ({ input, size, scale_factor, mode, align_corners, antialias }) => {
      if (antialias) throw new PythonError('NotImplementedError', 'Gradstep has no interpolation with antialias=True');
      return interpolate(input, {
        size: listedNumbers(size),
        scaleFactor: listedNumbers(scale_factor),
        mode,
        alignCorners: align_corners,
      });
    },
  ),
];
