import { PythonError } from '../../../common/errors';
import { operation, optional, required, withDefault } from '../../operation';
import { elementCount, type Shape } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';
import { concreteValue, type Value } from '../../tensor/value';
import { sameShape } from '../../onnx/shapes';
import {
  add,
  compare,
  divide,
  multiply,
  reduce,
  renamed,
  reshape,
  runtimeError,
  shapeText,
  sizeText,
  subtract,
  unary,
  where,
} from '../tensorMath';

/** Statistics that batch normalization reads in evaluation and updates in training. */
export interface RunningStatistics {
  mean: Tensor;
  variance: Tensor;
}

export interface BatchNormOptions {
  running: RunningStatistics | null;
  weight: Tensor | null;
  bias: Tensor | null;
  training: boolean;
  /** How much of the new statistics goes into the running ones. */
  momentum: number;
  /** True where `momentum` changes from step to step. */
  momentumVaries?: boolean;
  eps: number;
}

/** (C) as (1, C, 1...). */
function perChannel(input: Tensor, values: Tensor): Tensor {
  return reshape(
    values,
    input.shape.map((_, axis) => (axis === 1 ? input.shape[1]! : 1)),
  );
}

/** x minus its mean, times one over its standard deviation; and both statistics. */
function standardize(
  input: Tensor,
  axes: readonly number[],
  eps: number,
): { result: Tensor; mean: Tensor; variance: Tensor } {
  const mean = reduce('ReduceMean', input, axes, true);
  const centred = subtract(input, mean);
  const variance = reduce('ReduceMean', multiply(centred, centred), axes, true);
  return { result: divide(centred, unary('Sqrt', add(variance, eps))), mean, variance };
}

/**
 * Batch normalization of (N, C, ...), decomposed so that it trains on every execution provider. The running variance
 * is the unbiased one (ATen/native/Normalization.cpp).
 * @throws PythonError in PyTorch's words
 */
export function batchNorm(input: Tensor, options: BatchNormOptions): Tensor {
  const { running, weight, bias, training, eps } = options;
  const { shape } = input;
  const channels = shape[1] ?? 0;
  const count = elementCount(shape) / Math.max(channels, 1);
  if (training && count === 1) {
    throw new PythonError(
      'ValueError',
      `Expected more than 1 value per channel when training, got input size ${sizeText(shape)}`,
    );
  }
  if (!running && !training) throw runtimeError('running_mean must be defined in evaluation mode');
  const named = { running_mean: running?.mean, running_var: running?.variance, weight, bias };
  for (const [name, tensor] of Object.entries(named)) {
    if (tensor && tensor.shape[0] !== channels) {
      throw runtimeError(`${name} should contain ${channels} elements not ${tensor.shape[0]}`);
    }
  }
  const name = 'NativeBatchNormBackward0';
  const normalized = training ? trainingNorm(input, options, count) : evaluationNorm(input, running!, eps);
  const scaled = weight ? multiply(normalized, perChannel(input, weight)) : normalized;
  const shifted = bias ? add(scaled, perChannel(input, bias), name) : scaled;
  return renamed(shifted, name);
}

function trainingNorm(
  input: Tensor,
  { running, momentum, momentumVaries, eps }: BatchNormOptions,
  count: number,
): Tensor {
  const axes = input.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const { result, mean, variance } = standardize(input, axes, eps);
  if (running) {
    const { tape, dtype } = input;
    const share = momentumVaries ? tape.feedScalar(momentum, dtype) : tape.scalar(momentum, dtype);
    const rest = momentumVaries ? tape.feedScalar(1 - momentum, dtype) : tape.scalar(1 - momentum, dtype);
    const unbiased = tape.emitOne('Mul', [variance.value, tape.scalar(count / (count - 1), dtype)]);
    const update = (statistic: Tensor, fresh: Value): void => {
      const flat = tape.emitOne('Reshape', [fresh, tape.ints(statistic.shape)], { allowzero: 1 });
      const kept = tape.emitOne('Mul', [statistic.value, rest]);
      statistic.overwrite(tape.emitOne('Add', [tape.emitOne('Mul', [flat, share]), kept]));
    };
    update(running.mean, mean.value);
    update(running.variance, unbiased);
  }
  return result;
}

function evaluationNorm(input: Tensor, { mean, variance }: RunningStatistics, eps: number): Tensor {
  const deviation = unary('Sqrt', add(perChannel(input, variance.detach()), eps));
  return divide(subtract(input, perChannel(input, mean.detach())), deviation);
}

/** One more batch seen, as `num_batches_tracked.add_(1)`. */
export function countBatch(batches: Tensor): number {
  const seen = Number(batches.data[0]!) + 1;
  batches.overwrite(concreteValue(BigInt64Array.of(BigInt(seen)), [], 'int64'));
  return seen;
}

/** Layer normalization over the last dimensions. */
export function layerNorm(
  input: Tensor,
  normalizedShape: Shape,
  weight: Tensor | null,
  bias: Tensor | null,
  eps: number,
): Tensor {
  const rank = input.shape.length;
  const first = rank - normalizedShape.length;
  for (const [name, tensor] of [['weight', weight] as const, ['bias', bias] as const]) {
    if (tensor && !sameShape(tensor.shape, normalizedShape)) {
      throw runtimeError(
        `Expected ${name} to be of same shape as normalized_shape, but got ${name} of shape ${shapeText(tensor.shape)} and normalized_shape = ${shapeText(normalizedShape)}`,
      );
    }
  }
  if (first < 0 || !sameShape(input.shape.slice(first), normalizedShape)) {
    throw runtimeError(
      `Given normalized_shape=${shapeText(normalizedShape)}, expected input with shape [*, ${normalizedShape.join(', ')}], but got input of size${shapeText(input.shape)}`,
    );
  }
  const axes = normalizedShape.map((_, axis) => first + axis);
  return affine(standardize(input, axes, eps).result, weight, bias, 'NativeLayerNormBackward0');
}

