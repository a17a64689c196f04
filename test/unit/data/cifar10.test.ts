import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { GradstepError } from '../../../src/common/errors';
import { openCifar } from '../../../src/data/cifar10';
import { unpickle } from '../../../src/data/unpickle';
import { temporaryFolder } from './temporary';

/** Made by CPython 3.11 and numpy 2.4; `python2` is laid out as Python 2's cPickle wrote the published files. */
const fixture = JSON.parse(readFileSync('test/fixtures/data/pickles.json', 'utf8')) as {
  pickles: Record<string, string>;
  planes: string;
  labels: number[];
};
const inflate = (text: string) => new Uint8Array(inflateSync(Buffer.from(text, 'base64')));
const pickle = (name: string) => inflate(fixture.pickles[name]!);

/** Records whose red plane is 10 * label, whose green plane counts, and whose blue plane is the record's number. */
function records(labels: number[], labelBytes = 1): Uint8Array {
  return Uint8Array.from(
    labels.flatMap((label, record) => [
      ...(labelBytes === 2 ? [1] : []),
      label,
      ...Array.from({ length: 1024 }, () => (10 * label) % 256),
      ...Array.from({ length: 1024 }, (_, at) => at % 256),
      ...Array.from({ length: 1024 }, () => record),
    ]),
  );
}

function failsWith(code: string, action: () => unknown, ...words: string[]): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof GradstepError);
    assert.equal(error.code, code);
    for (const word of words) assert.ok(error.message.includes(word), `${error.message} names ${word}`);
    return true;
  });
}

const testSet = { name: 'CIFAR10', train: false } as const;

test('a binary test set has its labels, and its images pixel by pixel', (t) => {
  const root = temporaryFolder(t, { 'cifar-10-batches-bin/test_batch.bin': records([7, 0, 9]) });
  const data = openCifar({ ...testSet, roots: [root] })!;
  assert.equal(data.length, 3);
  assert.deepEqual(data.targets, [7, 0, 9]);
  assert.equal(data.classes[9], 'truck');
  const image = data.image(2);
  assert.deepEqual([image.height, image.width, image.channels], [32, 32, 3]);
  assert.deepEqual(Array.from(image.data.subarray(0, 6)), [90, 0, 2, 90, 1, 2]);
  assert.deepEqual(Array.from(image.data.subarray(3 * 1023)), [90, 255, 2]);
  assert.deepEqual(data.notices, [`${join(root, 'cifar-10-batches-bin', 'test_batch.bin')} holds 3 images of 10,000.`]);
  assert.throws(() => data.image(3), RangeError);
});

test('training batches follow each other, and missing ones are named', (t) => {
  const root = temporaryFolder(t, {
    'cifar-10-batches-bin/data_batch_1.bin': records([1, 2]),
    'cifar-10-batches-bin/data_batch_3.bin': records([3]),
  });
  const data = openCifar({ name: 'CIFAR10', train: true, roots: [root] })!;
  assert.deepEqual(data.targets, [1, 2, 3]);
  assert.equal(data.image(2).data[0], 30);
  assert.match(data.notices[0]!, /data_batch_2\.bin, data_batch_4\.bin, data_batch_5\.bin missing/);
  assert.equal(openCifar({ ...testSet, roots: [root] }), undefined);
});

test('the files are found under, in and one level below a root, the first root first', (t) => {
  const under = temporaryFolder(t, { 'cifar-10-batches-bin/test_batch.bin': records([1]) });
  const below = temporaryFolder(t, { 'CIFAR10/cifar-10-batches-bin/test_batch.bin': records([2]) });
  const itself = join(
    temporaryFolder(t, { 'cifar-10-batches-bin/test_batch.bin': records([3]) }),
    'cifar-10-batches-bin',
  );
  const open = (...roots: string[]) => openCifar({ ...testSet, roots })?.targets[0];
  assert.equal(open(under), 1);
  assert.equal(open(below), 2);
  assert.equal(open(itself), 3);
  assert.equal(open(join(under, 'nowhere'), below, under), 2);
  assert.equal(open(join(under, 'nowhere')), undefined);
});

test('damaged binary files are refused by name, size and reason', (t) => {
  const open = (bytes: Uint8Array) => {
    const root = temporaryFolder(t, { 'cifar-10-batches-bin/test_batch.bin': bytes });
    return () => openCifar({ ...testSet, roots: [root] });
  };
  failsWith(
    'data.truncated',
    open(records([1, 2]).subarray(0, 6000)),
    'test_batch.bin',
    '6,000 bytes',
    '1 whole',
    '3,073',
  );
  failsWith('data.truncated', open(new Uint8Array(0)), '0 bytes');
  failsWith('data.label', open(records([1, 10])), 'record 1', 'label 10', '0 to 9');
  failsWith('data.foreign', open(Buffer.from('<!DOCTYPE html><p>Not found')), '27 bytes', 'web page');
  failsWith('data.foreign', open(Uint8Array.from([0x1f, 0x8b, 8, 0])), 'gzip');
});

test('CIFAR-100 takes the fine label of its two', (t) => {
  const root = temporaryFolder(t, { 'cifar-100-binary/test.bin': records([99, 4], 2) });
  const data = openCifar({ name: 'CIFAR100', train: false, roots: [root] })!;
  assert.deepEqual(data.targets, [99, 4]);
  assert.equal(data.classes.length, 100);
  assert.equal(data.classes[99], 'worm');
  assert.equal(data.image(1).data[0], 40);
});

for (const name of Object.keys(fixture.pickles).filter((key) => key.startsWith('python'))) {
  test(`the Python version reads: ${name}`, (t) => {
    const root = temporaryFolder(t, { 'cifar-10-batches-py/test_batch': pickle(name) });
    const data = openCifar({ ...testSet, roots: [root] })!;
    assert.deepEqual(data.targets, fixture.labels);
    const planes = inflate(fixture.planes);
    const second = data.image(1).data;
    for (const at of [0, 31, 500, 1023]) {
      const expected = [0, 1, 2].map((channel) => planes[3072 + channel * 1024 + at]);
      assert.deepEqual(Array.from(second.subarray(3 * at, 3 * at + 3)), expected);
    }
  });
}

test('a pickle that wants anything executed, or that is no data set, is refused', (t) => {
  const open = (bytes: Uint8Array) => {
    const root = temporaryFolder(t, { 'cifar-10-batches-py/test_batch': bytes });
    return () => openCifar({ ...testSet, roots: [root] });
  };
  failsWith('data.pickle', open(pickle('foreignName')), 'the name posix.system');
  failsWith('data.pickle', open(pickle('ordered')), 'collections.OrderedDict');
  failsWith('data.pickle', open(pickle('floats')), 'not of type uint8');
  failsWith('data.foreign', open(pickle('otherThings')), 'epoch, state');
  failsWith('data.foreign', open(Buffer.from('hello')), '5 bytes', 'no pickle');
  failsWith('data.truncated', open(pickle('python2').subarray(0, 500)), 'truncated');
});

test('numbers, text, tuples and dictionaries of a pickle', () => {
  const value = unpickle(pickle('meta'), 'batches.meta');
  assert.deepEqual(
    value,
    new Map<string, unknown>([
      ['num_cases_per_batch', 10000],
      ['label_names', ['a', 'b']],
      ['loss', 0.25],
      ['big', -3000000000],
      ['none', null],
      ['flag', true],
      ['nested', [1, [2, 3], -7]],
    ]),
  );
});
