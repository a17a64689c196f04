import { windowOf, windowOutputSize, type Window } from '../../src/core/onnx/ops/convolution';
import type { AttributeValues } from '../../src/core/onnx/opRow';
import type { OpName } from '../../src/core/onnx/opTable';
import { intAttribute, intsAttribute } from '../../src/core/onnx/shapes';
import { elementCount, type Shape } from '../../src/core/tensor/dtype';

export interface ReferenceInput {
  shape: Shape;
  values: readonly number[];
}

/** A forward pass in float64: all outputs' elements. */
export type Reference = (
  inputs: readonly (ReferenceInput | null)[],
  attributes: AttributeValues,
) => ArrayLike<number>[];

function positions(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (known, size) => known.flatMap((position) => Array.from({ length: size }, (_, i) => [...position, i])),
    [[]],
  );
}

function offset(shape: Shape, position: readonly number[]): number {
  return position.reduce((total, index, axis) => total * shape[axis]! + index, 0);
}

/** The image position under a kernel position, or null in the padding. */
function under(window: Window, spatial: Shape, output: readonly number[], kernel: readonly number[]): number[] | null {
  const position = output.map(
    (o, axis) => o * window.strides[axis]! + kernel[axis]! * window.dilations[axis]! - window.padsBegin[axis]!,
  );
  return position.every((p, axis) => p >= 0 && p < spatial[axis]!) ? position : null;
}

/** One product of a window op: `output += image * weight`, by flat indices. */
interface Taps {
  outputCount: number;
  outputs: number[];
  images: number[];
  weights: number[];
  /** For each output, how many elements its average is over, and its channel. */
  divisors: number[];
  channels: number[];
}

const tapsOf = new Map<string, Taps>();

/** The products of shapes and attributes, listed once: differences evaluate the same op very often. */
function cached(make: () => Taps, ...key: unknown[]): Taps {
  const text = JSON.stringify(key);
  const taps = tapsOf.get(text) ?? make();
  tapsOf.set(text, taps);
  return taps;
}

function noTaps(shape: Shape): Taps {
  const channels = positions(shape).map((position) => position[1]!);
  return { outputCount: channels.length, outputs: [], images: [], weights: [], divisors: [], channels };
}

function accumulate(taps: Taps, image: readonly number[], weight: readonly number[] | null): Float64Array {
  const result = new Float64Array(taps.outputCount);
  for (let i = 0; i < taps.outputs.length; i++) {
    result[taps.outputs[i]!]! += image[taps.images[i]!]! * (weight ? weight[taps.weights[i]!]! : 1);
  }
  return result;
}

function convolutionTaps(x: Shape, w: Shape, attributes: AttributeValues): Taps {
  const spatial = x.slice(2);
  const window = windowOf(attributes, w.slice(2));
  const shape = [x[0]!, w[0]!, ...spatial.map((size, axis) => windowOutputSize(window, axis, size))];
  const taps = noTaps(shape);
  const filtersPerGroup = w[0]! / intAttribute(attributes, 'group', 1);
  positions(shape).forEach(([n, m, ...output], index) => {
    const first = Math.floor(m! / filtersPerGroup) * w[1]!;
    for (const [c, ...kernel] of positions(w.slice(1))) {
      const position = under(window, spatial, output, kernel);
      if (!position) continue;
      taps.outputs.push(index);
      taps.images.push(offset(x, [n!, first + c!, ...position]));
      taps.weights.push(offset(w, [m!, c!, ...kernel]));
    }
  });
  return taps;
}

