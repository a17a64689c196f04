import { standardModules } from '../script/modules/standardModules';
import { numpyModules } from '../script/numpy/numpyModules';
import type { ModuleRow } from '../script/objects/interpreter';
import { setAsideModules } from '../script/setAside/setAsideModules';
import { dataModules } from '../script/torch/data/dataModules';
import { nnModules } from '../script/torch/nn/nnModules';
import { optimModules } from '../script/torch/optim/optimModule';
import { torchModules } from '../script/torch/torchModules';
import { torchvisionModules } from '../script/torchvision/torchvisionModules';

/** Everything that a script can import. */
export const scriptModules: readonly ModuleRow[] = [
  ...standardModules,
  ...torchModules,
  ...nnModules,
  ...optimModules,
  ...dataModules,
  ...torchvisionModules,
  ...numpyModules,
  ...setAsideModules,
];
