import { PyModule } from '../objects/functions';
import type { ModuleRow } from '../objects/interpreter';
import { torchContext } from '../torch/torchContext';
import { SetAside } from './setAsideObject';

/** What shows or logs and computes nothing: the module, and what doesn't happen. */
const shownOnly: readonly (readonly [module: string, missing: string])[] = [
  ['torch.utils.tensorboard', 'nothing is logged'],
  ['torch.utils.tensorboard.writer', 'nothing is logged'],
  ['tensorboardX', 'nothing is logged'],
  ['tensorboard', 'nothing is logged'],
  ['wandb', 'nothing is logged'],
  ['mlflow', 'nothing is logged'],
  ['matplotlib', 'nothing is drawn'],
  ['matplotlib.pyplot', 'nothing is drawn'],
  ['matplotlib.ticker', 'nothing is drawn'],
  ['matplotlib.patches', 'nothing is drawn'],
  ['matplotlib.animation', 'nothing is drawn'],
  ['seaborn', 'nothing is drawn'],
  ['IPython', 'nothing is shown'],
  ['IPython.display', 'nothing is shown'],
];

/** Modules that scripts may import and call: their calls do nothing, and a notice says so once for each library. */
export const setAsideModules: readonly ModuleRow[] = shownOnly.map(([name, missing]) => ({
  name,
  build(interpreter) {
    const module = new PyModule(name, {});
    module.missing = (member) => (/^__.*__$/.test(member) ? undefined : new SetAside(`${name}.${member}`));
    const parent = name.slice(0, name.lastIndexOf('.'));
    if (!shownOnly.some(([other]) => other === parent)) {
      torchContext(interpreter).notice?.(`${name} is set aside: ${missing}.`);
    }
    return module;
  },
}));
