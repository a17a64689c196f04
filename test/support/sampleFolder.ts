import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSample } from '../../src/data/sampleImages';

/** Writes the built-in images in CIFAR-10's binary layout, as PyTorch read them when the traces were recorded. */
export function writeSampleFolder(root: string): void {
  mkdirSync(join(root, 'cifar-10-batches-bin'), { recursive: true });
  writeFileSync(join(root, 'cifar-10-batches-bin', 'data_batch_1.bin'), recordsOf(true));
  writeFileSync(join(root, 'cifar-10-batches-bin', 'test_batch.bin'), recordsOf(false));
}

function recordsOf(train: boolean): Uint8Array {
  const sample = openSample({ train, insteadOf: 'CIFAR10' });
  const pixels = 32 * 32;
  const records = new Uint8Array(sample.length * (1 + 3 * pixels));
  for (let i = 0; i < sample.length; i++) {
    const start = i * (1 + 3 * pixels);
    const { data } = sample.image(i);
    records[start] = sample.targets[i]!;
    for (let channel = 0; channel < 3; channel++) {
      for (let pixel = 0; pixel < pixels; pixel++) {
        records[start + 1 + channel * pixels + pixel] = data[pixel * 3 + channel]!;
      }
    }
  }
  return records;
}
