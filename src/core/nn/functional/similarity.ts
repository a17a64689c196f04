import { keywordOnly, operation, optional, required, withDefault } from '../../operation';
import type { Generator } from '../../random/generator';
import { dtypeTable } from '../../tensor/dtype';
import { apply, type Tensor } from '../../tensor/tensor';
import type { Value } from '../../tensor/value';
import { add, axisOf, compare, divide, multiply, reduce, runtimeError, subtract, where } from '../tensorMath';
import { softmax } from './activations';
import { dropout } from './dropout';
import { normAlong } from './normalization';

/** Σ x y / (max(‖x‖, eps) max(‖y‖, eps)) along an axis. */
export function cosineSimilarity(first: Tensor, second: Tensor, dimension: number, eps: number): Tensor {
  const axis = axisOf(dimension, first.shape.length);
  const unit = (x: Tensor): Tensor => {
    const norm = normAlong(x, 2, axis, true);
    return divide(x, where(compare('Less', norm, eps), eps, norm));
  };
  return reduce('ReduceSum', multiply(unit(first), unit(second)), [axis], false, 'SumBackward1');
}

/** ‖x - y + eps‖ along the last axis. */
export function pairwiseDistance(first: Tensor, second: Tensor, p: number, eps: number, keep: boolean): Tensor {
  const difference = add(subtract(first, second), eps);
  return normAlong(difference, p, difference.shape.length - 1, keep);
}

export interface AttentionOptions {
  mask: Tensor | null;
  dropoutP: number;
  causal: boolean;
  scale: number | null;
}

/** softmax(Q Kᵀ scale + mask) V for (..., L, E), (..., S, E) and (..., S, Ev). */
export function attention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  { mask, dropoutP, causal, scale }: AttentionOptions,
  generator: Generator,
): Tensor {
  const { tape } = query;
  if (causal && mask) {
    throw runtimeError('_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True');
  }
  const root = Math.sqrt(scale ?? 1 / Math.sqrt(query.shape.at(-1)!));
  const perm = key.shape.map((_, axis) => axis);
  perm.push(...perm.splice(-2).reverse());
  const transposed = apply(tape, 'Transpose', [key], { perm }, 'TransposeBackward0');
  let scores = apply(
    tape,
    'MatMul',
    [multiply(query, root), multiply(transposed, root)],
    undefined,
    'UnsafeViewBackward0',
  );
  if (causal) scores = add(scores, causalMask(query, key));
  else if (mask) scores = mask.dtype === 'bool' ? where(mask.value, scores, -Infinity) : add(scores, mask);
  const weights = dropout(softmax('Softmax', scores, -1), dropoutP, dropoutP > 0, false, generator);
  return apply(tape, 'MatMul', [weights, value], undefined, 'UnsafeViewBackward0');
}

function causalMask(query: Tensor, key: Tensor): Value {
  const [rows, columns] = [query.shape.at(-2)!, key.shape.at(-2)!];
  const data = dtypeTable[query.dtype].allocate(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = row + 1; column < columns; column++) data[row * columns + column] = -Infinity;
  }
  return query.tape.constant(data, [rows, columns], query.dtype);
}

export const similarityOperations = [
  operation(
    'cosine_similarity',
    { x1: required('tensor'), x2: required('tensor'), dim: withDefault('int', 1), eps: withDefault('float', 1e-8) },
    ({ x1, x2, dim, eps }) => cosineSimilarity(x1, x2, dim, eps),
  ),
  operation(
    'pairwise_distance',
    {
      x1: required('tensor'),
      x2: required('tensor'),
      p: withDefault('float', 2),
      eps: withDefault('float', 1e-6),
      keepdim: withDefault('bool', false),
    },
    ({ x1, x2, p, eps, keepdim }) => pairwiseDistance(x1, x2, p, eps, keepdim),
  ),
  operation(
    'scaled_dot_product_attention',
    {
      query: required('tensor'),
      key: required('tensor'),
      value: required('tensor'),
      attn_mask: optional('tensor'),
      dropout_p: withDefault('float', 0),
      is_causal: withDefault('bool', false),
      scale: keywordOnly(optional('float')),
    },
    ({ query, key, value, attn_mask, dropout_p, is_causal, scale }, { generator }) =>
      attention(query, key, value, { mask: attn_mask, dropoutP: dropout_p, causal: is_causal, scale }, generator),
  ),
];
