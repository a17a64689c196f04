import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { openSample } from '../../../src/data/sampleImages';
import { batchIndices } from '../../../src/data/sampling';

const open = (train: boolean) => openSample({ train, insteadOf: 'CIFAR10' });
const digest = (indices: number[], train = true) => {
  const hash = createHash('sha256');
  for (const index of indices) hash.update(open(train).image(index).data);
  return hash.digest('hex');
};

test('the sample is balanced, of its size, and says what it is', () => {
  for (const [train, length] of [
    [true, 2000],
    [false, 500],
  ] as const) {
    const data = open(train);
    assert.equal(data.length, length);
    assert.equal(data.classes.length, 10);
    for (let label = 0; label < 10; label++) {
      assert.equal(data.targets.filter((target) => target === label).length, length / 10);
      assert.ok(data.targets.slice(0, 10).includes(label), 'each ten images have every class');
    }
    assert.match(data.notices[0]!, /NOT the images of CIFAR10/);
  }
});

test('the sample never changes, whatever is drawn first', () => {
  const backwards = open(true);
  const last = backwards.image(1999).data;
  assert.deepEqual(backwards.image(3).data, open(true).image(3).data);
  assert.deepEqual(last, open(true).image(1999).data);
  assert.equal(
    digest([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    'ce65984ee557fac3c1e9b4c2b314cccfdea243f114fa355a010c05641bbdbb33',
  );
});

test('no image is drawn twice, and none of the test set is in the training set', () => {
  const seen = new Set<string>();
  for (const data of [open(true), open(false)]) {
    for (let index = 0; index < data.length; index++) {
      const image = data.image(index);
      assert.equal(image.data.length, 3072);
      seen.add(createHash('sha256').update(image.data).digest('hex'));
    }
  }
  assert.equal(seen.size, 2500);
});

test('a gray sample of 28x28 for MNIST', () => {
  const image = openSample({ train: false, insteadOf: 'MNIST', side: 28, channels: 1 }).image(0);
  assert.deepEqual([image.height, image.width, image.channels, image.data.length], [28, 28, 1, 784]);
  assert.ok(Math.max(...image.data) - Math.min(...image.data) > 60, 'the figure stands out');
});

test('batches as BatchSampler cuts them', () => {
  assert.deepEqual(batchIndices(10, 4, false), [
    [0, 4],
    [4, 8],
    [8, 10],
  ]);
  assert.deepEqual(batchIndices(10, 4, true), [
    [0, 4],
    [4, 8],
  ]);
  assert.deepEqual(batchIndices(3, 4, true), []);
});
