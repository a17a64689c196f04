import assert from 'node:assert/strict';
import { encode } from 'fast-png';
import { mkdirSync, mkdtempSync, writeFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runScript } from '../torchData/runScript';

test('ImageFolder: classes by folder, sizes brought together by Resize, a clear error where they are not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradstep-folder-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const [name, side] of [
    ['cat', 4],
    ['ant', 6],
  ] as const) {
    mkdirSync(join(folder, 'pictures', name), { recursive: true });
    for (const index of [0, 1]) {
      const data = new Uint8Array(side * side * 3).fill(10 * side + index);
      writeFileSync(
        join(folder, 'pictures', name, `${index}.png`),
        encode({ width: side, height: side, data, channels: 3, depth: 8 }),
      );
    }
  }
  const source = `
import torchvision
from torchvision import transforms
from torch.utils.data import DataLoader
data = torchvision.datasets.ImageFolder('pictures')
print(data)
print(data.classes, data.class_to_idx, data.targets, data[3][0].size, data[3][1])
data.transform = transforms.Compose([transforms.Resize((5, 5)), transforms.PILToTensor()])
for images, labels in DataLoader(data, batch_size=4):
    print(tuple(images.shape), images[:, 0, 2, 2].tolist(), labels.tolist())
data.transform = transforms.ToTensor()
try:
    next(iter(DataLoader(data, batch_size=3)))
except RuntimeError as error:
    print(error)
try:
    torchvision.datasets.ImageFolder('nothing')
except FileNotFoundError as error:
    print('FileNotFoundError')
`;
  assert.deepEqual(runScript(source, { scriptFolder: folder }).output.split('\n'), [
    'Dataset ImageFolder',
    '    Number of datapoints: 4',
    '    Root location: pictures',
    "['ant', 'cat'] {'ant': 0, 'cat': 1} [0, 0, 1, 1] (4, 4) 1",
    '(4, 3, 5, 5) [60, 61, 40, 41] [0, 0, 1, 1]',
    'stack expects each tensor to be equal size, but got [3, 6, 6] at entry 0 and [3, 4, 4] at entry 2',
    'FileNotFoundError',
    '',
  ]);
});
