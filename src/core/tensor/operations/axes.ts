import { PythonError } from '../../../common/errors';

/**
 * A non-negative axis.
 * @throws PythonError IndexError in PyTorch's words
 */
export function axisOf(dim: number, rank: number): number {
  const bound = Math.max(rank, 1);
  if (dim < -bound || dim >= bound) {
    throw new PythonError(
      'IndexError',
      `Dimension out of range (expected to be in range of [${-bound}, ${bound - 1}], but got ${dim})`,
    );
  }
  return dim < 0 ? dim + bound : dim;
}

/**
 * Non-negative axes without repetition.
 * @throws PythonError in PyTorch's words
 */
export function axesOf(dims: readonly number[], rank: number): number[] {
  const seen = new Set<number>();
  for (const dim of dims) {
    const axis = axisOf(dim, rank);
    if (seen.has(axis)) throw new PythonError('RuntimeError', `dim ${axis} appears multiple times in the list of dims`);
    seen.add(axis);
  }
  return [...seen];
}

/** 0, 1, ..., count - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
