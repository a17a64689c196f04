import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  drawBernoulli,
  drawBernoulliEach,
  drawDropoutMask,
  fillExponential,
  fillNormal,
  fillUniform,
  type FloatArray,
} from '../../../src/core/random/distributions';
import { Generator } from '../../../src/core/random/generator';
import {
  createSamplerGenerator,
  drawIntegers,
  drawLoaderSeed,
  drawPermutation,
  drawSamplerOrder,
  drawSamplerOrderWithReplacement,
  unboundedDraws,
} from '../../../src/core/random/integers';
import { drawMultinomial } from '../../../src/core/random/multinomial';

interface Arguments {
  dtype: keyof typeof unboundedDraws;
  n: number;
  mean: number;
  std: number;
  a: number;
  b: number;
  c: number;
  rate: number;
  low: string;
  high: string;
  p: number | number[];
  w: number[];
  rows: number;
  replacement: boolean;
  num_samples?: number;
}

interface Case {
  kind: string;
  seed: string;
  args: Arguments;
  values: (number | string)[];
  /** The next draw of `randint(0, 2**27)`: the generator stands where PyTorch's does. */
  after: number;
}

const fixture = JSON.parse(readFileSync('test/fixtures/randomDraws.json', 'utf8')) as {
  cases: Case[];
  state: { seed: number; bytes: number[]; after: number[] };
};

function floats(args: Arguments, count: number): FloatArray {
  return args.dtype === 'float64' ? new Float64Array(count) : new Float32Array(count);
}

function sampler(args: Arguments, generator: Generator): number[] {
  const count = args.num_samples ?? args.n;
  return args.replacement
    ? drawSamplerOrderWithReplacement(args.n, generator, count)
    : drawSamplerOrder(args.n, generator, count);
}

const draws: Record<string, (args: Arguments, generator: Generator) => ArrayLike<number | bigint>> = {
  normal: (args, generator) => fillNormal(floats(args, args.n), generator, args.mean, args.std),
  uniform: (args, generator) => fillUniform(floats(args, args.n), generator, args.a, args.b),
  normalTwice: (args, generator) =>
    [args.a, args.b, args.c].flatMap((n) => [...fillNormal(floats(args, n), generator)]),
  exponential: (args, generator) => fillExponential(floats(args, args.n), generator, args.rate),
  bernoulli: (args, generator) => drawBernoulli(args.n, generator, args.p as number),
  bernoulliEach: (args, generator) => {
    const probabilities = floats(args, (args.p as number[]).length);
    probabilities.set(args.p as number[]);
    return drawBernoulliEach(probabilities, generator);
  },
  dropout: (args, generator) => drawDropoutMask(args.n, generator, args.p as number),
  random: (args, generator) => Array.from({ length: args.n }, () => unboundedDraws[args.dtype](generator)),
  randint: (args, generator) => drawIntegers(args.n, generator, BigInt(args.low), BigInt(args.high)),
  randperm: (args, generator) => drawPermutation(args.n, generator),
  multinomial: (args, generator) => {
    const weights = floats(args, args.w.length);
    weights.set(args.w);
    return drawMultinomial(weights, args.w.length / args.rows, args.n, args.replacement, generator);
  },
  sampler: (args, generator) => sampler(args, createSamplerGenerator(generator)),
  loader: (args, generator) => {
    drawLoaderSeed(generator);
    return sampler(args, createSamplerGenerator(generator));
  },
};

/** float64 values pass through another C library's log, sin and cos: they may differ in the last two places. */
const float64Tolerance = 4e-15;

for (const kind of Object.keys(draws)) {
  test(`${kind} draws what PyTorch draws`, () => {
    const chosen = fixture.cases.filter((entry) => entry.kind === kind);
    assert.ok(chosen.length > 0);
    for (const { seed, args, values, after } of chosen) {
      const generator = new Generator(BigInt(seed));
      const got = Array.from(draws[kind]!(args, generator));
      const label = `${kind} ${JSON.stringify(args)}, seed ${seed}`;
      const transcendental = args.dtype === 'float64' && ['normal', 'normalTwice', 'exponential'].includes(kind);
      assert.equal(got.length, values.length, label);
      got.forEach((value, index) => {
        const expected = values[index]!;
        if (typeof expected === 'string') assert.equal(String(value), expected, label);
        else if (!transcendental) assert.equal(Number(value), expected, `${label}, value ${String(index)}`);
        else assert.ok(Math.abs(Number(value) - expected) <= float64Tolerance * (1 + Math.abs(expected)), label);
      });
      assert.equal(generator.random32() % 2 ** 27, after, `${label}: position in the stream`);
    }
  });
}

