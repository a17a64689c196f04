/** An 8-bit image: `data` is height x width x channels, row by row, as PIL keeps it. */
export interface ByteImage {
  data: Uint8Array;
  height: number;
  width: number;
  /** 1 (PIL's mode `L`) or 3 (PIL's mode `RGB`). */
  channels: number;
}

/** Labelled images in the order torchvision gives them. Opening one reads every label; an image is made when asked for. */
export interface ImageDataset {
  readonly length: number;
  readonly classes: string[];
  /** One class index for each image. */
  readonly targets: number[];
  /** The image at `index`, 0 <= index < length. The caller must not write into its data. */
  image(index: number): ByteImage;
  /** Where the images come from: the folder that was read, or what drew them. */
  readonly source: string;
  /** What a person should know: a partial file, a file that is missing, a sample in place of the data. */
  readonly notices: string[];
}

/** Swaps a channels x height x width image (CIFAR's files) into height x width x channels. */
export function planesToPixels(planes: Uint8Array, channels: number, area: number): Uint8Array {
  const pixels = new Uint8Array(planes.length);
  for (let channel = 0; channel < channels; channel++) {
    for (let at = 0; at < area; at++) pixels[at * channels + channel] = planes[channel * area + at]!;
  }
  return pixels;
}

/** Refuses an index outside of 0 … length-1; every `image(index)` goes through here. */
export function checkIndex(index: number, length: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    throw new RangeError(`image ${index} of a data set of ${length}`);
  }
}
