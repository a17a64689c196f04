import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runScript, writeDataFolder } from '../torchData/runScript';

const folder = writeDataFolder();
const nowhere = mkdtempSync(join(tmpdir(), 'gradstep-empty-'));
process.on('exit', () => rmSync(nowhere, { recursive: true, force: true }));

test('the root is looked up from the folder of the script, then in the data folder of the run', () => {
  const source = `
import torchvision
print(len(torchvision.datasets.CIFAR10(root='./data', train=True)))
`;
  const own = runScript(source, { scriptFolder: folder });
  assert.equal(own.output, '30\n');
  assert.match(own.notices.join('\n'), /holds 30 images of 10,000/);
  assert.equal(runScript(source, { scriptFolder: nowhere, dataFolder: join(folder, 'data') }).output, '30\n');
});

test('a data set that is not there is an error without download, and the built-in sample with it', () => {
  const source = `
import torchvision
from torchvision import transforms
from torch.utils.data import DataLoader
for name in ['CIFAR10', 'MNIST']:
    make = getattr(torchvision.datasets, name)
    try:
        make('missing', download=False)
    except RuntimeError as error:
        print(error)
sample = torchvision.datasets.CIFAR10('missing', train=False, download=True, transform=transforms.ToTensor())
images, labels = next(iter(DataLoader(sample, batch_size=3)))
print(len(sample), tuple(images.shape), labels.dtype)
`;
  const run = runScript(source, { scriptFolder: nowhere, dataFolder: null });
  assert.deepEqual(run.output.split('\n'), [
    'Dataset not found or corrupted. You can use download=True to download it',
    'Dataset not found. You can use download=True to download it',
    '500 (3, 3, 32, 32) torch.int64',
    '',
  ]);
  assert.match(run.notices[0]!, /NOT the images of CIFAR10/);
});

test('what the script changes in a data set counts: targets, data, transform, a class of its own', () => {
  const source = `
import numpy as np, torch, torchvision
from probe import digest
from torchvision import transforms
from torch.utils.data import DataLoader

data = torchvision.datasets.CIFAR10('data', transform=transforms.ToTensor())
whole = next(iter(DataLoader(data, batch_size=30)))[0]
data.targets = [5] * 30
print(next(iter(DataLoader(data, batch_size=4)))[1].tolist())
data.data = data.data[10:14]
print(len(data), len(DataLoader(data)), tuple(data.data.shape[1:]))
images, _ = next(iter(DataLoader(data, batch_size=4)))
print(torch.equal(images, whole[10:14]))

class Indexed(torchvision.datasets.CIFAR10):
    def __getitem__(self, index):
        image, target = super().__getitem__(index)
        return image, target, index

for batch in DataLoader(Indexed('data', transform=transforms.ToTensor()), batch_size=3):
    print(len(batch), tuple(batch[0].shape), batch[2].tolist(), torch.equal(batch[0], whole[:3]))
    break

class Mine(transforms.Resize):
    def forward(self, image):
        print('mine', image.size)
        return super().forward(image)

print(Mine(8)(transforms.ToPILImage()(data[0][0])).size)
print(np.array(transforms.ToPILImage()(data[0][0])).shape, (data.data / 255.0).mean(axis=(0, 1, 2)).shape)
`;
  assert.deepEqual(runScript(source, { scriptFolder: folder }).output.split('\n'), [
    '[5, 5, 5, 5]',
    '4 4 (32, 32, 3)',
    'True',
    '3 (3, 3, 32, 32) [0, 1, 2] True',
    'mine (32, 32)',
    '(8, 8)',
    '(32, 32, 3) (3,)',
    '',
  ]);
});

test('every epoch of a loader ends, however many there are', () => {
  const source = `
import torchvision
from torchvision import transforms
from torch.utils.data import DataLoader
data = torchvision.datasets.CIFAR10('data', transform=transforms.Compose([
    transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))]))
for epoch in range(20):
    for images, labels in DataLoader(data, batch_size=1, shuffle=True):
        pass
`;
  assert.equal(runScript(source, { scriptFolder: folder }).epochs, 20);
});