function affine(normalized: Tensor, weight: Tensor | null, bias: Tensor | null, gradientName: string): Tensor {
  const scaled = weight ? multiply(normalized, weight, gradientName) : normalized;
  const shifted = bias ? add(scaled, bias, gradientName) : scaled;
  return renamed(shifted, gradientName);
}

/** Group normalization of (N, C, ...). */
export function groupNorm(
  input: Tensor,
  groups: number,
  weight: Tensor | null,
  bias: Tensor | null,
  eps: number,
): Tensor {
  const { shape } = input;
  const channels = shape[1]!;
  if (channels % groups !== 0) {
    throw runtimeError(
      `Expected number of channels in input to be divisible by num_groups, but got input of shape ${shapeText(shape)} and num_groups=${groups}`,
    );
  }
  const grouped = reshape(input, [shape[0]! * groups, elementCount(shape) / (shape[0]! * groups)]);
  const normalized = reshape(standardize(grouped, [1], eps).result, shape);
  return affine(
    normalized,
    weight && perChannel(input, weight),
    bias && perChannel(input, bias),
    'NativeGroupNormBackward0',
  );
}

/** Instance normalization of (N, C, spatial...): every plane by its own statistics. */
export function instanceNorm(input: Tensor, weight: Tensor | null, bias: Tensor | null, eps: number): Tensor {
  const { shape } = input;
  const axes = shape.map((_, axis) => axis).slice(2);
  if (elementCount(shape.slice(2)) === 1) {
    throw new PythonError(
      'ValueError',
      `Expected more than 1 spatial element when training, got input size ${sizeText(shape)}`,
    );
  }
  const normalized = standardize(input, axes, eps).result;
  return affine(normalized, weight && perChannel(input, weight), bias && perChannel(input, bias), 'ViewBackward0');
}

/** The norm along an axis, whose gradient at 0 is 0. */
export function normAlong(input: Tensor, p: number, axis: number, keep: boolean): Tensor {
  const magnitude = p === 2 ? input : unary('Abs', input);
  if (p === Infinity) return reduce('ReduceMax', magnitude, [axis], keep, 'LinalgVectorNormBackward0');
  if (p === 1) return reduce('ReduceSum', magnitude, [axis], keep, 'NormBackward1');
  const { tape, dtype } = input;
  const powers = p === 2 ? multiply(input, input) : powOf(magnitude, p);
  const total = reduce('ReduceSum', powers, [axis], keep);
  const zero = compare('Equal', total, 0);
  const safe = where(zero, 1, total);
  const root = p === 2 ? unary('Sqrt', safe) : powOf(safe, 1 / p);
  return where(zero, tape.scalar(0, dtype), root, 'NormBackward1');
}

function powOf(base: Tensor, exponent: number): Tensor {
  const zero = compare('Equal', base, 0);
  const power = binaryPow(where(zero, 1, base), exponent);
  return where(zero, 0, power);
}

function binaryPow(base: Tensor, exponent: number): Tensor {
  return unary('Exp', multiply(unary('Log', base), exponent));
}

/** x / max(‖x‖, eps). */
export function normalize(input: Tensor, p: number, axis: number, eps: number): Tensor {
  const norm = normAlong(input, p, axis, true);
  return divide(input, where(compare('Less', norm, eps), eps, norm));
}

export const normalizationOperations = [
  operation(
    'batch_norm',
    {
      input: required('tensor'),
      running_mean: optional('tensor'),
      running_var: optional('tensor'),
      weight: optional('tensor'),
      bias: optional('tensor'),
      training: withDefault('bool', false),
      momentum: withDefault('float', 0.1),
      eps: withDefault('float', 1e-5),
    },
    ({ input, running_mean, running_var, weight, bias, training, momentum, eps }) =>
      batchNorm(input, {
        running: running_mean && running_var ? { mean: running_mean, variance: running_var } : null,
        weight,
        bias,
        training,
        momentum,
        eps,
      }),
  ),
  operation(
    'layer_norm',
    {
      input: required('tensor'),
      normalized_shape: required('ints'),
      weight: optional('tensor'),
      bias: optional('tensor'),
      eps: withDefault('float', 1e-5),
    },
    ({ input, normalized_shape, weight, bias, eps }) => layerNorm(input, normalized_shape, weight, bias, eps),
  ),
  operation(
    'group_norm',
    {
      input: required('tensor'),
      num_groups: required('int'),
      weight: optional('tensor'),
      bias: optional('tensor'),
      eps: withDefault('float', 1e-5),
    },
    ({ input, num_groups, weight, bias, eps }) => groupNorm(input, num_groups, weight, bias, eps),
  ),
  operation(
    'normalize',
    {
      input: required('tensor'),
      p: withDefault('float', 2),
      dim: withDefault('int', 1),
      eps: withDefault('float', 1e-12),
    },
    ({ input, p, dim, eps }) => normalize(input, p, dim < 0 ? dim + input.shape.length : dim, eps),
  ),
];
