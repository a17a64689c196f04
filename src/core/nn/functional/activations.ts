import { PythonError } from '../../../common/errors';
import { keywordOnly, operation, optional, required, withDefault, type Operation } from '../../operation';
import { isFloating, type DType } from '../../tensor/dtype';
import { apply, type Tensor } from '../../tensor/tensor';
import { dtypeNames } from '../dtypeNames';
import {
  add,
  cast,
  compare,
  divide,
  inFloat32,
  inPlace,
  multiply,
  requireFloating,
  reshape,
  runtimeError,
  subtract,
  unary,
  where,
} from '../tensorMath';

/** max(0, x); its gradient at 0 is 0. */
export function relu(input: Tensor): Tensor {
  if (input.dtype === 'bool') throw runtimeError('Boolean inputs not supported for relu');
  if (!isFloating(input.dtype)) return cast(unary('Relu', cast(input, 'float64')), input.dtype);
  return unary('Relu', input, 'ReluBackward0');
}

/** x where x > 0, slope * x elsewhere. The op's own slope is a float32. */
export function leakyRelu(input: Tensor, negativeSlope: number): Tensor {
  requireFloating(input, 'leaky_relu_cpu');
  if (input.dtype === 'float64') {
    return where(compare('Greater', input, 0), input, multiply(input, negativeSlope), 'LeakyReluBackward0');
  }
  return apply(input.tape, 'LeakyRelu', [input], { alpha: negativeSlope }, 'LeakyReluBackward0');
}

/** x where x > 0, alpha * (exp(x) - 1) elsewhere. The op's own alpha is a float32. */
export function elu(input: Tensor, alpha: number, gradientName = 'EluBackward0'): Tensor {
  requireFloating(input, 'elu_cpu');
  if (input.dtype === 'float64' && alpha !== 1) {
    return where(compare('Greater', input, 0), input, multiply(elu(input, 1), alpha), gradientName);
  }
  return apply(input.tape, 'Elu', [input], { alpha }, gradientName);
}

const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/** ELU with the two constants that keep the variance. */
export function selu(input: Tensor): Tensor {
  return multiply(elu(input, seluAlpha), seluScale, 'EluBackward0');
}

/** x where x > 0, alpha * (exp(x / alpha) - 1) elsewhere. */
export function celu(input: Tensor, alpha: number): Tensor {
  if (alpha === 0) throw runtimeError('ZeroDivisionError: alpha cannot be 0 for CELU');
  if (alpha === 1) return elu(input, 1, 'CeluBackward0');
  return multiply(elu(divide(input, alpha), 1), alpha, 'CeluBackward0');
}

const sqrtHalf = Math.SQRT1_2;
const tanhScale = Math.SQRT2 * (2 / Math.sqrt(Math.PI)) * 0.5;

/** x Φ(x), exactly or by tanh. */
export function gelu(input: Tensor, approximate: string): Tensor {
  if (approximate !== 'none' && approximate !== 'tanh') {
    throw runtimeError('approximate argument must be either none or tanh.');
  }
  requireFloating(input, 'GeluKernelImpl');
  if (approximate === 'none') {
    const cumulative = add(
      inFloat32([multiply(input, sqrtHalf)], (x) => unary('Erf', x!)),
      1,
    );
    return multiply(multiply(input, 0.5), cumulative, 'GeluBackward0');
  }
  const cube = multiply(multiply(input, input), input);
  const inner = multiply(add(input, multiply(cube, 0.044715)), tanhScale);
  return multiply(multiply(input, 0.5), add(unary('Tanh', inner), 1), 'GeluBackward0');
}

/** x σ(x). */
export function silu(input: Tensor): Tensor {
  requireFloating(input, 'silu_cpu');
  return multiply(input, unary('Sigmoid', input), 'SiluBackward0');
}

/** log(1 + exp(beta x)) / beta; x itself where beta x is above the threshold. */
export function softplus(input: Tensor, beta: number, threshold: number): Tensor {
  requireFloating(input, 'softplus_cpu');
  const scaled = beta === 1 ? input : multiply(input, beta);
  const smooth = unary('Softplus', scaled);
  const result = beta === 1 ? smooth : divide(smooth, beta);
  return where(compare('Greater', scaled, threshold), input, result, 'SoftplusBackward0');
}

/** x tanh(softplus(x)). */
export function mish(input: Tensor): Tensor {
  requireFloating(input, 'mish_cpu');
  return multiply(input, unary('Tanh', unary('Softplus', input)), 'MishBackward0');
}

