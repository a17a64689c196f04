import { PythonError } from '../../../common/errors';
import { fillNormal } from '../../../core/random/distributions';
import { Generator } from '../../../core/random/generator';
import { drawIntegers } from '../../../core/random/integers';
import { elementCount } from '../../../core/tensor/dtype';
import { PyTuple } from '../../objects/containers';
import { nativeClass } from '../../objects/native';
import type { PyClass, PyInstance, PyValue } from '../../objects/value';
import { attribute } from '../../torch/data/datasetClasses';
import { itemsOf } from '../transforms/sizes';
import { toImage } from '../transforms/picture';
import { pictureObject } from '../transforms/transformState';
import { visionDatasetClass } from './visionDataset';

/** `torchvision.datasets.FakeData`: noise whose seed is the index. */
export const fakeDataClass: PyClass = nativeClass<PyInstance>({
  name: 'FakeData',
  module: 'torchvision.datasets.fakedata',
  bases: [visionDatasetClass],
  methods: {
    __init__: [
      'size=1000, image_size=(3, 224, 224), num_classes=10, transform=None, target_transform=None, random_offset=0',
      (self, args) => {
        self.attributes.set('root', null);
        for (const name of ['size', 'image_size', 'num_classes', 'transform', 'target_transform', 'random_offset']) {
          self.attributes.set(name, args.value(name));
        }
      },
    ],
    __len__: ['', (self) => attribute(self, 'size')],
    __getitem__: [
      'index',
      (self, args, interpreter) => {
        const index = args.int('index');
        if (index >= BigInt(interpreter.length(self))) {
          throw new PythonError('IndexError', `${self.pyClass.name} index out of range`);
        }
        const shape = itemsOf(attribute(self, 'image_size'))!.map(Number);
        const generator = new Generator(index + (attribute(self, 'random_offset') as bigint));
        const data = fillNormal(new Float32Array(elementCount(shape)), generator);
        const [drawn] = drawIntegers(1, generator, 0n, BigInt(Number(attribute(self, 'num_classes'))));
        const picture = toImage({ kind: 'planes', data, shape, dtype: 'float32' }, null);
        const [transform, targetTransform] = [attribute(self, 'transform'), attribute(self, 'target_transform')];
        let image = pictureObject(picture, interpreter);
        let target: PyValue = drawn!;
        if (transform !== null) image = interpreter.call(transform, [image]);
        if (targetTransform !== null) target = interpreter.call(targetTransform, [target]);
        return new PyTuple([image, target]);
      },
    ],
  },
});
