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

const convolution: Reference = (inputs, attributes) => {
  const [x, w, bias] = [inputs[0]!, inputs[1]!, inputs[2]];
  const group = intAttribute(attributes, 'group', 1);
  const spatial = x.shape.slice(2);
  const window = windowOf(attributes, w.shape.slice(2));
  const outputs = spatial.map((size, axis) => windowOutputSize(window, axis, size));
  const [filters, perGroup] = [w.shape[0]!, w.shape[1]!];
  return [
    positions([x.shape[0]!, filters, ...outputs]).map(([n, m, ...output]) => {
      let total = bias?.values[m!] ?? 0;
      const first = Math.floor(m! / (filters / group)) * perGroup;
      for (let c = 0; c < perGroup; c++) {
        for (const kernel of positions(window.kernel)) {
          const position = under(window, spatial, output, kernel);
          if (!position) continue;
          total +=
            x.values[offset(x.shape, [n!, first + c, ...position])]! * w.values[offset(w.shape, [m!, c, ...kernel])]!;
        }
      }
      return total;
    }),
  ];
};

const transposedConvolution: Reference = (inputs, attributes) => {
  const [x, w, bias] = [inputs[0]!, inputs[1]!, inputs[2]];
  const group = intAttribute(attributes, 'group', 1);
  const window = windowOf(attributes, w.shape.slice(2));
  const extra = intsAttribute(attributes, 'output_padding');
  const spatial = x.shape
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
  const perGroup = w.shape[1]!;
  const shape = [x.shape[0]!, perGroup * group, ...spatial];
  const result = new Float64Array(elementCount(shape));
  for (const [n, c, ...input] of positions(x.shape)) {
    const first = Math.floor(c! / (x.shape[1]! / group)) * perGroup;
    for (let m = 0; m < perGroup; m++) {
      for (const kernel of positions(window.kernel)) {
        const position = under(window, spatial, input, kernel);
        if (!position) continue;
        result[offset(shape, [n!, first + m, ...position])]! +=
          x.values[offset(x.shape, [n!, c!, ...input])]! * w.values[offset(w.shape, [c!, m, ...kernel])]!;
      }
    }
  }
  if (bias) positions(shape).forEach((position, i) => (result[i]! += bias.values[position[1]!]!));
  return [result];
};

/** PyTorch's divisor: the padding counts with count_include_pad, what ceil_mode adds beyond it never. */
const averagePool: Reference = (inputs, attributes) => {
  const x = inputs[0]!;
  const spatial = x.shape.slice(2);
  const window = windowOf(attributes, intsAttribute(attributes, 'kernel_shape')!);
  const ceilMode = intAttribute(attributes, 'ceil_mode', 0) === 1;
  const countPadding = intAttribute(attributes, 'count_include_pad', 0) === 1;
  const outputs = spatial.map((size, axis) => windowOutputSize(window, axis, size, ceilMode));
  return [
    positions([...x.shape.slice(0, 2), ...outputs]).map(([n, c, ...output]) => {
      let total = 0;
      let count = 0;
      for (const kernel of positions(window.kernel)) {
        const position = under(window, spatial, output, kernel);
        if (position) total += x.values[offset(x.shape, [n!, c!, ...position])]!;
        const padded = output.every((o, axis) => {
          const at = o * window.strides[axis]! + kernel[axis]!;
          return at < spatial[axis]! + window.padsBegin[axis]! + window.padsEnd[axis]!;
        });
        if (position || (countPadding && padded)) count++;
      }
      return total / count;
    }),
  ];
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
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  Erf: elementwise(erf),
  GlobalAveragePool: globalAveragePool,
  Tan: elementwise(Math.tan),
};
