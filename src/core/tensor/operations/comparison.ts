import { PythonError } from '../../../common/errors';
import { required, withDefault, type OperationContext } from '../../operation';
import type { OpName } from '../../onnx/opTable';
import { elementCount, isFloating } from '../dtype';
import { Tensor } from '../tensor';
import { sameShape } from '../../onnx/shapes';
import type { Operand } from './arithmetic';
import { arithmeticType, asTensor, castTo, checkBroadcast, inputOf, laidOut, resultType } from './promotion';
import { functionAndMethod, type TensorOperation } from './tensorOperation';

/** A comparison, as a bool tensor. */
export function compare(op: OpName, a: Operand, b: Operand, context: OperationContext): Tensor {
  checkBroadcast([a, b]);
  const { tape } = context;
  const dtype = arithmeticType(resultType([a, b], context.defaultDtype));
  const values = [a, b].map((operand) => {
    const input = inputOf(operand, dtype);
    return input instanceof Tensor ? input.value : input;
  });
  return laidOut(new Tensor(tape, tape.emitOne(op, values)), [a, b]);
}

export function notEqual(a: Operand, b: Operand, context: OperationContext): Tensor {
  return logicalNot(compare('Equal', a, b, context));
}

/** And, Or, Xor of the operands' truth; for integers of one bit. */
export function logical(op: 'And' | 'Or' | 'Xor', a: Operand, b: Operand, context: OperationContext): Tensor {
  checkBroadcast([a, b]);
  const { tape } = context;
  const [x, y] = [asTensor(tape, a, 'bool'), asTensor(tape, b, 'bool')];
  return laidOut(new Tensor(tape, tape.emitOne(op, [x.value, y.value])), [a, b]);
}

export function logicalNot(input: Tensor): Tensor {
  return laidOut(new Tensor(input.tape, input.tape.emitOne('Not', [castTo(input, 'bool').value])), [input]);
}

/** `&`, `|`, `^`: on bool tensors through ONNX, on integers element by element. */
function bitwise(op: 'And' | 'Or' | 'Xor', a: Operand, b: Operand, context: OperationContext): Tensor {
  const dtype = resultType([a, b], context.defaultDtype);
  if (isFloating(dtype)) {
    const name = `bitwise_${op.toLowerCase()}_cpu`;
    throw new PythonError(
      'NotImplementedError',
      `"${name}" not implemented for '${dtype === 'float32' ? 'Float' : 'Double'}'`,
    );
  }
  if (dtype === 'bool') return logical(op, a, b, context);
  checkBroadcast([a, b]);
  const { tape } = context;
  const [x, y] = [asTensor(tape, a, 'int64'), asTensor(tape, b, 'int64')];
  const zero = tape.scalar(0, 'int64');
  const shape = tape.emitOne('Add', [x.value, tape.emitOne('Mul', [y.value, zero])]).shape;
  const expanded = [x, y].map(
    (tensor) => tape.read(tape.emitOne('Expand', [tensor.value, tape.ints(shape)])) as BigInt64Array,
  );
  const result = expanded[0]!.map((left, i) => {
    const right = expanded[1]![i]!;
    return op === 'And' ? left & right : op === 'Or' ? left | right : left ^ right;
  });
  return castTo(Tensor.fromData(tape, result, shape, 'int64'), dtype);
}

/** `|a - b| <= atol + rtol * |b|`, and infinities and (when asked) NaN equal themselves. */
function isClose(
  a: Tensor,
  b: Tensor,
  rtol: number,
  atol: number,
  equalNan: boolean,
  context: OperationContext,
): Tensor {
  const { tape } = context;
  if (a.dtype !== b.dtype) {
    const names = { float32: 'Float', float64: 'Double' } as Readonly<Record<string, string>>;
    throw new PythonError('RuntimeError', `${names[a.dtype] ?? 'Long'} did not match ${names[b.dtype] ?? 'Long'}`);
  }
  checkBroadcast([a, b]);
  const [x, y] = [castTo(a, 'float64').value, castTo(b, 'float64').value];
  const equal = tape.emitOne('Equal', [x, y]);
  const difference = tape.emitOne('Abs', [tape.emitOne('Sub', [x, y])]);
  const scaled = tape.emitOne('Mul', [tape.emitOne('Abs', [y]), tape.feedScalar(rtol, 'float64')]);
  const allowed = tape.emitOne('Add', [scaled, tape.feedScalar(atol, 'float64')]);
  const finite = tape.emitOne('Not', [tape.emitOne('IsInf', [difference])]);
  let close = tape.emitOne('And', [tape.emitOne('LessOrEqual', [difference, allowed]), finite]);
  close = tape.emitOne('Or', [close, equal]);
  if (equalNan)
    close = tape.emitOne('Or', [close, tape.emitOne('And', [tape.emitOne('IsNaN', [x]), tape.emitOne('IsNaN', [y])])]);
  return new Tensor(tape, close);
}