/** σ(x); integers become floats. */
export function sigmoid(input: Tensor): Tensor {
  return unary('Sigmoid', isFloating(input.dtype) ? input : cast(input, 'float32'), 'SigmoidBackward0');
}

export function tanh(input: Tensor): Tensor {
  return unary('Tanh', isFloating(input.dtype) ? input : cast(input, 'float32'), 'TanhBackward0');
}

/** Limits x to [low, high]; at the limits the gradient is 0 already. */
export function hardtanh(input: Tensor, low: number, high: number): Tensor {
  if (low > high) throw new PythonError('ValueError', 'min_val cannot be greater than max_val');
  const { tape, dtype } = input;
  const outside = tape.emitOne('Or', [compare('LessOrEqual', input, low), compare('GreaterOrEqual', input, high)]);
  const limited = tape.emitOne('Clip', [input.value, tape.scalar(low, dtype), tape.scalar(high, dtype)]);
  return where(outside, limited, input, 'HardtanhBackward0');
}

/** relu6(x + 3) / 6. */
export function hardsigmoid(input: Tensor): Tensor {
  requireFloating(input, 'hardsigmoid_cpu');
  return divide(hardtanh(add(input, 3), 0, 6), 6, 'HardsigmoidBackward0');
}

/** x relu6(x + 3) / 6. */
export function hardswish(input: Tensor): Tensor {
  requireFloating(input, 'hardswish_cpu');
  const middle = divide(multiply(input, add(input, 3)), 6);
  const low = where(compare('LessOrEqual', input, -3), 0, middle);
  return where(compare('GreaterOrEqual', input, 3), input, low, 'HardswishBackward0');
}

/** log σ(x). */
export function logSigmoid(input: Tensor): Tensor {
  requireFloating(input, 'log_sigmoid_cpu');
  return unary('Neg', unary('Softplus', unary('Neg', input)), 'LogSigmoidBackward0');
}

/** x where |x| > lambda, 0 elsewhere. */
export function hardshrink(input: Tensor, lambda: number): Tensor {
  const { tape } = input;
  const inside = tape.emitOne('And', [
    compare('GreaterOrEqual', input, -lambda),
    compare('LessOrEqual', input, lambda),
  ]);
  return where(inside, 0, input, 'HardshrinkBackward0');
}

/** x moved towards 0 by lambda. */
export function softshrink(input: Tensor, lambda: number): Tensor {
  const low = where(compare('Less', input, -lambda), add(input, lambda), multiply(input, 0));
  return where(compare('Greater', input, lambda), subtract(input, lambda), low, 'SoftshrinkBackward0');
}

/** x where x > 0, weight * x elsewhere, with one weight or one for each channel. */
export function prelu(input: Tensor, weight: Tensor): Tensor {
  if (input.dtype !== weight.dtype) {
    const [got, slope] = [dtypeNames[input.dtype].scalar, dtypeNames[weight.dtype].scalar];
    throw runtimeError(`prelu: Type promoting not supported. Got ${got} and ${slope}`);
  }
  const count = weight.shape.reduce((product, size) => product * size, 1);
  const channels = input.shape.length < 2 ? 1 : input.shape[1]!;
  if (count !== 1 && count !== channels) {
    throw runtimeError(
      `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${count} and channel size = ${channels}.`,
    );
  }
  const shape = input.shape.map((_, axis) => (axis === 1 ? count : 1));
  const slopes = input.shape.length < 2 ? weight : reshape(weight, shape);
  return where(compare('Greater', input, 0), input, multiply(input, slopes), 'PreluKernelBackward0');
}

interface Activation {
  name: string;
  parameters: Record<string, number>;
  run: (input: Tensor, ...numbers: number[]) => Tensor;
}

/** The activations that take an input and numbers only. */
const simple: readonly Activation[] = [
  { name: 'relu', parameters: {}, run: relu },
  { name: 'leaky_relu', parameters: { negative_slope: 0.01 }, run: leakyRelu as Activation['run'] },
  { name: 'elu', parameters: { alpha: 1 }, run: (input, alpha) => elu(input, alpha!) },
  { name: 'selu', parameters: {}, run: selu },
  { name: 'celu', parameters: { alpha: 1 }, run: celu as Activation['run'] },
  { name: 'silu', parameters: {}, run: silu },
  { name: 'mish', parameters: {}, run: mish },
  { name: 'relu6', parameters: {}, run: (input) => hardtanh(input, 0, 6) },
  { name: 'hardtanh', parameters: { min_val: -1, max_val: 1 }, run: hardtanh as Activation['run'] },
  { name: 'hardswish', parameters: {}, run: hardswish },
  { name: 'hardsigmoid', parameters: {}, run: hardsigmoid },
];

