import { PyModule } from '../../objects/functions';
import type { ModuleRow } from '../../objects/interpreter';
import type { PyClass } from '../../objects/value';
import { parameterClass } from '../tensorClass';
import { identityClass, moduleDictClass, moduleListClass, sequentialClass } from './containers';
import { functionalModule } from './functionalModule';
import { initModule } from './initModule';
import { layerClasses } from './layerClasses';
import { moduleClass } from './moduleClass';
import { parameterDictClass, parameterListClass } from './parameterContainers';
import { utilsModules } from './utilsModule';

const containerClasses: Readonly<Record<string, PyClass>> = {
  Identity: identityClass,
  Module: moduleClass,
  ModuleDict: moduleDictClass,
  ModuleList: moduleListClass,
  ParameterDict: parameterDictClass,
  ParameterList: parameterListClass,
  Sequential: sequentialClass,
};

const everyClass: Readonly<Record<string, PyClass>> = { ...Object.fromEntries(layerClasses), ...containerClasses };

/** The classes that `torch.nn` itself names: the bases with an underscore are in its modules only. */
const publicClasses = Object.fromEntries(Object.entries(everyClass).filter(([name]) => !name.startsWith('_')));

/** torch.nn.modules.X, each with the classes that PyTorch defines in it. */
function definingModules(): ModuleRow[] {
  const byModule = new Map<string, Record<string, PyClass>>();
  for (const [name, pyClass] of Object.entries(everyClass)) {
    const classes = byModule.get(pyClass.module) ?? {};
    classes[name] = pyClass;
    byModule.set(pyClass.module, classes);
  }
  return [...byModule].map(([name, classes]) => ({ name, build: () => new PyModule(name, classes) }));
}

/** `torch.nn` and everything below it. */
export const nnModules: readonly ModuleRow[] = [
  { name: 'torch.nn', build: () => new PyModule('torch.nn', { ...publicClasses, Parameter: parameterClass }) },
  functionalModule,
  initModule,
  ...utilsModules,
  { name: 'torch.nn.parameter', build: () => new PyModule('torch.nn.parameter', { Parameter: parameterClass }) },
  { name: 'torch.nn.modules', build: () => new PyModule('torch.nn.modules', { ...publicClasses }) },
  ...definingModules(),
];
