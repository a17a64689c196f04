import { PyModule } from '../objects/functions';
import type { Interpreter, ModuleRow } from '../objects/interpreter';
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

const told = new WeakMap<Interpreter, Set<string>>();

/** Says once for each library of a run that it is set aside. */
function tell(library: string, missing: string, interpreter: Interpreter): void {
  let libraries = told.get(interpreter);
  if (libraries === undefined) {
    libraries = new Set();
    told.set(interpreter, libraries);
  }
  if (libraries.has(library)) return;
  libraries.add(library);
  torchContext(interpreter).notice?.(`${library} is set aside: ${missing}.`);
}

/** The outermost module of the list that a module is in. */
function libraryOf(name: string): string {
  return shownOnly.map(([other]) => other).find((other) => name === other || name.startsWith(`${other}.`))!;
}

/** Modules that scripts may import and call: their calls do nothing, and a notice says so at the first use. */
export const setAsideModules: readonly ModuleRow[] = shownOnly.map(([name, missing]) => ({
  name,
  build(interpreter) {
    const module = new PyModule(name, {});
    module.missing = (member) => {
      if (/^__.*__$/.test(member)) return undefined;
      tell(libraryOf(name), missing, interpreter);
      return new SetAside(`${name}.${member}`);
    };
    return module;
  },
}));
