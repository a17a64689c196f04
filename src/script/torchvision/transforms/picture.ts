import { PythonError } from '../../../common/errors';
import { dtypeTable, isFloating, type DType, type Shape, type TensorData } from '../../../core/tensor/dtype';
import type { ByteImage } from '../../../data/imageDataset';
import * as geometry from '../../../data/transforms/geometry';

/** An image of planes: a tensor of the shape [..., channels, height, width]. */
export interface Planes {
  kind: 'planes';
  data: TensorData;
  shape: Shape;
  dtype: DType;
}

/** What transforms work on: a PIL image, or a tensor of planes. Neither is ever written. */
export type Picture = { kind: 'bytes'; image: ByteImage } | Planes;

export interface Dimensions {
  channels: number;
  height: number;
  width: number;
}

export function bytes(image: ByteImage): Picture {
  return { kind: 'bytes', image };
}

export function dimensions(picture: Picture): Dimensions {
  if (picture.kind === 'bytes') return picture.image;
  const { shape } = picture;
  if (shape.length < 2) throw new PythonError('TypeError', 'Tensor is not a torch image.');
  return { channels: shape.at(-3) ?? 1, height: shape.at(-2)!, width: shape.at(-1)! };
}

/** New planes of another size; `source(row, column)` is a position in the old plane, or -1 for the fill. */
function gatherPlanes(
  planes: Planes,
  height: number,
  width: number,
  source: (row: number, column: number) => number,
  fill: readonly number[] = [0],
): Planes {
  const old = dimensions(planes);
  const area = old.height * old.width;
  const count = area === 0 ? 0 : planes.data.length / area;
  const data = dtypeTable[planes.dtype].allocate(count * height * width);
  const from = planes.data;
  let at = 0;
  for (let plane = 0; plane < count; plane++) {
    const outside = fill[plane % fill.length]!;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++, at++) {
        const position = source(row, column);
        if (data instanceof BigInt64Array) {
          data[at] = position < 0 ? BigInt(Math.trunc(outside)) : (from as BigInt64Array)[plane * area + position]!;
        } else data[at] = position < 0 ? outside : (from as Float32Array)[plane * area + position]!;
      }
    }
  }
  return { ...planes, data, shape: [...planes.shape.slice(0, -2), height, width] };
}

export function cropPicture(picture: Picture, top: number, left: number, height: number, width: number): Picture {
  if (picture.kind === 'bytes') return bytes(geometry.crop(picture.image, top, left, height, width));
  const old = dimensions(picture);
  return gatherPlanes(picture, height, width, (row, column) => {
    const y = row + top;
    const x = column + left;
    return y < 0 || x < 0 || y >= old.height || x >= old.width ? -1 : y * old.width + x;
  });
}

/** One channel of `from` laid over `image`. */
function withChannel(image: ByteImage, from: ByteImage, channel: number): void {
  for (let at = channel; at < image.data.length; at += image.channels) image.data[at] = from.data[at]!;
}

/** The position that one outside repeats, by the mode's name in torchvision; -1 for the fill. */
function inside(position: number, size: number, mode: geometry.PaddingMode): number {
  if (position >= 0 && position < size) return position;
  if (mode === 'constant') return -1;
  if (mode === 'edge') return position < 0 ? 0 : size - 1;
  const cycle = mode === 'reflect' ? Math.max(1, 2 * (size - 1)) : 2 * size;
  const at = ((position % cycle) + cycle) % cycle;
  if (at < size) return at;
  return mode === 'reflect' ? cycle - at : cycle - 1 - at;
}

/** `fill` has one number, or one for each channel. */
export function padPicture(
  picture: Picture,
  padding: geometry.Padding,
  mode: geometry.PaddingMode,
  fill: readonly number[],
): Picture {
  if (picture.kind === 'bytes') {
    const { image } = picture;
    const levels = fill.map(Math.trunc);
    const padded = geometry.pad(image, padding, mode, levels[0]);
    for (let channel = 1; channel < Math.min(levels.length, image.channels); channel++) {
      withChannel(padded, geometry.pad(image, padding, mode, levels[channel]), channel);
    }
    return bytes(padded);
  }
  const { height, width } = dimensions(picture);
  const { left, top, right, bottom } = padding;
  return gatherPlanes(
    picture,
    height + top + bottom,
    width + left + right,
    (row, column) => {
      const y = inside(row - top, height, mode);
      const x = inside(column - left, width, mode);
      return y < 0 || x < 0 ? -1 : y * width + x;
    },
    fill,
  );
}

