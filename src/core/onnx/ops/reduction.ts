import type { DType, Shape } from '../../tensor/dtype';
import type { AttributeValues, InferenceInput, OpRow } from '../opRow';
import { intAttribute, knownIntegers, normalizeAxis, required } from '../shapes';

function reducedShape(shape: Shape, axes: readonly number[] | null, keepDimensions: boolean): number[] {
  const reduced = new Set(axes?.map((axis) => normalizeAxis(axis, shape.length)) ?? shape.keys());
  const result: number[] = [];
  shape.forEach((dimension, axis) => {
    if (!reduced.has(axis)) result.push(dimension);
    else if (keepDimensions) result.push(1);
  });
  return result;
}

/** Reductions whose axes are an input (ReduceSum since 13, the others since 18). */
const reduction: OpRow = {
  inputs: ['data', 'axes?'],
  outputs: ['reduced'],
  attributes: { keepdims: 'int', noop_with_empty_axes: 'int' },
  infer: (inputs, attributes) => {
    const data = required(inputs, 0);
    const axes = knownIntegers(inputs[1], 'the axes of a reduction');
    const keepDimensions = intAttribute(attributes, 'keepdims', 1) === 1;
    const none = axes === null || axes.length === 0;
    if (none && intAttribute(attributes, 'noop_with_empty_axes', 0) === 1)
      return [{ dtype: data.dtype, shape: data.shape }];
    return [{ dtype: data.dtype, shape: reducedShape(data.shape, none ? null : axes, keepDimensions) }];
  },
};

const arg: OpRow = {
  inputs: ['data'],
  outputs: ['reduced'],
  attributes: { axis: 'int', keepdims: 'int', select_last_index: 'int' },
  infer: (inputs, attributes) => {
    const shape = reducedShape(
      required(inputs, 0).shape,
      [intAttribute(attributes, 'axis', 0)],
      intAttribute(attributes, 'keepdims', 1) === 1,
    );
    return [{ dtype: 'int64', shape }];
  },
};

const alongAxis: OpRow = {
  inputs: ['input'],
  outputs: ['output'],
  attributes: { axis: 'int' },
  infer: (inputs) => [{ dtype: required(inputs, 0).dtype, shape: required(inputs, 0).shape }],
};

const cumSum: OpRow = {
  inputs: ['x', 'axis'],
  outputs: ['y'],
  attributes: { exclusive: 'int', reverse: 'int' },
  infer: (inputs) => [{ dtype: required(inputs, 0).dtype, shape: required(inputs, 0).shape }],
};

const topK: OpRow = {
  inputs: ['X', 'K'],
  outputs: ['Values', 'Indices'],
  attributes: { axis: 'int', largest: 'int', sorted: 'int' },
  infer: (inputs: readonly (InferenceInput | null)[], attributes: AttributeValues) => {
    const x = required(inputs, 0);
    const axis = normalizeAxis(intAttribute(attributes, 'axis', -1), x.shape.length);
    const k = knownIntegers(inputs[1], 'K of TopK')![0]!;
    const shape = x.shape.map((dimension, i) => (i === axis ? k : dimension));
    const indices: DType = 'int64';
    return [
      { dtype: x.dtype, shape },
      { dtype: indices, shape },
    ];
  },
};

/** Reductions and what runs along an axis. */
export const reductionOps = {
  ArgMax: arg,
  ArgMin: arg,
  CumSum: cumSum,
  LogSoftmax: alongAxis,
  ReduceMax: reduction,
  ReduceMean: reduction,
  ReduceMin: reduction,
  ReduceProd: reduction,
  ReduceSum: reduction,
  Softmax: alongAxis,
  TopK: topK,
} satisfies Record<string, OpRow>;
