import { GradstepError } from '../../../common/errors';
import { arithmeticOperations } from './arithmetic';
import { basicIndexingOperations } from './basicIndexing';
import { comparisonOperations } from './comparison';
import { creationOperations } from './creation';
import { einsumOperations } from './einsum';
import { fillingOperations } from './filling';
import { joiningOperations } from './joining';
import { matrixOperations } from './matrix';
import { moreOperations } from './moreOperations';
import { orderingOperations } from './ordering';
import { randomOperations } from './randomOperations';
import { reductionOperations } from './reductions';
import { scatteringOperations } from './scattering';
import { shapingOperations } from './shaping';
import type { TensorOperation } from './tensorOperation';
import { unaryOperations } from './unary';
import { viewOperations } from './views';

/** Every tensor operation, one row each. */
export const tensorOperations: readonly TensorOperation[] = [
  ...arithmeticOperations,
  ...comparisonOperations,
  ...unaryOperations,
  ...matrixOperations,
  ...einsumOperations,
  ...reductionOperations,
  ...orderingOperations,
  ...viewOperations,
  ...joiningOperations,
  ...basicIndexingOperations,
  ...scatteringOperations,
  ...shapingOperations,
  ...creationOperations,
  ...randomOperations,
  ...fillingOperations,
  ...moreOperations,
];

checkUnique(
  'torch',
  tensorOperations.filter((row) => row.torchFunction),
);
checkUnique(
  'Tensor',
  tensorOperations.filter((row) => row.method),
);

function checkUnique(owner: string, rows: readonly TensorOperation[]): void {
  const seen = new Set<string>();
  for (const name of rows.flatMap((row) => [row.name, ...row.aliases])) {
    if (seen.has(name)) {
      throw new GradstepError(`${owner}.${name} is defined twice`, {
        code: 'operations.duplicate',
        audience: 'maintainer',
      });
    }
    seen.add(name);
  }
}
