/*
 * PyTorch's random integers on the CPU: ranges, permutations and full-range fills, and what the data loader draws from
 * them. Source: ATen/core/DistributionsHelper.h, ATen/native/TensorFactories.cpp and torch/utils/data of PyTorch 2.13.0.
 */
import { PythonError } from '../../common/errors';
import { Generator } from './generator';

/** From this range on a value takes 64 random bits. */
const wideRange = 1n << 28n;

/**
 * `torch.randint(low, high, (count,))`: int64 values in [low, high).
 * @throws PythonError RuntimeError when the range is empty
 */
export function drawIntegers(count: number, generator: Generator, low: bigint, high: bigint): BigInt64Array {
  if (low >= high) {
    throw new PythonError(
      'RuntimeError',
      `random_ expects 'from' to be less than 'to', but got from=${String(low)} >= to=${String(high)}`,
    );
  }
  const range = high - low;
  const drawn = new BigInt64Array(count);
  if (range >= wideRange) {
    for (let index = 0; index < count; index += 1) drawn[index] = (generator.random64() % range) + low;
  } else {
    const modulus = Number(range);
    for (let index = 0; index < count; index += 1) drawn[index] = BigInt(generator.random32() % modulus) + low;
  }
  return drawn;
}

/** What one value of `tensor.random_()` without bounds is for each dtype: int64 and float64 take 64 bits. */
export const unboundedDraws = {
  int64: (generator: Generator): bigint => generator.random64() & 0x7fffffffffffffffn,
  float64: (generator: Generator): number => Number(generator.random64() % ((1n << 53n) + 1n)),
  float32: (generator: Generator): number => generator.random32() % (2 ** 24 + 1),
  int32: (generator: Generator): number => generator.random32() & 0x7fffffff,
  int16: (generator: Generator): number => generator.random32() & 0x7fff,
  int8: (generator: Generator): number => generator.random32() & 0x7f,
  uint8: (generator: Generator): number => generator.random32() & 0xff,
  bool: (generator: Generator): number => generator.random32() & 1,
} as const;

/**
 * `torch.randperm(count)`: the numbers from 0 to count - 1 in random order.
 * @throws PythonError RuntimeError when `count` is negative
 */
export function drawPermutation(count: number, generator: Generator): BigInt64Array {
  if (count < 0) {
    throw new PythonError(
      'RuntimeError',
      `Trying to create tensor with negative dimension ${String(count)}: [${String(count)}]`,
    );
  }
  const order = new BigInt64Array(count);
  for (let index = 0; index < count; index += 1) order[index] = BigInt(index);
  for (let index = 0; index < count - 1; index += 1) {
    const other = index + (generator.random32() % (count - index));
    const kept = order[index]!;
    order[index] = order[other]!;
    order[other] = kept;
  }
  return order;
}

/** The base seed that a DataLoader draws each time an iteration over it begins, whether or not it shuffles. */
export function drawLoaderSeed(generator: Generator): bigint {
  return unboundedDraws.int64(generator);
}

/**
 * The generator that one pass of a RandomSampler without a generator of its own uses: seeded by a draw from the default
 * one. A sampler that was given a generator uses that one directly instead.
 */
export function createSamplerGenerator(defaultGenerator: Generator): Generator {
  return new Generator(unboundedDraws.int64(defaultGenerator));
}

/** One pass of a RandomSampler without replacement over `length` items, `sampleCount` (default: all) of them. */
export function drawSamplerOrder(length: number, generator: Generator, sampleCount = length): number[] {
  const order: number[] = [];
  for (let rest = sampleCount; rest >= 0; rest -= length) {
    const pass = drawPermutation(length, generator);
    appendNumbers(order, pass.subarray(0, Math.min(rest, length)));
    if (length === 0) break;
  }
  return order;
}

/** One pass of a RandomSampler with replacement: `sampleCount` items out of `length`. */
export function drawSamplerOrderWithReplacement(length: number, generator: Generator, sampleCount = length): number[] {
  const order: number[] = [];
  appendNumbers(order, drawIntegers(sampleCount, generator, 0n, BigInt(length)));
  return order;
}

function appendNumbers(order: number[], values: BigInt64Array): void {
  for (const value of values) order.push(Number(value));
}
