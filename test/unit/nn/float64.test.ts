import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elu, gelu, leakyRelu, selu } from '../../../src/core/nn/functional/activations';
import { multiply } from '../../../src/core/nn/tensorMath';
import { apply, Tensor } from '../../../src/core/tensor/tensor';
import { Tape } from '../../../src/core/tensor/tape';
import { OrtRuntime } from '../../../src/runtime/ortRuntime';

const runtime = new OrtRuntime({ device: 'cpu', threads: 1 });
const inputs = [-2.3, -0.7, -0.1, 0, 0.4, 1.9];

interface Row {
  run: (x: Tensor) => Tensor;
  expected: (x: number) => number;
  /** Relative. */
  error: number;
}

const rounding = 1e-15;
const alpha = 1.6732632423543772;
const scale = 1.0507009873554805;

/** Φ of the inputs: torch.special.ndtr. */
const normal = [
  0.010724110021675837, 0.24196365222307298, 0.460172162722971, 0.5, 0.6554217416103242, 0.9712834401839983,
];

/** What attributes in single precision, or a kernel for float32 alone, would spoil. */
const rows: Readonly<Record<string, Row>> = {
  leaky_relu: { run: (x) => leakyRelu(x, 0.01), expected: (x) => (x > 0 ? x : 0.01 * x), error: rounding },
  elu: { run: (x) => elu(x, 0.3), expected: (x) => (x > 0 ? x : 0.3 * Math.expm1(x)), error: rounding },
  selu: { run: selu, expected: (x) => scale * (x > 0 ? x : alpha * Math.expm1(x)), error: rounding },
  tan: { run: (x) => apply(x.tape, 'Tan', [x]), expected: Math.tan, error: rounding },
  // ONNX Runtime's erf is in single precision.
  gelu: {
    run: (x) => gelu(x, 'none'),
    expected: (x) => x * normal[inputs.indexOf(x)]!,
    error: 2e-6,
  },
};

for (const [name, { run, expected, error }] of Object.entries(rows)) {
  test(`${name} of float64`, () => {
    const x = Tensor.fromData(new Tape(runtime), Float64Array.from(inputs), [inputs.length], 'float64');
    const result = run(x);
    assert.equal(result.dtype, 'float64');
    inputs.forEach((input, i) => {
      const [value, wanted] = [Number(result.data[i]), expected(input)];
      assert.ok(Math.abs(value - wanted) <= error * Math.abs(wanted), `${name}(${input}) is ${value}, not ${wanted}`);
    });
  });
}

test('a factor of a product of float64 matrices has all of its digits', () => {
  const tape = new Tape(runtime);
  const matrix = Tensor.fromData(tape, Float64Array.of(1, 2, 3, 4), [1, 2, 2], 'float64');
  const product = apply(tape, 'MatMul', [multiply(matrix, 0.3), multiply(matrix, 0.7)]);
  const expected = [7, 10, 15, 22].map((element) => element * 0.3 * 0.7);
  Array.from(product.data as Float64Array).forEach((element, i) => {
    assert.ok(Math.abs(element - expected[i]!) < 1e-14 * expected[i]!, `${element}, not ${expected[i]}`);
  });
});
