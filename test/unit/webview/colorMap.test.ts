import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ColorMap, mix, parseColor } from '../../../webview/charts/colorMap';

const colors = { negative: [200, 100, 0], zero: [10, 20, 30], positive: [0, 100, 200], nan: [255, 0, 255] } as const;
const packed = ([red, green, blue]: readonly number[]) => ((255 << 24) | (blue! << 16) | (green! << 8) | red!) >>> 0;

test('zero is neutral, the ends have the full colours, NaN its own', () => {
  const map = new ColorMap(colors);
  assert.equal(map.at(0, 2), packed(colors.zero));
  assert.equal(map.at(-0, 2), packed(colors.zero));
  assert.equal(map.at(2, 2), packed(colors.positive));
  assert.equal(map.at(-2, 2), packed(colors.negative));
  assert.equal(map.at(NaN, 2), packed(colors.nan));
});

test('what lies beyond the scale has the full colour, infinities too', () => {
  const map = new ColorMap(colors);
  assert.equal(map.at(50, 2), packed(colors.positive));
  assert.equal(map.at(-Infinity, 2), packed(colors.negative));
});

test('a scale of zero leaves zeros neutral', () => {
  const map = new ColorMap(colors);
  assert.equal(map.at(0, 0), packed(colors.zero));
  assert.equal(map.at(1e-9, 0), packed(colors.positive));
});

test('half of the scale is half of the way', () => {
  assert.equal(new ColorMap(colors).at(1, 2), packed(mix(colors.zero, colors.positive, 0.5)));
});

test('colours as style sheets have them', () => {
  assert.deepEqual(parseColor(' rgb(1, 2, 3)'), [1, 2, 3]);
  assert.deepEqual(parseColor('rgba(1, 2, 3, 0.5)'), [1, 2, 3]);
  assert.deepEqual(parseColor('#fff'), [255, 255, 255]);
  assert.deepEqual(parseColor('#1f6fbf'), [31, 111, 191]);
  assert.deepEqual(parseColor('color(srgb 0 0.2 1)'), [0, 51, 255]);
  assert.equal(parseColor('transparent'), null);
});
