import { PythonError } from '../../../common/errors';
import type { Generator } from '../../../core/random/generator';
import { Tensor } from '../../../core/tensor/tensor';
import type { Interpreter } from '../../objects/interpreter';
import type { PyClass, PyInstance, PyValue } from '../../objects/value';
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

/** @throws PythonError in torchvision's words for what is no image */
export function pictureOf(value: PyValue, interpreter: Interpreter): Picture {
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
  throw new PythonError('TypeError', `img should be PIL Image. Got ${interpreter.repr(interpreter.classOf(value))}`);
}

/** The script's object for a picture. */
export function pictureObject(picture: Picture, interpreter: Interpreter): PyValue {
  if (picture.kind === 'bytes') return new PyImage(picture.image);
  const { tape } = torchContext(interpreter);
  return wrapTensor(Tensor.fromData(tape, picture.data, picture.shape, picture.dtype));
}

/** Runs a stage on an object of the script; a picture left as it is stays the same object. */
export function runStage(stage: Stage, value: PyValue, interpreter: Interpreter): PyValue {
  const picture = pictureOf(value, interpreter);
  const result = stage(picture, torchContext(interpreter).generator);
  return result === picture ? value : pictureObject(result, interpreter);
}
