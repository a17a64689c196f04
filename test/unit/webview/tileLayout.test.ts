import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elementAt, forEachRun, neighbour, pixelOf, tileLayout, windowOf } from '../../../webview/charts/tileLayout';

const shapes = [
  [],
  [1],
  [7],
  [32],
  [1000],
  [5, 6],
  [10, 64],
  [64, 1024],
  [300, 7],
  [1, 50],
  [3, 4, 5],
  [32, 3, 5, 5],
  [64, 32, 3, 3],
  [16, 8, 1, 1],
  [2, 3, 2, 3, 4],
];

for (const shape of shapes) {
  test(`every element of [${shape.join()}] has its own pixel, and the pixel leads back to it`, () => {
    const count = shape.reduce((product, size) => product * size, 1);
    const layout = tileLayout(shape);
    assert.equal(layout.elements, count);
    const used = new Set<string>();
    for (let element = 0; element < count; element++) {
      const pixel = pixelOf(layout, element);
      assert.ok(pixel && pixel.x < layout.width && pixel.y < layout.height, `element ${element}`);
      used.add(`${pixel.x},${pixel.y}`);
      assert.equal(elementAt(layout, pixel.x + 0.5, pixel.y + 0.5), element);
    }
    assert.equal(used.size, count);
    assert.equal(pixelOf(layout, count), null);
  });

  test(`the runs of [${shape.join()}] paint what the pixels say`, () => {
    const layout = tileLayout(shape);
    let painted = 0;
    forEachRun(layout, layout.elements, (element, pixel, length) => {
      for (let i = 0; i < length; i++) {
        const place = pixelOf(layout, element + i)!;
        assert.equal(place.y * layout.width + place.x, pixel + i);
        painted++;
      }
    });
    assert.equal(painted, layout.elements);
  });
}

test('kernels of one output channel stay together', () => {
  const { columns, rows, count, gap, tileWidth } = tileLayout([32, 3, 5, 5]);
  assert.deepEqual({ count, gap, tileWidth, left: columns % 3 }, { count: 96, gap: 1, tileWidth: 5, left: 0 });
  assert.equal(columns * rows, 96);
});

test('long matrices are cut into bands, others are not', () => {
  const wide = tileLayout([64, 1024]);
  assert.equal(wide.bandedColumns, 1024);
  assert.ok(wide.width / wide.height < 4);
  const high = tileLayout([1024, 64]);
  assert.equal(high.bandedColumns, null);
  assert.ok(high.height / high.width < 4 && high.columns > 1);
  assert.equal(tileLayout([30, 40]).count, 1);
});

test('a click on a gap or outside finds nothing', () => {
  const layout = tileLayout([4, 5, 5]);
  assert.equal(elementAt(layout, 5.5, 0), null);
  assert.equal(elementAt(layout, -1, 0), null);
  assert.equal(elementAt(layout, layout.width, 0), null);
});

test('arrow keys cross the gaps and stop at the border', () => {
  const layout = tileLayout([4, 5, 5]);
  assert.equal(layout.columns, 2);
  assert.equal(neighbour(layout, 4, 1, 0), 25);
  assert.equal(neighbour(layout, 25, -1, 0), 4);
  assert.equal(neighbour(layout, 20, 0, 1), 50);
  assert.equal(neighbour(layout, 0, -1, 0), 0);
  assert.equal(neighbour(layout, 0, 0, -1), 0);
});

test('a window holds whole slices within the limit, the last part what is left', () => {
  assert.deepEqual(windowOf([10, 100], 1000), {
    start: 0,
    length: 1000,
    shape: [10, 100],
    part: 0,
    parts: 1,
    from: 0,
    to: 10,
  });
  assert.deepEqual(windowOf([10, 100], 450, 2), {
    start: 800,
    length: 200,
    shape: [2, 100],
    part: 2,
    parts: 3,
    from: 8,
    to: 10,
  });
  assert.equal(windowOf([10, 100], 450, 99).part, 2);
});

test('a slice that is larger than the limit is cut itself', () => {
  const window = windowOf([2, 5, 100], 250, 1);
  assert.deepEqual([window.start, window.length, window.shape, window.parts], [500, 200, [2, 100], 2]);
});
