import { windowOutputSize } from '../../onnx/ops/convolution';
import { operation, optional, required, withDefault } from '../../operation';
import { isFloating } from '../../tensor/dtype';
import { apply, applyAll, type Tensor } from '../../tensor/tensor';
import { cast, inFloat32, multiply, renamed, runtimeError, shapeText, squeeze, unsqueeze } from '../tensorMath';

/** One entry per spatial axis. */
export interface PoolingOptions {
  kernel: readonly number[];
  stride: readonly number[];
  padding: readonly number[];
  dilation: readonly number[];
  ceilMode: boolean;
}

const sizeRank: Readonly<Record<number, string>> = { 1: '2D or 3D', 2: '3D or 4D' };

/** Checks a pooling window (ATen/native/Pool.h) and gives the spatial output sizes. */
function outputSizes(name: string, input: Tensor, options: PoolingOptions): number[] {
  const { kernel, stride, padding, dilation, ceilMode } = options;
  const axes = kernel.length;
  const rank = input.shape.length;
  if (rank !== axes + 1 && rank !== axes + 2) {
    if (name === 'max_pool1d') {
      throw runtimeError(
        `max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:${shapeText(input.shape)}`,
      );
    }
    throw runtimeError(`non-empty ${sizeRank[axes]!} (batch mode) tensor expected for input`);
  }
  if (name === 'max_pool1d') checkMaxPool1d(options);
  else checkWindow(options);
  if (input.shape.slice(rank - axes - 1).includes(0)) {
    throw runtimeError(
      `Expected ${sizeRank[axes]!} (batch mode) tensor with optional 0 dim batch size for input, but got:${shapeText(input.shape)}`,
    );
  }
  const window = { kernel, strides: stride, dilations: dilation, padsBegin: padding, padsEnd: padding };
  const spatial = input.shape.slice(rank - axes);
  const sizes = spatial.map((size, axis) => windowOutputSize(window, axis, size, ceilMode));
  if (sizes.some((size) => size < 1)) {
    if (name === 'max_pool1d') throw runtimeError(`max_pool1d() Invalid computed output size: ${sizes[0]}`);
    const channels = input.shape[rank - axes - 1]!;
    const listed = axes === 1 ? [1, ...spatial] : spatial;
    const listedSizes = axes === 1 ? [1, ...sizes] : sizes;
    throw runtimeError(
      `Given input size: (${[channels, ...listed].join('x')}). Calculated output size: (${[channels, ...listedSizes].join('x')}). Output size is too small`,
    );
  }
  return sizes;
}

function checkMaxPool1d({ kernel, stride, padding, dilation }: PoolingOptions): void {
  const [size, step, pad, spread] = [kernel[0]!, stride[0]!, padding[0]!, dilation[0]!];
  const fail = (words: string): never => {
    throw runtimeError(`max_pool1d() ${words}`);
  };
  if (size <= 0) fail(`kernel_size must be greater than zero, but got ${size}`);
  if (step <= 0) fail(`stride must be greater than zero, but got ${step}`);
  if (pad < 0) fail(`padding must be non-negative, but got ${pad}`);
  if (pad > Math.floor(size / 2)) {
    fail(`padding should be at most half of kernel size, but got padding=${pad} and kernel_size=${size}`);
  }
  if (spread <= 0) fail(`dilation must be greater than zero, but got ${spread}`);
}

function checkWindow({ kernel, stride, padding, dilation }: PoolingOptions): void {
  kernel.forEach((size, axis) => {
    const pad = padding[axis]!;
    if (stride[axis] === 0) throw runtimeError('stride should not be zero');
    if (pad < 0) throw runtimeError(`pad must be non-negative, but got pad: ${pad}`);
    const effective = (size - 1) * dilation[axis]! + 1;
    if (dilation[axis]! > 0 && size > 0 && pad > Math.floor(effective / 2)) {
      throw runtimeError(
        `pad should be at most half of effective kernel size, but got pad=${pad}, kernel_size=${size} and dilation=${dilation[axis]}`,
      );
    }
  });
  checkPositive('kernel size', 'k', kernel);
  checkPositive('stride', 'd', stride);
  checkPositive('dilation', 'dilation', dilation);
}

