import { PythonError } from '../../../common/errors';
import { keywordOnly, required, withDefault, type OperationContext } from '../../operation';
import { isFloating, type DType, type Shape } from '../dtype';
import { apply, type Tensor } from '../tensor';
import { add, multiply, renamed } from './arithmetic';
import { broadcastShape, castTo, cTypeNames, scalarTypeNames } from './promotion';
import { functionAndMethod, functionOnly, type TensorOperation } from './tensorOperation';

/** `2x3` */
function sizes(shape: Shape): string {
  return shape.join('x');
}

function checkSameType(a: Tensor, b: Tensor): void {
  if (a.dtype === b.dtype) return;
  throw new PythonError(
    'RuntimeError',
    `expected m1 and m2 to have the same dtype, but got: ${cTypeNames[a.dtype]} != ${cTypeNames[b.dtype]}`,
  );
}

function checkVectorType(matrix: Tensor, vector: Tensor): void {
  if (matrix.dtype === vector.dtype) return;
  const [first, second] = [scalarTypeNames[matrix.dtype], scalarTypeNames[vector.dtype]];
  throw new PythonError(
    'RuntimeError',
    `addmv input tensors must have the same dtype, but got ${second}, ${first}, and ${second}`,
  );
}

function checkBatchType(a: Tensor, b: Tensor): void {
  if (a.dtype === b.dtype) return;
  throw new PythonError(
    'RuntimeError',
    `expected scalar type ${scalarTypeNames[a.dtype]} but found ${scalarTypeNames[b.dtype]}`,
  );
}

function checkInner(a: Shape, b: Shape): void {
  if (a[1] === b[0]) return;
  throw new PythonError('RuntimeError', `mat1 and mat2 shapes cannot be multiplied (${sizes(a)} and ${sizes(b)})`);
}

/** A product in a type that ONNX has kernels for. */
function product(a: Tensor, b: Tensor, gradientName: string): Tensor {
  const computed: DType = isFloating(a.dtype) ? a.dtype : 'int64';
  return castTo(apply(a.tape, 'MatMul', [castTo(a, computed), castTo(b, computed)], undefined, gradientName), a.dtype);
}

function matrixTimesMatrix(a: Tensor, b: Tensor): Tensor {
  checkInner(a.shape, b.shape);
  checkSameType(a, b);
  return product(a, b, 'MmBackward0');
}

function matrixTimesVector(a: Tensor, b: Tensor): Tensor {
  if (a.shape[1] !== b.shape[0]) {
    throw new PythonError(
      'RuntimeError',
      `size mismatch, got input (${a.shape[0]!}), mat (${sizes(a.shape)}), vec (${b.shape[0]!})`,
    );
  }
  checkVectorType(a, b);
  return product(a, b, 'MvBackward0');
}

function dot(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length !== 1 || b.shape.length !== 1) {
    throw new PythonError(
      'RuntimeError',
      `1D tensors expected, but got ${a.shape.length}D and ${b.shape.length}D tensors`,
    );
  }
  if (a.dtype !== b.dtype) {
    throw new PythonError(
      'RuntimeError',
      `dot : expected both vectors to have same dtype, but found ${scalarTypeNames[a.dtype]} and ${scalarTypeNames[b.dtype]}`,
    );
  }
  if (a.shape[0] !== b.shape[0]) {
    throw new PythonError(
      'RuntimeError',
      `inconsistent tensor size, expected tensor [${a.shape[0]!}] and src [${b.shape[0]!}] to have the same number of elements, but got ${a.shape[0]!} and ${b.shape[0]!} elements respectively`,
    );
  }
  return product(a, b, 'DotBackward0');
}

