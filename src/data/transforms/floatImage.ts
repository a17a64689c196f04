import { GradstepError } from '../../common/errors';
import type { ByteImage } from '../imageDataset';

/** A float32 image as torch has it: `data` is channels x height x width. */
export interface FloatImage {
  data: Float32Array;
  channels: number;
  height: number;
  width: number;
}

/** torchvision's ToTensor on a PIL image: x / 255 in float32, channels first. Source: functional.to_tensor. */
export function toTensor(image: ByteImage): FloatImage {
  const { channels, height, width } = image;
  const area = height * width;
  const data = new Float32Array(channels * area);
  for (let channel = 0; channel < channels; channel++) {
    for (let at = 0; at < area; at++) data[channel * area + at] = image.data[at * channels + channel]! / 255;
  }
  return { data, channels, height, width };
}

/**
 * torchvision's Normalize: `(x - mean) / std`, each step in float32, on one mean and std a channel or one for all.
 * A new array; the image stays as it is. Throws `data.normalize` if the lengths don't fit.
 */
export function normalize(image: FloatImage, mean: readonly number[], std: readonly number[]): FloatImage {
  const { channels } = image;
  if (![1, channels].includes(mean.length) || ![1, channels].includes(std.length)) {
    throw new GradstepError(
      `Normalize got ${mean.length} means and ${std.length} standard deviations for an image of ${channels} channels; ` +
        'expected one for each channel, or one for all.',
      { code: 'data.normalize', hint: `Give ${channels} of each, or one of each.` },
    );
  }
  const area = image.height * image.width;
  const data = new Float32Array(image.data.length);
  for (let channel = 0; channel < channels; channel++) {
    const shift = Math.fround(mean[mean.length === 1 ? 0 : channel]!);
    const scale = Math.fround(std[std.length === 1 ? 0 : channel]!);
    for (let at = channel * area; at < (channel + 1) * area; at++) {
      data[at] = Math.fround(image.data[at]! - shift) / scale;
    }
  }
  return { ...image, data };
}

/** Mirrors left and right; an involution, as torchvision's `hflip` on a tensor. */
export function flipTensorHorizontally(image: FloatImage): FloatImage {
  const { width, data } = image;
  return { ...image, data: data.map((_, at) => data[at - (at % width) + width - 1 - (at % width)]!) };
}

/** Mirrors top and bottom, as torchvision's `vflip` on a tensor. */
export function flipTensorVertically(image: FloatImage): FloatImage {
  const { height, width, data } = image;
  const area = height * width;
  return {
    ...image,
    data: data.map((_, at) => {
      const inside = at % area;
      const row = Math.floor(inside / width);
      return data[at - inside + (height - 1 - row) * width + (inside % width)]!;
    }),
  };
}