test("the state has PyTorch's bytes and continues the stream, the kept normal sample included", () => {
  const generator = new Generator(fixture.state.seed);
  fillNormal(new Float32Array(3), generator);
  const state = generator.getState();
  assert.deepEqual([...state], fixture.state.bytes);
  const copy = generator.clone();
  const restored = new Generator(0).setState(state);
  for (const continued of [generator, copy, restored]) {
    assert.deepEqual([...fillNormal(new Float32Array(4), continued)], fixture.state.after);
  }
  assert.throws(() => new Generator().setState(new Uint8Array(10)), {
    message: 'Expected a CPUGeneratorImplState of size 5056 but found the input RNG state size to be 10',
  });
  assert.throws(() => new Generator().setState(new Uint8Array(5056)), { message: 'Invalid mt19937 state' });
});

test('seeds wrap and are refused as in PyTorch', () => {
  assert.equal(new Generator().initialSeed(), 67280421310721n);
  assert.equal(new Generator(-1).initialSeed(), 18446744073709551615n);
  assert.equal(new Generator(-(2n ** 63n)).initialSeed(), 9223372036854775808n);
  for (const seed of [2n ** 64n, -(2n ** 63n) - 1n]) {
    assert.throws(() => new Generator(seed), { exception: 'ValueError', message: 'Overflow when unpacking long long' });
  }
});

test("refusals have PyTorch's words", () => {
  const generator = new Generator(0);
  const pair = (a: number, b: number): Float32Array => Float32Array.of(a, b);
  const refused: [() => unknown, string][] = [
    [
      () => fillUniform(pair(0, 0), generator, 1, 0),
      'uniform_ expects to return a [from, to) range, but found from=1 > to=0',
    ],
    [() => fillNormal(pair(0, 0), generator, 0, -1), 'normal expects std >= 0.0, but found std -1'],
    [() => fillExponential(pair(0, 0), generator, -1.5), 'exponential_ expects lambda > 0.0, but found lambda=-1.5'],
    [() => drawBernoulli(3, generator, 1.5), 'bernoulli_ expects p to be in [0, 1], but got p=1.5'],
    [
      () => drawBernoulliEach(pair(0.5, 2), generator),
      'Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, please report an enhancement request to PyTorch.)',
    ],
    [() => drawIntegers(2, generator, 5n, 5n), "random_ expects 'from' to be less than 'to', but got from=5 >= to=5"],
    [() => drawPermutation(-1, generator), 'Trying to create tensor with negative dimension -1: [-1]'],
    [() => drawMultinomial(pair(0.5, 0.5), 2, 0, true, generator), 'cannot sample n_sample <= 0 samples'],
    [
      () => drawMultinomial(pair(0.5, 0.5), 2, 3, false, generator),
      'cannot sample n_sample > prob_dist.size(-1) samples without replacement',
    ],
    [
      () => drawMultinomial(pair(0.5, -0.5), 2, 3, true, generator),
      'invalid multinomial distribution (encountering probability entry < 0)',
    ],
    [
      () => drawMultinomial(pair(0.5, -0.5), 2, 1, true, generator),
      'probability tensor contains either `inf`, `nan` or element < 0',
    ],
    [
      () => drawMultinomial(pair(0.5, Infinity), 2, 3, true, generator),
      'invalid multinomial distribution (encountering probability entry = infinity or NaN)',
    ],
    [
      () => drawMultinomial(pair(0, 0), 2, 1, true, generator),
      'invalid multinomial distribution (sum of probabilities <= 0)',
    ],
  ];
  for (const [call, message] of refused) assert.throws(call, { exception: 'RuntimeError', message });
});
