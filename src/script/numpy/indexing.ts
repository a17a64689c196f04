import { PythonError } from '../../common/errors';
import { elementCount } from '../../core/tensor/dtype';
import { ellipsis, PyList, PySlice, PyTuple } from '../objects/containers';
import type { PyValue } from '../objects/value';
import { NdArray } from '../torch/ndArray';
import { PyTensor } from '../torch/tensorClass';
import { valuesOf } from './values';

/** Elements that an index chooses: their positions, row by row, and the shape they make. */
export interface Selection {
  positions: number[];
  shape: number[];
}

function sliceIndices(slice: PySlice, length: number): number[] {
  const step = slice.step === null ? 1 : Number(slice.step);
  const clip = (value: PyValue, fallback: number): number => {
    if (value === null) return fallback;
    const at = Number(value) < 0 ? Number(value) + length : Number(value);
    return step > 0 ? Math.min(length, Math.max(0, at)) : Math.min(length - 1, Math.max(-1, at));
  };
  const start = clip(slice.start, step > 0 ? 0 : length - 1);
  const stop = clip(slice.stop, step > 0 ? length : -1);
  const indices: number[] = [];
  for (let at = start; step > 0 ? at < stop : at > stop; at += step) indices.push(at);
  return indices;
}

/** The indices along one axis: one that goes (an int), or some that stay. */
function axisIndices(index: PyValue, length: number, axis: number): { indices: number[]; kept: number[] } {
  const check = (given: number): number => {
    if (given < -length || given >= length) {
      throw new PythonError('IndexError', `index ${given} is out of bounds for axis ${axis} with size ${length}`);
    }
    return given < 0 ? given + length : given;
  };
  if (index instanceof PySlice) {
    const indices = sliceIndices(index, length);
    return { indices, kept: [indices.length] };
  }
  if (typeof index === 'bigint') return { indices: [check(Number(index))], kept: [] };
  const chosen = valuesOf(index);
  if (chosen.dtype === 'bool') {
    if (chosen.shape.length !== 1 || chosen.shape[0] !== length) {
      throw new PythonError(
        'IndexError',
        `boolean index did not match indexed array along axis ${axis}; size of axis is ${length} but size of corresponding boolean axis is ${chosen.shape[0] ?? 0}`,
      );
    }
    const indices = chosen.numbers.flatMap((flag, at) => (flag === 0 ? [] : [at]));
    return { indices, kept: [indices.length] };
  }
  return { indices: chosen.numbers.map(check), kept: [...chosen.shape] };
}

function isMask(index: PyValue, shape: readonly number[]): index is NdArray | PyTensor {
  const own = index instanceof NdArray ? index.shape : index instanceof PyTensor ? index.tensor.shape : null;
  return own !== null && own.length === shape.length && own.length > 1 && valuesOf(index).dtype === 'bool';
}

/**
 * What an index chooses of an array: ints, slices, None and `...`, one list or mask along an axis, or a mask of the whole.
 * @throws PythonError in NumPy's words, or for several lists at once
 */
export function select(shape: readonly number[], index: PyValue): Selection {
  if (isMask(index, shape)) {
    const positions = valuesOf(index).numbers.flatMap((flag, at) => (flag === 0 ? [] : [at]));
    return { positions, shape: [positions.length] };
  }
  const given = index instanceof PyTuple ? [...index.items] : [index];
  if (given.filter((one) => one instanceof PyList || one instanceof NdArray || one instanceof PyTensor).length > 1) {
    throw new PythonError('NotImplementedError', 'Gradstep indexes arrays by one list or array at a time');
  }
  const used = given.filter((one) => one !== null && one !== ellipsis).length;
  if (used > shape.length) {
    throw new PythonError(
      'IndexError',
      `too many indices for array: array is ${shape.length}-dimensional, but ${used} were indexed`,
    );
  }
  const everything = Array.from({ length: shape.length - used }, () => new PySlice(null, null, null));
  const dots = given.indexOf(ellipsis);
  if (dots >= 0) given.splice(dots, 1, ...everything);
  else given.push(...everything);
  let selection: Selection = { positions: [0], shape: [] };
  let axis = 0;
  for (const one of given) {
    if (one === null) {
      selection.shape.push(1);
      continue;
    }
    const stride = elementCount(shape.slice(axis + 1));
    const { indices, kept } = axisIndices(one, shape[axis]!, axis);
    selection = {
      positions: selection.positions.flatMap((position) => indices.map((at) => position + at * stride)),
      shape: [...selection.shape, ...kept],
    };
    axis++;
  }
  return selection;
}
