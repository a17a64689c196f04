import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { classNames } from './classNames';
import { candidateFolders, count, fileError, readBytes } from './files';
import { checkIndex, planesToPixels } from './imageDataset';
import type { ImageDataset } from './imageDataset';
import { PickledArray, pickledText, unpickle } from './unpickle';

export type CifarName = 'CIFAR10' | 'CIFAR100';

const side = 32;
const area = side * side;
const pixelBytes = 3 * area;

interface Layout {
  folder: string;
  train: string[];
  test: string[];
  read: (file: string, classes: number) => Records;
}

/** The images of one file: channels x height x width each, and their labels. */
interface Records {
  labels: number[];
  planes: (index: number) => Uint8Array;
}

interface Family {
  layouts: Layout[];
  /** Images in a complete file of the training and of the test set. */
  perFile: { train: number; test: number };
}

const range = (name: (index: number) => string) => [1, 2, 3, 4, 5].map(name);

/** https://www.cs.toronto.edu/~kriz/cifar.html, and torchvision's datasets/cifar.py. */
const families: Record<CifarName, Family> = {
  CIFAR10: {
    layouts: [
      {
        folder: 'cifar-10-batches-bin',
        train: range((index) => `data_batch_${index}.bin`),
        test: ['test_batch.bin'],
        read: (file, classes) => readBinary(file, classes, 1),
      },
      {
        folder: 'cifar-10-batches-py',
        train: range((index) => `data_batch_${index}`),
        test: ['test_batch'],
        read: (file, classes) => readPickled(file, classes, 'labels'),
      },
    ],
    perFile: { train: 10_000, test: 10_000 },
  },
  CIFAR100: {
    layouts: [
      {
        folder: 'cifar-100-binary',
        train: ['train.bin'],
        test: ['test.bin'],
        read: (file, classes) => readBinary(file, classes, 2),
      },
      {
        folder: 'cifar-100-python',
        train: ['train'],
        test: ['test'],
        read: (file, classes) => readPickled(file, classes, 'fine_labels'),
      },
    ],
    perFile: { train: 50_000, test: 10_000 },
  },
};

const again = 'Delete it and download the data set again, or point the data folder at a complete copy.';

/** Records of `labelBytes` label bytes (the last is the class) and 3072 bytes, red, green and blue planes of 32x32. */
function readBinary(file: string, classes: number, labelBytes: number): Records {
  const bytes = readBytes(file);
  const recordBytes = labelBytes + pixelBytes;
  const records = Math.floor(bytes.length / recordBytes);
  const expected = `records of ${count(recordBytes)} bytes (${labelBytes} for the label, ${count(pixelBytes)} for 3x32x32 pixels)`;
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (packed || bytes[0] === 0x3c || String.fromCharCode(...bytes.subarray(0, 2)) === '\x80\x02') {
    const what = packed ? 'a gzip archive' : bytes[0] === 0x3c ? 'a web page or XML' : 'a Python pickle';
    if (bytes.length % recordBytes !== 0) {
      throw fileError('data.foreign', file, `${count(bytes.length)} bytes that look like ${what}`, expected, again);
    }
  }
  if (records === 0 || bytes.length % recordBytes !== 0) {
    const rest = bytes.length - records * recordBytes;
    throw fileError(
      'data.truncated',
      file,
      `${count(bytes.length)} bytes are ${count(records)} whole records and ${count(rest)} bytes`,
      expected,
      again,
    );
  }
  const labels = Array.from({ length: records }, (_, index) => bytes[index * recordBytes + labelBytes - 1]!);
  checkLabels(file, labels, classes);
  return {
    labels,
    planes: (index) => bytes.subarray(index * recordBytes + labelBytes, (index + 1) * recordBytes),
  };
}

function readPickled(file: string, classes: number, labelKey: string): Records {
  const bytes = readBytes(file);
  const size = `${count(bytes.length)} bytes`;
  const expected = `a pickled dictionary with 'data' (uint8, N x ${pixelBytes}) and '${labelKey}' (N numbers)`;
  if (bytes[0] !== 0x80) throw fileError('data.foreign', file, `${size} that are no pickle`, expected, again);
  const content = unpickle(bytes, file);
  const data = content instanceof Map ? content.get('data') : undefined;
  const labels = content instanceof Map ? content.get(labelKey) : undefined;
  if (!(data instanceof PickledArray) || data.shape[1] !== pixelBytes || data.shape.length !== 2) {
    const held = content instanceof Map ? [...content.keys()].join(', ') : (pickledText(content) ?? typeof content);
    throw fileError('data.foreign', file, `${size}, a pickle of other things (${held})`, expected, again);
  }
  if (!Array.isArray(labels) || labels.length !== data.shape[0] || labels.length === 0) {
    throw fileError('data.foreign', file, `${size}, whose labels don't match its images`, expected, again);
  }
  const numbers = labels.map(Number);
  checkLabels(file, numbers, classes);
  return { labels: numbers, planes: (index) => data.data.subarray(index * pixelBytes, (index + 1) * pixelBytes) };
}

function checkLabels(file: string, labels: number[], classes: number): void {
  const wrong = labels.findIndex((label) => !Number.isInteger(label) || label < 0 || label >= classes);
  if (wrong < 0) return;
  throw fileError(
    'data.label',
    file,
    `record ${count(wrong)} has the label ${labels[wrong]}`,
    `a label from 0 to ${classes - 1}`,
    `The file is damaged or belongs to another data set. ${again}`,
  );
}

export interface CifarRequest {
  name: CifarName;
  train: boolean;
  /** Folders to look in, the script's `root` first; the data's folder may be one of them, in one, or one level deeper. */
  roots: readonly string[];
}

/**
 * torchvision's CIFAR10 or CIFAR100 from the binary or the Python version of the files, images 32x32x3.
 * Of files cut at a whole record what is there is read, with a notice. Returns undefined when there are no files.
 * Throws `data.truncated`, `data.foreign`, `data.label`, `data.pickle` or `data.unreadable`.
 */
export function openCifar(request: CifarRequest): ImageDataset | undefined {
  const family = families[request.name];
  const split = request.train ? 'train' : 'test';
  let best: { layout: Layout; folder: string; files: string[] } | undefined;
  for (const layout of family.layouts) {
    for (const folder of candidateFolders(request.roots, layout.folder)) {
      const files = layout[split].filter((name) => existsSync(join(folder, name)));
      if (files.length > (best?.files.length ?? 0)) best = { layout, folder, files };
    }
  }
  if (best === undefined) return undefined;

  const { layout, folder, files } = best;
  const classes = classNames[request.name];
  const notices: string[] = [];
  const missing = layout[split].filter((name) => !files.includes(name));
  if (missing.length > 0) {
    notices.push(`${folder}: ${missing.join(', ')} missing, the ${split} set is made of ${files.join(', ')} only.`);
  }
  const batches = files.map((name) => {
    const records = layout.read(join(folder, name), classes.length);
    const whole = family.perFile[split];
    if (records.labels.length !== whole) {
      notices.push(`${join(folder, name)} holds ${count(records.labels.length)} images of ${count(whole)}.`);
    }
    return records;
  });
  const places = batches.flatMap((batch) => batch.labels.map((_, index) => ({ batch, index })));
  return {
    length: places.length,
    classes,
    targets: batches.flatMap((batch) => batch.labels),
    source: folder,
    notices,
    image(index) {
      checkIndex(index, places.length);
      const place = places[index]!;
      return { data: planesToPixels(place.batch.planes(place.index), 3, area), height: side, width: side, channels: 3 };
    },
  };
}
