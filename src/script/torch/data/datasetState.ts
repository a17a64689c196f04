import type { Interpreter } from '../../objects/interpreter';
import type { PyInstance, PyValue } from '../../objects/value';

/** Makes a batch, collated, from the items at the indices; null when an index must take the ordinary way. */
export type BatchMaker = (indices: readonly number[]) => PyValue | null;

/** What a data set of ours keeps in `native`, if it can make whole batches without Python objects in between. */
export abstract class DatasetState {
  /**
   * A maker of batches as `default_collate` would make them, or null when the data set needs the ordinary way: its class
   * is derived in the script, or it has a transform of the script's.
   */
  abstract batchMaker(self: PyInstance, interpreter: Interpreter): BatchMaker | null;
}

/** `batchMaker` of a data set's own state; null for every other object. */
export function findBatchMaker(dataset: PyValue, interpreter: Interpreter): BatchMaker | null {
  const native = (dataset as Partial<PyInstance> | null)?.native;
  return native instanceof DatasetState ? native.batchMaker(dataset as PyInstance, interpreter) : null;
}
