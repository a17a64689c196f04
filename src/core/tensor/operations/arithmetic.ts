import { PythonError } from '../../../common/errors';
import { keywordOnly, optional, required, withDefault, type OperationContext, type Scalar } from '../../operation';
import type { OpName } from '../../onnx/opTable';
import { isFloating, type DType } from '../dtype';
import { apply, Tensor } from '../tensor';
import {
  arithmeticType,
  asTensor,
  castTo,
  checkBroadcast,
  inputOf,
  resultType,
  scalarTypeNames,
  laidOut,
} from './promotion';
import { functionAndMethod, functionOnly, type TensorOperation } from './tensorOperation';

export type Operand = Tensor | Scalar;

/** An element-wise ONNX op of two operands, with PyTorch's type promotion and broadcasting. */
function promoted(op: OpName, a: Operand, b: Operand, context: OperationContext, gradientName: string): Tensor {
  checkBroadcast([a, b]);
  const dtype = resultType([a, b], context.defaultDtype);
  return emitBinary(op, a, b, dtype, context, gradientName);
}

function emitBinary(
  op: OpName,
  a: Operand,
  b: Operand,
  dtype: DType,
  context: OperationContext,
  gradientName: string,
): Tensor {
  const computed = arithmeticType(dtype);
  const result = laidOut(
    apply(context.tape, op, [inputOf(a, computed), inputOf(b, computed)], undefined, gradientName),
    [a, b],
  );
  return castTo(result, dtype);
}

/** `input + alpha * other`. */
export function add(a: Operand, b: Operand, context: OperationContext, alpha: Scalar = 1n): Tensor {
  const scaled = isOne(alpha) ? b : multiply(b, alpha, context);
  return promoted('Add', a, scaled, context, 'AddBackward0');
}

/** `input - alpha * other`. */
export function subtract(a: Operand, b: Operand, context: OperationContext, alpha: Scalar = 1n): Tensor {
  checkSubtractable(a, b);
  const scaled = isOne(alpha) ? b : multiply(b, alpha, context);
  return promoted('Sub', a, scaled, context, 'SubBackward0');
}

/** @throws PythonError for bool operands, in PyTorch's words */
function checkSubtractable(a: Operand, b: Operand): void {
  const isBool = (operand: Operand): boolean =>
    operand instanceof Tensor ? operand.dtype === 'bool' : typeof operand === 'boolean';
  if (!isBool(a) && !isBool(b)) return;
  throw new PythonError(
    'RuntimeError',
    isBool(a) && isBool(b)
      ? 'Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.'
      : 'Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.',
  );
}

/** `other - input`, as `1 - x` calls it. */
export function reverseSubtract(a: Operand, b: Operand, context: OperationContext): Tensor {
  checkSubtractable(a, b);
  return promoted('Sub', b, a, context, 'RsubBackward1');
}

export function multiply(a: Operand, b: Operand, context: OperationContext): Tensor {
  return promoted('Mul', a, b, context, 'MulBackward0');
}

/** True division: integers become floating. */
export function divide(a: Operand, b: Operand, context: OperationContext): Tensor {
  checkBroadcast([a, b]);
  const dtype = resultType([a, b], context.defaultDtype);
  return emitBinary('Div', a, b, isFloating(dtype) ? dtype : context.defaultDtype, context, 'DivBackward0');
}

/** `other / input`: PyTorch computes reciprocal times number. */
export function reverseDivide(a: Tensor, b: Scalar, context: OperationContext): Tensor {
  const dtype = isFloating(a.dtype) ? a.dtype : context.defaultDtype;
  const inverse = apply(context.tape, 'Reciprocal', [castTo(a, dtype)], undefined, 'ReciprocalBackward0');
  return multiply(inverse, b, context);
}

/** Division rounded towards negative infinity. */
export function floorDivide(a: Operand, b: Operand, context: OperationContext): Tensor {
  checkBroadcast([a, b]);
  const { tape } = context;
  const dtype = resultType([a, b], context.defaultDtype);
  const computed = arithmeticType(dtype);
  const [x, y] = [asTensor(tape, a, computed), asTensor(tape, b, computed)];
  checkIntegerDivisor(y);
  const remainder = remainderOf(x, y);
  const quotient = apply(tape, 'Div', [apply(tape, 'Sub', [x, remainder]), y]);
  // x - remainder is a multiple of y, so what the division leaves is rounding error alone.
  return castTo(isFloating(computed) ? apply(tape, 'Round', [quotient], undefined, 'NotImplemented') : quotient, dtype);
}

