import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttributeValues } from '../../../src/core/onnx/opRow';
import { StructureTokens } from '../../../src/core/tensor/structureTokens';

type Part = string | AttributeValues | readonly number[];

function tokensOf(parts: readonly Part[]): StructureTokens {
  const tokens = new StructureTokens();
  for (const part of parts) {
    if (typeof part === 'string') tokens.addText(part);
    else if (isShape(part)) tokens.addType('float32', part);
    else tokens.addAttributes(part);
  }
  return tokens;
}

function isShape(part: AttributeValues | readonly number[]): part is readonly number[] {
  return Array.isArray(part);
}

const filled = (value: number): AttributeValues => ({
  value: { dtype: 'float32', shape: [1], data: Float32Array.of(value) },
});

const structures: readonly (readonly Part[])[] = [
  [],
  ['Add'],
  ['Sub'],
  ['Add', 'Sub'],
  ['Add', [2, 3]],
  ['Add', [3, 2]],
  ['Add', [2, 3, 1]],
  ['Conv', { strides: [1, 2] }],
  ['Conv', { strides: [1, 2, 1] }],
  ['Conv', { strides: [2, 1] }],
  ['Conv', { dilations: [1, 2] }],
  ['Conv', { strides: [1], dilations: [2] }],
  ['Gemm', { alpha: 1 }],
  ['Gemm', { alpha: 0 }],
  ['Gemm', { alpha: -0 }],
  ['Gemm', { alpha: 0.1 }],
  ['Gemm', { alpha: 0.1 + Number.EPSILON }],
  ['Gemm', { alpha: 2 ** 40 }],
  ['Gemm', { alpha: Number.NaN }],
  ['Gemm', { alpha: 'NaN' }],
  ['Fill', filled(0)],
  ['Fill', filled(1)],
  ['Fill', {}],
];

test('two structures have the same tokens only when they are the same', () => {
  structures.forEach((a, i) => {
    const copy = tokensOf(a).copy();
    structures.forEach((b, j) => {
      const other = tokensOf(b);
      assert.equal(other.equals(copy), i === j, `structures ${i} and ${j}`);
      if (i === j) assert.equal(other.hash, tokensOf(a).hash);
    });
  });
});

test('a row that is written over the one before, and one that outgrows its first room, are what they would be anew', () => {
  const used = tokensOf(['Conv', { strides: [1, 2] }]);
  used.clear();
  const long = Array.from({ length: 3000 }, (_, i) => i);
  used.addShape(long);
  const fresh = new StructureTokens();
  fresh.addShape(long);
  assert.ok(used.equals(fresh.copy()));
  assert.equal(used.hash, fresh.hash);
});
