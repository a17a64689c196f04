import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ByteImage } from '../../../src/data/imageDataset';
import {
  flipTensorHorizontally,
  flipTensorVertically,
  normalize,
  toTensor,
} from '../../../src/data/transforms/floatImage';
import * as geometry from '../../../src/data/transforms/geometry';
import type { PaddingMode } from '../../../src/data/transforms/geometry';
import { resize, resizedShape } from '../../../src/data/transforms/resize';
import type { Interpolation } from '../../../src/data/transforms/resize';

interface StoredImage extends Omit<ByteImage, 'data'> {
  data: number[];
}

/** Made by torchvision 0.29.1 and Pillow 13.0.0. */
interface Fixture {
  images: Record<string, StoredImage>;
  cases: { function: string; image: string; arguments: (number | string)[]; result: StoredImage }[];
  toTensorBits: number[];
  rgbTensorBits: number[];
  normalizedBits: number[];
  normalizedHalfBits: number[];
}

const fixture = JSON.parse(readFileSync('test/fixtures/data/transforms.json', 'utf8')) as Fixture;

function load(stored: StoredImage): ByteImage {
  return { ...stored, data: Uint8Array.from(stored.data) };
}

const bits = (data: Float32Array) => Array.from(new Int32Array(data.buffer, data.byteOffset, data.length));

type Apply = (image: ByteImage, numbers: number[], word: string) => ByteImage;

function padding([left, top, right, bottom]: number[]): geometry.Padding {
  return { left: left!, top: top!, right: right!, bottom: bottom! };
}

const functions: Record<string, Apply> = {
  resize: (image, [height, width], mode) => resize(image, height!, width!, mode as Interpolation),
  resizeShort: (image, [size]) => resize(image, ...resizedShape(image, size!)),
  centerCrop: (image, [height, width]) => geometry.centerCrop(image, height!, width!),
  crop: (image, [top, left, height, width]) => geometry.crop(image, top!, left!, height!, width!),
  pad: (image, sides, mode) => geometry.pad(image, padding(sides), mode as PaddingMode),
  padFill: (image, sides) => geometry.pad(image, padding(sides), 'constant', sides[4]!),
  hflip: (image) => geometry.flipHorizontally(image),
  vflip: (image) => geometry.flipVertically(image),
  grayscale: (image, [outputs]) => geometry.grayscale(image, outputs as 1 | 3),
  rotate: (image, [angle]) => geometry.rotate(image, angle!),
};

for (const name of new Set(fixture.cases.map((row) => row.function))) {
  test(`${name} gives PIL's bytes`, () => {
    for (const row of fixture.cases.filter((one) => one.function === name)) {
      const image = load(fixture.images[row.image]!);
      const before = image.data.slice();
      const numbers = row.arguments.filter((argument) => typeof argument === 'number');
      const word = row.arguments.find((argument) => typeof argument === 'string') ?? '';
      const result = functions[name]!(image, numbers, word);
      assert.deepEqual(
        { ...result, data: Array.from(result.data) },
        row.result,
        `${name}(${row.image}, ${row.arguments.join(', ')})`,
      );
      assert.deepEqual(image.data, before, 'the image given in is left alone');
    }
  });
}

test('toTensor divides as float32 does, for all 256 values', () => {
  const image = { data: Uint8Array.from({ length: 256 }, (_, at) => at), height: 16, width: 16, channels: 1 };
  assert.deepEqual(bits(toTensor(image).data), fixture.toTensorBits);
});

test('toTensor puts channels first', () => {
  assert.deepEqual(bits(toTensor(load(fixture.images['rgb']!)).data), fixture.rgbTensorBits);
});

test('normalize has the bits of torch', () => {
  const tensor = toTensor(load(fixture.images['rgb']!));
  const result = normalize(tensor, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
  assert.deepEqual(bits(result.data), fixture.normalizedBits);
  assert.deepEqual(bits(normalize(tensor, [0.5], [0.5]).data), fixture.normalizedHalfBits);
  assert.throws(() => normalize(tensor, [0.5, 0.5], [0.5]), { code: 'data.normalize' });
});

test('flipping a tensor is flipping the image', () => {
  const image = load(fixture.images['rgb']!);
  assert.deepEqual(flipTensorHorizontally(toTensor(image)), toTensor(geometry.flipHorizontally(image)));
  assert.deepEqual(flipTensorVertically(toTensor(image)), toTensor(geometry.flipVertically(image)));
});
