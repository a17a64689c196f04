import type { OpName } from '../../../src/core/onnx/opTable';
import type { Shape } from '../../../src/core/tensor/dtype';
import { bools, distinct, given, indices, ints, knownIndices, scalar, uniform } from '../caseInputs';
import type { GradientCase } from '../gradientChecker';

const comparisons: readonly OpName[] = ['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'];
const logical: readonly OpName[] = ['And', 'Or', 'Xor'];
const broadcasts: readonly (readonly [Shape, Shape])[] = [
  [[2, 3], [3]],
  [[], [2]],
  [
    [2, 1],
    [1, 3],
  ],
];

/** Ops without a gradient, and types that have none. */
export const forwardCases: readonly GradientCase[] = [
  ...comparisons.flatMap((op) =>
    broadcasts.map(([a, b]): GradientCase => ({
      op,
      name: `[${a.join()}] [${b.join()}]`,
      inputs: [uniform(...a), uniform(...b)],
    })),
  ),
  ...logical.map((op): GradientCase => ({
    op,
    name: 'broadcast',
    inputs: [bools([2, 1], [1, 0]), bools([2], [0, 1])],
  })),
  { op: 'Not', name: 'two', inputs: [bools([2], [1, 0])] },
  { op: 'IsNaN', name: 'some', inputs: [given([3], [1, NaN, Infinity])] },
  { op: 'IsInf', name: 'some', inputs: [given([3], [1, NaN, Infinity])] },
  ...(['ArgMax', 'ArgMin'] as const).flatMap((op): GradientCase[] => [
    { op, name: 'kept', inputs: [distinct(2, 3)], attributes: { axis: 1 } },
    { op, name: 'dropped', inputs: [distinct(2, 3, 4)], attributes: { axis: -2, keepdims: 0 } },
  ]),
  { op: 'ConstantOfShape', name: 'zeros', inputs: [ints(2, 3)] },
  {
    op: 'ConstantOfShape',
    name: 'ones',
    inputs: [ints(2)],
    attributes: { value: { dtype: 'int64', shape: [1], data: BigInt64Array.of(1n) } },
  },
  { op: 'ConstantOfShape', name: 'empty', inputs: [ints(0, 3)] },
  { op: 'OneHot', name: 'last axis', inputs: [indices([3], [0, 2, 1]), knownIndices([], [4]), given([2], [0, 1])] },
  {
    op: 'OneHot',
    name: 'axis 1',
    inputs: [indices([2, 2], [0, 2, 1, 1]), knownIndices([], [3]), given([2], [0, 1])],
    attributes: { axis: 1 },
  },
  { op: 'Cast', name: 'to int64', inputs: [uniform(2)], attributes: { to: 7 } },
  { op: 'Cast', name: 'to bool', inputs: [uniform(2)], attributes: { to: 9 } },
  { op: 'Cast', name: 'to uint8', inputs: [indices([2], [1, 300])], attributes: { to: 2 } },
  { op: 'Add', name: 'integers', inputs: [indices([2], [1, 2]), indices([], [3])] },
  { op: 'Mod', name: 'integers', inputs: [indices([2], [-1, 5]), indices([], [3])] },
  { op: 'ReduceSum', name: 'integers', inputs: [indices([2, 2], [1, 2, 3, 4]), ints(0)], attributes: { keepdims: 0 } },
  { op: 'ReduceMax', name: 'no axes', inputs: [distinct(2, 2), ints()], attributes: { noop_with_empty_axes: 1 } },
  { op: 'Slice', name: 'integers', inputs: [indices([4], [1, 2, 3, 4]), ints(-1), ints(-100), ints(0), ints(-2)] },
  { op: 'Trilu', name: 'above', inputs: [uniform(3, 3), scalar(1, 'int64')] },
  { op: 'Gather', name: 'a bool', inputs: [bools([3], [1, 0, 1]), indices([2], [0, 2])] },
  { op: 'Concat', name: 'integers', inputs: [indices([1], [1]), indices([2], [2, 3])], attributes: { axis: 0 } },
  { op: 'MatMul', name: 'an empty batch', inputs: [uniform(0, 3), uniform(3, 2)] },
  { op: 'ReduceSum', name: 'nothing', inputs: [uniform(0, 3), ints(0)] },
];
