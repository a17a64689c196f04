import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeImage } from '../../../src/data/decodeImage';
import { openImageFolder } from '../../../src/data/imageFolder';
import { temporaryFolder } from './temporary';

/** Files in each of PNG's modes with the result of Pillow 13's `convert('RGB')`. */
const fixture = JSON.parse(readFileSync('test/fixtures/data/images.json', 'utf8')) as Record<
  string,
  { file: string; width: number; height: number; rgb: number[] }
>;
const file = (name: string) => new Uint8Array(Buffer.from(fixture[name]!.file, 'base64'));

for (const [name, expected] of Object.entries(fixture)) {
  test(`decodes ${name} as PIL does`, () => {
    const image = decodeImage(file(name), name);
    assert.deepEqual([image.height, image.width, image.channels], [expected.height, expected.width, 3]);
    const tolerance = name.startsWith('jpeg') ? 4 : 0;
    assert.equal(image.data.length, expected.rgb.length);
    const worst = Math.max(...expected.rgb.map((value, at) => Math.abs(value - image.data[at]!)));
    assert.ok(worst <= tolerance, `differs by ${worst}`);
  });
}

test('classes and files are sorted, other files left out, subfolders included', (t) => {
  const root = temporaryFolder(t, {
    'b/2.png': file('rgb'),
    'b/10.PNG': file('gray'),
    'b/notes.txt': file('gray'),
    'b/deep/1.jpg': file('jpeg'),
    'Z/x.png': file('palette8bit'),
    'top.png': file('rgb'),
  });
  const data = openImageFolder(root);
  assert.deepEqual(data.classes, ['Z', 'b']);
  assert.deepEqual(data.targets, [0, 1, 1, 1]);
  assert.deepEqual(Array.from(data.image(0).data), fixture['palette8bit']!.rgb);
  assert.deepEqual(Array.from(data.image(1).data), fixture['gray']!.rgb);
  assert.deepEqual(Array.from(data.image(2).data), fixture['rgb']!.rgb);
  assert.equal(data.image(3).width, 16);
  assert.match(data.notices[0]!, /jpeg-js/);
});

test('missing and empty folders raise what torchvision raises', (t) => {
  const root = temporaryFolder(t, { 'cat/1.png': file('rgb'), 'dog/readme.txt': file('rgb') });
  assert.throws(() => openImageFolder(join(root, 'nowhere')), { exception: 'FileNotFoundError' });
  assert.throws(() => openImageFolder(join(root, 'cat')), {
    exception: 'FileNotFoundError',
    message: `Couldn't find any class folder in ${join(root, 'cat')}.`,
  });
  assert.throws(() => openImageFolder(root), {
    message:
      'Found no valid file for the classes dog. Supported extensions are: ' +
      '.jpg, .jpeg, .png, .ppm, .bmp, .pgm, .tif, .tiff, .webp',
  });
});

test('images that cannot be decoded are named', () => {
  assert.throws(() => decodeImage(Buffer.from('BM123'), 'a.bmp'), {
    code: 'data.format',
    message: /a\.bmp.*BMP.*PNG or JPEG/,
  });
  assert.throws(() => decodeImage(Buffer.from('hello'), 'b.png'), { code: 'data.format', message: /unknown format/ });
  assert.throws(() => decodeImage(file('rgb').subarray(0, 60), 'c.png'), {
    code: 'data.damaged',
    message: /c\.png: 60 bytes/,
  });
});