export function flipPicture(picture: Picture, direction: 'horizontal' | 'vertical'): Picture {
  const { height, width } = dimensions(picture);
  if (picture.kind === 'bytes') {
    const flip = direction === 'horizontal' ? geometry.flipHorizontally : geometry.flipVertically;
    return bytes(flip(picture.image));
  }
  return direction === 'horizontal'
    ? gatherPlanes(picture, height, width, (row, column) => row * width + width - 1 - column)
    : gatherPlanes(picture, height, width, (row, column) => (height - 1 - row) * width + column);
}

/** Python's `round`: halves go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** torchvision's `center_crop`: what is smaller than the crop is padded first. */
export function centerCropPicture(picture: Picture, height: number, width: number): Picture {
  const old = dimensions(picture);
  const missing = { x: Math.max(0, width - old.width), y: Math.max(0, height - old.height) };
  let padded = picture;
  if (missing.x > 0 || missing.y > 0) {
    const sides = { left: missing.x >> 1, right: (missing.x + 1) >> 1 };
    padded = padPicture(picture, { ...sides, top: missing.y >> 1, bottom: (missing.y + 1) >> 1 }, 'constant', [0]);
  }
  const size = dimensions(padded);
  const top = roundHalfEven((size.height - height) / 2);
  return cropPicture(padded, top, roundHalfEven((size.width - width) / 2), height, width);
}

/** Channels first: torchvision's `to_tensor`, or `pil_to_tensor` with `scale` false. */
export function imageToPlanes(image: ByteImage, scale: boolean): Planes {
  const { channels, height, width } = image;
  const area = height * width;
  const data = scale ? new Float32Array(channels * area) : new Uint8Array(channels * area);
  const divisor = scale ? 255 : 1;
  for (let channel = 0; channel < channels; channel++) {
    const base = channel * area;
    for (let at = 0; at < area; at++) data[base + at] = image.data[at * channels + channel]! / divisor;
  }
  return { kind: 'planes', data, shape: [channels, height, width], dtype: scale ? 'float32' : 'uint8' };
}

/**
 * torchvision's `to_pil_image`: floats are multiplied by 255 in their own type and cut off to 8 bits.
 * @throws PythonError in torchvision's words for what is no image
 */
export function toImage(picture: Picture, mode: string | null): Picture {
  if (picture.kind === 'bytes') {
    throw new PythonError('TypeError', "pic should be Tensor or ndarray. Got <class 'PIL.Image.Image'>.");
  }
  const { shape, dtype, data: levels } = picture;
  if (shape.length !== 2 && shape.length !== 3) {
    throw new PythonError('ValueError', `pic should be 2/3 dimensional. Got ${shape.length} dimensions.`);
  }
  const { channels, height, width } = dimensions(picture);
  if (channels > 4) {
    throw new PythonError('ValueError', `pic should not have > 4 channels. Got ${channels} channels.`);
  }
  const expected = channels === 1 ? 'L' : channels === 3 ? 'RGB' : null;
  if (expected === null || (mode !== null && mode !== expected) || levels instanceof BigInt64Array) {
    throw new PythonError(
      'NotImplementedError',
      `Gradstep's images have the modes L and RGB, not ${mode ?? `${channels} channels of ${dtype}`}`,
    );
  }
  const area = height * width;
  const scaled = dtype === 'float32' ? (level: number) => Math.fround(level * 255) : (level: number) => level * 255;
  const data = new Uint8Array(channels * area);
  for (let channel = 0; channel < channels; channel++) {
    for (let at = 0; at < area; at++) {
      const level = levels[channel * area + at]!;
      data[at * channels + channel] = Math.trunc(isFloating(dtype) ? scaled(level) : level);
    }
  }
  return bytes({ data, height, width, channels });
}
