import { PythonError } from '../../common/errors';
import { pythonText } from '../tensor/pythonText';
import type { Tensor } from '../tensor/tensor';
import { reduce } from '../nn/tensorMath';

export type Reduction = 'none' | 'mean' | 'sum';

const deprecatedWarning = (reduction: Reduction): string =>
  `size_average and reduce args will be deprecated, please use reduction='${reduction}' instead.`;

/** @throws PythonError ValueError for a word that is none */
export function reductionOf(reduction: string): Reduction {
  if (reduction === 'none' || reduction === 'mean' || reduction === 'sum') return reduction;
  throw new PythonError('ValueError', `${pythonText(reduction)} is not a valid value for reduction`);
}

/** What the two arguments of before `reduction` mean (torch/nn/_reduction.py, `legacy_get_string`). */
export function legacyReduction(
  sizeAverage: boolean | null,
  reduceAll: boolean | null,
  warn: (message: string) => void,
): Reduction | null {
  if (sizeAverage === null && reduceAll === null) return null;
  const reduction = reduceAll === false ? 'none' : sizeAverage === false ? 'sum' : 'mean';
  warn(deprecatedWarning(reduction));
  return reduction;
}

/** Reduces the losses of all elements. */
export function reduceLoss(losses: Tensor, reduction: Reduction, gradientName?: string): Tensor {
  if (reduction === 'none') return losses;
  return reduction === 'mean'
    ? reduce('ReduceMean', losses, null, false, gradientName ?? 'MeanBackward0')
    : reduce('ReduceSum', losses, null, false, gradientName ?? 'SumBackward0');
}
