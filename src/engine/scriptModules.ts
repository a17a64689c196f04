import { mathModule } from '../script/modules/math';
import { randomModule } from '../script/modules/random';
import { osModule, pathlibModule, sysModule, timeitModule, timeModule } from '../script/modules/system';
import type { ModuleRow } from '../script/objects/interpreter';
import { setAsideModules } from '../script/setAside/setAsideModules';
import { dataModules } from '../script/torch/data/dataModules';
import { nnModules } from '../script/torch/nn/nnModules';
import { optimModules } from '../script/torch/optim/optimModule';
import { torchModules } from '../script/torch/torchModules';
import { torchvisionModules } from '../script/torchvision/torchvisionModules';

/** Everything that a script can import. */
export const scriptModules: readonly ModuleRow[] = [
  mathModule,
  randomModule,
  osModule,
  pathlibModule,
  sysModule,
  timeitModule,
  timeModule,
  ...torchModules,
  ...nnModules,
  ...optimModules,
  ...dataModules,
  ...torchvisionModules,
  ...setAsideModules,
];
