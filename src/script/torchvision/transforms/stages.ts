import { PythonError } from '../../../common/errors';
import { fillNormal, fillUniform } from '../../../core/random/distributions';
import type { Generator } from '../../../core/random/generator';
import { drawIntegers, drawPermutation } from '../../../core/random/integers';
import { isFloating, type DType } from '../../../core/tensor/dtype';
import type { Padding, PaddingMode } from '../../../data/transforms/geometry';
import { grayscale, rotate } from '../../../data/transforms/geometry';
import { resize, type Interpolation } from '../../../data/transforms/resize';
import type { PyValue } from '../../objects/value';
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation } from './colors';
import {
  bytes,
  cropPicture,
  dimensions,
  flipPicture,
  imageToPlanes,
  padPicture,
  roundHalfEven,
  type Dimensions,
  type Picture,
} from './picture';
import { resizedSize } from './sizes';
import type { Stage } from './transformState';

/** `torch.rand(1) < p`, the comparison in float32. */
function chance(generator: Generator, p: number): boolean {
  return generator.uniform24() < Math.fround(p);
}

/** `torch.empty(1).uniform_(from, to).item()`. */
function uniform(generator: Generator, from: number, to: number): number {
  return fillUniform(new Float32Array(1), generator, from, to)[0]!;
}

/** `torch.randint(0, limit, size=(1,)).item()`. */
function below(generator: Generator, limit: number): number {
  return Number(drawIntegers(1, generator, 0n, BigInt(limit))[0]!);
}

/** @throws PythonError: what Gradstep does to PIL images only */
export function imagesOnly(name: string): PythonError {
  return new PythonError('NotImplementedError', `${name} of a tensor is not supported by Gradstep`, {
    hint: `Put ${name} before ToTensor.`,
  });
}

export function toTensorStage(name: string, scale: boolean): Stage {
  return (picture) => {
    if (picture.kind === 'bytes') return imageToPlanes(picture.image, scale);
    const words = scale ? 'PIL Image or ndarray' : 'PIL Image';
    throw new PythonError('TypeError', `pic should be ${words}. Got <class 'torch.Tensor'>`, {
      hint: `The image is a tensor already: leave ${name} out.`,
    });
  };
}

/** `(x - mean) / std`, each step rounded to float32. Source: transforms/_functional_tensor.py, `normalize`. */
export function normalizeStage(mean: readonly number[], std: readonly number[]): Stage {
  const [shifts, scales] = [mean.map(Math.fround), std.map(Math.fround)];
  return (picture) => {
    if (picture.kind === 'bytes') {
      throw new PythonError('TypeError', "img should be Tensor Image. Got <class 'PIL.Image.Image'>", {
        hint: 'Put Normalize after ToTensor.',
      });
    }
    checkNormalize(picture.dtype, picture.shape, mean.length, std.length);
    if (scales.includes(0)) {
      throw new PythonError(
        'ValueError',
        `std evaluated to zero after conversion to torch.${picture.dtype}, leading to division by zero.`,
      );
    }
    const single = picture.data instanceof Float32Array;
    const data = picture.data.slice() as Float32Array | Float64Array;
    const { channels, height, width } = dimensions(picture);
    const area = height * width;
    for (let plane = 0; plane * area < data.length; plane++) {
      const channel = plane % channels;
      const shift = (single ? shifts : mean)[mean.length === 1 ? 0 : channel]!;
      const scale = (single ? scales : std)[std.length === 1 ? 0 : channel]!;
      for (let at = plane * area; at < (plane + 1) * area; at++) {
        const centered = data[at]! - shift;
        data[at] = (single ? Math.fround(centered) : centered) / scale;
      }
    }
    return { ...picture, data };
  };
}

function checkNormalize(dtype: DType, shape: readonly number[], means: number, stds: number): void {
  if (!isFloating(dtype)) {
    throw new PythonError('TypeError', `Input tensor should be a float tensor. Got torch.${dtype}.`);
  }
  if (shape.length < 3) {
    throw new PythonError(
      'ValueError',
      `Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = torch.Size([${shape.join(', ')}])`,
    );
  }
  const channels = shape.at(-3)!;
  for (const count of [means, stds]) {
    if (count === 1 || count === channels) continue;
    const hint = `The image has ${channels} channel${channels === 1 ? '' : 's'}: give as many means and standard deviations.`;
    if (channels !== 1) {
      throw new PythonError(
        'RuntimeError',
        `The size of tensor a (${channels}) must match the size of tensor b (${count}) at non-singleton dimension ${shape.length - 3}`,
        { hint },
      );
    }
    const [own, broadcast] = [shape, [...shape.slice(0, -3), count, ...shape.slice(-2)]].map((one) => one.join(', '));
    throw new PythonError(
      'RuntimeError',
      `output with shape [${own}] doesn't match the broadcast shape [${broadcast}]`,
      { hint },
    );
  }
}