/** torch.matmul for every pair of ranks. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  const [rankA, rankB] = [a.shape.length, b.shape.length];
  if (rankA === 0 || rankB === 0) {
    throw new PythonError(
      'RuntimeError',
      `both arguments to matmul need to be at least 1D, but they are ${rankA}D and ${rankB}D`,
    );
  }
  if (rankA === 1 && rankB === 1) return dot(a, b);
  if (rankA === 2 && rankB === 1) return matrixTimesVector(a, b);
  if (rankA === 2 && rankB === 2) return matrixTimesMatrix(a, b);
  if (rankA === 1 && rankB === 2) {
    checkInner([1, a.shape[0]!], b.shape);
    checkSameType(a, b);
    return product(a, b, 'SqueezeBackward4');
  }
  const [inner, outer] = [a.shape.at(-1)!, rankB === 1 ? b.shape[0]! : b.shape.at(-2)!];
  if (inner !== outer) {
    if (rankB <= 2) {
      const rows = a.shape.slice(0, -1).reduce((count, size) => count * size, 1);
      if (rankB === 1) {
        throw new PythonError(
          'RuntimeError',
          `size mismatch, got input (${rows}), mat (${rows}x${inner}), vec (${outer})`,
        );
      }
      checkInner([rows, inner], b.shape);
    }
    const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const count = batch.reduce((total, size) => total * size, 1);
    throw new PythonError(
      'RuntimeError',
      `Expected size for first two dimensions of batch2 tensor to be: [${count}, ${inner}] but got: [${count}, ${outer}].`,
    );
  }
  if (rankA > 2 && rankB > 2) broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (rankB === 1) checkVectorType(a, b);
  else if (rankB === 2) checkSameType(a, b);
  else checkBatchType(a, b);
  return product(a, b, 'UnsafeViewBackward0');
}

function batched(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length !== 3) throw new PythonError('RuntimeError', 'batch1 must be a 3D tensor');
  if (b.shape.length !== 3) throw new PythonError('RuntimeError', 'batch2 must be a 3D tensor');
  if (a.shape[0] !== b.shape[0] || a.shape[2] !== b.shape[1]) {
    throw new PythonError(
      'RuntimeError',
      `Expected size for first two dimensions of batch2 tensor to be: [${a.shape[0]!}, ${a.shape[2]!}] but got: [${b.shape[0]!}, ${b.shape[1]!}].`,
    );
  }
  checkBatchType(a, b);
  return product(a, b, 'BmmBackward0');
}

function outerProduct(a: Tensor, b: Tensor, context: OperationContext): Tensor {
  if (a.shape.length !== 1 || b.shape.length !== 1) {
    const wrong = a.shape.length !== 1 ? a : b;
    throw new PythonError(
      'RuntimeError',
      `outer: Expected 1-D argument ${wrong === a ? 'self' : 'vec2'}, but got ${wrong.shape.length}-D`,
    );
  }
  return multiply(apply(a.tape, 'Unsqueeze', [a, a.tape.ints([1])], undefined, 'ViewBackward0'), b, context);
}

const pair = { input: required('tensor'), other: required('tensor') };
const mat2 = { input: required('tensor'), mat2: required('tensor') };
const scale = { beta: keywordOnly(withDefault('scalar', 1n)), alpha: keywordOnly(withDefault('scalar', 1n)) };

/** Matrix products. */
export const matrixOperations: readonly TensorOperation[] = [
  functionAndMethod('matmul', pair, ({ input, other }) => matmul(input, other)),
  functionAndMethod('mm', mat2, ({ input, mat2: other }) => {
    if (input.shape.length !== 2) throw new PythonError('RuntimeError', 'self must be a matrix');
    if (other.shape.length !== 2) throw new PythonError('RuntimeError', 'mat2 must be a matrix');
    return matrixTimesMatrix(input, other);
  }),
  functionAndMethod('bmm', mat2, ({ input, mat2: other }) => batched(input, other)),
  functionAndMethod('mv', { input: required('tensor'), vec: required('tensor') }, ({ input, vec }) => {
    if (input.shape.length !== 2 || vec.shape.length !== 1) {
      throw new PythonError(
        'RuntimeError',
        `vector + matrix @ vector expected, got 1, ${input.shape.length}, ${vec.shape.length}`,
      );
    }
    return matrixTimesVector(input, vec);
  }),
  functionAndMethod('dot', { input: required('tensor'), tensor: required('tensor') }, ({ input, tensor }) =>
    dot(input, tensor),
  ),
  functionAndMethod(
    'outer',
    { input: required('tensor'), vec2: required('tensor') },
    ({ input, vec2 }, context) => outerProduct(input, vec2, context),
    { aliases: ['ger'] },
  ),
  functionAndMethod(
    'addmm',
    { input: required('tensor'), mat1: required('tensor'), mat2: required('tensor'), ...scale },
    ({ input, mat1, mat2: other, beta, alpha }, context) => {
      checkInner(mat1.shape, other.shape);
      checkSameType(mat1, other);
      if (isFloating(mat1.dtype)) {
        const attributes = { alpha: Number(alpha), beta: Number(beta) };
        return apply(context.tape, 'Gemm', [mat1, other, input], attributes, 'AddmmBackward0');
      }
      const scaled = multiply(input, beta, context);
      return renamed(add(scaled, product(mat1, other, 'MmBackward0'), context, alpha), 'AddmmBackward0');
    },
    { inPlace: true },
  ),
  functionAndMethod(
    'baddbmm',
    { input: required('tensor'), batch1: required('tensor'), batch2: required('tensor'), ...scale },
    ({ input, batch1, batch2, beta, alpha }, context) =>
      renamed(add(multiply(input, beta, context), batched(batch1, batch2), context, alpha), 'BaddbmmBackward0'),
  ),
  functionOnly('vdot', pair, ({ input, other }) => dot(input, other)),
];
