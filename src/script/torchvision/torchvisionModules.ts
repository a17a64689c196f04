import { PythonError } from '../../common/errors';
import { PyModule } from '../objects/functions';
import type { ModuleRow } from '../objects/interpreter';
import type { PyClass, PyValue } from '../objects/value';
import { utilsMembers } from './imageGrid';
import { imageDatasetClasses } from './datasets/imageDatasets';
import { fakeDataClass } from './datasets/fakeData';
import { imageClass } from './pilImage';
import { composedClasses } from './transforms/composedTransforms';
import { functionalMembers } from './transforms/functionalModule';
import { interpolationClass } from './transforms/interpolation';
import { transformClass } from './transforms/transformRow';
import { transformRows, versionTwoRows } from './transforms/transformTable';

function byName(classes: readonly PyClass[]): Record<string, PyValue> {
  return Object.fromEntries(classes.map((pyClass) => [pyClass.name, pyClass]));
}

function row(name: string, members: Record<string, PyValue>): ModuleRow {
  return { name, build: () => withMissing(new PyModule(name, members)) };
}

/** Says which names there are, for one that torchvision may have and Gradstep hasn't. */
function withMissing(module: PyModule): PyModule {
  module.missing = (name) => {
    if (name.startsWith('_')) return undefined;
    const known = [...module.attributes.keys()].filter((key) => !key.startsWith('_'));
    throw new PythonError('AttributeError', `module '${module.name}' has no attribute '${name}'`, {
      hint: known.length === 0 ? undefined : `Gradstep has ${known.join(', ')}.`,
    });
  };
  return module;
}

const transforms: Record<string, PyValue> = {
  ...byName(composedClasses),
  ...byName(transformRows.map(transformClass)),
  InterpolationMode: interpolationClass,
};

const datasets: Record<string, PyValue> = { ...imageDatasetClasses, FakeData: fakeDataClass };

/** `torchvision` and its modules. */
export const torchvisionModules: readonly ModuleRow[] = [
  row('torchvision', { __version__: '0.29.1' }),
  row('torchvision.datasets', datasets),
  row('torchvision.transforms', transforms),
  row('torchvision.transforms.transforms', transforms),
  row('torchvision.transforms.functional', { ...functionalMembers }),
  row('torchvision.transforms.v2', { ...transforms, ...byName(versionTwoRows.map(transformClass)) }),
  row('torchvision.transforms.v2.functional', { ...functionalMembers }),
  row('torchvision.utils', utilsMembers),
  row('PIL', {}),
  row('PIL.Image', { Image: imageClass }),
];
