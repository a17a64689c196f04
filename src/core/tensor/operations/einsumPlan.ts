import { PythonError } from '../../../common/errors';
import type { Shape } from '../dtype';

/** Something with a shape and a letter for each axis. */
export interface Labeled<T> {
  tensor: T;
  labels: string[];
}

/**
 * Reads an equation such as `ij,jk->ik`.
 * @throws PythonError in PyTorch's words, and for what Gradstep leaves out (repeated letters, ellipses)
 */
export function basicEinsum<T extends { readonly shape: Shape }>(
  equation: string,
  operands: readonly T[],
): { terms: Labeled<T>[]; output: string[] } {
  const compact = equation.replaceAll(' ', '');
  if (compact.includes('...')) {
    throw new PythonError('NotImplementedError', 'einsum with an ellipsis is not supported by Gradstep');
  }
  const [inputs = '', explicit] = compact.split('->');
  const lists = inputs.split(',').map((list) => [...list]);
  if (lists.length !== operands.length) {
    throw new PythonError(
      'RuntimeError',
      lists.length > operands.length
        ? 'einsum(): fewer operands were provided than specified in the equation'
        : 'einsum(): more operands were provided than specified in the equation',
    );
  }
  const sizes = new Map<string, number>();
  const terms = operands.map((tensor, i) => {
    const labels = lists[i]!;
    if (labels.length !== tensor.shape.length) {
      throw new PythonError(
        'RuntimeError',
        `einsum(): the number of subscripts in the equation (${labels.length}) does not match the number of dimensions (${tensor.shape.length}) for operand ${i} and no ellipsis was given`,
      );
    }
    if (new Set(labels).size !== labels.length) {
      throw new PythonError(
        'NotImplementedError',
        'einsum with a repeated subscript in one operand is not supported by Gradstep',
      );
    }
    labels.forEach((label, axis) => {
      const size = tensor.shape[axis]!;
      const before = sizes.get(label);
      if (before !== undefined && before !== size) {
        throw new PythonError(
          'RuntimeError',
          `einsum(): subscript ${label} has size ${size} for operand ${i} which does not broadcast with previously seen size ${before}`,
        );
      }
      sizes.set(label, size);
    });
    return { tensor, labels };
  });
  const all = lists.flat();
  const once = [...new Set(all)].filter((label) => all.indexOf(label) === all.lastIndexOf(label)).sort();
  return { terms, output: explicit === undefined ? once : [...explicit] };
}
