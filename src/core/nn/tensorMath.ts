import { PythonError } from '../../common/errors';
import type { OpName } from '../onnx/opTable';
import { sameShape } from '../onnx/shapes';
import { dtypeTable, isFloating, type DType, type Shape } from '../tensor/dtype';
import { apply, Tensor } from '../tensor/tensor';
import type { Value } from '../tensor/value';
import { dtypeNames } from './dtypeNames';

/** A tensor, a value that no gradient flows to, or a number that is fixed in the graph. */
export type Operand = Tensor | Value | number;

const allowZero = { allowzero: 1 };
const keepDimensions = { keepdims: 1 };
const dropDimensions = { keepdims: 0 };

/** `[1, 3, 5]`, as PyTorch prints sizes. */
export function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** `torch.Size([1, 3])`. */
export function sizeText(shape: Shape): string {
  return `torch.Size(${shapeText(shape)})`;
}

export function runtimeError(message: string): PythonError {
  return new PythonError('RuntimeError', message);
}

function operandOf(like: Tensor, operand: Operand): Tensor | Value {
  return typeof operand === 'number' ? like.tape.scalar(operand, like.dtype) : operand;
}

/** A broadcasting op on operands of one dtype. At least one of them is a tensor. */
export function binary(op: OpName, left: Operand, right: Operand, gradientName?: string): Tensor {
  const like = left instanceof Tensor ? left : (right as Tensor);
  return apply(like.tape, op, [operandOf(like, left), operandOf(like, right)], undefined, gradientName);
}

export function add(left: Operand, right: Operand, gradientName = 'AddBackward0'): Tensor {
  return binary('Add', left, right, gradientName);
}

export function subtract(left: Operand, right: Operand, gradientName = 'SubBackward0'): Tensor {
  return binary('Sub', left, right, gradientName);
}

export function multiply(left: Operand, right: Operand, gradientName = 'MulBackward0'): Tensor {
  return binary('Mul', left, right, gradientName);
}

export function divide(left: Operand, right: Operand, gradientName = 'DivBackward0'): Tensor {
  return binary('Div', left, right, gradientName);
}

/** An op of one tensor without attributes. */
export function unary(op: OpName, input: Tensor, gradientName?: string): Tensor {
  return apply(input.tape, op, [input], undefined, gradientName);
}

/** A comparison or another op whose result no gradient flows through. */
export function compare(op: OpName, left: Operand, right: Operand): Value {
  const like = left instanceof Tensor ? left : (right as Tensor);
  const valueOf = (operand: Operand): Value => {
    const resolved = operandOf(like, operand);
    return resolved instanceof Tensor ? resolved.value : resolved;
  };
  return like.tape.emitOne(op, [valueOf(left), valueOf(right)]);
}

/** Elements of `yes` where the condition holds, of `no` elsewhere. At least one of the two is a tensor. */
export function where(condition: Value, yes: Operand, no: Operand, gradientName = 'WhereBackward0'): Tensor {
  const like = yes instanceof Tensor ? yes : (no as Tensor);
  return apply(like.tape, 'Where', [condition, operandOf(like, yes), operandOf(like, no)], undefined, gradientName);
}

export function reshape(input: Tensor, shape: Shape, gradientName = 'ViewBackward0'): Tensor {
  return apply(input.tape, 'Reshape', [input, input.tape.ints(shape)], allowZero, gradientName);
}

/** Reshapes unless the shape is there already. */
export function withShape(input: Tensor, shape: Shape, gradientName = 'ViewBackward0'): Tensor {
  return sameShape(input.shape, shape) ? input : reshape(input, shape, gradientName);
}

export function unsqueeze(input: Tensor, axis: number): Tensor {
  return apply(input.tape, 'Unsqueeze', [input, input.tape.ints([axis])], undefined, 'UnsqueezeBackward0');
}

export function squeeze(input: Tensor, axis: number): Tensor {
  return apply(input.tape, 'Squeeze', [input, input.tape.ints([axis])], undefined, 'SqueezeBackward1');
}

/** ReduceSum, ReduceMean and their like over the given axes, or over all of them. */
export function reduce(
  op: OpName,
  input: Tensor,
  axes: readonly number[] | null,
  keep: boolean,
  gradientName?: string,
): Tensor {
  return apply(
    input.tape,
    op,
    axes === null ? [input] : [input, input.tape.ints(axes)],
    keep ? keepDimensions : dropDimensions,
    gradientName,
  );
}

export function cast(input: Tensor, dtype: DType): Tensor {
  if (input.dtype === dtype) return input;
  return apply(input.tape, 'Cast', [input], { to: dtypeTable[dtype].onnx }, 'ToCopyBackward0');
}

/** Gives a result the name that PyTorch prints for the whole operation. */
export function renamed(result: Tensor, gradientName: string | undefined): Tensor {
  if (result.gradFn && gradientName !== undefined) result.gradFn.record.name = gradientName;
  return result;
}

/** Runs `body` on float32 copies where ONNX Runtime has no float64 kernel, and casts its result back. */
export function inFloat32(inputs: readonly (Tensor | null)[], body: (...inputs: (Tensor | null)[]) => Tensor): Tensor {
  const dtype = inputs[0]!.dtype;
  if (dtype === 'float32') return body(...inputs);
  const result = body(...inputs.map((input) => input && cast(input, 'float32')));
  return renamed(cast(result, dtype), result.gradFn?.record.name);
}

/** The common dtype of two tensors of at least one dimension each, where one of them is floating. */
export function promote(left: Tensor, right: Tensor): [Tensor, Tensor] {
  if (left.dtype === right.dtype) return [left, right];
  const rank = (dtype: DType): number => dtypeTable[dtype].category * 100 + dtypeTable[dtype].bytes;
  const dtype = rank(left.dtype) >= rank(right.dtype) ? left.dtype : right.dtype;
  return [cast(left, dtype), cast(right, dtype)];
}

/**
 * PyTorch's NotImplementedError for a kernel that only knows floating types.
 * @param kernel the kernel's name in the message
 */
export function requireFloating(input: Tensor, kernel: string): void {
  if (isFloating(input.dtype)) return;
  throw new PythonError('NotImplementedError', `"${kernel}" not implemented for '${dtypeNames[input.dtype].scalar}'`);
}

/**
 * A non-negative axis.
 * @throws PythonError IndexError in PyTorch's words
 */
export function axisOf(axis: number, rank: number): number {
  const limit = Math.max(rank, 1);
  if (axis < -limit || axis >= limit) {
    throw new PythonError(
      'IndexError',
      `Dimension out of range (expected to be in range of [${-limit}, ${limit - 1}], but got ${axis})`,
    );
  }
  return axis < 0 ? axis + limit : axis;
}

/**
 * Runs an operation in place: what it reads is a copy of the handle, so that the write doesn't count as a change of
 * what the operation saved.
 */
export function inPlace(input: Tensor, run: (input: Tensor) => Tensor): Tensor {
  const before = new Tensor(input.tape, input.value);
  before.gradFn = input.gradFn;
  if (input.isLeaf && input.requiresGrad) before.setRequiresGrad(true);
  input.assign(run(before));
  return input;
}
