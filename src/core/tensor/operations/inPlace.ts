import { PythonError } from '../../../common/errors';
import type { Shape } from '../dtype';
import type { Tensor } from '../tensor';
import { checkCanCast } from './arithmetic';
import { castTo } from './promotion';

/**
 * Stores the result of an operation in its first operand, as `x.add_(y)` does.
 * @throws PythonError in PyTorch's words when the type or the shape doesn't fit
 */
export function storeInPlace(target: Tensor, result: Tensor, operation: string): Tensor {
  if (!isComparison(operation)) checkCanCast(result.dtype, target.dtype);
  checkShape(target.shape, result.shape);
  const { record } = result.gradFn ?? {};
  // What an in-place operation itself saves of its target is the value before: no later write spoils it.
  const before = target.storage;
  if (record) record.saved = record.saved.filter((entry) => entry.storage !== before);
  target.assign(castTo(result, target.dtype));
  if (record) {
    const { storage } = target;
    const version = storage.version;
    record.saved = record.saved.map((entry) =>
      entry.place === 'output' && entry.tensor === result ? { ...entry, tensor: target, storage, version } : entry,
    );
  }
  return target;
}

function isComparison(operation: string): boolean {
  return /^(eq|ne|lt|le|gt|ge|logical_.*)$/.test(operation);
}

function checkShape(target: Shape, result: Shape): void {
  if (target.length === result.length && target.every((size, i) => size === result[i])) return;
  throw new PythonError(
    'RuntimeError',
    `output with shape [${target.join(', ')}] doesn't match the broadcast shape [${result.join(', ')}]`,
  );
}
