import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Generator } from '../../../src/core/random/generator';
import {
  calculateFans,
  calculateGain,
  initializeConstant,
  initializeDirac,
  initializeEye,
  initializeKaimingNormal,
  initializeKaimingUniform,
  initializeNormal,
  initializeOrthogonal,
  initializeSparse,
  initializeUniform,
  initializeXavierNormal,
  initializeXavierUniform,
  type Initialized,
  type KaimingOptions,
} from '../../../src/core/random/initialization';
import { initializeTruncatedNormal } from '../../../src/core/random/truncatedNormal';

interface Arguments extends KaimingOptions {
  b?: number;
  mean?: number;
  std?: number;
  val?: number;
  gain?: number;
  groups?: number;
  sparsity?: number;
}

interface Case {
  name: string;
  shape: number[];
  dtype: string;
  seed: number;
  args: Arguments;
  values: number[];
  after: number;
}

const { init, gains } = JSON.parse(readFileSync('test/fixtures/randomDraws.json', 'utf8')) as {
  init: Case[];
  gains: [string, number | null, number][];
};

const functions: Record<string, (target: Initialized, generator: Generator, args: Arguments) => void> = {
  uniform_: (target, generator, { a, b }) => initializeUniform(target, generator, a, b),
  normal_: (target, generator, { mean, std }) => initializeNormal(target, generator, mean, std),
  constant_: (target, _, { val }) => initializeConstant(target, val!),
  ones_: (target) => initializeConstant(target, 1),
  zeros_: (target) => initializeConstant(target, 0),
  eye_: (target) => initializeEye(target),
  dirac_: (target, _, { groups }) => initializeDirac(target, groups),
  xavier_uniform_: (target, generator, { gain }) => initializeXavierUniform(target, generator, gain),
  xavier_normal_: (target, generator, { gain }) => initializeXavierNormal(target, generator, gain),
  kaiming_uniform_: (target, generator, args) => initializeKaimingUniform(target, generator, args),
  kaiming_normal_: (target, generator, args) => initializeKaimingNormal(target, generator, args),
  orthogonal_: (target, generator, { gain }) => initializeOrthogonal(target, generator, gain),
  trunc_normal_: (target, generator, args) => initializeTruncatedNormal(target, generator, args),
  sparse_: (target, generator, { sparsity, std }) => initializeSparse(target, generator, generator, sparsity!, std),
};

/** Float64 log, sin and cos may differ in their last places; PyTorch's float32 QR factorization has float32 errors. */
function tolerance({ name, dtype }: Case): number {
  if (name === 'orthogonal_') return dtype === 'float32' ? 2e-6 : 1e-14;
  return dtype === 'float32' ? 0 : 4e-15;
}

for (const [name, initialize] of Object.entries(functions)) {
  test(`${name} gives PyTorch's values`, () => {
    const chosen = init.filter((entry) => entry.name === name);
    assert.ok(chosen.length > 0);
    for (const entry of chosen) {
      const size = entry.values.length;
      const data = (entry.dtype === 'float64' ? new Float64Array(size) : new Float32Array(size)).fill(NaN);
      const generator = new Generator(entry.seed);
      initialize({ data, shape: entry.shape }, generator, entry.args);
      const label = `${name} ${JSON.stringify(entry.args)} ${entry.dtype} ${String(entry.shape)}`;
      data.forEach((value, index) => {
        const expected = entry.values[index]!;
        assert.ok(
          Math.abs(value - expected) <= tolerance(entry) * (1 + Math.abs(expected)),
          `${label}: value ${String(index)} is ${String(value)}, expected ${String(expected)}`,
        );
      });
      assert.equal(generator.random32() % 2 ** 27, entry.after, `${label}: position in the stream`);
    }
  });
}

test('gains and fans', () => {
  for (const [nonlinearity, slope, gain] of gains) {
    assert.equal(slope === null ? calculateGain(nonlinearity) : calculateGain(nonlinearity, slope), gain, nonlinearity);
  }
  assert.deepEqual(calculateFans([6, 3, 5, 2]), { fanIn: 30, fanOut: 60 });
});

test("refusals and warnings have PyTorch's words", () => {
  const generator = new Generator(0);
  const target = (...shape: number[]): Initialized => ({ data: new Float32Array(24), shape });
  const refused: [() => unknown, string][] = [
    [() => calculateGain('gelu'), 'Unsupported nonlinearity gelu'],
    [
      () => initializeXavierUniform(target(24), generator),
      'Fan in and fan out can not be computed for tensor with fewer than 2 dimensions',
    ],
    [
      () => initializeKaimingNormal(target(4, 6), generator, { mode: 'fan_both' }),
      "Mode fan_both not supported, please use one of ['fan_in', 'fan_out']",
    ],
    [() => initializeEye(target(2, 3, 4)), 'Only tensors with 2 dimensions are supported'],
    [() => initializeDirac(target(4, 6)), 'Only tensors with 3, 4, or 5 dimensions are supported'],
    [() => initializeDirac(target(3, 2, 4), 2), 'dim 0 must be divisible by groups'],
    [() => initializeOrthogonal(target(24), generator), 'Only tensors with 2 or more dimensions are supported'],
  ];
  for (const [call, message] of refused) assert.throws(call, { exception: 'ValueError', message });

  const warnings: string[] = [];
  initializeKaimingUniform({ data: new Float32Array(0), shape: [0, 3] }, generator, {}, (text) => warnings.push(text));
  initializeTruncatedNormal(target(4, 6), generator, { mean: 5, a: -2, b: 2 }, (text) => warnings.push(text));
  assert.deepEqual(warnings, [
    'Initializing zero-element tensors is a no-op',
    'mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect.',
  ]);
});