function resizePicture(picture: Picture, height: number, width: number, filter: Interpolation): Picture {
  const old = dimensions(picture);
  if (old.height === height && old.width === width) return picture;
  if (picture.kind !== 'bytes') throw imagesOnly('Resize');
  return bytes(resize(picture.image, height, width, filter));
}

export function resizeStage(size: PyValue, maxSize: number | null, filter: Interpolation): Stage {
  return (picture) => resizePicture(picture, ...resizedSize(dimensions(picture), size, maxSize), filter);
}

export interface CropSettings {
  height: number;
  width: number;
  padding: Padding | null;
  padIfNeeded: boolean;
  fill: readonly number[];
  mode: PaddingMode;
}

export function randomCropStage(settings: CropSettings): Stage {
  const { height, width, padding, padIfNeeded, fill, mode } = settings;
  return (picture, generator) => {
    let padded = padding === null ? picture : padPicture(picture, padding, mode, fill);
    const missing = dimensions(padded);
    const [x, y] = [Math.max(0, width - missing.width), Math.max(0, height - missing.height)];
    if (padIfNeeded && x > 0) padded = padPicture(padded, { left: x, top: 0, right: x, bottom: 0 }, mode, fill);
    if (padIfNeeded && y > 0) padded = padPicture(padded, { left: 0, top: y, right: 0, bottom: y }, mode, fill);
    const old = dimensions(padded);
    if (old.height < height || old.width < width) {
      throw new PythonError(
        'ValueError',
        `Required crop size (${height}, ${width}) is larger than input image size (${old.height}, ${old.width})`,
      );
    }
    if (old.height === height && old.width === width) return padded;
    const top = below(generator, old.height - height + 1);
    return cropPicture(padded, top, below(generator, old.width - width + 1), height, width);
  };
}

export function randomFlipStage(p: number, direction: 'horizontal' | 'vertical'): Stage {
  return (picture, generator) => (chance(generator, p) ? flipPicture(picture, direction) : picture);
}

export function grayscalePicture(picture: Picture, outputs: 1 | 3): Picture {
  if (picture.kind !== 'bytes') throw imagesOnly('Grayscale');
  return bytes(grayscale(picture.image, outputs));
}

export function randomGrayscaleStage(p: number): Stage {
  return (picture, generator) => {
    const { channels } = dimensions(picture);
    return chance(generator, p) ? grayscalePicture(picture, channels === 1 ? 1 : 3) : picture;
  };
}

/** All of `stage`, or nothing. */
export function randomApplyStage(p: number, stage: Stage): Stage {
  return (picture, generator) => (Math.fround(p) < generator.uniform24() ? picture : stage(picture, generator));
}

export function rotatePicture(picture: Picture, angle: number, fill: readonly number[]): Picture {
  if (picture.kind !== 'bytes') throw imagesOnly('RandomRotation');
  return bytes(rotate(picture.image, angle, Math.trunc(fill[0]!)));
}

export function randomRotationStage(degrees: readonly [number, number], fill: readonly number[]): Stage {
  return (picture, generator) => rotatePicture(picture, uniform(generator, ...degrees), fill);
}

type Range = readonly [number, number];

/** What RandomResizedCrop and RandomErasing try: an area and a ratio, ten times. */
function* drawShapes(generator: Generator, area: number, scale: Range, ratio: Range): IterableIterator<Range> {
  const [low, high] = ratio.map((value) => Math.fround(Math.log(Math.fround(value)))) as [number, number];
  for (let attempt = 0; attempt < 10; attempt++) {
    const target = area * uniform(generator, ...scale);
    const aspect = Math.fround(Math.exp(uniform(generator, low, high)));
    yield [roundHalfEven(Math.sqrt(target * aspect)), roundHalfEven(Math.sqrt(target / aspect))];
  }
}

interface Box {
  top: number;
  left: number;
  height: number;
  width: number;
}

