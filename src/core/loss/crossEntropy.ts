import { PythonError } from '../../common/errors';
import { dtypeNames } from '../nn/dtypeNames';
import { softmax } from '../nn/functional/activations';
import { add, cast, divide, multiply, reduce, reshape, runtimeError, shapeText, unary, where } from '../nn/tensorMath';
import { sameShape } from '../onnx/shapes';
import { elementCount, isFloating, type Shape } from '../tensor/dtype';
import { apply, type Tensor } from '../tensor/tensor';
import { concreteValue, type Value } from '../tensor/value';
import type { Reduction } from './reduction';

const alongClasses = { axis: 1 };

/** Class indices, checked: what is ignored points at class 0 and is masked. */
interface Targets {
  /** int64, the log-probabilities' shape with one class. */
  indices: Value;
  /** bool, of the same shape; null when nothing is ignored. */
  kept: Value | null;
}

/** The classes' dimension: 1, or 0 without a batch. */
function classAxis(input: Tensor): number {
  return input.shape.length === 1 ? 0 : 1;
}

/**
 * Reads class indices and checks them as PyTorch's kernel does (ATen/native/LossNLL.cpp). The targets are looked at
 * here, so that the graph of the usual case needs no mask.
 * @param pickedShape the shape of the log-probabilities with one class
 * @throws PythonError IndexError `Target 99 is out of bounds.`
 */
function readTargets(target: Tensor, classes: number, ignoreIndex: number, pickedShape: Shape): Targets {
  const { data } = target;
  const ignored = BigInt(ignoreIndex);
  const limit = BigInt(classes);
  const indices = new BigInt64Array(data.length);
  let kept: Uint8Array | null = null;
  for (let i = 0; i < data.length; i++) {
    const index = BigInt(data[i]!);
    if (index === ignored) {
      kept ??= new Uint8Array(data.length).fill(1);
      kept[i] = 0;
      continue;
    }
    if (index < 0n || index >= limit) throw new PythonError('IndexError', `Target ${index} is out of bounds.`);
    indices[i] = index;
  }
  const value = concreteValue(indices, pickedShape, 'int64');
  value.label = 'target';
  return { indices: value, kept: kept && concreteValue(kept, pickedShape, 'bool') };
}

/** @throws PythonError in PyTorch's words, sizes before types */
function checkTargets(input: Tensor, target: Tensor): void {
  checkTargetShape(input.shape, target.shape);
  if (target.dtype !== 'int64' && target.dtype !== 'uint8') {
    throw runtimeError(`expected target dtype to be Long or Byte, but got ${dtypeNames[target.dtype].scalar}`);
  }
}

function checkTargetShape(input: Shape, target: Shape): void {
  const rank = input.length;
  const batch = rank > 1 ? input[0] : undefined;
  if (batch !== undefined && target.length > 0 && target[0] !== batch) {
    throw new PythonError(
      'ValueError',
      `Expected input batch_size (${batch}) to match target batch_size (${target[0]}).`,
    );
  }
  if (rank <= 2) {
    if (target.length > 1) throw runtimeError('0D or 1D target tensor expected, multi-target not supported');
    if (batch !== undefined && target.length === 0 && batch !== 1) {
      throw runtimeError(`size mismatch (got input: ${shapeText(input)}, target: ${shapeText(target)})`);
    }
    return;
  }
  const expected = [input[0]!, ...input.slice(2)];
  if (sameShape(expected, target)) return;
  if (rank !== 4) throw runtimeError(`Expected target size ${shapeText(expected)}, got ${shapeText(target)}`);
  if (target.length !== 3) {
    throw runtimeError(
      `only batches of spatial targets supported (3D tensors) but got targets of dimension: ${target.length}`,
    );
  }
  throw runtimeError(`size mismatch (got input: ${shapeText(input)} , target: ${shapeText(target)}`);
}

