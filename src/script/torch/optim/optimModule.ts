import { PyModule } from '../../objects/functions';
import type { ModuleRow } from '../../objects/interpreter';
import { optimizerClass } from './optimizerClass';
import { optimizerClasses } from './optimizers';
import { schedulerClass, schedulerClasses } from './schedulerClasses';
import type { PyClass } from '../../objects/value';

function byName(classes: readonly PyClass[]): Record<string, PyClass> {
  return Object.fromEntries(classes.map((pyClass) => [pyClass.name, pyClass]));
}

/** `torch.optim` and its modules. */
export const optimModules: readonly ModuleRow[] = [
  {
    name: 'torch.optim',
    build: () => new PyModule('torch.optim', { Optimizer: optimizerClass, ...byName(optimizerClasses) }),
  },
  { name: 'torch.optim.optimizer', build: () => new PyModule('torch.optim.optimizer', { Optimizer: optimizerClass }) },
  ...optimizerClasses.map((pyClass): ModuleRow => ({
    name: `torch.optim.${pyClass.name.toLowerCase()}`,
    build: () => new PyModule(`torch.optim.${pyClass.name.toLowerCase()}`, byName([pyClass])),
  })),
  {
    name: 'torch.optim.lr_scheduler',
    build: () =>
      new PyModule('torch.optim.lr_scheduler', {
        LRScheduler: schedulerClass,
        _LRScheduler: schedulerClass,
        ...byName(schedulerClasses),
      }),
  },
];