function transposedTaps(x: Shape, w: Shape, attributes: AttributeValues): Taps {
  const group = intAttribute(attributes, 'group', 1);
  const window = windowOf(attributes, w.slice(2));
  const extra = intsAttribute(attributes, 'output_padding');
  const spatial = x
    .slice(2)
    .map(
      (size, axis) =>
        window.strides[axis]! * (size - 1) +
        (extra?.[axis] ?? 0) +
        window.dilations[axis]! * (window.kernel[axis]! - 1) +
        1 -
        window.padsBegin[axis]! -
        window.padsEnd[axis]!,
    );
  const shape = [x[0]!, w[1]! * group, ...spatial];
  const taps = noTaps(shape);
  positions(x).forEach(([n, c, ...input], index) => {
    const first = Math.floor(c! / (x[1]! / group)) * w[1]!;
    for (const [m, ...kernel] of positions(w.slice(1))) {
      const position = under(window, spatial, input, kernel);
      if (!position) continue;
      taps.outputs.push(offset(shape, [n!, first + m!, ...position]));
      taps.images.push(index);
      taps.weights.push(offset(w, [c!, m!, ...kernel]));
    }
  });
  return taps;
}

function convolutional(list: (x: Shape, w: Shape, attributes: AttributeValues) => Taps): Reference {
  return (inputs, attributes) => {
    const [x, w, bias] = [inputs[0]!, inputs[1]!, inputs[2]];
    const taps = cached(() => list(x.shape, w.shape, attributes), list.name, x.shape, w.shape, attributes);
    const result = accumulate(taps, x.values, w.values);
    return [bias ? result.map((value, i) => value + bias.values[taps.channels[i]!]!) : result];
  };
}

/** PyTorch's divisor: the padding counts with count_include_pad, what ceil_mode adds beyond it never. */
function averageTaps(x: Shape, attributes: AttributeValues): Taps {
  const spatial = x.slice(2);
  const window = windowOf(attributes, intsAttribute(attributes, 'kernel_shape')!);
  const ceilMode = intAttribute(attributes, 'ceil_mode', 0) === 1;
  const countPadding = intAttribute(attributes, 'count_include_pad', 0) === 1;
  const shape = [...x.slice(0, 2), ...spatial.map((size, axis) => windowOutputSize(window, axis, size, ceilMode))];
  const taps = noTaps(shape);
  positions(shape).forEach(([n, c, ...output], index) => {
    let count = 0;
    for (const kernel of positions(window.kernel)) {
      const position = under(window, spatial, output, kernel);
      if (position) {
        taps.outputs.push(index);
        taps.images.push(offset(x, [n!, c!, ...position]));
      }
      const padded = output.every((o, axis) => {
        const at = o * window.strides[axis]! + kernel[axis]!;
        return at < spatial[axis]! + window.padsBegin[axis]! + window.padsEnd[axis]!;
      });
      if (position || (countPadding && padded)) count++;
    }
    taps.divisors.push(count);
  });
  return taps;
}

const averagePool: Reference = (inputs, attributes) => {
  const x = inputs[0]!;
  const taps = cached(() => averageTaps(x.shape, attributes), 'average', x.shape, attributes);
  return [accumulate(taps, x.values, null).map((total, i) => total / taps.divisors[i]!)];
};

const globalAveragePool: Reference = (inputs) => {
  const x = inputs[0]!;
  const size = elementCount(x.shape.slice(2));
  return [
    positions(x.shape.slice(0, 2)).map((_, plane) => {
      let total = 0;
      for (let i = 0; i < size; i++) total += x.values[plane * size + i]!;
      return total / size;
    }),
  ];
};

function elementwise(apply: (value: number) => number): Reference {
  return (inputs) => [inputs[0]!.values.map(apply)];
}

/** erf by its Maclaurin series: exact to float64 for arguments up to about 2. */
function erf(x: number): number {
  let term = x;
  let total = x;
  for (let n = 1; Math.abs(term) > 1e-18; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

/** Ops that ONNX Runtime's CPU provider has no float64 kernel for, and Cast, which would leave float64. */
export const references: Partial<Record<OpName, Reference>> = {
  AveragePool: averagePool,
  Cast: elementwise((value) => value),
  Conv: convolutional(convolutionTaps),
  ConvTranspose: convolutional(transposedTaps),
  Erf: elementwise(erf),
  GlobalAveragePool: globalAveragePool,
  Tan: elementwise(Math.tan),
};
