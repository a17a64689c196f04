import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { drawDropoutMask, fillNormal, fillUniform } from '../../../src/core/random/distributions';
import { Generator } from '../../../src/core/random/generator';
import { initializeLayer } from '../../../src/core/random/initialization';
import {
  createSamplerGenerator,
  drawIntegers,
  drawLoaderSeed,
  drawPermutation,
  drawSamplerOrder,
} from '../../../src/core/random/integers';

interface Case {
  name: string;
  seed: number;
  n?: number;
  values?: number[];
  a?: number[];
  b?: number[];
  weight?: number[];
  bias?: number[];
  epochs?: number[][][];
  after?: number[];
}

const { cases } = JSON.parse(readFileSync('test/fixtures/rng.json', 'utf8')) as { cases: Case[] };

function rand(count: number, generator: Generator): number[] {
  return [...fillUniform(new Float32Array(count), generator)];
}

function batches(order: number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(order.length / size) }, (_, batch) =>
    order.slice(batch * size, (batch + 1) * size),
  );
}

function layer(weightShape: number[], outputs: number, generator: Generator): Partial<Case> {
  const weight = new Float32Array(weightShape.reduce((product, size) => product * size, 1));
  const bias = new Float32Array(outputs);
  initializeLayer({ data: weight, shape: weightShape }, { data: bias, shape: [outputs] }, generator);
  return { weight: [...weight], bias: [...bias] };
}

const draws: Record<string, (generator: Generator, expected: Case) => Partial<Case>> = {
  rand: (generator, { n }) => ({ values: rand(n!, generator) }),
  'rand then rand': (generator) => ({ a: rand(3, generator), b: rand(5, generator) }),
  'uniform_(-0.25, 0.5)': (generator) => ({
    values: [...fillUniform(new Float32Array(9), generator, -0.25, 0.5)],
  }),
  'randint(0, 10, (12,))': (generator) => ({ values: Array.from(drawIntegers(12, generator, 0n, 10n), Number) }),
  'randperm(11)': (generator) => ({ values: Array.from(drawPermutation(11, generator), Number) }),
  'randperm(1000) first 20': (generator) => ({
    values: Array.from(drawPermutation(1000, generator).subarray(0, 20), Number),
  }),
  'Conv2d(3, 4, 3)': (generator) => layer([4, 3, 3, 3], 4, generator),
  'Linear(7, 5)': (generator) => layer([5, 7], 5, generator),
  'DataLoader(range(20), batch_size=6, shuffle=True), two epochs, then rand(2)': (generator) => {
    const epochs = [0, 1].map(() => {
      drawLoaderSeed(generator);
      return batches(drawSamplerOrder(20, createSamplerGenerator(generator)), 6);
    });
    return { epochs, after: rand(2, generator) };
  },
  'DataLoader(range(8), batch_size=4, shuffle=False), one epoch, then rand(2)': (generator) => {
    drawLoaderSeed(generator);
    return { epochs: [batches([0, 1, 2, 3, 4, 5, 6, 7], 4)], after: rand(2, generator) };
  },
  'Dropout(0.3) of ones(24)': (generator) => ({
    values: Array.from(drawDropoutMask(24, generator, 0.3), (kept) => Math.fround(kept / 0.7)),
  }),
};
for (const size of [1, 7, 15, 16, 17, 40]) {
  draws[`randn(${String(size)})`] = (generator) => ({ values: [...fillNormal(new Float32Array(size), generator)] });
}

test('every recorded draw of the reference is matched, bit for bit', () => {
  assert.equal(cases.length, 85);
  for (const expected of cases) {
    const draw = draws[expected.name];
    assert.ok(draw, expected.name);
    const got = draw(new Generator(expected.seed), expected);
    for (const [key, values] of Object.entries(got)) {
      assert.deepEqual(values, expected[key as keyof Case], `${expected.name}, seed ${String(expected.seed)}: ${key}`);
    }
  }
});
