import { elementCount } from '../../tensor/dtype';
import type { OpRow, TensorAttribute } from '../opRow';
import {
  broadcastShapes,
  intAttribute,
  intsAttribute,
  knownIntegers,
  normalizeAxis,
  required,
  shapeError,
} from '../shapes';

const concat: OpRow = {
  inputs: ['inputs...'],
  outputs: ['concat_result'],
  attributes: { axis: 'int' },
  infer: (inputs, attributes) => {
    const first = required(inputs, 0);
    const axis = normalizeAxis(intAttribute(attributes, 'axis', 0), first.shape.length);
    let total = 0;
    for (let i = 0; i < inputs.length; i++) total += required(inputs, i).shape[axis]!;
    return [{ dtype: first.dtype, shape: first.shape.map((dimension, i) => (i === axis ? total : dimension)) }];
  },
};

const constantOfShape: OpRow = {
  inputs: ['input'],
  outputs: ['output'],
  attributes: { value: 'tensor' },
  infer: (inputs, attributes) => {
    const value = attributes['value'] as TensorAttribute | undefined;
    return [{ dtype: value?.dtype ?? 'float32', shape: knownIntegers(inputs[0], 'the shape of ConstantOfShape')! }];
  },
};

const expand: OpRow = {
  inputs: ['input', 'shape'],
  outputs: ['output'],
  attributes: {},
  infer: (inputs) => {
    const input = required(inputs, 0);
    return [
      { dtype: input.dtype, shape: broadcastShapes(input.shape, knownIntegers(inputs[1], 'the shape of Expand')!) },
    ];
  },
};

const gather: OpRow = {
  inputs: ['data', 'indices'],
  outputs: ['output'],
  attributes: { axis: 'int' },
  infer: (inputs, attributes) => {
    const data = required(inputs, 0);
    const axis = normalizeAxis(intAttribute(attributes, 'axis', 0), data.shape.length);
    const shape = [...data.shape.slice(0, axis), ...required(inputs, 1).shape, ...data.shape.slice(axis + 1)];
    return [{ dtype: data.dtype, shape }];
  },
};

const gatherElements: OpRow = {
  inputs: ['data', 'indices'],
  outputs: ['output'],
  attributes: { axis: 'int' },
  infer: (inputs) => [{ dtype: required(inputs, 0).dtype, shape: required(inputs, 1).shape }],
};

const gatherND: OpRow = {
  inputs: ['data', 'indices'],
  outputs: ['output'],
  attributes: { batch_dims: 'int' },
  infer: (inputs, attributes) => {
    const data = required(inputs, 0);
    const indices = required(inputs, 1).shape;
    const indexed = intAttribute(attributes, 'batch_dims', 0) + indices.at(-1)!;
    return [{ dtype: data.dtype, shape: [...indices.slice(0, -1), ...data.shape.slice(indexed)] }];
  },
};

const oneHot: OpRow = {
  inputs: ['indices', 'depth', 'values'],
  outputs: ['output'],
  attributes: { axis: 'int' },
  infer: (inputs, attributes) => {
    const indices = required(inputs, 0);
    const depth = knownIntegers(inputs[1], 'the depth of OneHot')![0]!;
    const axis = normalizeAxis(intAttribute(attributes, 'axis', -1), indices.shape.length + 1);
    const shape = [...indices.shape.slice(0, axis), depth, ...indices.shape.slice(axis)];
    return [{ dtype: required(inputs, 2).dtype, shape }];
  },
};

const pad: OpRow = {
  inputs: ['data', 'pads', 'constant_value?', 'axes?'],
  outputs: ['output'],
  attributes: { mode: 'string' },
  infer: (inputs) => {
    const data = required(inputs, 0);
    const pads = knownIntegers(inputs[1], 'the pads of Pad')!;
    const rank = data.shape.length;
    if (pads.length !== rank * 2) throw shapeError(`Pad of rank ${rank} with ${pads.length} pads`);
    return [{ dtype: data.dtype, shape: data.shape.map((size, axis) => size + pads[axis]! + pads[rank + axis]!) }];
  },
};

const reshape: OpRow = {
  inputs: ['data', 'shape'],
  outputs: ['reshaped'],
  attributes: { allowzero: 'int' },
  infer: (inputs, attributes) => {
    const data = required(inputs, 0);
    const allowZero = intAttribute(attributes, 'allowzero', 0) === 1;
    const requested = knownIntegers(inputs[1], 'the shape of Reshape')!.map((size, i) =>
      size === 0 && !allowZero ? data.shape[i]! : size,
    );
    const known = requested.reduce((product, size) => (size === -1 ? product : product * size), 1);
    const count = elementCount(data.shape);
    const shape = requested.map((size) => (size === -1 ? count / known : size));
    if (elementCount(shape) !== count) {
      throw shapeError(`Reshape of [${data.shape.join(', ')}] to [${requested.join(', ')}]`);
    }
    return [{ dtype: data.dtype, shape }];
  },
};

const scatter = (attributes: OpRow['attributes']): OpRow => ({
  inputs: ['data', 'indices', 'updates'],
  outputs: ['output'],
  attributes,
  infer: (inputs) => [{ dtype: required(inputs, 0).dtype, shape: required(inputs, 0).shape }],
});

