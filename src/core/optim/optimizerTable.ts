import { adagrad } from './adagrad';
import { adam, adamW } from './adam';
import type { OptimizerRow } from './optimizerRow';
import { rmsprop } from './rmsprop';
import { sgd } from './sgd';

/** The optimizers: one row each. */
export const optimizerTable: readonly OptimizerRow[] = checked([sgd, adam, adamW, rmsprop, adagrad]);

/** @throws Error at load when a row is there twice or its groups don't hold exactly its hyperparameters */
function checked(rows: readonly OptimizerRow[]): readonly OptimizerRow[] {
  const names = new Set<string>();
  for (const row of rows) {
    if (names.has(row.name)) throw new Error(`two optimizers are called ${row.name}`);
    names.add(row.name);
    const declared = row.hyperparameters.map(({ name }) => name).sort();
    if (declared.join() !== [...row.groupOrder].sort().join()) {
      throw new Error(`${row.name}: groupOrder and hyperparameters differ`);
    }
  }
  return rows;
}
