import { PythonError } from '../../../common/errors';
import { operation, optional, required, withDefault } from '../../operation';
import { apply, type Tensor } from '../../tensor/tensor';
import { renamed, runtimeError, shapeText } from '../tensorMath';

const gatheredModes = ['reflect', 'replicate', 'circular'];

const names: Readonly<Record<string, (axes: number) => string>> = {
  reflect: (axes) => `ReflectionPad${axes}DBackward0`,
  replicate: (axes) => `ReplicationPad${axes}DBackward0`,
  circular: () => 'CopySlices',
};

/**
 * Pads the last dimensions: `widths` holds the last one's begin and end first (torch.nn.functional.pad).
 * @throws PythonError in PyTorch's words
 */
export function pad(input: Tensor, widths: readonly number[], mode: string, value: number | null): Tensor {
  const rank = input.shape.length;
  if (widths.length % 2 !== 0) throw runtimeError('Padding length must be divisible by 2');
  if (widths.length > rank * 2) {
    throw runtimeError(
      `Padding length should be less than or equal to two times the input dimension but got padding length ${widths.length} and input of dimension ${rank}`,
    );
  }
  if (mode === 'constant') return constantPad(input, widths, value ?? 0);
  if (value !== null && value !== 0) {
    throw runtimeError(`Padding mode "${mode}" doesn't take in value argument`);
  }
  if (!gatheredModes.includes(mode)) {
    throw new PythonError('NotImplementedError', `Unrecognised padding mode ${mode}`);
  }
  const axes = widths.length / 2;
  if (rank !== axes + 1 && rank !== axes + 2) {
    throw new PythonError(
      'NotImplementedError',
      'Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now',
    );
  }
  let result = input;
  for (let pair = 0; pair < axes; pair++) {
    const axis = rank - 1 - pair;
    result = padAxis(result, input, axis, widths[pair * 2]!, widths[pair * 2 + 1]!, mode);
  }
  return renamed(result, names[mode]!(axes));
}

function constantPad(input: Tensor, widths: readonly number[], value: number): Tensor {
  const rank = input.shape.length;
  const begin = new Array<number>(rank).fill(0);
  const end = new Array<number>(rank).fill(0);
  for (let pair = 0; pair < widths.length / 2; pair++) {
    begin[rank - 1 - pair] = widths[pair * 2]!;
    end[rank - 1 - pair] = widths[pair * 2 + 1]!;
  }
  const { tape } = input;
  const padded = input.shape.map((size, axis) => size + begin[axis]! + end[axis]!);
  const negative = padded.findIndex((size) => size < 0);
  if (negative >= 0) {
    throw runtimeError(
      `The input size ${input.shape[negative]}, plus negative padding ${begin[negative]} and ${end[negative]} resulted in a negative output size, which is invalid. Check dimension ${negative} of your input.`,
    );
  }
  return apply(
    tape,
    'Pad',
    [input, tape.ints([...begin, ...end]), tape.scalar(value, input.dtype)],
    { mode: 'constant' },
    'ConstantPadNdBackward0',
  );
}

/** Lays an axis out anew by a fixed list of indices, so that one gradient serves every mode. */
function padAxis(current: Tensor, input: Tensor, axis: number, begin: number, end: number, mode: string): Tensor {
  if (begin === 0 && end === 0) return current;
  const size = input.shape[axis]!;
  if (mode === 'reflect' && (begin >= size || end >= size)) {
    throw runtimeError(
      `Argument #4: Padding size should be less than the corresponding input dimension, but got: padding (${begin}, ${end}) at dimension ${axis} of input ${shapeText(input.shape)}`,
    );
  }
  if (mode === 'circular' && (begin > size || end > size)) {
    throw runtimeError('Padding value causes wrapping around more than once.');
  }
  const indices = Array.from({ length: size + begin + end }, (_, i) => sourceOf(i - begin, size, mode));
  return apply(current.tape, 'Gather', [current, current.tape.ints(indices)], { axis });
}

function sourceOf(index: number, size: number, mode: string): number {
  if (mode === 'replicate') return Math.min(Math.max(index, 0), size - 1);
  if (mode === 'circular') return (index + size) % size;
  const mirrored = Math.abs(index);
  return mirrored >= size ? 2 * (size - 1) - mirrored : mirrored;
}

export const paddingOperations = [
  operation(
    'pad',
    {
      input: required('tensor'),
      pad: required('ints'),
      mode: withDefault('string', 'constant'),
      value: optional('float'),
    },
    ({ input, pad: widths, mode, value }) => pad(input, widths, mode, value),
  ),
];
