import { PythonError } from '../../common/errors';
import { dtypeNames } from '../nn/dtypeNames';
import {
  add,
  binary,
  compare,
  divide,
  multiply,
  promote,
  reduce,
  requireFloating,
  runtimeError,
  sizeText,
  subtract,
  unary,
  where,
} from '../nn/tensorMath';
import { sameShape } from '../onnx/shapes';
import { isFloating } from '../tensor/dtype';
import { apply, type Tensor } from '../tensor/tensor';
import { reduceLoss, type Reduction } from './reduction';

type Warn = (message: string) => void;

/** Brings two operands to one dtype, after PyTorch's warning about sizes that differ. */
function comparable(input: Tensor, target: Tensor, warn: Warn): [Tensor, Tensor] {
  if (!sameShape(input.shape, target.shape)) {
    warn(
      `Using a target size (${sizeText(target.shape)}) that is different to the input size (${sizeText(input.shape)}). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.`,
    );
    checkBroadcast(input, target);
  }
  return promote(input, target);
}

function checkBroadcast(a: Tensor, b: Tensor): void {
  const rank = Math.max(a.shape.length, b.shape.length);
  for (let axis = rank - 1; axis >= 0; axis--) {
    const left = a.shape[axis - (rank - a.shape.length)] ?? 1;
    const right = b.shape[axis - (rank - b.shape.length)] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw runtimeError(
        `The size of tensor a (${left}) must match the size of tensor b (${right}) at non-singleton dimension ${axis}`,
      );
    }
  }
}

/** (x - t)². */
export function mseLoss(input: Tensor, target: Tensor, reduction: Reduction, warn: Warn): Tensor {
  const [x, t] = comparable(input, target, warn);
  requireFloating(x, 'mse_cpu');
  const difference = subtract(x, t);
  return reduceLoss(multiply(difference, difference, 'MseLossBackward0'), reduction, 'MseLossBackward0');
}

/** |x - t|. */
export function l1Loss(input: Tensor, target: Tensor, reduction: Reduction, warn: Warn): Tensor {
  const [x, t] = comparable(input, target, warn);
  return reduceLoss(unary('Abs', subtract(x, t), 'AbsBackward0'), reduction);
}

/** (x - t)² / (2 beta) where |x - t| < beta, |x - t| - beta / 2 elsewhere. */
export function smoothL1Loss(input: Tensor, target: Tensor, reduction: Reduction, beta: number, warn: Warn): Tensor {
  const [x, t] = comparable(input, target, warn);
  if (beta < 0) throw runtimeError('smooth_l1_loss does not support negative values for beta.');
  if (beta === 0) return reduceLoss(unary('Abs', subtract(x, t), 'AbsBackward0'), reduction);
  const name = 'SmoothL1LossBackward0';
  const difference = subtract(x, t);
  const distance = unary('Abs', difference);
  const square = divide(multiply(multiply(difference, difference), 0.5), beta);
  const losses = where(compare('Less', distance, beta), square, subtract(distance, 0.5 * beta), name);
  return reduceLoss(losses, reduction, name);
}

/** (x - t)² / 2 where |x - t| < delta, delta (|x - t| - delta / 2) elsewhere. */
export function huberLoss(input: Tensor, target: Tensor, reduction: Reduction, delta: number, warn: Warn): Tensor {
  const [x, t] = comparable(input, target, warn);
  if (delta <= 0) throw runtimeError('huber_loss does not support non-positive values for delta.');
  const name = 'HuberLossBackward0';
  const difference = subtract(x, t);
  const distance = unary('Abs', difference);
  const square = multiply(multiply(difference, difference), 0.5);
  const straight = multiply(subtract(distance, 0.5 * delta), delta);
  return reduceLoss(where(compare('LessOrEqual', distance, delta), square, straight, name), reduction, name);
}

/** The smallest logarithm that binary cross-entropy takes. */
const lowestLog = -100;

/**
 * -(t log x + (1 - t) log(1 - x)) of probabilities, with logarithms of at least -100
 * (ATen/native/Loss.cpp). The probabilities are read, since PyTorch checks them.
 */