function checkWeight(weight: Tensor | null, input: Tensor, classes: number): void {
  if (!weight) return;
  if (weight.shape.length !== 1 || weight.shape[0] !== classes) {
    throw runtimeError(
      `weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: ${shapeText(weight.shape)}`,
    );
  }
  if (weight.dtype !== input.dtype) {
    throw runtimeError(
      `expected scalar type ${dtypeNames[input.dtype].scalar} but found ${dtypeNames[weight.dtype].scalar}`,
    );
  }
}

/**
 * Negative log-likelihood of log-probabilities (N, C), (C) or (N, C, spatial...).
 * @throws PythonError in PyTorch's words
 */
export function nllLoss(
  input: Tensor,
  target: Tensor,
  weight: Tensor | null,
  ignoreIndex: number,
  reduction: Reduction,
): Tensor {
  if (input.shape.length === 0) throw new PythonError('ValueError', 'Expected 1 or more dimensions (got 0)');
  checkTargets(input, target);
  const axis = classAxis(input);
  const classes = input.shape[axis]!;
  checkWeight(weight, input, classes);
  const pickedShape = input.shape.map((size, i) => (i === axis ? 1 : size));
  const targets = readTargets(target, classes, ignoreIndex, pickedShape);
  return pickedLoss(input, target, targets, weight, reduction, axis);
}

function pickedLoss(
  input: Tensor,
  target: Tensor,
  { indices, kept }: Targets,
  weight: Tensor | null,
  reduction: Reduction,
  axis: number,
): Tensor {
  const { tape } = input;
  const gradientName = input.shape.length > 2 ? 'NllLoss2DBackward0' : 'NllLossBackward0';
  const picked = apply(tape, 'GatherElements', [input, indices], axis === 1 ? alongClasses : { axis }, gradientName);
  const plain = weight === null && kept === null;
  if (plain && reduction !== 'none') {
    const op = reduction === 'mean' ? 'ReduceMean' : 'ReduceSum';
    return unary('Neg', reduce(op, picked, null, false, gradientName), gradientName);
  }
  const negative = unary('Neg', picked, gradientName);
  const weights = plain ? null : rowWeights(input, indices, kept, weight);
  let losses = weight ? multiply(negative, tape.emitOne('Gather', [weight.value, indices]), gradientName) : negative;
  if (kept) losses = where(kept, losses, 0, gradientName);
  if (reduction === 'none') {
    return reshape(losses, target.shape, input.shape.length === 3 ? 'ViewBackward0' : gradientName);
  }
  const total = reduce('ReduceSum', losses, null, false, gradientName);
  if (reduction === 'sum') return total;
  return divide(total, tape.emitOne('ReduceSum', [weights!], { keepdims: 0 }), gradientName);
}

/** The weight of every row's class, 0 where it is ignored. */
function rowWeights(input: Tensor, indices: Value, kept: Value | null, weight: Tensor | null): Value {
  const { tape } = input;
  if (!kept) return tape.emitOne('Gather', [weight!.value, indices]);
  const ones = weight ? tape.emitOne('Gather', [weight.value, indices]) : tape.scalar(1, input.dtype);
  return tape.emitOne('Where', [kept, ones, tape.scalar(0, input.dtype)]);
}

/** The arguments of `cross_entropy` besides input and target. */
export interface CrossEntropyOptions {
  weight: Tensor | null;
  ignoreIndex: number;
  reduction: Reduction;
  labelSmoothing: number;
}

/**
 * Cross-entropy of logits (C), (N, C) or (N, C, spatial...) with class indices, or with probabilities of the logits'
 * shape (ATen/native/LossNLL.cpp).
 * @throws PythonError in PyTorch's words
 */