/** PyTorch pools one axis as the width of an image whose height is one. */
function checkPositive(what: string, letter: string, values: readonly number[]): void {
  if (values.every((value) => value > 0)) return;
  const height = values.length === 1 ? 1 : values[0];
  throw runtimeError(`${what} should be greater than zero, but got ${letter}H: ${height} ${letter}W: ${values.at(-1)}`);
}

/**
 * The attributes for these output sizes. ONNX's shape inference keeps a window of ceil_mode that starts beyond the image;
 * PyTorch and ONNX Runtime's kernels drop it. Where that happens, ceil_mode is spelt out as padding at the end.
 */
function extent(
  { kernel, stride, padding, dilation, ceilMode }: PoolingOptions,
  spatial: readonly number[],
  sizes: readonly number[],
): { ceil_mode: 0 | 1; pads: number[] } {
  const pads = [...padding, ...padding];
  if (!ceilMode) return { ceil_mode: 0, pads };
  const spans = spatial.map((size, axis) => size + 2 * padding[axis]! - (kernel[axis]! - 1) * dilation[axis]! - 1);
  const isSize = (round: (value: number) => number) =>
    sizes.every((size, axis) => round(spans[axis]! / stride[axis]!) + 1 === size);
  if (isSize(Math.floor)) return { ceil_mode: 0, pads };
  if (isSize(Math.ceil)) return { ceil_mode: 1, pads };
  const ends = sizes.map((size, axis) => padding[axis]! + Math.max(0, (size - 1) * stride[axis]! - spans[axis]!));
  return { ceil_mode: 0, pads: [...padding, ...ends] };
}

/** Lays a batch dimension on where there is none. */
function batched(input: Tensor, axes: number, run: (input: Tensor) => Tensor): Tensor {
  if (input.shape.length === axes + 2) return run(input);
  return squeeze(run(unsqueeze(input, 0)), 0);
}

/**
 * Max pooling of (N, C, spatial...) or (C, spatial...).
 * @returns the maxima and, when asked for, where they are: flat over the spatial axes
 */
export function maxPool(
  input: Tensor,
  options: PoolingOptions,
  withIndices = false,
): { output: Tensor; indices: Tensor | null } {
  const axes = options.kernel.length;
  const sizes = outputSizes(axes === 1 ? 'max_pool1d' : 'max_pool2d', input, options);
  const { tape } = input;
  const unbatched = input.shape.length === axes + 1;
  const exact = isFloating(input.dtype) ? input : cast(input, 'float64');
  const [pooled, flat] = applyAll(
    tape,
    'MaxPool',
    [unbatched ? unsqueeze(exact, 0) : exact],
    {
      ...extent(options, input.shape.slice(-axes), sizes),
      dilations: options.dilation,
      kernel_shape: options.kernel,
      strides: options.stride,
    },
    axes === 1 ? 'SqueezeBackward1' : 'MaxPool2DWithIndicesBackward0',
  ) as [Tensor, Tensor];
  const output = cast(unbatched ? renamed(squeeze(pooled, 0), pooled.gradFn?.record.name) : pooled, input.dtype);
  if (!withIndices) return { output, indices: null };
  const plane = input.shape.slice(-axes).reduce((product, size) => product * size, 1);
  const planeSize = tape.constant(BigInt64Array.of(BigInt(plane)), [], 'int64');
  const indices = apply(tape, 'Mod', [flat.value, planeSize]);
  return { output, indices: unbatched ? squeeze(indices, 0) : indices };
}

/**
 * Average pooling (ATen/native/cpu/AvgPoolKernel.cpp).
 * @param divisor divides every window's sum when it is given
 */
