export interface ImageShape {
  channels: 1 | 3;
  height: number;
  width: number;
}

/** Whether a sample of this shape is a picture: channels first, grey or RGB. */
export function imageShapeOf(shape: readonly number[]): ImageShape | null {
  const axes = shape.length === 2 ? [1, ...shape] : shape;
  const [channels, height, width] = axes;
  if (axes.length !== 3 || (channels !== 1 && channels !== 3)) return null;
  return height! >= 4 && width! >= 4 ? { channels, height: height!, width: width! } : null;
}

/** RGBA bytes of a channels-first picture, stretched from its smallest to its largest value. */
export function imagePixels(values: ArrayLike<number>, { channels, height, width }: ImageShape): Uint8ClampedArray {
  const { min, max } = finiteRange(values);
  const plane = height * width;
  const stretch = max > min ? 255 / (max - min) : 0;
  const pixels = new Uint8ClampedArray(4 * plane);
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = values[(channels === 3 ? channel : 0) * plane + pixel] ?? NaN;
      pixels[4 * pixel + channel] = stretch === 0 ? 128 : (value - min) * stretch;
    }
    pixels[4 * pixel + 3] = 255;
  }
  return pixels;
}

/** NaN where there is no finite value. */
export function finiteRange(values: ArrayLike<number>): { min: number; max: number } {
  let min = NaN;
  let max = NaN;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (!(min <= value)) min = value;
    if (!(max >= value)) max = value;
  }
  return { min, max };
}
