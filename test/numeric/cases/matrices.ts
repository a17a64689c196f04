import type { Shape } from '../../../src/core/tensor/dtype';
import { distinct, given, indices, ints, scalar, uniform } from '../caseInputs';
import type { CaseInput, GradientCase } from '../gradientChecker';
import type { OpName } from '../../../src/core/onnx/opTable';

const products: readonly (readonly [Shape, Shape])[] = [
  [
    [2, 4],
    [4, 3],
  ],
  [[4], [4]],
  [[4], [4, 3]],
  [[2, 4], [4]],
  [[3, 2, 4], [4]],
  [[4], [2, 4, 3]],
  [
    [2, 3, 4],
    [4, 5],
  ],
  [
    [3, 4],
    [2, 4, 5],
  ],
  [
    [2, 3, 4],
    [2, 4, 5],
  ],
  [
    [2, 1, 3, 4],
    [5, 4, 2],
  ],
];

const reductionForms: readonly { axes: readonly number[] | null; keepdims: number }[] = [
  { axes: null, keepdims: 1 },
  { axes: null, keepdims: 0 },
  { axes: [0, 2], keepdims: 1 },
  { axes: [1], keepdims: 0 },
  { axes: [-1], keepdims: 0 },
  { axes: [-2, -1], keepdims: 1 },
];

function reductions(op: OpName, input: (...shape: number[]) => CaseInput): GradientCase[] {
  return reductionForms.map(({ axes, keepdims }) => ({
    op,
    name: `axes ${axes?.join() ?? 'all'}, keepdims ${keepdims}`,
    inputs: [input(2, 3, 2), axes && ints(...axes)],
    attributes: { keepdims },
  }));
}

/** Products, reductions and what runs along an axis. */
export const matrixCases: readonly GradientCase[] = [
  ...products.map(([a, b]): GradientCase => ({
    op: 'MatMul',
    name: `[${a.join()}] by [${b.join()}]`,
    inputs: [uniform(...a), uniform(...b)],
  })),
  ...[0, 1].flatMap((transA) =>
    [0, 1].map((transB): GradientCase => ({
      op: 'Gemm',
      name: `transA ${transA}, transB ${transB}`,
      inputs: [transA ? uniform(4, 2) : uniform(2, 4), transB ? uniform(3, 4) : uniform(4, 3), uniform(3)],
      attributes: { transA, transB, alpha: 0.5, beta: 2 },
    })),
  ),
  { op: 'Gemm', name: 'no C', inputs: [uniform(2, 4), uniform(4, 3)] },
  { op: 'Gemm', name: 'a scalar C', inputs: [uniform(2, 4), uniform(4, 3), uniform()] },
  { op: 'Gemm', name: 'a column C', inputs: [uniform(2, 4), uniform(4, 3), uniform(2, 1)] },
  ...reductions('ReduceSum', uniform),
  ...reductions('ReduceMean', uniform),
  ...reductions('ReduceMax', distinct),
  ...reductions('ReduceMin', distinct),
  ...reductions('ReduceProd', uniform),
  {
    op: 'ReduceSum',
    name: 'no axes',
    inputs: [uniform(2, 3), ints()],
    attributes: { keepdims: 1, noop_with_empty_axes: 1 },
  },
  { op: 'ReduceProd', name: 'one zero', inputs: [given([2, 3], [2, 0, 3, 4, 5, 6]), ints(1)] },
  { op: 'ReduceProd', name: 'two zeros', inputs: [given([4], [0, 3, 0, 5])] },
  ...[-1, 0, 1].map((axis): GradientCase => ({
    op: 'Softmax',
    name: `axis ${axis}`,
    inputs: [uniform(2, 3, 4)],
    attributes: { axis },
  })),
  ...[-1, 0, 1].map((axis): GradientCase => ({
    op: 'LogSoftmax',
    name: `axis ${axis}`,
    inputs: [uniform(2, 3, 4)],
    attributes: { axis },
  })),
  ...[0, 1].flatMap((exclusive) =>
    [0, 1].map((reverse): GradientCase => ({
      op: 'CumSum',
      name: `exclusive ${exclusive}, reverse ${reverse}`,
      inputs: [uniform(3, 4), scalar(reverse, 'int64')],
      attributes: { exclusive, reverse },
    })),
  ),
  { op: 'TopK', name: 'largest', inputs: [distinct(3, 5), ints(2)] },
  { op: 'TopK', name: 'smallest along axis 0', inputs: [distinct(4, 2), ints(3)], attributes: { axis: 0, largest: 0 } },
  { op: 'GatherElements', name: 'duplicates', inputs: [uniform(3, 2), indices([2, 2], [0, 2, 0, -1])] },
  {
    op: 'GatherElements',
    name: 'axis 1',
    inputs: [uniform(2, 4), indices([2, 3], [3, 3, 0, 1, -4, 2])],
    attributes: { axis: 1 },
  },
];
