import type { ModuleRow } from '../script/objects/interpreter';
import { dataModules } from '../script/torch/data/dataModules';
import { functionalModule } from '../script/torch/nn/functionalModule';
import { initModule } from '../script/torch/nn/initModule';
import { optimModules } from '../script/torch/optim/optimModule';

/** Everything that a script can import. */
export const scriptModules: readonly ModuleRow[] = [...dataModules, functionalModule, initModule, ...optimModules];