function activationOperation({ name, parameters, run }: Activation): Operation {
  const numbers = Object.entries(parameters);
  return operation(
    name,
    {
      input: required('tensor'),
      ...Object.fromEntries(numbers.map(([parameter, value]) => [parameter, withDefault('float', value)])),
      inplace: withDefault('bool', false),
    },
    (args) => {
      const values = numbers.map(([parameter]) => (args as unknown as Record<string, number>)[parameter]!);
      const { input, inplace } = args;
      return inplace ? inPlace(input, (before) => run(before, ...values)) : run(input, ...values);
    },
  );
}

const floatOptions = { _stacklevel: withDefault('int', 3), dtype: optional('dtype') };

/** The dimension that softmax takes when none is given. */
function implicitDimension(rank: number): number {
  return rank === 0 || rank === 1 || rank === 3 ? 0 : 1;
}

type SoftmaxOp = 'Softmax' | 'LogSoftmax';

/** Softmax or its logarithm along an axis. */
export function softmax(op: SoftmaxOp, input: Tensor, axis: number, dtype: DType | null = null): Tensor {
  const converted = dtype === null ? input : cast(input, dtype);
  requireFloating(converted, op === 'Softmax' ? 'softmax_lastdim_kernel_impl' : 'log_softmax_lastdim_kernel_impl');
  const rank = converted.shape.length;
  const normalized = axis < 0 ? axis + Math.max(rank, 1) : axis;
  if (normalized < 0 || normalized >= Math.max(rank, 1)) {
    throw new PythonError(
      'IndexError',
      `Dimension out of range (expected to be in range of [${-Math.max(rank, 1)}, ${Math.max(rank, 1) - 1}], but got ${axis})`,
    );
  }
  if (rank === 0) return reshape(softmax(op, reshape(converted, [1]), 0), []);
  return apply(converted.tape, op, [converted], { axis: normalized }, `${op}Backward0`);
}

function softmaxOperation(name: string, op: SoftmaxOp, negated: boolean): Operation {
  return operation(
    name,
    { input: required('tensor'), dim: optional('int'), ...floatOptions },
    ({ input, dim, dtype }, { warn }) => {
      if (dim === null) {
        warn(
          `Implicit dimension choice for ${name} has been deprecated. Change the call to include dim=X as an argument.`,
        );
      }
      const axis = dim ?? implicitDimension(input.shape.length);
      return softmax(op, negated ? unary('Neg', input, 'NegBackward0') : input, axis, dtype);
    },
  );
}

export const activationOperations: readonly Operation[] = [
  ...simple.map(activationOperation),
  operation(
    'gelu',
    { input: required('tensor'), approximate: keywordOnly(withDefault('string', 'none')) },
    ({ input, approximate }) => gelu(input, approximate),
  ),
  operation(
    'softplus',
    { input: required('tensor'), beta: withDefault('float', 1), threshold: withDefault('float', 20) },
    ({ input, beta, threshold }) => softplus(input, beta, threshold),
  ),
  operation('sigmoid', { input: required('tensor') }, ({ input }) => sigmoid(input)),
  operation('tanh', { input: required('tensor') }, ({ input }) => tanh(input)),
  operation('logsigmoid', { input: required('tensor') }, ({ input }) => logSigmoid(input)),
  operation('softsign', { input: required('tensor') }, ({ input }) => divide(input, add(unary('Abs', input), 1))),
  operation('tanhshrink', { input: required('tensor') }, ({ input }) => subtract(input, tanh(input))),
  operation('hardshrink', { input: required('tensor'), lambd: withDefault('float', 0.5) }, ({ input, lambd }) =>
    hardshrink(input, lambd),
  ),
  operation('softshrink', { input: required('tensor'), lambd: withDefault('float', 0.5) }, ({ input, lambd }) =>
    softshrink(input, lambd),
  ),
  operation(
    'threshold',
    {
      input: required('tensor'),
      threshold: required('float'),
      value: required('float'),
      inplace: withDefault('bool', false),
    },
    ({ input, threshold, value, inplace }) => {
      const run = (x: Tensor): Tensor => where(compare('LessOrEqual', x, threshold), value, x, 'ThresholdBackward0');
      return inplace ? inPlace(input, run) : run(input);
    },
  ),
  operation('prelu', { input: required('tensor'), weight: required('tensor') }, ({ input, weight }) =>
    prelu(input, weight),
  ),
  softmaxOperation('softmax', 'Softmax', false),
  softmaxOperation('log_softmax', 'LogSoftmax', false),
  softmaxOperation('softmin', 'Softmax', true),
];
