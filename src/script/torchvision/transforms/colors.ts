import type { ByteImage } from '../../../data/imageDataset';
import { grayscale } from '../../../data/transforms/geometry';

const f = Math.fround;

/** PIL's Image.blend: `from` at factor 0, `to` at 1, and beyond. Source: src/libImaging/Blend.c. */
function blend(from: ByteImage, to: ByteImage, factor: number): ByteImage {
  if (factor === 0) return from;
  if (factor === 1) return to;
  const alpha = f(factor);
  const data = to.data.map((level, at) => {
    const start = from.data[at]!;
    const mixed = f(start + f(alpha * (level - start)));
    return mixed <= 0 ? 0 : mixed >= 255 ? 255 : Math.trunc(mixed);
  });
  return { ...to, data };
}

export function adjustBrightness(image: ByteImage, factor: number): ByteImage {
  return blend({ ...image, data: new Uint8Array(image.data.length) }, image, factor);
}

/** The degenerate image is the mean of the gray one, rounded. */
export function adjustContrast(image: ByteImage, factor: number): ByteImage {
  const gray = grayscale(image, 1).data;
  const mean = Math.trunc(gray.reduce((sum, level) => sum + level, 0) / gray.length + 0.5);
  return blend({ ...image, data: new Uint8Array(image.data.length).fill(mean) }, image, factor);
}

export function adjustSaturation(image: ByteImage, factor: number): ByteImage {
  return blend(grayscale(image, image.channels === 1 ? 1 : 3), image, factor);
}

function clip8(value: number): number {
  return Math.min(255, Math.max(0, value));
}

/** PIL's conversion of one pixel (Convert.c, rgb2hsv_row). */
function toHsv(red: number, green: number, blue: number): [number, number, number] {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most === least) return [0, 0, most];
  const range = f(most - least);
  const saturation = f(range / most);
  const [rc, gc, bc] = [red, green, blue].map((level) => f((most - level) / range)) as [number, number, number];
  const sector = red === most ? f(bc - gc) : green === most ? f(2 + rc - bc) : f(4 + gc - rc);
  const hue = f((sector / 6 + 1) % 1);
  return [clip8(Math.trunc(hue * 255)), clip8(Math.trunc(saturation * 255)), most];
}

/** C's round: halves away from zero. */
function round(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}

/** PIL's conversion of one pixel (Convert.c, hsv2rgb). */
function toRgbLevels(hue: number, saturation: number, value: number): [number, number, number] {
  if (saturation === 0) return [value, value, value];
  const turned = (hue * 6) / 255;
  const sector = Math.floor(turned);
  const part = f(turned - sector);
  const strength = f(saturation / 255);
  const level = (weakened: number) => clip8(round(value * (1 - weakened)));
  const [p, q, t] = [level(strength), level(f(strength * part)), level(strength * (1 - part))];
  const sectors: [number, number, number][] = [
    [value, t, p],
    [q, value, p],
    [p, value, t],
    [p, q, value],
    [t, p, value],
    [value, p, q],
  ];
  return sectors[sector % 6]!;
}

/** torchvision's `adjust_hue` on a PIL image: the hue in 8 bits, turned by `factor` of the circle. */
export function adjustHue(image: ByteImage, factor: number): ByteImage {
  if (image.channels === 1) return image;
  const shift = Math.trunc(factor * 255);
  const data = new Uint8Array(image.data.length);
  for (let at = 0; at < data.length; at += 3) {
    const [hue, saturation, value] = toHsv(image.data[at]!, image.data[at + 1]!, image.data[at + 2]!);
    data.set(toRgbLevels((hue + shift) & 255, saturation, value), at);
  }
  return { ...image, data };
}
