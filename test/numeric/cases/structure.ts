import type { OpName } from '../../../src/core/onnx/opTable';
import { indices, ints, knownIndices, scalar, uniform } from '../caseInputs';
import type { GradientCase } from '../gradientChecker';

/** Slices of a (5, 6): starts, ends, axes, steps. */
const slices: Readonly<Record<string, readonly [number[], number[], number[], number[]]>> = {
  inside: [
    [1, 2],
    [4, 5],
    [0, 1],
    [1, 1],
  ],
  'from the end': [[-3], [-1], [1], [1]],
  stepped: [
    [0, 1],
    [5, 6],
    [0, 1],
    [2, 3],
  ],
  reversed: [[-1], [-100], [1], [-1]],
  'reversed by two': [
    [4, 5],
    [0, -100],
    [0, 1],
    [-2, -3],
  ],
  'past the ends': [[-100], [100], [0], [1]],
  everything: [[0], [5], [0], [1]],
  nothing: [[3], [2], [0], [1]],
};

const pads: Readonly<Record<string, { mode: string; pads: number[] }>> = {
  constant: { mode: 'constant', pads: [1, 0, 0, 2] },
  'constant and negative': { mode: 'constant', pads: [-1, 2, 1, -2] },
  reflect: { mode: 'reflect', pads: [2, 3, 1, 2] },
  edge: { mode: 'edge', pads: [1, 2, 0, 3] },
  'a wide edge': { mode: 'edge', pads: [0, 6, 0, 0] },
};

function reshaping(op: OpName, shape: number[], second: number[]): GradientCase {
  return { op, name: `[${shape.join()}] ${second.join()}`, inputs: [uniform(...shape), ints(...second)] };
}

/** Ops that move elements about. */
export const structureCases: readonly GradientCase[] = [
  reshaping('Reshape', [2, 6], [3, 4]),
  reshaping('Reshape', [2, 6], [-1]),
  reshaping('Reshape', [2, 3, 2], [0, -1]),
  reshaping('Squeeze', [1, 3, 1], [0, 2]),
  reshaping('Squeeze', [1, 3, 1], [-1]),
  reshaping('Unsqueeze', [3, 2], [0, 3]),
  reshaping('Unsqueeze', [3, 2], [-1]),
  reshaping('Expand', [3, 1], [2, 3, 4]),
  reshaping('Expand', [], [2, 3]),
  reshaping('Expand', [2, 3], [1, 1]),
  { op: 'SpaceToDepth', name: 'squares of two', inputs: [uniform(2, 3, 4, 6)], attributes: { blocksize: 2 } },
  { op: 'SpaceToDepth', name: 'squares of three', inputs: [uniform(1, 2, 3, 6)], attributes: { blocksize: 3 } },
  { op: 'DepthToSpace', name: 'four channels to squares', inputs: [uniform(2, 8, 2, 3)], attributes: { blocksize: 2 } },
  reshaping('Tile', [2, 3], [2, 1]),
  reshaping('Tile', [2, 3], [2, 3]),
  reshaping('Tile', [2, 3], [1, 1]),
  { op: 'Transpose', name: 'reversed', inputs: [uniform(2, 3, 4)] },
  { op: 'Transpose', name: 'rotated', inputs: [uniform(2, 3, 4)], attributes: { perm: [1, 2, 0] } },
  { op: 'Transpose', name: 'identity', inputs: [uniform(2, 3)], attributes: { perm: [0, 1] } },
  { op: 'Concat', name: 'axis 0', inputs: [uniform(2, 3), uniform(1, 3), uniform(3, 3)], attributes: { axis: 0 } },
  { op: 'Concat', name: 'axis -1', inputs: [uniform(2, 3), uniform(2, 1)], attributes: { axis: -1 } },
  { op: 'Split', name: 'uneven', inputs: [uniform(5, 2), ints(1, 3, 1)], attributes: { axis: 0 } },
  { op: 'Split', name: 'axis -1', inputs: [uniform(2, 4), ints(2, 2)], attributes: { axis: -1 } },
  { op: 'Split', name: 'one part', inputs: [uniform(2, 4), ints(4)], attributes: { axis: 1 } },
  ...Object.entries(slices).map(([name, [starts, ends, axes, steps]]): GradientCase => ({
    op: 'Slice',
    name,
    inputs: [uniform(5, 6), ints(...starts), ints(...ends), ints(...axes), ints(...steps)],
  })),
  { op: 'Slice', name: 'no axes', inputs: [uniform(5, 6), ints(1, 1), ints(3, 4)] },
  ...Object.entries(pads).map(([name, { mode, pads: amounts }]): GradientCase => ({
    op: 'Pad',
    name,
    inputs: [uniform(4, 5), ints(...amounts)],
    attributes: { mode },
  })),
  { op: 'Pad', name: 'a constant value', inputs: [uniform(2, 2), ints(1, 1, 1, 1), scalar(3)] },
  { op: 'Trilu', name: 'upper', inputs: [uniform(3, 4)] },
  { op: 'Trilu', name: 'lower with k', inputs: [uniform(2, 3, 3), scalar(-1, 'int64')], attributes: { upper: 0 } },
  { op: 'Gather', name: 'duplicates', inputs: [uniform(4, 3), indices([3], [2, 0, 2])] },
  {
    op: 'Gather',
    name: 'axis 1, 2-D, negative',
    inputs: [uniform(2, 4, 3), indices([2, 2], [1, -1, 3, 1])],
    attributes: { axis: 1 },
  },
  { op: 'Gather', name: 'axis -1', inputs: [uniform(2, 3, 4), indices([2], [0, -4])], attributes: { axis: -1 } },
  { op: 'Gather', name: 'a scalar index', inputs: [uniform(4, 3), indices([], [2])] },
  { op: 'Gather', name: 'a known index', inputs: [uniform(4, 3), knownIndices([], [-1])] },
  { op: 'Gather', name: 'known duplicates', inputs: [uniform(4, 3), knownIndices([2, 3], [2, 0, 2, 1, 2, 0])] },
  { op: 'Gather', name: 'many known duplicates', inputs: [uniform(3, 2), knownIndices([7], [1, 1, 1, 1, 1, 0, 1])] },
  { op: 'GatherND', name: 'elements', inputs: [uniform(3, 4), indices([3, 2], [0, 1, 2, 3, 0, 1])] },
  { op: 'GatherND', name: 'rows', inputs: [uniform(3, 2, 2), indices([2, 2, 1], [0, 2, -1, 0])] },
  {
    op: 'GatherND',
    name: 'batches',
    inputs: [uniform(2, 3, 2), indices([2, 2, 1], [0, 2, 1, 1])],
    attributes: { batch_dims: 1 },
  },
  {
    op: 'ScatterElements',
    name: 'replacing',
    inputs: [uniform(3, 3), indices([2, 3], [0, 1, 2, 2, 0, 1]), uniform(2, 3)],
  },
  {
    op: 'ScatterElements',
    name: 'adding, axis 1',
    inputs: [uniform(2, 4), indices([2, 3], [0, 0, -1, 3, 1, 1]), uniform(2, 3)],
    attributes: { axis: 1, reduction: 'add' },
  },
  { op: 'ScatterND', name: 'replacing rows', inputs: [uniform(4, 3), indices([2, 1], [3, 1]), uniform(2, 3)] },
  {
    op: 'ScatterND',
    name: 'adding elements',
    inputs: [uniform(3, 3), indices([3, 2], [0, 0, 2, 1, 0, 0]), uniform(3)],
    attributes: { reduction: 'add' },
  },
];
