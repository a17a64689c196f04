import { dtypeTable, elementCount, type Shape } from '../../tensor/dtype';
import type { Value } from '../../tensor/value';
import { windowOf, type Window } from '../../onnx/ops/convolution';
import { intAttribute, intsAttribute } from '../../onnx/shapes';
import type { GradientRule, RuleContext } from '../gradientRule';
import { expand, reshape, scalarLike, slice, zeros } from './emit';

function poolWindow(context: RuleContext): Window {
  return windowOf(context.attributes, intsAttribute(context.attributes, 'kernel_shape')!);
}

/** Whether the windows tile the image: each element is in exactly one. */
function tiles(window: Window, spatial: Shape): boolean {
  return window.kernel.every(
    (size, axis) =>
      size === window.strides[axis] &&
      window.dilations[axis] === 1 &&
      window.padsBegin[axis] === 0 &&
      window.padsEnd[axis] === 0 &&
      spatial[axis]! % size === 0,
  );
}

/** (N, C, Ho, Wo) as (N, C, Ho, 1, Wo, 1): a window's value broadcasts against the window's elements. */
function perWindow(shape: Shape): number[] {
  return [...shape.slice(0, 2), ...shape.slice(2).flatMap((size) => [size, 1])];
}

/** (N, C, H, W) as (N, C, Ho, kh, Wo, kw). */
function inWindows(shape: Shape, window: Window): number[] {
  return [
    ...shape.slice(0, 2),
    ...shape.slice(2).flatMap((size, axis) => [size / window.kernel[axis]!, window.kernel[axis]!]),
  ];
}

/** Every output's gradient goes to the element that `Indices` names; overlapping windows add. */
function byIndices(context: RuleContext): Value {
  const { shape, dtype } = context.input(0);
  const flat = zeros(context, [elementCount(shape)], dtype);
  const indices = reshape(context, context.outputs[1]!, [elementCount(context.outputs[1]!.shape)]);
  const updates = reshape(context, context.outputGradient, indices.shape);
  return reshape(
    context,
    context.emit('ScatterElements', [flat, indices, updates], { axis: 0, reduction: 'add' }),
    shape,
  );
}

/** Windows that share no element name each element once at most; none may reach over the edge. */
function canUnpool(context: RuleContext): boolean {
  const { kernel, strides, dilations } = poolWindow(context);
  const [spatial, outputs] = [context.input(0).shape.slice(2), context.outputGradient.shape.slice(2)];
  return kernel.every((size, axis) => {
    const stride = strides[axis]!;
    return (size - 1) * dilations[axis]! < stride && (outputs[axis]! - 1) * stride + size <= spatial[axis]!;
  });
}

/** A fifth of the time of the scatter. */
function byUnpooling(context: RuleContext): Value {
  const { kernel, strides } = poolWindow(context);
  return context.emit(
    'MaxUnpool',
    [context.outputGradient, context.outputs[1]!, context.tape.ints(context.input(0).shape)],
    { kernel_shape: kernel, strides },
  );
}

const maxPool: GradientRule = {
  inputs: { X: (context) => (canUnpool(context) ? byUnpooling(context) : byIndices(context)) },
  saves: ['X', 'Indices'],
};

const maxUnpool: GradientRule = {
  inputs: {
    X: (context) => {
      const { shape } = context.input(0);
      const count = elementCount(shape);
      const flat = reshape(context, context.outputGradient, [elementCount(context.outputGradient.shape)]);
      const indices = reshape(context, context.input(1), [count]);
      return reshape(context, context.emit('GatherElements', [flat, indices], { axis: 0 }), shape);
    },
    I: 'nonDifferentiable',
    output_shape: 'nonDifferentiable',
  },
  saves: ['I'],
};

/**
 * How many elements each output averages, in all combinations of the axes: with count_include_pad the padding counts,
 * but not what ceil_mode adds beyond it.
 */
function divisors(window: Window, spatial: Shape, outputs: Shape, countPadding: boolean): number[] {
  const perAxis = outputs.map((count, axis) => {
    const size = spatial[axis]!;
    const [before, after] = [window.padsBegin[axis]!, window.padsEnd[axis]!];
    const [low, high] = countPadding ? [-before, size + after] : [0, size];
    return Array.from({ length: count }, (_, i) => {
      const start = i * window.strides[axis]! - before;
      return Math.min(start + window.kernel[axis]!, high) - Math.max(start, low);
    });
  });
  return perAxis.reduce((products, counts) => products.flatMap((p) => counts.map((count) => p * count)), [1]);
}

/** Each output's share spread over its window: a transposed convolution with ones, one channel at a time. */
function spread(context: RuleContext, shares: Value, window: Window): Value {
  const { shape } = context.input(0);
  const spatial = shape.slice(2);
  const planes = shape[0]! * shape[1]!;
  const outputs = shares.shape.slice(2);
  const ones = dtypeTable[shares.dtype].allocate(elementCount(window.kernel)).fill(1 as never);
  const kernel = context.tape.constant(ones, [1, 1, ...window.kernel], shares.dtype);
  const covered = outputs.map((count, axis) => (count - 1) * window.strides[axis]! + window.kernel[axis]!);
  const missing = covered.map((size, axis) => Math.max(0, window.padsBegin[axis]! + spatial[axis]! - size));
  const full = context.emit('ConvTranspose', [reshape(context, shares, [planes, 1, ...outputs]), kernel], {
    strides: window.strides,
    output_padding: missing,
  });
  const cropped = slice(
    context,
    full,
    spatial.map((_, axis) => axis + 2),
    window.padsBegin,
    spatial.map((size, axis) => size + window.padsBegin[axis]!),
  );
  return reshape(context, cropped, shape);
}

const averagePool: GradientRule = {
  inputs: {
    X: (context) => {
      const { shape } = context.input(0);
      const window = poolWindow(context);
      const { outputGradient } = context;
      if (tiles(window, shape.slice(2))) {
        const share = context.emit('Div', [
          outputGradient,
          scalarLike(context, elementCount(window.kernel), outputGradient),
        ]);
        const perElement = expand(context, reshape(context, share, perWindow(share.shape)), inWindows(shape, window));
        return reshape(context, perElement, shape);
      }
      const outputs = outputGradient.shape.slice(2);
      const countPadding = intAttribute(context.attributes, 'count_include_pad', 0) === 1;
      const counts = dtypeTable[outputGradient.dtype].allocate(elementCount(outputs)) as Float32Array;
      counts.set(divisors(window, shape.slice(2), outputs, countPadding));
      const divisor = context.tape.constant(counts, [1, 1, ...outputs], outputGradient.dtype);
      return spread(context, context.emit('Div', [outputGradient, divisor]), window);
    },
  },
  saves: [],
};

const globalAveragePool: GradientRule = {
  inputs: {
    X: (context) => {
      const { shape } = context.input(0);
      const { outputGradient } = context;
      const count = scalarLike(context, elementCount(shape.slice(2)), outputGradient);
      return expand(context, context.emit('Div', [outputGradient, count]), shape);
    },
  },
  saves: [],
};

/** Poolings over (N, C, spatial...). */
export const poolingRules = {
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  MaxPool: maxPool,
  MaxUnpool: maxUnpool,
} satisfies Record<string, GradientRule>;
