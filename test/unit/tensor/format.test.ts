import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { dtypeTable, type DType, type TensorData } from '../../../src/core/tensor/dtype';
import {
  defaultPrintOptions,
  formatParameter,
  formatScalar,
  formatTensor,
  setPrintOptions,
} from '../../../src/core/tensor/format';
import { exponentialNotation, fixedNotation, pythonText } from '../../../src/core/tensor/pythonText';

interface Options {
  precision?: number;
  threshold?: number | 'inf';
  edgeitems?: number;
  linewidth?: number;
  profile?: string;
  sci_mode?: boolean;
}

interface Case {
  dtype: DType;
  shape: number[];
  data: (number | string)[];
  gradFn: string | null;
  requiresGrad: boolean;
  parameter: boolean;
  options: Options | null;
  defaultDtype: DType | null;
  text: string;
  scalar: string | null;
}

const { cases } = JSON.parse(readFileSync('test/fixtures/tensorFormat.json', 'utf8')) as { cases: Case[] };

function dataOf({ dtype, data }: Case): TensorData {
  const array = dtypeTable[dtype].allocate(data.length);
  data.forEach((value, index) => {
    if (array instanceof BigInt64Array) array[index] = BigInt(value);
    else array[index] = Number(String(value).replace('inf', 'Infinity'));
  });
  return array;
}

test('every tensor is printed as PyTorch prints it', () => {
  assert.ok(cases.length > 300);
  for (const entry of cases) {
    const { precision, threshold, edgeitems, linewidth, profile, sci_mode: sciMode } = entry.options ?? {};
    const limit = threshold === 'inf' ? Infinity : threshold;
    const options = setPrintOptions(defaultPrintOptions, {
      precision,
      threshold: limit,
      edgeitems,
      linewidth,
      profile,
      sciMode,
    });
    const tensor = {
      data: dataOf(entry),
      shape: entry.shape,
      dtype: entry.dtype,
      requiresGrad: entry.requiresGrad,
      gradFnName: entry.gradFn,
    };
    const format = entry.parameter ? formatParameter : formatTensor;
    assert.equal(format(tensor, options, entry.defaultDtype ?? 'float32'), entry.text);
    if (entry.scalar !== null) assert.equal(formatScalar(tensor), entry.scalar);
  }
});

test('a device other than the CPU is named', () => {
  const tensor = { data: Float32Array.of(1, 2), shape: [2], dtype: 'float32' as const, device: 'cuda:0' };
  assert.equal(formatTensor(tensor), "tensor([1., 2.], device='cuda:0')");
});

test('options stay until they are set again, but for the notation', () => {
  const narrow = setPrintOptions(defaultPrintOptions, { linewidth: 40, sciMode: true });
  assert.deepEqual(narrow, { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 40, sciMode: true });
  assert.deepEqual(setPrintOptions(narrow, { precision: 2 }), { ...narrow, precision: 2, sciMode: null });
});

test('numbers are rounded and written as in Python', () => {
  assert.equal(fixedNotation(0.03125, 4), '0.0312');
  assert.equal(fixedNotation(0.09375, 4), '0.0938');
  assert.equal(fixedNotation(-2.5, 0), '-2');
  assert.equal(fixedNotation(3.5, 0), '4');
  assert.equal(fixedNotation(1e22, 2), '10000000000000000000000.00');
  assert.equal(exponentialNotation(2.5, 0), '2e+00');
  assert.equal(exponentialNotation(1.03125, 4), '1.0312e+00');
  assert.equal(exponentialNotation(9.99999e-6, 2), '1.00e-05');
  assert.equal(exponentialNotation(-0, 1), '-0.0e+00');
  assert.equal(pythonText(1e16), '1e+16');
  assert.equal(pythonText(1e15), '1000000000000000.0');
  assert.equal(pythonText(0.00001), '1e-05');
  assert.equal(pythonText(-0), '-0.0');
});
