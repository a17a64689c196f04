import { PythonError } from '../../../common/errors';
import { elementCount } from '../../../core/tensor/dtype';
import { Tensor } from '../../../core/tensor/tensor';
import type { ByteImage, ImageDataset } from '../../../data/imageDataset';
import { PyList, PyTuple } from '../../objects/containers';
import { NativeProperty } from '../../objects/functions';
import type { Interpreter } from '../../objects/interpreter';
import { nativeClass } from '../../objects/native';
import type { PyClass, PyInstance, PyValue } from '../../objects/value';
import { attribute, copyElements, datasetClass } from '../../torch/data/datasetClasses';
import { DatasetState, type BatchMaker } from '../../torch/data/datasetState';
import { NdArray } from '../../torch/ndArray';
import { PyTensor, wrapTensor } from '../../torch/tensorClass';
import { torchContext } from '../../torch/torchContext';
import { PyImage } from '../pilImage';
import { pictureObject, stageOf, type Stage } from '../transforms/transformState';
import { bytes, type Planes } from '../transforms/picture';

/** The images that the script has put in place of the files'. */
function replacedTensor(value: PyValue): Tensor {
  const tensor = value instanceof PyTensor || value instanceof NdArray ? value.tensor : null;
  if (tensor?.dtype !== 'uint8' || (value instanceof NdArray && value.depth > 0)) {
    throw new PythonError(
      'NotImplementedError',
      "a data set's `data` must be a uint8 array or tensor of images in Gradstep",
    );
  }
  return tensor;
}

/** The state of one of torchvision's data sets. */
export class VisionState extends DatasetState {
  /** What the script has put in place of the images: `dataset.data = dataset.data[...]`. */
  replaced: PyValue | undefined;
  /** The images as one array (colours) or tensor (gray), once the script has asked for them. */
  whole: PyValue | undefined;

  constructor(readonly source: ImageDataset) {
    super();
  }

  get length(): number {
    return this.replaced === undefined ? this.source.length : replacedTensor(this.replaced).shape[0]!;
  }

  image(index: number): ByteImage {
    if (this.replaced === undefined) return this.source.image(index);
    const tensor = replacedTensor(this.replaced);
    const [height = 1, width = 1, channels = 1] = tensor.shape.slice(1);
    const size = height * width * channels;
    const data = Uint8Array.from((tensor.data as Uint8Array).subarray(index * size, (index + 1) * size));
    return { data, height, width, channels };
  }

  /** All images, as torchvision's `data` has them: N x height x width, and x 3 for colours. */
  data(interpreter: Interpreter): PyValue {
    if (this.replaced !== undefined) return this.replaced;
    this.whole ??= this.gatherAll(interpreter);
    return this.whole;
  }

  private gatherAll(interpreter: Interpreter): PyValue {
    const { source } = this;
    const first = source.image(0);
    const shape = [source.length, first.height, first.width, ...(first.channels === 1 ? [] : [first.channels])];
    const data = new Uint8Array(elementCount(shape));
    for (let index = 0; index < source.length; index++) data.set(source.image(index).data, index * first.data.length);
    const tensor = Tensor.fromData(torchContext(interpreter).tape, data, shape, 'uint8');
    return first.channels === 1 ? wrapTensor(tensor) : new NdArray(tensor);
  }

  batchMaker(self: PyInstance, interpreter: Interpreter): BatchMaker | null {
    if (self.pyClass.lookup('__getitem__') !== visionDatasetClass.lookup('__getitem__')) return null;
    const stage = stageOf(attribute(self, 'transform'));
    if (stage === null || attribute(self, 'target_transform') !== null) return null;
    const targets = attribute(self, 'targets');
    return (indices) => imageBatch(this, indices, stage, targets, interpreter);
  }
}

/** The target at an index; null when it is no int. */
function targetAt(targets: PyValue, index: number): bigint | null {
  if (targets instanceof PyList) {
    const target = targets.items[index];
    return typeof target === 'bigint' ? target : null;
  }
  if (targets instanceof PyTensor && targets.tensor.shape.length === 1) {
    const target = targets.tensor.data[index];
    return target === undefined ? null : BigInt(target);
  }
  return null;
}

/** The images of a batch in one array, and their targets. */
function imageBatch(
  state: VisionState,
  indices: readonly number[],
  stage: Stage,
  targets: PyValue,
  interpreter: Interpreter,
): PyValue | null {
  const { generator, tape } = torchContext(interpreter);
  const { length } = state;
  const labels = new BigInt64Array(indices.length);
  for (const [position, index] of indices.entries()) {
    const target = index >= 0 && index < length ? targetAt(targets, index) : null;
    if (target === null) return null;
    labels[position] = target;
  }
  const pictures = indices.map((index) => stage(bytes(state.image(index)), generator));
  const first = pictures[0]!;
  if (first.kind !== 'planes') {
    throw new PythonError(
      'TypeError',
      "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'PIL.Image.Image'>",
      { hint: 'Put transforms.ToTensor() among the transforms.' },
    );
  }
  const data = first.data.length === 0 ? first.data : concatenate(pictures as Planes[], first);
  const images = Tensor.fromData(tape, data, [indices.length, ...first.shape], first.dtype);
  return new PyList([wrapTensor(images), wrapTensor(Tensor.fromData(tape, labels, [indices.length], 'int64'))]);
}