const slice: OpRow = {
  inputs: ['data', 'starts', 'ends', 'axes?', 'steps?'],
  outputs: ['output'],
  attributes: {},
  infer: (inputs) => {
    const data = required(inputs, 0);
    const starts = knownIntegers(inputs[1], 'the starts of Slice')!;
    const ends = knownIntegers(inputs[2], 'the ends of Slice')!;
    const axes = knownIntegers(inputs[3], 'the axes of Slice') ?? starts.map((_, i) => i);
    const steps = knownIntegers(inputs[4], 'the steps of Slice') ?? starts.map(() => 1);
    const shape = [...data.shape];
    axes.forEach((rawAxis, i) => {
      const axis = normalizeAxis(rawAxis, shape.length);
      shape[axis] = sliceLength(data.shape[axis]!, starts[i]!, ends[i]!, steps[i]!);
    });
    return [{ dtype: data.dtype, shape }];
  },
};

function sliceLength(size: number, start: number, end: number, step: number): number {
  const clamp = (index: number, low: number, high: number): number => Math.min(Math.max(index, low), high);
  const from = start < 0 ? start + size : start;
  const to = end < 0 ? end + size : end;
  if (step > 0) return Math.max(0, Math.ceil((clamp(to, 0, size) - clamp(from, 0, size)) / step));
  return Math.max(0, Math.ceil((clamp(to, -1, size - 1) - clamp(from, 0, size - 1)) / step));
}

/** Blocks of k by k positions become channels, (N, C, H, W) to (N, k k C, H / k, W / k), or back. */
function depth(resized: (channels: number, side: number, blockSize: number) => readonly [number, number]): OpRow {
  return {
    inputs: ['input'],
    outputs: ['output'],
    attributes: { blocksize: 'int' },
    infer: (inputs, attributes) => {
      const { dtype, shape } = required(inputs, 0);
      const blockSize = intAttribute(attributes, 'blocksize', 1);
      const [batch, channels, ...sides] = shape as [number, number, ...number[]];
      const spatial = sides.map((side) => resized(channels, side, blockSize)[1]);
      return [{ dtype, shape: [batch, resized(channels, 1, blockSize)[0], ...spatial] }];
    },
  };
}

const split: OpRow = {
  inputs: ['input', 'split'],
  outputs: ['outputs...'],
  attributes: { axis: 'int' },
  infer: (inputs, attributes) => {
    const input = required(inputs, 0);
    const axis = normalizeAxis(intAttribute(attributes, 'axis', 0), input.shape.length);
    return knownIntegers(inputs[1], 'the sizes of Split')!.map((size) => ({
      dtype: input.dtype,
      shape: input.shape.map((dimension, i) => (i === axis ? size : dimension)),
    }));
  },
};

const squeeze: OpRow = {
  inputs: ['data', 'axes'],
  outputs: ['squeezed'],
  attributes: {},
  infer: (inputs) => {
    const data = required(inputs, 0);
    const axes = new Set(
      knownIntegers(inputs[1], 'the axes of Squeeze')!.map((a) => normalizeAxis(a, data.shape.length)),
    );
    return [{ dtype: data.dtype, shape: data.shape.filter((_, i) => !axes.has(i)) }];
  },
};

const unsqueeze: OpRow = {
  inputs: ['data', 'axes'],
  outputs: ['expanded'],
  attributes: {},
  infer: (inputs) => {
    const data = required(inputs, 0);
    const axes = knownIntegers(inputs[1], 'the axes of Unsqueeze')!;
    const rank = data.shape.length + axes.length;
    const shape = [...data.shape];
    for (const axis of axes.map((a) => normalizeAxis(a, rank)).sort((a, b) => a - b)) shape.splice(axis, 0, 1);
    return [{ dtype: data.dtype, shape }];
  },
};

const tile: OpRow = {
  inputs: ['input', 'repeats'],
  outputs: ['output'],
  attributes: {},
  infer: (inputs) => {
    const input = required(inputs, 0);
    const repeats = knownIntegers(inputs[1], 'the repeats of Tile')!;
    return [{ dtype: input.dtype, shape: input.shape.map((size, i) => size * repeats[i]!) }];
  },
};

const transpose: OpRow = {
  inputs: ['data'],
  outputs: ['transposed'],
  attributes: { perm: 'ints' },
  infer: (inputs, attributes) => {
    const data = required(inputs, 0);
    const permutation = intsAttribute(attributes, 'perm') ?? data.shape.map((_, i) => data.shape.length - 1 - i);
    return [{ dtype: data.dtype, shape: permutation.map((axis) => data.shape[axis]!) }];
  },
};

const trilu: OpRow = {
  inputs: ['input', 'k?'],
  outputs: ['output'],
  attributes: { upper: 'int' },
  infer: (inputs) => [{ dtype: required(inputs, 0).dtype, shape: required(inputs, 0).shape }],
};

/** Ops that move elements about. */
export const structureOps = {
  Concat: concat,
  ConstantOfShape: constantOfShape,
  DepthToSpace: depth((channels, side, size) => [channels / size ** 2, side * size]),
  Expand: expand,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  OneHot: oneHot,
  Pad: pad,
  Reshape: reshape,
  ScatterElements: scatter({ axis: 'int', reduction: 'string' }),
  ScatterND: scatter({ reduction: 'string' }),
  Slice: slice,
  SpaceToDepth: depth((channels, side, size) => [channels * size ** 2, side / size]),
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Trilu: trilu,
  Unsqueeze: unsqueeze,
} satisfies Record<string, OpRow>;