function allTrue(tensor: Tensor): boolean {
  return (tensor.data as Uint8Array).every((element) => element !== 0);
}

const binary = { input: required('operand'), other: required('operand') };
const closeness = {
  input: required('tensor'),
  other: required('tensor'),
  rtol: withDefault('float', 1e-5),
  atol: withDefault('float', 1e-8),
  equal_nan: withDefault('bool', false),
};
const inPlace = { inPlace: true };

function comparisonRow(name: string, op: OpName, aliases: readonly string[] = []): TensorOperation {
  return functionAndMethod(name, binary, ({ input, other }, context) => compare(op, input, other, context), {
    inPlace: true,
    aliases,
  });
}

function logicalRow(name: string, op: 'And' | 'Or' | 'Xor'): TensorOperation {
  return functionAndMethod(
    `logical_${name}`,
    binary,
    ({ input, other }, context) => logical(op, input, other, context),
    inPlace,
  );
}

function bitwiseRow(name: string, op: 'And' | 'Or' | 'Xor'): TensorOperation {
  return functionAndMethod(
    `bitwise_${name}`,
    binary,
    ({ input, other }, context) => bitwise(op, input, other, context),
    inPlace,
  );
}

/** Comparisons and logic. */
export const comparisonOperations: readonly TensorOperation[] = [
  comparisonRow('eq', 'Equal'),
  functionAndMethod('ne', binary, ({ input, other }, context) => notEqual(input, other, context), {
    ...inPlace,
    aliases: ['not_equal'],
  }),
  comparisonRow('lt', 'Less', ['less']),
  comparisonRow('le', 'LessOrEqual', ['less_equal']),
  comparisonRow('gt', 'Greater', ['greater']),
  comparisonRow('ge', 'GreaterOrEqual', ['greater_equal']),
  logicalRow('and', 'And'),
  logicalRow('or', 'Or'),
  logicalRow('xor', 'Xor'),
  functionAndMethod('logical_not', { input: required('tensor') }, ({ input }) => logicalNot(input), inPlace),
  bitwiseRow('and', 'And'),
  bitwiseRow('or', 'Or'),
  bitwiseRow('xor', 'Xor'),
  functionAndMethod(
    'bitwise_not',
    { input: required('tensor') },
    ({ input }) => {
      if (input.dtype === 'bool') return logicalNot(input);
      if (isFloating(input.dtype)) {
        throw new PythonError(
          'TypeError',
          '~ (operator.invert) is only implemented on integer and Boolean-type tensors',
        );
      }
      const { tape } = input;
      const flipped = tape.emitOne('Sub', [tape.scalar(-1, 'int64'), castTo(input, 'int64').value]);
      return castTo(new Tensor(tape, flipped), input.dtype);
    },
    inPlace,
  ),
  functionAndMethod('isclose', closeness, ({ input, other, rtol, atol, equal_nan: equalNan }, context) =>
    isClose(input, other, rtol, atol, equalNan, context),
  ),
  functionAndMethod('allclose', closeness, ({ input, other, rtol, atol, equal_nan: equalNan }, context) =>
    allTrue(isClose(input, other, rtol, atol, equalNan, context)),
  ),
  functionAndMethod(
    'equal',
    { input: required('tensor'), other: required('tensor') },
    ({ input, other }, context) =>
      sameShape(input.shape, other.shape) &&
      (elementCount(input.shape) === 0 || allTrue(compare('Equal', input, other, context))),
  ),
];