/** Division rounded towards zero. */
export function truncateDivide(a: Operand, b: Operand, context: OperationContext): Tensor {
  checkBroadcast([a, b]);
  const dtype = resultType([a, b], context.defaultDtype);
  const y = asTensor(context.tape, b, arithmeticType(dtype));
  checkIntegerDivisor(y);
  const quotient = emitBinary('Div', a, y, dtype, context, 'DivBackward1');
  return isFloating(dtype) ? truncate(quotient, 'DivBackward1') : quotient;
}

/** Towards zero. */
export function truncate(x: Tensor, gradientName = 'TruncBackward0'): Tensor {
  const magnitude = apply(x.tape, 'Floor', [apply(x.tape, 'Abs', [x])]);
  return apply(x.tape, 'Mul', [apply(x.tape, 'Sign', [x]), magnitude], undefined, gradientName);
}

/** The remainder with the divisor's sign, as Python's `%`. */
export function remainder(a: Operand, b: Operand, context: OperationContext): Tensor {
  checkBroadcast([a, b]);
  const dtype = resultType([a, b], context.defaultDtype);
  const computed = arithmeticType(dtype);
  const [x, y] = [asTensor(context.tape, a, computed), asTensor(context.tape, b, computed)];
  checkIntegerDivisor(y);
  return castTo(remainderOf(x, y), dtype);
}

function remainderOf(x: Tensor, y: Tensor): Tensor {
  const { tape } = x;
  if (!isFloating(x.dtype)) return apply(tape, 'Mod', [x, y], { fmod: 0 });
  const rest = apply(tape, 'Mod', [x, y], { fmod: 1 }, 'RemainderBackward0');
  const zero = tape.scalar(0, x.dtype);
  const differs = tape.emitOne('Less', [
    tape.emitOne('Mul', [tape.emitOne('Sign', [rest.value]), tape.emitOne('Sign', [y.value])]),
    zero,
  ]);
  return apply(tape, 'Where', [differs, apply(tape, 'Add', [rest, y]), rest], undefined, 'RemainderBackward0');
}

/** ONNX Runtime's integer division by zero ends the process, so the divisor is looked at first. */
function checkIntegerDivisor(divisor: Tensor): void {
  if (isFloating(divisor.dtype)) return;
  for (const element of divisor.data) {
    if (Number(element) === 0) throw new PythonError('RuntimeError', 'ZeroDivisionError');
  }
}

/** `base ** exponent`. */
export function power(a: Operand, b: Operand, context: OperationContext): Tensor {
  checkBroadcast([a, b]);
  const { tape } = context;
  const dtype = resultType([a, b], context.defaultDtype);
  if (!isFloating(dtype) && !(b instanceof Tensor) && Number(b) < 0) {
    throw new PythonError('RuntimeError', 'Integers to negative integer powers are not allowed.');
  }
  const name = b instanceof Tensor ? (a instanceof Tensor ? 'PowBackward1' : 'PowBackward2') : 'PowBackward0';
  const computed: DType = isFloating(dtype) || dtype === 'int64' ? dtype : 'int32';
  const exponent = inputOf(b, computed);
  return castTo(apply(tape, 'Pow', [inputOf(a, computed), exponent], undefined, name), dtype);
}

/** The larger (`Max`) or smaller (`Min`) of each pair. */
export function extreme(op: 'Max' | 'Min', a: Tensor, b: Tensor, context: OperationContext): Tensor {
  checkBroadcast([a, b]);
  const dtype = resultType([a, b], context.defaultDtype);
  const computed: DType = dtype === 'int16' ? 'int32' : arithmeticType(dtype);
  const name = op === 'Max' ? 'MaximumBackward0' : 'MinimumBackward0';
  return castTo(apply(context.tape, op, [castTo(a, computed), castTo(b, computed)], undefined, name), dtype);
}

function isOne(alpha: Scalar): boolean {
  return Number(alpha) === 1;
}

/** @throws PythonError when a result can't be stored in a tensor of that type */
export function checkCanCast(from: DType, to: DType): void {
  if ((isFloating(from) && !isFloating(to)) || (to === 'bool' && from !== 'bool')) {
    throw new PythonError(
      'RuntimeError',
      `result type ${scalarTypeNames[from]} can't be cast to the desired output type ${scalarTypeNames[to]}`,
    );
  }
}

