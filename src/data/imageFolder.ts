import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PythonError } from '../common/errors';
import { decodeImage } from './decodeImage';
import { isDirectory, readBytes } from './files';
import { checkIndex } from './imageDataset';
import type { ByteImage, ImageDataset } from './imageDataset';

/** torchvision's IMG_EXTENSIONS: what it lists. Of these, PNG and JPEG can be decoded here. */
const extensions = ['.jpg', '.jpeg', '.png', '.ppm', '.bmp', '.pgm', '.tif', '.tiff', '.webp'];

/** Decoded images are kept up to this many bytes, so that a second epoch doesn't decode them again. */
const cacheBytes = 256 * 1024 * 1024;

/** Python orders strings by code point. */
function byCodePoint(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8'));
}

/** Every image file below `folder`, in the order of `sorted(os.walk(folder))` and sorted file names. */
function listImages(folder: string): string[] {
  const folders: string[] = [];
  const visit = (path: string) => {
    folders.push(path);
    for (const entry of readdirSync(path)) {
      const below = join(path, entry);
      if (isDirectory(below)) visit(below);
    }
  };
  visit(folder);
  return folders.sort(byCodePoint).flatMap((path) =>
    readdirSync(path)
      .filter((name) => extensions.some((extension) => name.toLowerCase().endsWith(extension)))
      .sort(byCodePoint)
      .map((name) => join(path, name))
      .filter((file) => statSync(file).isFile()),
  );
}

/**
 * torchvision's ImageFolder: one class for each folder of `root`, sorted; images as RGB, each in its own size.
 * Files are decoded when asked for. Throws what torchvision raises for a missing or empty root,
 * `data.format` for an image that can't be decoded.
 */
export function openImageFolder(root: string): ImageDataset {
  if (!isDirectory(root)) {
    throw new PythonError('FileNotFoundError', `[Errno 2] No such file or directory: '${root}'`);
  }
  const classes = readdirSync(root)
    .filter((name) => isDirectory(join(root, name)))
    .sort(byCodePoint);
  if (classes.length === 0) {
    throw new PythonError('FileNotFoundError', `Couldn't find any class folder in ${root}.`);
  }
  const samples = classes.flatMap((name, target) => listImages(join(root, name)).map((file) => ({ file, target })));
  const empty = classes.filter((_, index) => samples.every(({ target }) => target !== index));
  if (empty.length > 0) {
    throw new PythonError(
      'FileNotFoundError',
      `Found no valid file for the classes ${empty.join(', ')}. Supported extensions are: ${extensions.join(', ')}`,
    );
  }

  const cache = new Map<number, ByteImage>();
  let cached = 0;
  const jpegs = samples.some(({ file }) => /\.jpe?g$/i.test(file));
  return {
    length: samples.length,
    classes,
    targets: samples.map(({ target }) => target),
    source: root,
    notices: jpegs
      ? [`${root}: JPEG files are decoded by jpeg-js, whose pixels can differ by a few levels from those of PIL.`]
      : [],
    image(index) {
      checkIndex(index, samples.length);
      const known = cache.get(index);
      if (known !== undefined) return known;
      const image = decodeImage(readBytes(samples[index]!.file), samples[index]!.file);
      if (cached + image.data.length <= cacheBytes) {
        cache.set(index, image);
        cached += image.data.length;
      }
      return image;
    },
  };
}
