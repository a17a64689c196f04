import { checkIndex } from './imageDataset';
import type { ByteImage, ImageDataset } from './imageDataset';

/** Ten things to tell apart, each drawn by its row of `shapes`. */
const sampleClasses = [
  'disc',
  'ring',
  'square',
  'triangle',
  'plus',
  'cross',
  'horizontal stripes',
  'vertical stripes',
  'diagonal stripes',
  'checkerboard',
] as const;
type SampleClass = (typeof sampleClasses)[number];

/** A point relative to the centre of the figure, in units of its radius, and the width of what repeats. */
type Inside = (x: number, y: number, period: number) => boolean;

const odd = (value: number) => (Math.floor(value) & 1) === 1;

const shapes: Record<SampleClass, Inside> = {
  disc: (x, y) => x * x + y * y < 1,
  ring: (x, y) => x * x + y * y < 1 && x * x + y * y > 0.36,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.85,
  triangle: (x, y) => y < 0.8 && Math.abs(x) < (y + 1) * 0.55,
  plus: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 1 && Math.min(Math.abs(x), Math.abs(y)) < 0.25,
  cross: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.9 && Math.abs(Math.abs(x) - Math.abs(y)) < 0.35,
  'horizontal stripes': (_x, y, period) => odd(y / period),
  'vertical stripes': (x, _y, period) => odd(x / period),
  'diagonal stripes': (x, y, period) => odd((x + y) / (1.41 * period)),
  checkerboard: (x, y, period) => odd(x / period) !== odd(y / period),
};

const lengths = { train: 2000, test: 500 };

/** Mulberry32 (public domain, Tommy Ettinger): a small generator; uniform in [0, 1). */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Two colours whose brightness differs enough to see the figure. */
function colors(random: () => number): { figure: number[]; ground: number[] } {
  for (;;) {
    const [figure, ground] = [0, 1].map(() => [0, 1, 2].map(() => 20 + 215 * random())) as [number[], number[]];
    const difference = figure.reduce((sum, value, channel) => sum + Math.abs(value - ground[channel]!), 0);
    if (difference > 200) return { figure, ground };
  }
}

function draw(kind: SampleClass, seed: number, side: number, channels: number): ByteImage {
  const random = generator(seed);
  const { figure, ground } = colors(random);
  const radius = side * (0.24 + 0.18 * random());
  const margin = radius * 0.8;
  const centerX = margin + (side - 2 * margin) * random();
  const centerY = margin + (side - 2 * margin) * random();
  const period = (side * (0.09 + 0.09 * random())) / radius;
  const noise = 10 + 30 * random();
  const data = new Uint8Array(side * side * channels);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const inside = shapes[kind]((column + 0.5 - centerX) / radius, (row + 0.5 - centerY) / radius, period);
      for (let channel = 0; channel < channels; channel++) {
        const value = (inside ? figure : ground)[channel]! + noise * (random() + random() - 1);
        data[(row * side + column) * channels + channel] = Math.min(255, Math.max(0, Math.round(value)));
      }
    }
  }
  return { data, height: side, width: side, channels };
}

export interface SampleRequest {
  train: boolean;
  /** The data set that the sample stands in for, for the notice: `CIFAR10`. */
  insteadOf: string;
  /** Height and width: 32 as CIFAR has it (also the default), 28 as MNIST has it. */
  side?: number;
  /** 3 (the default) or 1. */
  channels?: 1 | 3;
}

/**
 * The built-in sample, for when there are no files and no network: drawn shapes and textures in ten classes, 2000 images
 * to train and 500 others to test. The same request always gives the same bytes; labels go round in an order that is
 * balanced over each ten images.
 */
export function openSample(request: SampleRequest): ImageDataset {
  const { train, insteadOf, side = 32, channels = 3 } = request;
  const length = train ? lengths.train : lengths.test;
  const first = train ? 0 : lengths.train;
  const targets: number[] = [];
  for (let ten = 0; ten < length / 10; ten++) {
    const random = generator(0x5eed + first + ten);
    const order = sampleClasses
      .map((_, label) => ({ label, key: random() }))
      .sort((left, right) => left.key - right.key);
    targets.push(...order.map(({ label }) => label));
  }
  const drawn: ByteImage[] = [];
  return {
    length,
    classes: [...sampleClasses],
    targets,
    source: 'built-in sample',
    notices: [
      `These are NOT the images of ${insteadOf}: its files were not found, so a built-in sample stands in, ${length} ` +
        `drawn shapes and textures of ${side}x${side} pixels in ten classes (${sampleClasses.join(', ')}). Losses and ` +
        `accuracies say nothing about ${insteadOf}.`,
    ],
    image(index) {
      checkIndex(index, length);
      return (drawn[index] ??= draw(sampleClasses[targets[index]!]!, 7919 * (first + index + 1), side, channels));
    },
  };
}