export function crossEntropy(input: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  const { weight, ignoreIndex, reduction, labelSmoothing } = options;
  if (sameShape(input.shape, target.shape)) {
    if (!isFloating(target.dtype)) {
      throw runtimeError(
        `Expected floating point type for target with class probabilities, got ${dtypeNames[target.dtype].scalar}`,
      );
    }
    if (ignoreIndex >= 0) throw runtimeError('ignore_index is not supported for floating point target');
    return probabilityLoss(input, target, options);
  }
  if (labelSmoothing > 1) {
    throw runtimeError(`label_smoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}`);
  }
  const axis = classAxis(input);
  const logProbabilities = softmax('LogSoftmax', input, axis);
  if (labelSmoothing <= 0) return nllLoss(logProbabilities, target, weight, ignoreIndex, reduction);
  return smoothedLoss(logProbabilities, target, options, axis);
}

function smoothedLoss(
  logProbabilities: Tensor,
  target: Tensor,
  { weight, ignoreIndex, reduction, labelSmoothing }: CrossEntropyOptions,
  axis: number,
): Tensor {
  checkTargets(logProbabilities, target);
  const classes = logProbabilities.shape[axis]!;
  checkWeight(weight, logProbabilities, classes);
  const pickedShape = logProbabilities.shape.map((size, i) => (i === axis ? 1 : size));
  const targets = readTargets(target, classes, ignoreIndex, pickedShape);
  const nll = pickedLoss(logProbabilities, target, targets, weight, reduction, axis);
  const { tape } = logProbabilities;
  const weighted = weight
    ? multiply(
        logProbabilities,
        tape.emitOne('Reshape', [weight.value, tape.ints(channelShape(logProbabilities, axis))]),
      )
    : logProbabilities;
  const summed = reduce('ReduceSum', weighted, [axis], true, 'SumBackward1');
  let smooth = unary('Neg', summed, 'NegBackward0');
  if (targets.kept) smooth = where(targets.kept, smooth, 0, 'MaskedFillBackward0');
  const share = labelSmoothing / classes;
  return add(
    multiply(nll, 1 - labelSmoothing),
    multiply(reduceSmooth(smooth, target, targets, weight, reduction), share),
  );
}

function reduceSmooth(
  smooth: Tensor,
  target: Tensor,
  { indices, kept }: Targets,
  weight: Tensor | null,
  reduction: Reduction,
): Tensor {
  if (reduction === 'none') return reshape(smooth, target.shape);
  if (reduction === 'mean' && !weight && !kept) return reduce('ReduceMean', smooth, null, false, 'MeanBackward0');
  const total = reduce('ReduceSum', smooth, null, false, 'SumBackward0');
  if (reduction === 'sum') return total;
  const weights = rowWeights(smooth, indices, kept, weight);
  return divide(total, smooth.tape.emitOne('ReduceSum', [weights], { keepdims: 0 }));
}

function channelShape(input: Tensor, axis: number): number[] {
  return input.shape.map((size, i) => (i === axis ? size : 1));
}

function probabilityLoss(
  input: Tensor,
  target: Tensor,
  { weight, reduction, labelSmoothing }: CrossEntropyOptions,
): Tensor {
  if (labelSmoothing > 1) {
    throw runtimeError(`label_smoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}`);
  }
  const axis = classAxis(input);
  const classes = input.shape[axis]!;
  if (weight && (weight.shape.length !== 1 || weight.shape[0] !== classes)) {
    throw runtimeError(
      `cross_entropy: weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: ${shapeText(weight.shape)}`,
    );
  }
  const logProbabilities = softmax('LogSoftmax', input, axis);
  const same = cast(target, input.dtype);
  const smoothed = labelSmoothing > 0 ? add(multiply(same, 1 - labelSmoothing), labelSmoothing / classes) : same;
  let products = multiply(logProbabilities, smoothed);
  if (weight) products = multiply(products, reshape(weight, channelShape(input, axis)));
  if (reduction === 'none') {
    return unary('Neg', reduce('ReduceSum', products, [axis], false, 'SumBackward1'), 'NegBackward0');
  }
  const total = unary('Neg', reduce('ReduceSum', products, null, false, 'SumBackward0'), 'NegBackward0');
  if (reduction === 'sum') return total;
  return divide(total, elementCount(input.shape) / classes, 'DivBackward1');
}
