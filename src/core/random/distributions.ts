/*
 * PyTorch's in-place random fills on the CPU. Each fills a dense array in row-major order and leaves the generator where
 * PyTorch would. Source: ATen/native/cpu/DistributionTemplates.h and ATen/core/DistributionsHelper.h of PyTorch 2.13.0,
 * as compiled for AVX2. Scalar `bernoulli_` follows the path without Intel MKL's own stream.
 */
import { PythonError } from '../../common/errors';
import { fusedMultiplyAdd32, fusedMultiplyAdd64, log32, sineAndCosine32 } from './fusedArithmetic';
import type { Generator } from './generator';

export type FloatArray = Float32Array | Float64Array;

const f = Math.fround;

/** A float as C++ streams print it: six significant digits. */
function streamed(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const exponential = value.toExponential(5);
  const exponent = Number(exponential.slice(exponential.indexOf('e') + 1));
  if (exponent >= -4 && exponent < 6) return String(Number(value.toPrecision(6)));
  const mantissa = String(Number(exponential.slice(0, exponential.indexOf('e'))));
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/**
 * `tensor.uniform_(from, to)`: values in [from, to).
 * @throws PythonError RuntimeError when `from > to`
 */
export function fillUniform<T extends FloatArray>(data: T, generator: Generator, from = 0, to = 1): T {
  if (!(from <= to)) {
    throw new PythonError(
      'RuntimeError',
      `uniform_ expects to return a [from, to) range, but found from=${streamed(from)} > to=${streamed(to)}`,
    );
  }
  if (data instanceof Float32Array) {
    const low = f(from);
    const high = f(to);
    const range = f(high - low);
    for (let index = 0; index < data.length; index += 1) {
      const value = fusedMultiplyAdd32(generator.uniform24(), range, low);
      data[index] = value === high ? low : value;
    }
  } else {
    const range = to - from;
    for (let index = 0; index < data.length; index += 1) {
      const value = fusedMultiplyAdd64(generator.uniform53(), range, from);
      data[index] = value === to ? from : value;
    }
  }
  return data;
}

/** One float64 normal sample by Box-Muller; every second call returns the half kept from the one before. */
export function drawNormal(generator: Generator): number {
  const kept = generator.nextNormalSample;
  if (kept !== null) {
    generator.nextNormalSample = null;
    return kept;
  }
  const turn = generator.uniform53();
  const radius = Math.sqrt(-2 * Math.log1p(-generator.uniform53()));
  const angle = 2 * Math.PI * turn;
  generator.nextNormalSample = radius * Math.sin(angle);
  return radius * Math.cos(angle);
}

const blockSize = 16;
const turn32 = f(2 * Math.PI);

function transformBlock32(data: Float32Array, start: number, mean: number, std: number): void {
  for (let index = start; index < start + 8; index += 1) {
    const radius = f(Math.sqrt(f(-2 * log32(f(1 - data[index]!)))));
    const { sine, cosine } = sineAndCosine32(f(turn32 * data[index + 8]!));
    data[index] = fusedMultiplyAdd32(f(radius * cosine), std, mean);
    data[index + 8] = fusedMultiplyAdd32(f(radius * sine), std, mean);
  }
}

function transformBlock64(data: Float64Array, start: number, mean: number, std: number): void {
  for (let index = start; index < start + 8; index += 1) {
    const radius = Math.sqrt(-2 * Math.log(1 - data[index]!));
    const angle = 2 * Math.PI * data[index + 8]!;
    data[index] = fusedMultiplyAdd64(radius * Math.cos(angle), std, mean);
    data[index + 8] = fusedMultiplyAdd64(radius * Math.sin(angle), std, mean);
  }
}

function transformBlock(data: FloatArray, start: number, mean: number, std: number): void {
  if (data instanceof Float32Array) transformBlock32(data, start, f(mean), f(std));
  else transformBlock64(data, start, mean, std);
}

/**
 * `tensor.normal_(mean, std)`. Fewer than 16 values are drawn one by one in float64; from 16 on in blocks of 16, and
 * when the length is no multiple of 16 the last 16 values are drawn again.
 * @throws PythonError RuntimeError when `std < 0`
 */
export function fillNormal<T extends FloatArray>(data: T, generator: Generator, mean = 0, std = 1): T {
  if (!(std >= 0)) {
    throw new PythonError('RuntimeError', `normal expects std >= 0.0, but found std ${streamed(std)}`);
  }
  const size = data.length;
  if (size < blockSize) {
    for (let index = 0; index < size; index += 1) data[index] = drawNormal(generator) * std + mean;
    return data;
  }
  fillUniform(data, generator);
  for (let start = 0; start + blockSize <= size; start += blockSize) transformBlock(data, start, mean, std);
  if (size % blockSize !== 0) {
    const start = size - blockSize;
    fillUniform(data.subarray(start), generator);
    transformBlock(data, start, mean, std);
  }
  return data;
}

/**
 * `tensor.exponential_(rate)`.
 * @throws PythonError RuntimeError when `rate <= 0`
 */
export function fillExponential<T extends FloatArray>(data: T, generator: Generator, rate = 1): T {
  if (!(rate > 0)) {
    throw new PythonError('RuntimeError', `exponential_ expects lambda > 0.0, but found lambda=${streamed(rate)}`);
  }
  for (let index = 0; index < data.length; index += 1) {
    data[index] = (-1 / rate) * Math.log1p(-generator.uniform53());
  }
  return data;
}

/**
 * `bernoulli_(p)` with one probability for all: 1 with probability `p`, else 0.
 * @throws PythonError RuntimeError when `p` is not in [0, 1]
 */
export function drawBernoulli(count: number, generator: Generator, p = 0.5): Uint8Array {
  if (!(p >= 0 && p <= 1)) {
    throw new PythonError('RuntimeError', `bernoulli_ expects p to be in [0, 1], but got p=${streamed(p)}`);
  }
  const drawn = new Uint8Array(count);
  for (let index = 0; index < count; index += 1) drawn[index] = generator.uniform53() < p ? 1 : 0;
  return drawn;
}

/**
 * `torch.bernoulli(probabilities)`: one draw for each probability, from 24 bits when they are float32, else from 53.
 * @throws PythonError RuntimeError when a probability is not in [0, 1]
 */
export function drawBernoulliEach(probabilities: FloatArray, generator: Generator): Uint8Array {
  const drawn = new Uint8Array(probabilities.length);
  const single = probabilities instanceof Float32Array;
  for (let index = 0; index < drawn.length; index += 1) {
    const p = probabilities[index]!;
    if (!(p >= 0 && p <= 1)) {
      throw new PythonError(
        'RuntimeError',
        'Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, please report an enhancement request to PyTorch.)',
      );
    }
    drawn[index] = (single ? generator.uniform24() : generator.uniform53()) < p ? 1 : 0;
  }
  return drawn;
}

/**
 * Which values a dropout in training keeps (1) and drops (0) when it drops with probability `p`. With `p` 0 or 1 there
 * is nothing to decide, and the generator stays where it is.
 */
export function drawDropoutMask(count: number, generator: Generator, p: number): Uint8Array {
  if (p === 0 || p === 1) return new Uint8Array(count).fill(1 - p);
  return drawBernoulli(count, generator, 1 - p);
}
