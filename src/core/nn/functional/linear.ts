import { operation, optional, required } from '../../operation';
import { elementCount } from '../../tensor/dtype';
import { apply, type Tensor } from '../../tensor/tensor';
import { dtypeNames } from '../dtypeNames';
import { reshape, runtimeError, shapeText } from '../tensorMath';

const transposedWeight = { transB: 1 };

/**
 * `y = x Wᵀ + b` for x of shape (*, in), W (out, in), b (out). More than two dimensions are flattened to rows, as
 * PyTorch does (ATen/native/Linear.cpp).
 * @throws PythonError in PyTorch's words
 */
export function linear(input: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  const rank = input.shape.length;
  if (rank === 0) {
    throw runtimeError(`both arguments to linear need to be at least 1D, but they are 0D and ${weight.shape.length}D`);
  }
  const [outFeatures, inFeatures] = weight.shape as readonly [number, number];
  const features = input.shape[rank - 1]!;
  const rows = elementCount(input.shape.slice(0, -1));
  if (features !== inFeatures) {
    throw runtimeError(
      `mat1 and mat2 shapes cannot be multiplied (${rows}x${features} and ${inFeatures}x${outFeatures})`,
    );
  }
  if (input.dtype !== weight.dtype) {
    throw runtimeError(
      bias
        ? `mat1 and mat2 must have the same dtype, but got ${dtypeNames[input.dtype].scalar} and ${dtypeNames[weight.dtype].scalar}`
        : `expected m1 and m2 to have the same dtype, but got: ${dtypeNames[input.dtype].cpp} != ${dtypeNames[weight.dtype].cpp}`,
    );
  }
  if (bias && bias.shape.at(-1) !== outFeatures) {
    throw runtimeError(
      `The expanded size of the tensor (${outFeatures}) must match the existing size (${bias.shape.at(-1)}) at non-singleton dimension 1.  Target sizes: ${shapeText([rows, outFeatures])}.  Tensor sizes: ${shapeText(bias.shape)}`,
    );
  }
  const matrix = rank === 2 ? input : reshape(input, [rows, features]);
  const product = apply(
    input.tape,
    'Gemm',
    bias ? [matrix, weight, bias] : [matrix, weight],
    transposedWeight,
    bias ? 'AddmmBackward0' : 'MmBackward0',
  );
  if (rank === 2) return product;
  const withoutBias = rank === 1 ? 'SqueezeBackward4' : 'UnsafeViewBackward0';
  return reshape(product, [...input.shape.slice(0, -1), outFeatures], bias ? 'ViewBackward0' : withoutBias);
}

export const linearOperations = [
  operation(
    'linear',
    { input: required('tensor'), weight: required('tensor'), bias: optional('tensor') },
    ({ input, weight, bias }) => linear(input, weight, bias),
  ),
];