export function binaryCrossEntropy(input: Tensor, target: Tensor, weight: Tensor | null, reduction: Reduction): Tensor {
  if (!sameShape(input.shape, target.shape)) {
    throw new PythonError(
      'ValueError',
      `Using a target size (${sizeText(target.shape)}) that is different to the input size (${sizeText(input.shape)}) is deprecated. Please ensure they have the same size.`,
    );
  }
  if (target.dtype !== input.dtype) {
    throw runtimeError(`Found dtype ${dtypeNames[target.dtype].scalar} but expected ${dtypeNames[input.dtype].scalar}`);
  }
  requireFloating(input, 'binary_cross_entropy');
  for (const [what, data] of [['input', input.data] as const, ['target', target.data] as const]) {
    for (const value of data as Float32Array) {
      if (!(value >= 0 && value <= 1)) throw runtimeError(`all elements of ${what} should be between 0 and 1`);
    }
  }
  const name = 'BinaryCrossEntropyBackward0';
  const { tape, dtype } = input;
  // The gradient is (x - t) / max(x (1 - x), 1e-12), so it must not run through the limited logarithms.
  const probability = input.detach();
  const complement = subtract(1, probability);
  const logOf = (x: Tensor): Tensor => apply(tape, 'Max', [unary('Log', x), tape.scalar(lowestLog, dtype)]);
  let losses = subtract(multiply(subtract(target, 1), logOf(complement)), multiply(target, logOf(probability)), name);
  if (input.requiresGrad && tape.gradEnabled) {
    const variance = apply(tape, 'Max', [multiply(probability, complement), tape.scalar(1e-12, dtype)]);
    const slope = divide(subtract(probability, target.detach()), variance);
    // slope (x - x) adds 0 to the value and the slope to the derivative.
    losses = add(losses, multiply(subtract(input, probability), slope), name);
  }
  return reduceLoss(weight ? multiply(losses, weight) : losses, reduction, name);
}

/**
 * Binary cross-entropy of logits: (1 - t) x + w (log(1 + exp(-|x|)) + max(-x, 0)), w = 1 + (positive weight - 1) t.
 */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  weight: Tensor | null,
  reduction: Reduction,
  positiveWeight: Tensor | null,
): Tensor {
  if (!sameShape(input.shape, target.shape)) {
    throw new PythonError(
      'ValueError',
      `Target size (${sizeText(target.shape)}) must be the same as input size (${sizeText(input.shape)})`,
    );
  }
  if (!isFloating(target.dtype)) {
    throw runtimeError(
      `result type ${dtypeNames[input.dtype].scalar} can't be cast to the desired output type ${dtypeNames[target.dtype].scalar}`,
    );
  }
  const name = 'BinaryCrossEntropyWithLogitsBackward0';
  const [x, t] = promote(input, target);
  const penalty = unary('Softplus', unary('Neg', x));
  const weighted = positiveWeight ? multiply(add(multiply(subtract(positiveWeight, 1), t), 1), penalty) : penalty;
  let losses = add(multiply(subtract(1, t), x), weighted, name);
  if (weight) losses = multiply(losses, weight, name);
  return reduceLoss(losses, reduction, name);
}

const meanWarning =
  "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides only by the batch size, and aligns with the KL div math definition.'mean' will be changed to behave the same as 'batchmean' in the next major release.";

/** t (log t - x), or exp(t) (t - x) for logarithmic targets. */
export function klDivergence(
  input: Tensor,
  target: Tensor,
  reduction: Reduction | 'batchmean',
  logTarget: boolean,
  warn: Warn,
): Tensor {
  if (reduction === 'mean') warn(meanWarning);
  checkBroadcast(input, target);
  const [x, t] = promote(input, target);
  const losses = logTarget ? multiply(unary('Exp', t), subtract(t, x)) : subtract(entropy(t), multiply(t, x));
  if (reduction !== 'batchmean') return reduceLoss(losses, reduction);
  return divide(reduce('ReduceSum', losses, null, false, 'SumBackward0'), Math.max(input.shape[0] ?? 1, 1));
}

/** t log t, which is 0 for t = 0. */
function entropy(target: Tensor): Tensor {
  const zero = compare('Equal', target, 0);
  const safe = where(zero, 1, target);
  return binary('Mul', target, unary('Log', safe), 'XlogyBackward0');
}
