import type { OpName } from '../../../src/core/onnx/opTable';
import type { AttributeValues } from '../../../src/core/onnx/opRow';
import { distinct, indices, ints, uniform } from '../caseInputs';
import type { GradientCase } from '../gradientChecker';

function conv(name: string, x: number[], w: number[], attributes: AttributeValues = {}, bias = false): GradientCase {
  return { op: 'Conv', name, inputs: [uniform(...x), uniform(...w), ...(bias ? [uniform(w[0]!)] : [])], attributes };
}

function pool(
  op: OpName,
  name: string,
  shape: number[],
  kernel: number[],
  attributes: AttributeValues = {},
): GradientCase {
  const input = op === 'MaxPool' ? distinct(...shape) : uniform(...shape);
  return { op, name, inputs: [input], attributes: { kernel_shape: kernel, ...attributes } };
}

/** Convolutions and poolings. */
export const windowCases: readonly GradientCase[] = [
  conv('plain with bias', [2, 3, 5, 5], [4, 3, 3, 3], {}, true),
  conv('padded', [1, 2, 6, 6], [3, 2, 5, 5], { pads: [2, 2, 2, 2] }, true),
  conv('1-D', [2, 2, 7], [3, 2, 3], { pads: [1, 1], strides: [2] }, true),
  conv('3-D', [1, 1, 3, 4, 3], [2, 1, 2, 2, 2]),
  conv('asymmetric pads', [1, 2, 5, 4], [2, 2, 3, 2], { pads: [1, 0, 2, 1] }),
  conv('stride with a remainder', [1, 2, 8, 7], [2, 2, 3, 3], { strides: [3, 2] }),
  conv('a remainder wider than the dilation', [1, 1, 9, 9], [1, 1, 2, 2], { strides: [3, 3] }),
  conv('dilated', [1, 2, 7, 8], [2, 2, 3, 3], { dilations: [2, 3], pads: [1, 2, 1, 2] }),
  conv('dilated and strided', [1, 1, 9, 8], [2, 1, 3, 2], { dilations: [2, 1], strides: [2, 3] }),
  conv('groups', [2, 4, 4, 5], [6, 2, 3, 3], { group: 2, pads: [1, 1, 1, 1] }, true),
  conv('depthwise', [2, 3, 5, 5], [3, 1, 3, 3], { group: 3, strides: [2, 2], pads: [1, 1, 1, 1] }),
  conv('depthwise with a multiplier', [1, 2, 4, 4], [4, 1, 2, 2], { group: 2 }),
  conv('pointwise', [2, 3, 3, 3], [4, 3, 1, 1], {}, true),
  conv('kernel as large as the image', [3, 2, 4, 4], [5, 2, 4, 4]),
  conv('pads larger than the kernel', [1, 1, 3, 3], [1, 1, 2, 2], { pads: [3, 3, 3, 3] }),
  conv('as in an image classifier', [2, 3, 8, 8], [8, 3, 5, 5], { pads: [2, 2, 2, 2] }, true),
  {
    op: 'ConvTranspose',
    name: 'strided with output padding',
    inputs: [uniform(2, 3, 3, 4), uniform(3, 2, 3, 3), uniform(2)],
    attributes: { strides: [2, 3], pads: [1, 1, 1, 1], output_padding: [1, 2] },
  },
  {
    op: 'ConvTranspose',
    name: 'grouped and dilated',
    inputs: [uniform(1, 4, 3, 3), uniform(4, 1, 2, 2)],
    attributes: { group: 2, dilations: [2, 1] },
  },
  pool('MaxPool', 'halving', [2, 2, 4, 6], [2, 2], { strides: [2, 2] }),
  pool('MaxPool', 'a remainder', [1, 2, 5, 7], [2, 2], { strides: [2, 2] }),
  pool('MaxPool', 'overlapping', [2, 2, 5, 6], [3, 3], { strides: [2, 1] }),
  pool('MaxPool', 'padded', [1, 2, 5, 5], [3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  pool('MaxPool', 'ceil_mode', [1, 1, 6, 5], [3, 2], { strides: [2, 2], ceil_mode: 1 }),
  pool('MaxPool', 'dilated', [1, 2, 6, 6], [2, 2], { dilations: [2, 3] }),
  pool('MaxPool', '1-D', [2, 3, 8], [2], { strides: [2] }),
  pool('MaxPool', '3-D', [1, 2, 4, 2, 4], [2, 2, 2], { strides: [2, 2, 2] }),
  pool('MaxPool', 'over the edge', [1, 2, 5, 3], [2, 2], { strides: [2, 2], ceil_mode: 1 }),
  pool('MaxPool', 'apart', [1, 2, 7, 5], [2, 1], { strides: [3, 2] }),
  {
    op: 'MaxUnpool',
    name: 'a remainder',
    inputs: [uniform(1, 2, 1, 2), indices([1, 2, 1, 2], [0, 7, 12, 18]), ints(1, 2, 2, 5)],
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
  },
  pool('AveragePool', 'halving', [2, 2, 4, 6], [2, 2], { strides: [2, 2] }),
  pool('AveragePool', 'a remainder', [1, 2, 5, 7], [2, 2], { strides: [2, 2] }),
  pool('AveragePool', 'overlapping', [2, 2, 5, 6], [3, 3], { strides: [2, 1] }),
  pool('AveragePool', 'padded', [1, 2, 5, 5], [3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  pool('AveragePool', 'padding counts', [1, 2, 5, 5], [3, 3], {
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    count_include_pad: 1,
  }),
  pool('AveragePool', 'asymmetric pads', [1, 1, 5, 4], [3, 3], { strides: [2, 2], pads: [1, 0, 0, 1] }),
  pool('AveragePool', 'ceil_mode', [1, 1, 6, 5], [3, 2], { strides: [2, 2], ceil_mode: 1 }),
  pool('AveragePool', 'ceil_mode and padding counts', [1, 1, 6, 6], [3, 3], {
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    ceil_mode: 1,
    count_include_pad: 1,
  }),
  pool('AveragePool', '1-D', [2, 3, 8], [3], { strides: [2] }),
  { op: 'GlobalAveragePool', name: 'images', inputs: [uniform(2, 3, 4, 5)] },
  { op: 'GlobalAveragePool', name: 'signals', inputs: [uniform(2, 3, 4)] },
];
