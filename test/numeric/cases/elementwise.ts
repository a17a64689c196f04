import type { OpName } from '../../../src/core/onnx/opTable';
import type { Shape } from '../../../src/core/tensor/dtype';
import { awayFromZero, bools, distinct, given, positive, scalar, uniform } from '../caseInputs';
import type { CaseInput, GradientCase } from '../gradientChecker';

function unary(
  op: OpName,
  input: CaseInput,
  attributes?: GradientCase['attributes'],
  name = 'one input',
): GradientCase {
  return { op, name, inputs: [input], ...(attributes ? { attributes } : {}) };
}

const broadcasts: readonly (readonly [Shape, Shape])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3, 4], [4]],
  [
    [3, 1],
    [2, 3, 4],
  ],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[], [2, 2]],
  [[2, 2], []],
  [[1, 1], [3]],
];

function broadcasting(op: OpName, left: (...shape: number[]) => CaseInput, right = left): GradientCase[] {
  return broadcasts.map(([a, b]) => ({
    op,
    name: `[${a.join()}] with [${b.join()}]`,
    inputs: [left(...a), right(...b)],
  }));
}

export const elementwiseCases: readonly GradientCase[] = [
  unary('Abs', awayFromZero(2, 3)),
  unary('Cast', uniform(2, 3), { to: 1 }),
  unary('Ceil', positive(2, 3)),
  unary('Cos', uniform(2, 3)),
  unary('Elu', awayFromZero(2, 3)),
  unary('Elu', awayFromZero(2, 3), { alpha: 0.5 }, 'alpha'),
  unary('Erf', uniform(2, 3)),
  unary('Exp', uniform(2, 3)),
  unary('Floor', positive(2, 3)),
  unary('Identity', uniform(2, 3)),
  unary('LeakyRelu', awayFromZero(2, 3)),
  unary('LeakyRelu', awayFromZero(2, 3), { alpha: 0.2 }, 'alpha'),
  unary('Log', positive(2, 3)),
  unary('Neg', uniform(2, 3)),
  unary('Reciprocal', awayFromZero(2, 3)),
  unary('Relu', awayFromZero(2, 3)),
  unary('Relu', given([], [0.5]), undefined, 'a scalar'),
  unary('Round', given([3], [0.2, 0.7, 1.3])),
  unary('Sigmoid', uniform(2, 3)),
  unary('Sign', awayFromZero(2, 3)),
  unary('Sin', uniform(2, 3)),
  unary('Softplus', uniform(2, 3)),
  unary('Sqrt', positive(2, 3)),
  unary('Tan', uniform(2, 3)),
  unary('Tanh', uniform(2, 3)),
  ...broadcasting('Add', uniform),
  ...broadcasting('Sub', uniform),
  ...broadcasting('Mul', uniform),
  ...broadcasting('Div', awayFromZero),
  ...broadcasting('Pow', positive, uniform),
  ...broadcasting('Max', distinct, positive),
  ...broadcasting('Min', distinct, positive),
  ...broadcasting('Sum', uniform),
  { op: 'Pow', name: 'negative bases', inputs: [given([4], [-2, -1, 1, 2]), given([], [2])], skip: ['B'] },
  { op: 'Pow', name: 'cube', inputs: [uniform(2, 3), scalar(3)], skip: ['B'] },
  { op: 'Max', name: 'three inputs', inputs: [given([3], [1, 2, 3]), given([3], [3, 1, 2]), given([], [2.5])] },
  { op: 'Min', name: 'three inputs', inputs: [given([3], [1, 2, 3]), given([3], [3, 1, 2]), given([], [2.5])] },
  { op: 'Max', name: 'one input', inputs: [uniform(3)] },
  { op: 'Sum', name: 'three inputs', inputs: [uniform(2, 3), uniform(3), uniform(2, 1)] },
  {
    op: 'Mod',
    name: 'of either sign',
    inputs: [given([4], [5.5, -5.5, 5.5, -5.5]), given([4], [2, 2, -2, -2])],
    attributes: { fmod: 1 },
  },
  { op: 'Clip', name: 'both bounds', inputs: [uniform(3, 4), scalar(-0.5), scalar(0.4)] },
  { op: 'Clip', name: 'a lower bound', inputs: [uniform(3, 4), scalar(-0.1)] },
  { op: 'Clip', name: 'an upper bound', inputs: [uniform(3, 4), null, scalar(0.1)] },
  { op: 'Clip', name: 'no bound', inputs: [uniform(3, 4)] },
  { op: 'Where', name: 'same shapes', inputs: [bools([2, 2], [1, 0, 0, 1]), uniform(2, 2), uniform(2, 2)] },
  { op: 'Where', name: 'broadcast', inputs: [bools([2, 1], [1, 0]), uniform(3), uniform()] },
];
