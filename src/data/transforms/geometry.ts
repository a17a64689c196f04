import type { ByteImage } from '../imageDataset';

export type PaddingMode = 'constant' | 'edge' | 'reflect' | 'symmetric';

export interface Padding {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A new image whose pixel (row, column) is `from`'s pixel number `source(row, column)`, or `fill` where that is < 0. */
function gather(
  from: ByteImage,
  height: number,
  width: number,
  fill: number,
  source: (row: number, column: number) => number,
): ByteImage {
  const { channels } = from;
  const data = new Uint8Array(height * width * channels);
  let at = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const pixel = source(row, column);
      for (let channel = 0; channel < channels; channel++) {
        data[at++] = pixel < 0 ? fill : from.data[pixel * channels + channel]!;
      }
    }
  }
  return { data, height, width, channels };
}

/** The position in 0 … size-1 that a position outside repeats (numpy's pad modes of the same names), or -1. */
function inside(position: number, size: number, mode: PaddingMode): number {
  if (position >= 0 && position < size) return position;
  if (mode === 'constant') return -1;
  if (mode === 'edge') return position < 0 ? 0 : size - 1;
  const cycle = mode === 'reflect' ? Math.max(1, 2 * (size - 1)) : 2 * size;
  const at = ((position % cycle) + cycle) % cycle;
  return at < size ? at : mode === 'reflect' ? cycle - at : cycle - 1 - at;
}

/** torchvision's `pad`, `fill` (0 … 255, for every channel) counting in the mode `constant` only. */
export function pad(image: ByteImage, padding: Padding, mode: PaddingMode = 'constant', fill = 0): ByteImage {
  const { height, width } = image;
  const { left, top, right, bottom } = padding;
  return gather(image, height + top + bottom, width + left + right, fill, (row, column) => {
    const y = inside(row - top, height, mode);
    const x = inside(column - left, width, mode);
    return y < 0 || x < 0 ? -1 : y * width + x;
  });
}

/** torchvision's `crop`: outside of the image it is black, as in PIL. */
export function crop(image: ByteImage, top: number, left: number, height: number, width: number): ByteImage {
  return gather(image, height, width, 0, (row, column) => {
    const y = row + top;
    const x = column + left;
    return y < 0 || x < 0 || y >= image.height || x >= image.width ? -1 : y * image.width + x;
  });
}

/** Python's `round` of a half: to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** torchvision's `center_crop`: an image smaller than the crop is padded with black first. */
export function centerCrop(image: ByteImage, height: number, width: number): ByteImage {
  const missingX = Math.max(0, width - image.width);
  const missingY = Math.max(0, height - image.height);
  const padded = pad(image, {
    left: missingX >> 1,
    top: missingY >> 1,
    right: (missingX + 1) >> 1,
    bottom: (missingY + 1) >> 1,
  });
  const top = roundHalfEven((padded.height - height) / 2);
  return crop(padded, top, roundHalfEven((padded.width - width) / 2), height, width);
}

export function flipHorizontally(image: ByteImage): ByteImage {
  const { height, width } = image;
  return gather(image, height, width, 0, (row, column) => row * width + width - 1 - column);
}

export function flipVertically(image: ByteImage): ByteImage {
  const { height, width } = image;
  return gather(image, height, width, 0, (row, column) => (height - 1 - row) * width + column);
}

/** PIL's `convert('L')` in `outputs` (1 or 3 equal) channels, as torchvision's Grayscale. */
export function grayscale(image: ByteImage, outputs: 1 | 3 = 1): ByteImage {
  const { height, width, channels } = image;
  const data = new Uint8Array(height * width * outputs);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const [red, green, blue] = [0, 1, 2].map((channel) => image.data[pixel * channels + channel]!) as [
      number,
      number,
      number,
    ];
    const gray = channels === 1 ? red : (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
    data.fill(gray, pixel * outputs, (pixel + 1) * outputs);
  }
  return { data, height, width, channels: outputs };
}

/** One channel spread to three equal ones, as PIL's `convert('RGB')`. */
export function toRgb(image: ByteImage): ByteImage {
  return image.channels === 3 ? image : grayscale(image, 3);
}

/** Python's round(value, 15), as far as sines and cosines need it. */
function round15(value: number): number {
  return Number(value.toFixed(15));
}

/**
 * PIL's `rotate(angle)` with nearest neighbours about the centre, without making the image larger: `angle` in degrees
 * counter-clockwise; what was outside is `fill`. Source: Image.rotate, and Geometry.c's affine_fixed (16.16 fixed point).
 */
export function rotate(image: ByteImage, angle: number, fill = 0): ByteImage {
  const { height, width } = image;
  const degrees = ((angle % 360) + 360) % 360;
  if (degrees === 0) return image;
  if (degrees === 180) return flipVertically(flipHorizontally(image));
  if (degrees === 90 && height === width) {
    return gather(image, height, width, fill, (row, column) => column * width + width - 1 - row);
  }
  if (degrees === 270 && height === width) {
    return gather(image, height, width, fill, (row, column) => (height - 1 - column) * width + row);
  }
  const radians = (-degrees * Math.PI) / 180;
  const [cos, sin] = [round15(Math.cos(radians)), round15(Math.sin(radians))];
  const [centerX, centerY] = [width / 2, height / 2];
  const offsetX = cos * -centerX + sin * -centerY + centerX;
  const offsetY = -sin * -centerX + cos * -centerY + centerY;
  const fixed = (value: number) => Math.floor(value * 65536 + 0.5);
  const [stepX, acrossX, startX] = [fixed(cos), fixed(sin), fixed(offsetX + cos * 0.5 + sin * 0.5)];
  const [stepY, acrossY, startY] = [fixed(-sin), fixed(cos), fixed(offsetY - sin * 0.5 + cos * 0.5)];
  return gather(image, height, width, fill, (row, column) => {
    const x = (startX + row * acrossX + column * stepX) >> 16;
    const y = (startY + row * acrossY + column * stepY) >> 16;
    return x < 0 || y < 0 || x >= width || y >= height ? -1 : y * width + x;
  });
}
