import type { Value } from '../../tensor/value';
import { intAttribute, intsAttribute, knownIntegers, normalizeAxis } from '../../onnx/shapes';
import { nonDifferentiableRule, type GradientRule, type InputRule, type RuleContext } from '../gradientRule';
import { adjointOfTake, padWithZeros, reshape, slice, sumOver, transpose } from './emit';

/** Ops that keep the elements and their order. */
const reshaped: InputRule = (context) => reshape(context, context.outputGradient, context.input(0).shape);

function axisOf(context: RuleContext): number {
  return normalizeAxis(intAttribute(context.attributes, 'axis', 0), context.input(0).shape.length);
}

const concat: GradientRule = {
  inputs: {
    inputs: (context, index) => {
      const axis = axisOf(context);
      let start = 0;
      for (let i = 0; i < index; i++) start += context.input(i).shape[axis]!;
      return slice(context, context.outputGradient, [axis], [start], [start + context.input(index).shape[axis]!]);
    },
  },
  saves: [],
};

const split: GradientRule = {
  inputs: {
    input: (context) => {
      const parts = context.outputs.map((_, i) => context.outputGradientAt(i));
      return parts.length === 1 ? parts[0]! : context.emit('Concat', parts, { axis: axisOf(context) });
    },
    split: 'nonDifferentiable',
  },
  saves: [],
};

/** Which elements of an axis a slice takes, in its order. */
function sliceIndices(size: number, start: number, end: number, step: number): number[] {
  const clamp = (index: number, low: number, high: number): number => Math.min(Math.max(index, low), high);
  const last = step > 0 ? size : size - 1;
  const from = clamp(start < 0 ? start + size : start, 0, last);
  const to = clamp(end < 0 ? end + size : end, step > 0 ? 0 : -1, last);
  const indices: number[] = [];
  for (let i = from; step > 0 ? i < to : i > to; i += step) indices.push(i);
  return indices;
}

const sliceRule: GradientRule = {
  inputs: {
    data: (context) => {
      const { shape } = context.input(0);
      const starts = knownIntegers(context.inputs[1], 'the starts of Slice')!;
      const ends = knownIntegers(context.inputs[2], 'the ends of Slice')!;
      const axes = knownIntegers(context.inputs[3], 'the axes of Slice') ?? [...starts.keys()];
      const steps = knownIntegers(context.inputs[4], 'the steps of Slice') ?? starts.map(() => 1);
      let gradient = context.outputGradient;
      const before = shape.map(() => 0);
      const after = shape.map(() => 0);
      axes.forEach((rawAxis, i) => {
        const axis = normalizeAxis(rawAxis, shape.length);
        const size = shape[axis]!;
        const indices = sliceIndices(size, starts[i]!, ends[i]!, steps[i]!);
        if (steps[i] === 1) {
          before[axis] = indices[0] ?? 0;
          after[axis] = size - before[axis] - indices.length;
        } else {
          gradient = adjointOfTake(context, gradient, axis, indices, size);
        }
      });
      return padWithZeros(context, gradient, before, after);
    },
    starts: 'nonDifferentiable',
    ends: 'nonDifferentiable',
    axes: 'nonDifferentiable',
    steps: 'nonDifferentiable',
  },
  saves: [],
};

/** Which element of an axis each element of a padded axis repeats (`reflect` and `edge`). */
function paddedIndices(size: number, before: number, after: number, mode: string): number[] {
  return Array.from({ length: size + before + after }, (_, i) => {
    const position = i - before;
    if (mode === 'edge') return Math.min(Math.max(position, 0), size - 1);
    const reflected = Math.abs(position);
    return reflected < size ? reflected : 2 * (size - 1) - reflected;
  });
}

function unpadded(context: RuleContext, pads: readonly number[]): Value {
  const { shape } = context.input(0);
  const rank = shape.length;
  const crop = (count: number): number => Math.max(count, 0);
  const axes = [...shape.keys()];
  const cropped = slice(
    context,
    context.outputGradient,
    axes,
    axes.map((axis) => crop(pads[axis]!)),
    axes.map((axis) => context.outputGradient.shape[axis]! - crop(pads[rank + axis]!)),
  );
  return padWithZeros(
    context,
    cropped,
    axes.map((axis) => crop(-pads[axis]!)),
    axes.map((axis) => crop(-pads[rank + axis]!)),
  );
}

const pad: GradientRule = {
  inputs: {
    data: (context) => {
      const { shape } = context.input(0);
      const pads = knownIntegers(context.inputs[1], 'the pads of Pad')!;
      const mode = context.attributes['mode'] ?? 'constant';
      if (mode === 'constant') return unpadded(context, pads);
      return shape.reduce((gradient, size, axis) => {
        const [before, after] = [pads[axis]!, pads[shape.length + axis]!];
        if (before === 0 && after === 0) return gradient;
        return adjointOfTake(context, gradient, axis, paddedIndices(size, before, after, String(mode)), size);
      }, context.outputGradient);
    },
    pads: 'nonDifferentiable',
    constant_value: 'nonDifferentiable',
    axes: 'nonDifferentiable',
  },
  saves: [],
};

/** Sums the copies: each tiled axis becomes (copy, element) and the copies are added. */
const tile: GradientRule = {
  inputs: {
    input: (context) => {
      const { shape } = context.input(0);
      const repeats = knownIntegers(context.inputs[1], 'the repeats of Tile')!;
      const split = shape.flatMap((size, axis) => [repeats[axis]!, size]);
      const copies = shape.flatMap((_, axis) => (repeats[axis] === 1 ? [] : [2 * axis]));
      if (copies.length === 0) return context.outputGradient;
      return reshape(context, sumOver(context, reshape(context, context.outputGradient, split), copies, false), shape);
    },
    repeats: 'nonDifferentiable',
  },
  saves: [],
};

const transposeRule: GradientRule = {
  inputs: {
    data: (context) => {
      const rank = context.input(0).shape.length;
      const permutation =
        intsAttribute(context.attributes, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
      const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
      return transpose(context, context.outputGradient, inverse);
    },
  },
  saves: [],
};

const trilu: GradientRule = {
  inputs: {
    input: (context) => context.emit('Trilu', [context.outputGradient, context.inputs[1] ?? null], context.attributes),
    k: 'nonDifferentiable',
  },
  saves: [],
};

/** Positions that became channels go back, or channels that became positions. */
function depth(inverse: 'DepthToSpace' | 'SpaceToDepth'): GradientRule {
  return {
    inputs: { input: (context) => context.emit(inverse, [context.outputGradient], context.attributes) },
    saves: [],
  };
}

/** Ops that move elements about by what is known before they run. */
export const structureRules = {
  Concat: concat,
  ConstantOfShape: nonDifferentiableRule(['input']),
  DepthToSpace: depth('SpaceToDepth'),
  Expand: { inputs: { input: (context) => context.outputGradient, shape: 'nonDifferentiable' }, saves: [] },
  Pad: pad,
  Reshape: { inputs: { data: reshaped, shape: 'nonDifferentiable' }, saves: [] },
  Slice: sliceRule,
  SpaceToDepth: depth('DepthToSpace'),
  Split: split,
  Squeeze: { inputs: { data: reshaped, axes: 'nonDifferentiable' }, saves: [] },
  Tile: tile,
  Transpose: transposeRule,
  Trilu: trilu,
  Unsqueeze: { inputs: { data: reshaped, axes: 'nonDifferentiable' }, saves: [] },
} satisfies Record<string, GradientRule>;
