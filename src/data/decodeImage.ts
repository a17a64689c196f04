import { convertIndexedToRgb, decode as decodePng } from 'fast-png';
import type { DecodedPng } from 'fast-png';
import { decode as decodeJpeg } from 'jpeg-js';
import { count, fileError } from './files';
import type { ByteImage } from './imageDataset';

/** The formats that torchvision lists, by how their files begin. */
const signatures: [format: string, bytes: number[]][] = [
  ['PNG', [0x89, 0x50, 0x4e, 0x47]],
  ['JPEG', [0xff, 0xd8, 0xff]],
  ['BMP', [0x42, 0x4d]],
  ['WebP', [0x52, 0x49, 0x46, 0x46]],
  ['TIFF', [0x49, 0x49, 0x2a, 0x00]],
  ['TIFF', [0x4d, 0x4d, 0x00, 0x2a]],
  ['GIF', [0x47, 0x49, 0x46, 0x38]],
  ['PGM', [0x50, 0x35]],
  ['PPM', [0x50, 0x36]],
];

/**
 * A PNG or JPEG file as PIL's `Image.open(file).convert('RGB')` gives it: transparency dropped, palette and gray
 * spread to RGB, the high byte of 16-bit channels (but 16-bit gray clipped at 255, as PIL does). PNG is exact, JPEG within a few levels of libjpeg.
 * `file` is for the messages. Throws `data.format` (another format) or `data.damaged`.
 */
export function decodeImage(bytes: Uint8Array, file: string): ByteImage {
  const format = signatures.find(([, begin]) => begin.every((byte, at) => bytes[at] === byte))?.[0];
  const size = `${count(bytes.length)} bytes`;
  if (format !== 'PNG' && format !== 'JPEG') {
    const problem = format === undefined ? `${size} of an unknown format` : `${size}, a ${format} image`;
    throw fileError('data.format', file, problem, 'a PNG or JPEG image', 'Convert it to PNG or JPEG.');
  }
  try {
    if (format === 'PNG') return pngToRgb(decodePng(bytes, { checkCrc: true }));
    const { data, height, width } = decodeJpeg(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      maxMemoryUsageInMB: 2048,
    });
    return { data, height, width, channels: 3 };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw fileError('data.damaged', file, `${size}: ${reason}`, `a whole ${format} image`, 'Replace or delete it.');
  }
}

function pngToRgb(png: DecodedPng): ByteImage {
  const { height, width } = png;
  const pixels = width * height;
  const data = new Uint8Array(3 * pixels);
  if (png.palette !== undefined) {
    const colors = convertIndexedToRgb({ ...png, palette: png.palette.map((color) => color.slice(0, 3)) });
    data.set(colors.subarray(0, data.length));
    return { data, height, width, channels: 3 };
  }
  const color = png.channels >= 3;
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      data[3 * pixel + channel] = level(png, pixel, color ? channel : 0);
    }
  }
  return { data, height, width, channels: 3 };
}

/** One sample as 8 bits: less than 8 bits are packed into bytes row by row and spread over 0 … 255. */
function level(png: DecodedPng, pixel: number, channel: number): number {
  const { depth, width, channels } = png;
  if (depth === 8) return png.data[pixel * channels + channel]!;
  if (depth === 16) {
    const sample = png.data[pixel * channels + channel]!;
    return channels === 1 ? Math.min(sample, 255) : sample >> 8;
  }
  const row = Math.floor(pixel / width);
  const bit = (pixel - row * width) * depth;
  const byte = png.data[row * Math.ceil((width * depth) / 8) + (bit >> 3)]!;
  const top = (1 << depth) - 1;
  return (((byte >> (8 - depth - (bit & 7))) & top) * 255) / top;
}
