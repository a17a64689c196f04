import { PythonError } from '../../../common/errors';
import type { Generator } from '../../../core/random/generator';
import { Tensor } from '../../../core/tensor/tensor';
import type { Interpreter } from '../../objects/interpreter';
import type { PyClass, PyInstance, PyValue } from '../../objects/value';
import type { ByteImage } from '../../../data/imageDataset';
import { NdArray } from '../../torch/ndArray';
import { PyTensor, wrapTensor } from '../../torch/tensorClass';
import { torchContext } from '../../torch/torchContext';
import { PyImage } from '../pilImage';
import { bytes, type Picture } from './picture';

/** What a transform does to a picture; random ones draw from torch's generator. */
export type Stage = (picture: Picture, generator: Generator) => Picture;

/** What a transform of ours keeps in `native`. */
export class TransformState {
  constructor(
    readonly pyClass: PyClass,
    /** The stage, or null while the transform contains one that only the interpreter can run. */
    readonly stage: () => Stage | null,
  ) {}
}

/** The stage of a transform that is exactly one of ours; null for the script's own. */
export function stageOf(transform: PyValue): Stage | null {
  const native = (transform as Partial<PyInstance> | null)?.native;
  if (!(native instanceof TransformState) || native.pyClass !== (transform as PyInstance).pyClass) return null;
  return native.stage();
}

/** One stage after the other; null when one of the transforms has none. */
export function chainStages(transforms: readonly PyValue[]): Stage | null {
  const stages: Stage[] = [];
  for (const transform of transforms) {
    const stage = stageOf(transform);
    if (stage === null) return null;
    stages.push(stage);
  }
  return (picture, generator) => stages.reduce((current, stage) => stage(current, generator), picture);
}

/** What torchvision says of something that is no image, where it isn't the usual words. */
const expectations: Readonly<Record<string, string>> = {
  ToTensor: 'pic should be PIL Image or ndarray',
  to_tensor: 'pic should be PIL Image or ndarray',
  PILToTensor: 'pic should be PIL Image',
  pil_to_tensor: 'pic should be PIL Image',
  ToPILImage: 'pic should be Tensor or ndarray',
  to_pil_image: 'pic should be Tensor or ndarray',
  Normalize: 'img should be Tensor Image',
  normalize: 'img should be Tensor Image',
};

/**
 * The picture that an object of the script is.
 * @param name the function that wants it, for its words
 * @throws PythonError in torchvision's words for what is no image
 */
export function pictureOf(value: PyValue, interpreter: Interpreter, name = ''): Picture {
  if (value instanceof PyImage) return bytes(value.image);
  if (value instanceof PyTensor) {
    const { tensor } = value;
    if (tensor.requiresGrad) {
      throw new PythonError('NotImplementedError', 'Gradstep computes no gradients through torchvision.transforms', {
        hint: 'Transform a tensor that requires no gradients, or call detach() first.',
      });
    }
    return { kind: 'planes', data: tensor.data, shape: tensor.shape, dtype: tensor.dtype };
  }
  const image = value instanceof NdArray ? arrayImage(value.tensor) : null;
  if (image !== null) return bytes(image);
  const words = expectations[name] ?? 'img should be PIL Image';
  const type = interpreter.repr(interpreter.classOf(value));
  throw new PythonError('TypeError', `${words}. Got ${type}`, {
    hint:
      value instanceof NdArray ? 'Arrays must be uint8 of the shape (height, width) or (height, width, 3).' : undefined,
  });
}

/** A whole uint8 array of height x width (x 1 or 3) as an image; null for other arrays. */
function arrayImage({ data, shape, dtype }: Tensor): ByteImage | null {
  const [height, width, channels = 1] = shape;
  if (dtype !== 'uint8' || height === undefined || width === undefined) return null;
  if (shape.length > 3 || (channels !== 1 && channels !== 3)) return null;
  return { data: data as Uint8Array, height, width, channels };
}

/** The script's object for a picture. */
export function pictureObject(picture: Picture, interpreter: Interpreter): PyValue {
  if (picture.kind === 'bytes') return new PyImage(picture.image);
  const { tape } = torchContext(interpreter);
  return wrapTensor(Tensor.fromData(tape, picture.data, picture.shape, picture.dtype));
}

/** Runs a stage on an object of the script; a picture left as it is stays the same object. */
export function runStage(stage: Stage, value: PyValue, interpreter: Interpreter, name: string): PyValue {
  const picture = pictureOf(value, interpreter, name);
  const result = stage(picture, torchContext(interpreter).generator);
  return result === picture && !(value instanceof NdArray) ? value : pictureObject(result, interpreter);
}
