import type { ByteImage } from '../imageDataset';

export type Interpolation = 'nearest' | 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';

interface Filter {
  support: number;
  weight: (x: number) => number;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

/** Pillow's filters (src/libImaging/Resample.c), by their names in torchvision's InterpolationMode. */
const filters: Record<Exclude<Interpolation, 'nearest'>, Filter> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    weight: (x) => {
      const at = Math.abs(x);
      return at >= 1 ? 0 : sinc(at) * (0.54 + 0.46 * Math.cos(at * Math.PI));
    },
  },
  bicubic: {
    support: 2,
    weight: (x) => {
      const a = -0.5;
      const at = Math.abs(x);
      if (at < 1) return ((a + 2) * at - (a + 3)) * at * at + 1;
      return at < 2 ? (((at - 5) * at + 8) * at - 4) * a : 0;
    },
  },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Bits after the point of Pillow's fixed-point weights for 8-bit channels. */
const precisionBits = 22;

interface Weights {
  first: number;
  /** Fixed-point; they add up to about 1 << precisionBits. */
  factors: Int32Array;
}

/** Pillow's precompute_coeffs and normalize_coeffs_8bpc: for each output position, the inputs it is made of. */
function computeWeights(inSize: number, outSize: number, filter: Filter): Weights[] {
  const scale = inSize / outSize;
  const filterScale = Math.max(scale, 1);
  const support = filter.support * filterScale;
  const inverse = 1 / filterScale;
  return Array.from({ length: outSize }, (_, out) => {
    const center = (out + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(inSize, Math.trunc(center + support + 0.5));
    const exact = Array.from({ length: end - first }, (_, at) => filter.weight((at + first - center + 0.5) * inverse));
    const sum = exact.reduce((total, weight) => total + weight, 0);
    const factors = Int32Array.from(exact, (weight) => {
      const normal = (sum === 0 ? weight : weight / sum) * (1 << precisionBits);
      return Math.trunc(normal + (weight < 0 ? -0.5 : 0.5));
    });
    return { first, factors };
  });
}

/** One pass along an axis. `before` counts the lines outside of the axis, `inside` the bytes of one step along it. */
function resample(data: Uint8Array, inSize: number, weights: Weights[], before: number, inside: number): Uint8Array {
  const outSize = weights.length;
  const result = new Uint8Array(before * outSize * inside);
  for (let line = 0; line < before; line++) {
    for (let out = 0; out < outSize; out++) {
      const { first, factors } = weights[out]!;
      for (let at = 0; at < inside; at++) {
        let sum = 1 << (precisionBits - 1);
        let from = (line * inSize + first) * inside + at;
        for (const factor of factors) {
          sum += data[from]! * factor;
          from += inside;
        }
        result[(line * outSize + out) * inside + at] = Math.min(255, Math.max(0, sum >> precisionBits));
      }
    }
  }
  return result;
}

/** Pillow's ImagingScaleAffine: for each output position, the input that its centre falls on. */
function nearestPositions(inSize: number, outSize: number): number[] {
  const scale = inSize / outSize;
  let position = scale * 0.5;
  return Array.from({ length: outSize }, () => {
    const at = Math.min(inSize - 1, Math.floor(position));
    position += scale;
    return at;
  });
}

function resizeNearest(image: ByteImage, height: number, width: number): ByteImage {
  const { channels } = image;
  const rows = nearestPositions(image.height, height);
  const columns = nearestPositions(image.width, width);
  const data = new Uint8Array(height * width * channels);
  let at = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * image.width + column) * channels;
      for (let channel = 0; channel < channels; channel++) data[at++] = image.data[from + channel]!;
    }
  }
  return { data, height, width, channels };
}

/**
 * Pillow 13's `Image.resize((width, height), filter)` on 8-bit gray or RGB images, bit for bit: one pass along each axis,
 * rounded to 8 bits in between; filters widen when making smaller (antialias). It is what torchvision's Resize does with
 * a PIL image. The columns' pass comes first, unless the height shrinks by more than twice the pixels that the width
 * shrinks by; Pillow before 13 always does the columns first, which can differ by one level.
 */
export function resize(image: ByteImage, height: number, width: number, mode: Interpolation = 'bilinear'): ByteImage {
  if (height === image.height && width === image.width) return image;
  if (mode === 'nearest') return resizeNearest(image, height, width);
  const shrinkage = image.height - height;
  if (shrinkage > 0 && shrinkage > 2 * (image.width - width)) {
    return resizeColumns(resizeRows(image, height, filters[mode]), width, filters[mode]);
  }
  return resizeRows(resizeColumns(image, width, filters[mode]), height, filters[mode]);
}

function resizeColumns(image: ByteImage, width: number, filter: Filter): ByteImage {
  if (width === image.width) return image;
  const weights = computeWeights(image.width, width, filter);
  return { ...image, width, data: resample(image.data, image.width, weights, image.height, image.channels) };
}

function resizeRows(image: ByteImage, height: number, filter: Filter): ByteImage {
  if (height === image.height) return image;
  const weights = computeWeights(image.height, height, filter);
  return { ...image, height, data: resample(image.data, image.height, weights, 1, image.width * image.channels) };
}

/** The height and width that torchvision's `Resize(size)` gives with one number: the shorter edge becomes `size`. */
export function resizedShape(image: { height: number; width: number }, size: number): [height: number, width: number] {
  const { height, width } = image;
  return width <= height ? [Math.trunc((size * height) / width), size] : [size, Math.trunc((size * width) / height)];
}
