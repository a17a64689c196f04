import { PythonError } from '../../../common/errors';
import { operation, optional, required, withDefault } from '../../operation';
import { apply, Tensor } from '../../tensor/tensor';
import { dtypeNames } from '../dtypeNames';
import { runtimeError, where } from '../tensorMath';

/**
 * Rows of `weight` (V, D) by integer indices of any shape.
 * @param paddingIndex the row that gets no gradient
 * @throws PythonError IndexError `index out of range in self`
 */
export function embedding(input: Tensor, weight: Tensor, paddingIndex: number | null): Tensor {
  const rows = weight.shape[0]!;
  if (paddingIndex !== null && (paddingIndex < -rows || paddingIndex >= rows)) {
    throw new PythonError('AssertionError', 'Padding_idx must be within num_embeddings');
  }
  if (input.dtype !== 'int64' && input.dtype !== 'int32') {
    throw runtimeError(
      `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got ${dtypeNames[input.dtype].tensor} instead (while checking arguments for embedding)`,
    );
  }
  for (const index of input.data) {
    if (index < 0 || index >= rows) throw new PythonError('IndexError', 'index out of range in self');
  }
  const { tape } = weight;
  const name = 'EmbeddingBackward0';
  const gathered = apply(tape, 'Gather', [weight, input.value], { axis: 0 }, name);
  if (paddingIndex === null || !gathered.requiresGrad) return gathered;
  const padded = paddingIndex < 0 ? paddingIndex + rows : paddingIndex;
  const flags = Uint8Array.from(input.data as ArrayLike<number | bigint>, (index) =>
    Number(index) === padded ? 1 : 0,
  );
  const mask = Tensor.fromData(tape, flags, [...input.shape, 1], 'bool');
  return where(mask.value, gathered.value, gathered, name);
}

/**
 * Integer classes as rows of 0 and 1.
 * @param classes -1 takes the largest class plus one
 */
export function oneHot(input: Tensor, classes: number): Tensor {
  if (input.dtype !== 'int64') throw runtimeError('one_hot is only applicable to index tensor of type LongTensor.');
  const indices = Array.from(input.data as BigInt64Array, Number);
  if (indices.length === 0 && classes <= 0) {
    throw runtimeError('Can not infer total number of classes from empty tensor.');
  }
  if (indices.some((index) => index < 0)) throw runtimeError('Class values must be non-negative.');
  const count = classes === -1 ? Math.max(...indices) + 1 : classes;
  if (indices.some((index) => index >= count)) throw runtimeError('Class values must be smaller than num_classes.');
  const data = new BigInt64Array(indices.length * count);
  indices.forEach((index, row) => {
    data[row * count + index] = 1n;
  });
  return Tensor.fromData(input.tape, data, [...input.shape, count], 'int64');
}

export const embeddingOperations = [
  operation(
    'embedding',
    {
      input: required('tensor'),
      weight: required('tensor'),
      padding_idx: optional('int'),
      max_norm: optional('float'),
      norm_type: withDefault('float', 2),
      scale_grad_by_freq: withDefault('bool', false),
      sparse: withDefault('bool', false),
    },
    ({ input, weight, padding_idx, max_norm, scale_grad_by_freq }) => {
      if (max_norm !== null || scale_grad_by_freq) {
        throw new PythonError('NotImplementedError', 'Gradstep has no embedding with max_norm or scale_grad_by_freq');
      }
      return embedding(input, weight, padding_idx);
    },
  ),
  operation('one_hot', { input: required('tensor'), num_classes: withDefault('int', -1) }, ({ input, num_classes }) =>
    oneHot(input, num_classes),
  ),
];
