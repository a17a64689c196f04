import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../../src/common/phase';
import { finiteRange, imagePixels, imageShapeOf } from '../../../webview/views/layers/imagePixels';
import {
  batchOf,
  classBars,
  fittingNames,
  layerEvents,
  layerRows,
  probabilitiesOf,
  sampleOf,
} from '../../../webview/views/layers/layerRows';
import { eventView, historyOf, tensor } from './eventViews';

const pattern: Phase[] = ['zero_grad', 'forward', 'loss', 'backward', 'step'];

test('layers are of the last forward; its loss and backward only once they have run', () => {
  const history = historyOf(pattern, 15);
  assert.deepEqual(layerEvents(history, 0), { forward: -1, loss: -1, backward: -1 });
  assert.deepEqual(layerEvents(history, 6), { forward: 6, loss: -1, backward: -1 });
  assert.deepEqual(layerEvents(history, 9), { forward: 6, loss: 7, backward: 8 });
  assert.deepEqual(layerEvents(history, 10), { forward: 6, loss: 7, backward: 8 });
});

test('containers are left out, and their last layer gets the gradient that bears their name', () => {
  const forward = eventView(
    'forward',
    1,
    [
      tensor('layer', 'model.0', { shape: [4, 8] }),
      tensor('layer', 'model.1', { shape: [4, 10] }),
      tensor('layer', 'model', { shape: [4, 10] }),
    ],
    { layerTypes: { 'model.0': 'Linear', 'model.1': 'Linear', model: 'Sequential' } },
  );
  const backward = eventView('backward', 3, [
    tensor('layerGradient', 'model', { shape: [4, 10] }),
    tensor('layerGradient', 'cross_entropy/Neg', { shape: [] }),
  ]);
  const rows = layerRows(forward, backward);
  assert.deepEqual(
    rows.map(({ path, type, gradient }) => [path, type, gradient?.name ?? null]),
    [
      ['model.0', 'Linear', null],
      ['model.1', 'Linear', 'model'],
    ],
  );
  assert.deepEqual(
    layerRows(forward, null).map(({ gradient }) => gradient),
    [null, null],
  );
});

test('a model without layers inside is its own layer', () => {
  const forward = eventView('forward', 1, [tensor('layer', 'model')]);
  assert.deepEqual(
    layerRows(forward, null).map(({ path }) => path),
    ['model'],
  );
});

test('one sample of a batch', () => {
  assert.deepEqual(sampleOf([4, 3, 2], 4, 2), { start: 12, shape: [3, 2] });
  assert.deepEqual(sampleOf([7, 3], 4, 2), { start: 0, shape: [7, 3] });
  assert.deepEqual(sampleOf([4], 4, 2), { start: 0, shape: [4] });
  const event = (input: number[], output: number[]) =>
    eventView('forward', 1, [tensor('input', '0', { shape: input }), tensor('output', '', { shape: output })]);
  assert.equal(batchOf(event([4, 3], [4, 10])), 4);
  assert.equal(batchOf(event([4, 3], [10])), null);
  assert.equal(batchOf(event([3], [3])), null);
});

test('probabilities are the softmax of the output, without overflow; probabilities stay as they are', () => {
  const [a, b] = probabilitiesOf([1000, 1000 + Math.log(3)]);
  assert.ok(Math.abs(a! - 0.25) < 1e-9 && Math.abs(b! - 0.75) < 1e-9);
  assert.deepEqual(probabilitiesOf([0.25, 0.75]), [0.25, 0.75]);
});

test('bars: the most probable classes, and the label wherever it stands', () => {
  const bars = classBars([0.1, 0.4, 0.05, 0.3, 0.15], 2, 3);
  assert.deepEqual(
    bars.map(({ index, isLabel }) => [index, isLabel]),
    [
      [1, false],
      [3, false],
      [2, true],
    ],
  );
  assert.deepEqual(
    classBars([0.5, 0.5], null, 3).map(({ index }) => index),
    [0, 1],
  );
});

test('what counts as a picture', () => {
  assert.deepEqual(imageShapeOf([3, 32, 32]), { channels: 3, height: 32, width: 32 });
  assert.deepEqual(imageShapeOf([1, 28, 28]), { channels: 1, height: 28, width: 28 });
  assert.deepEqual(imageShapeOf([28, 28]), { channels: 1, height: 28, width: 28 });
  assert.equal(imageShapeOf([16, 32, 32]), null);
  assert.equal(imageShapeOf([10]), null);
  assert.equal(imageShapeOf([3, 2]), null);
});

test('a picture is stretched from its smallest to its largest value, channels first', () => {
  const shape = { channels: 3, height: 1, width: 2 } as const;
  assert.deepEqual([...imagePixels([0, 1, 0.5, 0.5, 1, 0], shape)], [0, 128, 255, 255, 255, 128, 0, 255]);
  const grey = { channels: 1, height: 1, width: 2 } as const;
  assert.deepEqual([...imagePixels([-2, 2], grey)], [0, 0, 0, 255, 255, 255, 255, 255]);
  assert.deepEqual([...imagePixels([7, 7], grey)].slice(0, 4), [128, 128, 128, 255]);
});

test('the range of a picture leaves NaN and infinities out', () => {
  assert.deepEqual(finiteRange([NaN, 3, -1, Infinity]), { min: -1, max: 3 });
  assert.deepEqual(finiteRange([]), { min: NaN, max: NaN });
});

test('class names count only where there is one for each class of the output', () => {
  assert.deepEqual(fittingNames(['cat', 'dog'], 2), ['cat', 'dog']);
  assert.equal(fittingNames(['cat', 'dog'], 10), null);
  assert.equal(fittingNames(undefined, 2), null);
});