function divideWithMode(a: Operand, b: Operand, mode: string | null, context: OperationContext): Tensor {
  if (mode === null) return divide(a, b, context);
  if (mode === 'floor') return floorDivide(a, b, context);
  if (mode === 'trunc') return truncateDivide(a, b, context);
  throw new PythonError(
    'RuntimeError',
    `div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '${mode}'`,
  );
}

const one = withDefault('scalar', 1n);
const inPlace = { inPlace: true };
const binary = { input: required('operand'), other: required('operand') };

/** Arithmetic of two operands. */
export const arithmeticOperations: readonly TensorOperation[] = [
  functionAndMethod(
    'add',
    { ...binary, alpha: keywordOnly(one) },
    ({ input, other, alpha }, context) => add(input, other, context, alpha),
    inPlace,
  ),
  functionAndMethod(
    'sub',
    { ...binary, alpha: keywordOnly(one) },
    ({ input, other, alpha }, context) => subtract(input, other, context, alpha),
    { ...inPlace, aliases: ['subtract'] },
  ),
  functionOnly('rsub', binary, ({ input, other }, context) => reverseSubtract(input, other, context)),
  functionAndMethod('mul', binary, ({ input, other }, context) => multiply(input, other, context), {
    ...inPlace,
    aliases: ['multiply'],
  }),
  functionAndMethod(
    'div',
    { ...binary, rounding_mode: keywordOnly(optional('string')) },
    ({ input, other, rounding_mode: mode }, context) => divideWithMode(input, other, mode, context),
    { ...inPlace, aliases: ['divide', 'true_divide'] },
  ),
  functionAndMethod('floor_divide', binary, ({ input, other }, context) => floorDivide(input, other, context), inPlace),
  functionAndMethod('remainder', binary, ({ input, other }, context) => remainder(input, other, context), inPlace),
  functionAndMethod(
    'fmod',
    binary,
    ({ input, other }, context) => {
      checkBroadcast([input, other]);
      const dtype = resultType([input, other], context.defaultDtype);
      const divisor = asTensor(context.tape, other, arithmeticType(dtype));
      checkIntegerDivisor(divisor);
      const rest = apply(
        context.tape,
        'Mod',
        [inputOf(input, arithmeticType(dtype)), divisor],
        { fmod: 1 },
        'FmodBackward0',
      );
      return castTo(rest, dtype);
    },
    inPlace,
  ),
  functionAndMethod(
    'pow',
    { input: required('operand'), exponent: required('operand') },
    ({ input, exponent }, context) => power(input, exponent, context),
    inPlace,
  ),
  functionAndMethod(
    'square',
    { input: required('tensor') },
    ({ input }, context) => power(input, 2n, context),
    inPlace,
  ),
  functionAndMethod('maximum', { input: required('tensor'), other: required('tensor') }, ({ input, other }, context) =>
    extreme('Max', input, other, context),
  ),
  functionAndMethod('minimum', { input: required('tensor'), other: required('tensor') }, ({ input, other }, context) =>
    extreme('Min', input, other, context),
  ),
  functionAndMethod(
    'lerp',
    { input: required('tensor'), end: required('tensor'), weight: required('operand') },
    ({ input, end, weight }, context) =>
      renamed(add(input, multiply(subtract(end, input, context), weight, context), context), 'LerpBackward0'),
    inPlace,
  ),
  functionAndMethod(
    'addcmul',
    { input: required('tensor'), tensor1: required('tensor'), tensor2: required('tensor'), value: keywordOnly(one) },
    ({ input, tensor1, tensor2, value }, context) =>
      renamed(add(input, multiply(tensor1, tensor2, context), context, value), 'AddcmulBackward0'),
    inPlace,
  ),
  functionAndMethod(
    'addcdiv',
    { input: required('tensor'), tensor1: required('tensor'), tensor2: required('tensor'), value: keywordOnly(one) },
    ({ input, tensor1, tensor2, value }, context) =>
      renamed(add(input, divide(tensor1, tensor2, context), context, value), 'AddcdivBackward0'),
    inPlace,
  ),
];

/** Gives a result PyTorch's name for the gradient of the whole operation. */
export function renamed(result: Tensor, gradientName: string): Tensor {
  if (result.gradFn) result.gradFn.record.name = gradientName;
  return result;
}
