import { PythonError } from '../../common/errors';
import { elementCount } from '../../core/tensor/dtype';
import { Tensor } from '../../core/tensor/tensor';
import { PyList } from '../objects/containers';
import type { Interpreter } from '../objects/interpreter';
import { nativeFunction } from '../objects/native';
import type { PyValue } from '../objects/value';
import { collate } from '../torch/data/collate';
import { PyTensor, wrapTensor } from '../torch/tensorClass';

interface Batch {
  data: Float32Array;
  count: number;
  channels: number;
  height: number;
  width: number;
}

/** The images of a tensor or list, gray ones with three channels. */
function batchOf(value: PyValue, interpreter: Interpreter): { batch: Batch; tape: Tensor['tape'] } {
  const whole = value instanceof PyList ? collate(value.items, interpreter) : value;
  if (!(whole instanceof PyTensor)) {
    const type = interpreter.repr(interpreter.classOf(value));
    throw new PythonError('TypeError', `tensor or list of tensors expected, got ${type}`);
  }
  const { tensor } = whole;
  const shape = [...Array<number>(Math.max(0, 4 - tensor.shape.length)).fill(1), ...tensor.shape];
  const [count, channels, height, width] = shape as [number, number, number, number];
  const given = Float32Array.from(tensor.data, Number);
  if (channels !== 1) return { batch: { data: given, count, channels, height, width }, tape: tensor.tape };
  const area = height * width;
  const data = new Float32Array(count * 3 * area);
  for (let plane = 0; plane < count * 3; plane++) {
    const image = Math.floor(plane / 3);
    data.set(given.subarray(image * area, (image + 1) * area), plane * area);
  }
  return { batch: { data, count, channels: 3, height, width }, tape: tensor.tape };
}

/** Clamped to the range and stretched to [0, 1], in float32. */
function stretch(data: Float32Array, range: readonly [number, number] | null): void {
  let [low, high] = range ?? [Infinity, -Infinity];
  if (range === null) {
    for (const level of data) {
      low = Math.min(low, level);
      high = Math.max(high, level);
    }
  }
  const span = Math.fround(Math.max(high - low, 1e-5));
  for (let at = 0; at < data.length; at++) {
    const clamped = Math.min(Math.fround(high), Math.max(Math.fround(low), data[at]!));
    data[at] = Math.fround(clamped - Math.fround(low)) / span;
  }
}

/** `torchvision.utils.make_grid`. */
const makeGrid = nativeFunction(
  'make_grid',
  'tensor, nrow=8, padding=2, normalize=False, value_range=None, scale_each=False, pad_value=0.0',
  (args, interpreter) => {
    const { batch, tape } = batchOf(args.value('tensor'), interpreter);
    const { data, count, channels, height, width } = batch;
    const size = channels * height * width;
    if (args.value('normalize') === true) {
      const given = args.optional('value_range', 'sequence')?.map(Number);
      const range = given === undefined ? null : ([given[0]!, given[1]!] as const);
      const parts = args.value('scale_each') === true ? count : 1;
      for (let part = 0; part < parts; part++) {
        stretch(parts === 1 ? data : data.subarray(part * size, (part + 1) * size), range);
      }
    }
    if (count === 1) return wrapTensor(Tensor.fromData(tape, data, [channels, height, width], 'float32'));
    const padding = args.index('padding');
    const across = Math.min(args.index('nrow'), count);
    const shape = [
      channels,
      (height + padding) * Math.ceil(count / across) + padding,
      (width + padding) * across + padding,
    ];
    const [, gridHeight, gridWidth] = shape as [number, number, number];
    const grid = new Float32Array(elementCount(shape)).fill(args.float('pad_value'));
    for (let image = 0; image < count; image++) {
      const top = Math.floor(image / across) * (height + padding) + padding;
      const left = (image % across) * (width + padding) + padding;
      for (let line = 0; line < channels * height; line++) {
        const [channel, row] = [Math.floor(line / height), line % height];
        const from = image * size + line * width;
        grid.set(data.subarray(from, from + width), (channel * gridHeight + top + row) * gridWidth + left);
      }
    }
    return wrapTensor(Tensor.fromData(tape, grid, shape, 'float32'));
  },
);

/** The members of `torchvision.utils`; pictures are not written to files. */
export const utilsMembers: Record<string, PyValue> = {
  make_grid: makeGrid,
  save_image: nativeFunction('save_image', 'tensor, fp, format=None, **kwargs', () => null),
};
