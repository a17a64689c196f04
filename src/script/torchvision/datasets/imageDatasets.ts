import { openDataset, type DatasetName } from '../../../data/openDataset';
import type { ImageDataset } from '../../../data/imageDataset';
import { openImageFolder } from '../../../data/imageFolder';
import { Tensor } from '../../../core/tensor/tensor';
import { PyDict, PyList } from '../../objects/containers';
import type { Interpreter } from '../../objects/interpreter';
import { nativeClass } from '../../objects/native';
import type { PyClass, PyInstance, PyValue } from '../../objects/value';
import { attribute } from '../../torch/data/datasetClasses';
import { wrapTensor } from '../../torch/tensorClass';
import { torchContext } from '../../torch/torchContext';
import { addDataProperty, visionDatasetClass, VisionState } from './visionDataset';

/** The folder that a script means: its `~` expanded, from the script's own folder on. */
function absoluteFolder(root: string, interpreter: Interpreter): string {
  const home = interpreter.host.environment.get('HOME') ?? interpreter.host.environment.get('USERPROFILE');
  const expanded = home !== undefined && /^~(?=$|[\\/])/.test(root) ? home + root.slice(1) : root;
  const { scriptFolder } = torchContext(interpreter);
  if (scriptFolder === undefined || /^([\\/]|[A-Za-z]:)/.test(expanded)) return expanded;
  return `${scriptFolder}/${expanded}`;
}

/** Tells the person what is special about the images. */
function tell(source: ImageDataset, interpreter: Interpreter): void {
  const { notice } = torchContext(interpreter);
  for (const text of source.notices) {
    if (notice === undefined) interpreter.host.print(`${text}\n`, 'stderr');
    else notice.call(torchContext(interpreter), text);
  }
}

function setClasses(self: PyInstance, classes: readonly string[]): void {
  self.attributes.set('classes', new PyList([...classes]));
  self.attributes.set('class_to_idx', new PyDict(classes.map((name, i): [PyValue, PyValue] => [name, BigInt(i)])));
}

interface StandardRow {
  name: DatasetName;
  module: string;
  /** True where torchvision keeps the targets in a tensor: the MNIST family. */
  tensorTargets: boolean;
  bases: () => PyClass[];
}

/** The data sets with a training and a test split. */
const standardRows: readonly StandardRow[] = [
  { name: 'CIFAR10', module: 'cifar', tensorTargets: false, bases: () => [visionDatasetClass] },
  { name: 'CIFAR100', module: 'cifar', tensorTargets: false, bases: () => [standardClasses.get('CIFAR10')!] },
  { name: 'MNIST', module: 'mnist', tensorTargets: true, bases: () => [visionDatasetClass] },
  { name: 'FashionMNIST', module: 'mnist', tensorTargets: true, bases: () => [standardClasses.get('MNIST')!] },
  { name: 'KMNIST', module: 'mnist', tensorTargets: true, bases: () => [standardClasses.get('MNIST')!] },
];

const standardClasses = new Map<string, PyClass>();

for (const row of standardRows) {
  const pyClass = nativeClass<PyInstance>({
    name: row.name,
    module: `torchvision.datasets.${row.module}`,
    bases: row.bases(),
    methods: {
      __init__: [
        'root, train=True, transform=None, target_transform=None, download=False',
        (self, args, interpreter) => {
          const context = torchContext(interpreter);
          const root = interpreter.str(args.value('root'));
          const train = interpreter.isTrue(args.value('train'));
          const source = openDataset({
            name: row.name,
            train,
            root: absoluteFolder(root, interpreter),
            otherRoots: context.dataFolder ? [context.dataFolder] : [],
            download: interpreter.isTrue(args.value('download')),
            ...(context.downloader && { downloader: context.downloader }),
          });
          tell(source, interpreter);
          self.native = new VisionState(source);
          self.attributes.set('root', root);
          self.attributes.set('train', args.value('train'));
          self.attributes.set('transform', args.value('transform'));
          self.attributes.set('target_transform', args.value('target_transform'));
          const targets = source.targets.map(BigInt);
          self.attributes.set(
            'targets',
            row.tensorTargets
              ? wrapTensor(Tensor.fromData(context.tape, BigInt64Array.from(targets), [targets.length], 'int64'))
              : new PyList(targets),
          );
          setClasses(self, source.classes);
        },
      ],
      extra_repr: ['', (self) => `Split: ${attribute(self, 'train') === true ? 'Train' : 'Test'}`],
    },
  });
  addDataProperty(pyClass);
  standardClasses.set(row.name, pyClass);
}

/** `torchvision.datasets.ImageFolder`. */
const imageFolderClass = nativeClass<PyInstance>({
  name: 'ImageFolder',
  module: 'torchvision.datasets.folder',
  bases: [visionDatasetClass],
  methods: {
    __init__: [
      'root, transform=None, target_transform=None, loader=None, is_valid_file=None, allow_empty=False',
      (self, args, interpreter) => {
        const root = interpreter.str(args.value('root'));
        const source = openImageFolder(absoluteFolder(root, interpreter));
        tell(source, interpreter);
        self.native = new VisionState(source);
        self.attributes.set('root', root);
        self.attributes.set('transform', args.value('transform'));
        self.attributes.set('target_transform', args.value('target_transform'));
        const targets = source.targets.map(BigInt);
        self.attributes.set('targets', new PyList(targets));
        setClasses(self, source.classes);
      },
    ],
  },
});

/** The classes of `torchvision.datasets`, by name. */
export const imageDatasetClasses: Readonly<Record<string, PyClass>> = {
  VisionDataset: visionDatasetClass,
  ...Object.fromEntries(standardClasses),
  ImageFolder: imageFolderClass,
};
