import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ruleTable } from '../../src/core/autodiff/ruleTable';
import type { AttributeValues } from '../../src/core/onnx/opRow';
import type { OpName } from '../../src/core/onnx/opTable';
import { elementCount, numbersFromData, type DType } from '../../src/core/tensor/dtype';
import { Tape } from '../../src/core/tensor/tape';
import { concreteValue } from '../../src/core/tensor/value';
import { given } from './caseInputs';
import { record, ruleGradient, runtime, type CaseInput } from './gradientChecker';

type Numbers = readonly (number | string)[];

interface KinkCase {
  name: string;
  op: string;
  attributes: AttributeValues;
  inputs: { shape: number[]; values: Numbers }[];
  constants: { dtype: string; shape: number[]; values: number[] }[];
  output: Numbers;
  gradients: (Numbers | null)[];
}

function numbers(values: Numbers): number[] {
  return values.map((value) => (typeof value === 'number' ? value : Number(value.replace('inf', 'Infinity'))));
}

/** Within float32's rounding of PyTorch's numbers, relative to the largest; NaN and infinities must be the same. */
function assertClose(actual: ArrayLike<number>, expected: Numbers, what: string): void {
  const wanted = numbers(expected);
  assert.equal(actual.length, wanted.length, what);
  const largest = Math.max(1e-3, ...wanted.filter(Number.isFinite).map(Math.abs));
  wanted.forEach((value, i) => {
    const own = actual[i]!;
    const close = Object.is(own + 0, value + 0) || Math.abs(own - value) <= 1e-6 * largest;
    assert.ok(close, `${what}: element ${i} is ${own} instead of ${value}`);
  });
}

const { cases } = JSON.parse(readFileSync('test/fixtures/gradientKinks.json', 'utf8')) as { cases: KinkCase[] };

for (const entry of cases) {
  test(`PyTorch's ${entry.op} and its gradient: ${entry.name}`, () => {
    const tape = new Tape(runtime);
    const op = entry.op as OpName;
    const inputs: CaseInput[] = [
      ...entry.inputs.map(({ shape, values }) => given(shape, numbers(values))),
      ...entry.constants.map((constant) => ({ ...constant, dtype: constant.dtype as DType, constant: true })),
    ];
    const node = record(tape, { op, name: entry.name, inputs, attributes: entry.attributes }, 'float32');
    const output = node.outputs[0]!;
    assertClose(numbersFromData(tape.read(output)), entry.output, 'the result');
    const cotangent = Float32Array.from({ length: elementCount(output.shape) }, (_, i) => i + 1);
    const cotangents = [concreteValue(cotangent, output.shape, 'float32'), null];
    entry.gradients.forEach((gradient, i) => {
      if (gradient === null) return;
      assertClose(ruleGradient(tape, node, i, ruleTable[op], cotangents), gradient, `the gradient of input ${i}`);
    });
  });
}