function resizedCropBox(old: Dimensions, generator: Generator, scale: Range, ratio: Range): Box {
  for (const [width, height] of drawShapes(generator, old.height * old.width, scale, ratio)) {
    if (width > 0 && width <= old.width && height > 0 && height <= old.height) {
      const top = below(generator, old.height - height + 1);
      return { top, left: below(generator, old.width - width + 1), height, width };
    }
  }
  const inRatio = old.width / old.height;
  const [least, most] = [Math.min(...ratio), Math.max(...ratio)];
  let { width, height } = old;
  if (inRatio < least) height = roundHalfEven(width / least);
  else if (inRatio > most) width = roundHalfEven(height * most);
  return { top: (old.height - height) >> 1, left: (old.width - width) >> 1, height, width };
}

export function randomResizedCropStage(size: Range, scale: Range, ratio: Range, filter: Interpolation): Stage {
  return (picture, generator) => {
    const { top, left, height, width } = resizedCropBox(dimensions(picture), generator, scale, ratio);
    return resizePicture(cropPicture(picture, top, left, height, width), ...size, filter);
  };
}

/** `value` null stands for 'random': normal samples. */
export function randomErasingStage(p: number, scale: Range, ratio: Range, value: readonly number[] | null): Stage {
  return (picture, generator) => {
    if (!chance(generator, p)) return picture;
    if (picture.kind === 'bytes') {
      throw new PythonError('AttributeError', "'Image' object has no attribute 'shape'", {
        hint: 'Put RandomErasing after ToTensor.',
      });
    }
    const { channels, height, width } = dimensions(picture);
    if (value !== null && value.length !== 1 && value.length !== channels) {
      throw new PythonError(
        'ValueError',
        `If value is a sequence, it should have either a single value or ${channels} (number of input channels)`,
      );
    }
    for (const [boxHeight, boxWidth] of drawShapes(generator, height * width, scale, ratio)) {
      if (boxHeight >= height || boxWidth >= width) continue;
      const size = boxHeight * boxWidth;
      const noise = value === null ? fillNormal(new Float32Array(channels * size), generator) : null;
      const top = below(generator, height - boxHeight + 1);
      const left = below(generator, width - boxWidth + 1);
      const data = picture.data.slice() as Float32Array;
      for (let channel = 0; channel < channels; channel++) {
        for (let at = 0; at < size; at++) {
          const [row, column] = [top + Math.floor(at / boxWidth), left + (at % boxWidth)];
          const level = noise === null ? value![value!.length === 1 ? 0 : channel]! : noise[channel * size + at]!;
          data[(channel * height + row) * width + column] = level;
        }
      }
      return { ...picture, data };
    }
    return picture;
  };
}

/** The factors of ColorJitter; null leaves a property alone. */
export interface JitterRanges {
  brightness: Range | null;
  contrast: Range | null;
  saturation: Range | null;
  hue: Range | null;
}

const adjustments = [
  ['brightness', adjustBrightness],
  ['contrast', adjustContrast],
  ['saturation', adjustSaturation],
  ['hue', adjustHue],
] as const;

export function colorJitterStage(ranges: JitterRanges): Stage {
  return (picture, generator) => {
    const order = drawPermutation(4, generator);
    const factors = adjustments.map(([name]) => {
      const range = ranges[name];
      return range === null ? null : uniform(generator, ...range);
    });
    if (picture.kind !== 'bytes') throw imagesOnly('ColorJitter');
    let { image } = picture;
    for (const position of order) {
      const factor = factors[Number(position)];
      if (factor !== null) image = adjustments[Number(position)]![1](image, factor!);
    }
    return bytes(image);
  };
}

/** v2's ToDtype and ConvertImageDtype: from uint8 with `scale` to [0, 1]. */
export function toDtypeStage(dtype: DType, scale: boolean): Stage {
  return (picture) => {
    if (picture.kind === 'bytes') return picture;
    if (picture.dtype === dtype) return picture;
    if (dtype !== 'float32' || picture.data instanceof BigInt64Array) {
      throw new PythonError(
        'NotImplementedError',
        `Gradstep converts images to torch.float32 only, not torch.${dtype}`,
      );
    }
    const divisor = scale && picture.dtype === 'uint8' ? 255 : 1;
    return { ...picture, dtype, data: Float32Array.from(picture.data, (level) => level / divisor) };
  };
}
