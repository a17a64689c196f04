import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openIdx } from '../../../src/data/idx';
import { temporaryFolder } from './temporary';

const images = (length: number, pixels: number[]) =>
  Uint8Array.from([0, 0, 8, 3, 0, 0, 0, length, 0, 0, 0, 2, 0, 0, 0, 3, ...pixels]);
const labels = (...values: number[]) => Uint8Array.from([0, 0, 8, 1, 0, 0, 0, values.length, ...values]);
const pixels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

test('raw and .gz files give the same data', (t) => {
  const raw = temporaryFolder(t, {
    'MNIST/raw/t10k-images-idx3-ubyte': images(2, pixels),
    'MNIST/raw/t10k-labels-idx1-ubyte': labels(7, 2),
  });
  const packed = temporaryFolder(t, {
    'MNIST/raw/t10k-images-idx3-ubyte.gz': gzipSync(images(2, pixels)),
    'MNIST/raw/t10k-labels-idx1-ubyte.gz': gzipSync(labels(7, 2)),
  });
  for (const root of [raw, packed]) {
    const data = openIdx({ name: 'MNIST', train: false, roots: [root] })!;
    assert.deepEqual(data.targets, [7, 2]);
    assert.equal(data.classes[7], '7 - seven');
    const image = data.image(1);
    assert.deepEqual([image.height, image.width, image.channels, ...image.data], [2, 3, 1, 7, 8, 9, 10, 11, 12]);
    assert.match(data.notices[0]!, /holds 2 images of 10,000/);
    assert.equal(openIdx({ name: 'MNIST', train: true, roots: [root] }), undefined);
    assert.equal(openIdx({ name: 'FashionMNIST', train: false, roots: [root] }), undefined);
  }
});

test('damaged files are refused', (t) => {
  const open = (imageBytes: Uint8Array, labelBytes: Uint8Array, suffix = '') => {
    const root = temporaryFolder(t, {
      [`KMNIST/raw/train-images-idx3-ubyte${suffix}`]: imageBytes,
      [`KMNIST/raw/train-labels-idx1-ubyte${suffix}`]: labelBytes,
    });
    return () => openIdx({ name: 'KMNIST', train: true, roots: [root] });
  };
  assert.throws(open(images(2, pixels.slice(1)), labels(1, 2)), {
    code: 'data.truncated',
    message: /27 bytes.*28 bytes/,
  });
  assert.throws(open(labels(1, 2), labels(1, 2)), { code: 'data.foreign', message: /begin with 00000801/ });
  assert.throws(open(images(2, pixels), labels(1)), { code: 'data.foreign', message: /1 labels.*expected 2/ });
  assert.throws(open(images(2, pixels), labels(1, 11)), { code: 'data.label', message: /record 1 has the label 11/ });
  const cut = gzipSync(images(2, pixels)).subarray(0, 20);
  assert.throws(open(cut, gzipSync(labels(1, 2)), '.gz'), { code: 'data.truncated', message: /gzip/ });
});
