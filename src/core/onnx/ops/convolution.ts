import type { AttributeValues, OpRow } from '../opRow';
import { intAttribute, intsAttribute, knownIntegers, required, shapeError } from '../shapes';

/** The attributes of a sliding window, with ONNX's defaults filled in; one entry per spatial axis. */
export interface Window {
  kernel: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
  padsBegin: readonly number[];
  padsEnd: readonly number[];
}

export function windowOf(attributes: AttributeValues, kernel: readonly number[]): Window {
  const rank = kernel.length;
  const ones = new Array<number>(rank).fill(1);
  const pads = intsAttribute(attributes, 'pads') ?? new Array<number>(rank * 2).fill(0);
  return {
    kernel,
    strides: intsAttribute(attributes, 'strides') ?? ones,
    dilations: intsAttribute(attributes, 'dilations') ?? ones,
    padsBegin: pads.slice(0, rank),
    padsEnd: pads.slice(rank),
  };
}

/** floor((H + pads - d(k - 1) - 1) / s) + 1, or PyTorch's ceil_mode (the last window starts inside the image). */
export function windowOutputSize(window: Window, axis: number, size: number, ceilMode = false): number {
  const effective = window.dilations[axis]! * (window.kernel[axis]! - 1) + 1;
  const stride = window.strides[axis]!;
  const span = size + window.padsBegin[axis]! + window.padsEnd[axis]! - effective;
  let output = (ceilMode ? Math.ceil(span / stride) : Math.floor(span / stride)) + 1;
  if (ceilMode && (output - 1) * stride >= size + window.padsBegin[axis]!) output--;
  return output;
}

const windowAttributes = {
  dilations: 'ints',
  group: 'int',
  kernel_shape: 'ints',
  pads: 'ints',
  strides: 'ints',
} as const;

const conv: OpRow = {
  inputs: ['X', 'W', 'B?'],
  outputs: ['Y'],
  attributes: windowAttributes,
  infer: (inputs, attributes) => {
    const x = required(inputs, 0);
    const w = required(inputs, 1);
    if (x.shape.length !== w.shape.length)
      throw shapeError(`Conv of rank ${x.shape.length} with a kernel of rank ${w.shape.length}`);
    if (x.shape[1] !== w.shape[1]! * intAttribute(attributes, 'group', 1)) {
      throw shapeError(`Conv of ${x.shape[1]} channels with a kernel for ${w.shape[1]}`);
    }
    const window = windowOf(attributes, w.shape.slice(2));
    const spatial = x.shape.slice(2).map((size, axis) => windowOutputSize(window, axis, size));
    return [{ dtype: x.dtype, shape: [x.shape[0]!, w.shape[0]!, ...spatial] }];
  },
};

const convTranspose: OpRow = {
  inputs: ['X', 'W', 'B?'],
  outputs: ['Y'],
  attributes: { ...windowAttributes, output_padding: 'ints' },
  infer: (inputs, attributes) => {
    const x = required(inputs, 0);
    const w = required(inputs, 1);
    const window = windowOf(attributes, w.shape.slice(2));
    const outputPadding = intsAttribute(attributes, 'output_padding');
    const spatial = x.shape
      .slice(2)
      .map(
        (size, axis) =>
          window.strides[axis]! * (size - 1) +
          (outputPadding?.[axis] ?? 0) +
          (window.kernel[axis]! - 1) * window.dilations[axis]! +
          1 -
          window.padsBegin[axis]! -
          window.padsEnd[axis]!,
      );
    return [{ dtype: x.dtype, shape: [x.shape[0]!, w.shape[1]! * intAttribute(attributes, 'group', 1), ...spatial] }];
  },
};

function pool(withIndices: boolean, extra: OpRow['attributes']): OpRow {
  return {
    inputs: ['X'],
    outputs: withIndices ? ['Y', 'Indices'] : ['Y'],
    attributes: { ceil_mode: 'int', kernel_shape: 'ints', pads: 'ints', strides: 'ints', ...extra },
    infer: (inputs, attributes) => {
      const x = required(inputs, 0);
      const window = windowOf(attributes, intsAttribute(attributes, 'kernel_shape') ?? []);
      const ceilMode = intAttribute(attributes, 'ceil_mode', 0) === 1;
      const spatial = x.shape.slice(2).map((size, axis) => windowOutputSize(window, axis, size, ceilMode));
      const shape = [x.shape[0]!, x.shape[1]!, ...spatial];
      return withIndices
        ? [
            { dtype: x.dtype, shape },
            { dtype: 'int64', shape },
          ]
        : [{ dtype: x.dtype, shape }];
    },
  };
}

const globalAveragePool: OpRow = {
  inputs: ['X'],
  outputs: ['Y'],
  attributes: {},
  infer: (inputs) => {
    const x = required(inputs, 0);
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...x.shape.slice(2).map(() => 1)] }];
  },
};

/** Elements go to their indices in the flat output, such as `MaxPool` gives; the rest is zero. */
const maxUnpool: OpRow = {
  inputs: ['X', 'I', 'output_shape'],
  outputs: ['output'],
  attributes: { kernel_shape: 'ints', pads: 'ints', strides: 'ints' },
  infer: (inputs) => [
    { dtype: required(inputs, 0).dtype, shape: knownIntegers(inputs[2], 'the output_shape of MaxUnpool')! },
  ],
};

/** Convolutions and poolings: shapes (N, C, spatial...). */
export const convolutionOps = {
  AveragePool: pool(false, { count_include_pad: 'int' }),
  Conv: conv,
  ConvTranspose: convTranspose,
  GlobalAveragePool: globalAveragePool,
  MaxPool: pool(true, { dilations: 'ints', storage_order: 'int' }),
  MaxUnpool: maxUnpool,
} satisfies Record<string, OpRow>;
