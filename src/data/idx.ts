import { join } from 'node:path';
import { classNames } from './classNames';
import { candidateFolders, count, fileError, isDirectory, plainOrGzip, readBytes } from './files';
import { checkIndex } from './imageDataset';
import type { ImageDataset } from './imageDataset';

export type IdxName = 'MNIST' | 'FashionMNIST' | 'KMNIST';

const again = 'Delete it and download the data set again.';

/** An IDX file of unsigned bytes: its dimensions and its elements, in C order. */
export interface IdxArray {
  shape: number[];
  data: Uint8Array;
}

/**
 * Reads an IDX file (big-endian: two zero bytes, type 8 for uint8, the number of dimensions, each as uint32, the data),
 * plain or `.gz`. Throws `data.foreign` or `data.truncated`.
 */
export function readIdx(file: string, dimensions: number): IdxArray {
  const bytes = readBytes(file);
  const header = 4 + 4 * dimensions;
  const magic = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  const expected = `an IDX file of unsigned bytes with ${dimensions} dimensions (it begins with 0000080${dimensions})`;
  if (magic !== `0000080${dimensions}` || bytes.length < header) {
    throw fileError('data.foreign', file, `${count(bytes.length)} bytes that begin with ${magic}`, expected, again);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis, false));
  const size = header + shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== size) {
    throw fileError(
      'data.truncated',
      file,
      `${count(bytes.length)} bytes (unpacked)`,
      `${count(size)} bytes for the shape (${shape.join(', ')}) that it announces`,
      again,
    );
  }
  return { shape, data: bytes.subarray(header) };
}

export interface IdxRequest {
  name: IdxName;
  train: boolean;
  /** Folders to look in, the script's `root` first. */
  roots: readonly string[];
}

/**
 * torchvision's MNIST, FashionMNIST or KMNIST: `NAME/raw/train-images-idx3-ubyte` and its companions, plain or `.gz`;
 * images 28x28x1. Returns undefined when there are no files. Throws `data.foreign`, `data.truncated`, `data.label`.
 */
export function openIdx(request: IdxRequest): ImageDataset | undefined {
  const prefix = request.train ? 'train' : 't10k';
  const folders = candidateFolders(request.roots, request.name).flatMap((folder) => [join(folder, 'raw'), folder]);
  for (const folder of folders.filter(isDirectory)) {
    const imagesFile = plainOrGzip(join(folder, `${prefix}-images-idx3-ubyte`));
    const labelsFile = plainOrGzip(join(folder, `${prefix}-labels-idx1-ubyte`));
    if (imagesFile !== undefined && labelsFile !== undefined) {
      return pair(imagesFile, labelsFile, folder, classNames[request.name], request.train ? 60_000 : 10_000);
    }
  }
  return undefined;
}

function pair(imagesFile: string, labelsFile: string, folder: string, classes: string[], whole: number): ImageDataset {
  const images = readIdx(imagesFile, 3);
  const labels = readIdx(labelsFile, 1);
  const [length = 0, height = 0, width = 0] = images.shape;
  if (labels.data.length !== length) {
    throw fileError(
      'data.foreign',
      labelsFile,
      `${count(labels.data.length)} labels`,
      `${count(length)}, one for each image of ${imagesFile}`,
      again,
    );
  }
  const targets = Array.from(labels.data);
  const wrong = targets.findIndex((label) => label >= classes.length);
  if (wrong >= 0) {
    const problem = `record ${count(wrong)} has the label ${targets[wrong]}`;
    throw fileError('data.label', labelsFile, problem, `a label from 0 to ${classes.length - 1}`, again);
  }
  return {
    length,
    classes,
    targets,
    source: folder,
    notices: length === whole ? [] : [`${imagesFile} holds ${count(length)} images of ${count(whole)}.`],
    image(index) {
      checkIndex(index, length);
      const size = height * width;
      return { data: images.data.subarray(index * size, (index + 1) * size), height, width, channels: 1 };
    },
  };
}