function concatenate(pictures: readonly Planes[], first: Planes): Planes['data'] {
  if (pictures.length === 1) return first.data;
  const size = first.data.length;
  const data = first.data.slice(0, 0).constructor as new (length: number) => Planes['data'];
  const whole = new data(size * pictures.length);
  pictures.forEach((picture, i) => {
    if (picture.shape.some((length, axis) => length !== first.shape[axis])) {
      const [left, right] = [first.shape, picture.shape].map((shape) => `[${shape.join(', ')}]`);
      throw new PythonError(
        'RuntimeError',
        `stack expects each tensor to be equal size, but got ${left} at entry 0 and ${right} at entry ${i}`,
        { hint: 'The images differ in size: give Resize both sides, such as Resize((64, 64)).' },
      );
    }
    copyElements(whole, i * size, picture.data, 0, size);
  });
  return whole;
}

/** Python's repr of a transform behind a head, its lines aligned. */
function headed(value: PyValue, head: string, interpreter: Interpreter): string[] {
  const lines = interpreter.repr(value).split('\n');
  return lines.map((line, i) => (i === 0 ? head : ' '.repeat(head.length)) + line);
}

/** The position of an index; the errors are those of numpy, a tensor or a list, whatever torchvision keeps images in. */
function positionOf(index: PyValue, length: number, targets: PyValue, pyClass: PyClass): number {
  if (typeof index !== 'bigint') throw new PythonError('TypeError', 'list indices must be integers or slices');
  const position = Number(index) + (index < 0n ? length : 0);
  if (position >= 0 && position < length) return position;
  const axis = targets instanceof PyTensor ? 'dimension' : 'axis';
  throw new PythonError(
    'IndexError',
    pyClass.lookup('data') === undefined
      ? 'list index out of range'
      : `index ${index} is out of bounds for ${axis} 0 with size ${length}`,
  );
}

function stateOf(self: PyInstance): VisionState {
  if (self.native instanceof VisionState) return self.native;
  throw new PythonError('RuntimeError', `super().__init__() of ${self.pyClass.name} has not been called`);
}

/** An image after a transform: in one go where every step is ours. */
function transformed(image: ByteImage, transform: PyValue, interpreter: Interpreter): PyValue {
  if (transform === null) return new PyImage(image);
  const stage = stageOf(transform);
  if (stage === null) return interpreter.call(transform, [new PyImage(image)]);
  return pictureObject(stage(bytes(image), torchContext(interpreter).generator), interpreter);
}

/** `torchvision.datasets.VisionDataset`: what all data sets of images share. */
export const visionDatasetClass: PyClass = nativeClass<PyInstance>({
  name: 'VisionDataset',
  module: 'torchvision.datasets.vision',
  bases: [datasetClass],
  methods: {
    __init__: [
      'root=None, transforms=None, transform=None, target_transform=None',
      (self, args) => {
        for (const name of ['root', 'transforms', 'transform', 'target_transform']) {
          self.attributes.set(name, args.value(name));
        }
      },
    ],
    __getitem__: [
      'index',
      (self, args, interpreter) => {
        const state = stateOf(self);
        const targets = attribute(self, 'targets');
        const index = positionOf(args.value('index'), state.length, targets, self.pyClass);
        let target = targetAt(targets, index) ?? interpreter.getItem(targets, BigInt(index));
        const image = transformed(state.image(index), attribute(self, 'transform'), interpreter);
        const targetTransform = attribute(self, 'target_transform');
        if (targetTransform !== null) target = interpreter.call(targetTransform, [target]);
        return new PyTuple([image, target]);
      },
    ],
    __len__: ['', (self) => BigInt(stateOf(self).length)],
    extra_repr: ['', () => ''],
    __repr__: [
      '',
      (self, _args, interpreter) => {
        const body = [`Number of datapoints: ${interpreter.length(self)}`];
        const root = attribute(self, 'root');
        if (root !== null) body.push(`Root location: ${interpreter.str(root)}`);
        const extra = interpreter.str(interpreter.callMethod(self, 'extra_repr'));
        if (extra !== '') body.push(...extra.split('\n'));
        const [transform, target] = [attribute(self, 'transform'), attribute(self, 'target_transform')];
        if (transform !== null || target !== null) {
          const lines = ['StandardTransform'];
          if (transform !== null) lines.push(...headed(transform, 'Transform: ', interpreter));
          if (target !== null) lines.push(...headed(target, 'Target transform: ', interpreter));
          body.push(lines.join('\n'));
        }
        return [`Dataset ${self.pyClass.name}`, ...body.map((line) => `    ${line}`)].join('\n');
      },
    ],
  },
});

/** Lays `data` on a class: read from the files when it is asked for, or what the script has set. */
export function addDataProperty(pyClass: PyClass): void {
  pyClass.setMember(
    'data',
    new NativeProperty(
      'data',
      (self, interpreter) => stateOf(self as PyInstance).data(interpreter),
      (self, value) => {
        stateOf(self as PyInstance).replaced = value;
      },
    ),
  );
}