export function averagePool(
  input: Tensor,
  options: Omit<PoolingOptions, 'dilation'>,
  countIncludePad: boolean,
  divisor: number | null,
): Tensor {
  if (divisor === 0) throw runtimeError('divisor must be not zero');
  const axes = options.kernel.length;
  const withDilation = { ...options, dilation: options.kernel.map(() => 1) };
  const sizes = outputSizes(`avg_pool${axes}d`, input, withDilation);
  const spatial = input.shape.slice(-axes);
  const attributes = extent(withDilation, spatial, sizes);
  const counts = windowSizes(options, spatial, sizes);
  const whole = options.kernel.reduce((product, size) => product * size, 1);
  // Padding that stands for ceil_mode counts in ONNX; in PyTorch only the padding that was asked for does.
  const spelt = options.ceilMode && attributes.pads.slice(axes).some((end, axis) => end > options.padding[axis]!);
  const includes = countIncludePad || divisor !== null;
  const divisors = counts.map((count) => divisor ?? count);
  const averaged = counts.map((count) => (spelt ? whole : count));
  const gradientName = axes === 1 ? 'SqueezeBackward1' : 'AvgPool2DBackward0';
  return batched(input, axes, (batch) =>
    inFloat32([batch], (x) => {
      const mean = apply(
        x!.tape,
        'AveragePool',
        [x!],
        {
          ...attributes,
          count_include_pad: includes ? 1 : 0,
          kernel_shape: options.kernel,
          strides: options.stride,
        },
        gradientName,
      );
      if (!includes || averaged.every((count, i) => count === divisors[i])) return mean;
      const factors = averaged.map((count, i) => count / divisors[i]!);
      return multiply(mean, x!.tape.constant(Float32Array.from(factors), [1, 1, ...sizes], 'float32'), gradientName);
    }),
  );
}

/** How many cells each window has, those of the padding included. */
function windowSizes(
  { kernel, stride, padding }: Pick<PoolingOptions, 'kernel' | 'stride' | 'padding'>,
  spatial: readonly number[],
  sizes: readonly number[],
): number[] {
  let counts = [1];
  sizes.forEach((size, axis) => {
    const along = Array.from({ length: size }, (_, cell) => {
      const start = cell * stride[axis]! - padding[axis]!;
      return Math.min(start + kernel[axis]!, spatial[axis]! + padding[axis]!) - start;
    });
    counts = counts.flatMap((count) => along.map((cells) => count * cells));
  });
  return counts;
}

function onOneAxis(stride: number[] | null, kernel: readonly number[]): readonly number[] {
  return stride === null || stride.length === 0 ? kernel : stride;
}

function maxPoolOperation(name: 'max_pool1d' | 'max_pool2d', kind: 'single' | 'pair') {
  const [one, zero] =
    kind === 'single'
      ? [[1], [0]]
      : [
          [1, 1],
          [0, 0],
        ];
  return operation(
    name,
    {
      input: required('tensor'),
      kernel_size: required(kind),
      stride: optional(kind),
      padding: withDefault(kind, zero as [number] & [number, number]),
      dilation: withDefault(kind, one as [number] & [number, number]),
      ceil_mode: withDefault('bool', false),
      return_indices: withDefault('bool', false),
    },
    ({ input, kernel_size, stride, padding, dilation, ceil_mode, return_indices }) => {
      const { output, indices } = maxPool(
        input,
        { kernel: kernel_size, stride: onOneAxis(stride, kernel_size), padding, dilation, ceilMode: ceil_mode },
        return_indices,
      );
      return indices ? [output, indices] : output;
    },
  );
}

export const poolingOperations = [
  maxPoolOperation('max_pool1d', 'single'),
  maxPoolOperation('max_pool2d', 'pair'),
  operation(
    'avg_pool1d',
    {
      input: required('tensor'),
      kernel_size: required('single'),
      stride: optional('single'),
      padding: withDefault('single', [0]),
      ceil_mode: withDefault('bool', false),
      count_include_pad: withDefault('bool', true),
    },
    ({ input, kernel_size, stride, padding, ceil_mode, count_include_pad }) =>
      averagePool(
        input,
        { kernel: kernel_size, stride: onOneAxis(stride, kernel_size), padding, ceilMode: ceil_mode },
        count_include_pad,
        null,
      ),
  ),
  operation(
    'avg_pool2d',
    {
      input: required('tensor'),
      kernel_size: required('pair'),
      stride: optional('pair'),
      padding: withDefault('pair', [0, 0]),
      ceil_mode: withDefault('bool', false),
      count_include_pad: withDefault('bool', true),
      divisor_override: optional('int'),
    },
    ({ input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override }) =>
      averagePool(
        input,
        { kernel: kernel_size, stride: onOneAxis(stride, kernel_size), padding, ceilMode: ceil_mode },
        count_include_pad,
        divisor_override,
      ),
  ),
];
