import type { Statistics } from '../../common/engineContract';
import type { TensorData } from '../tensor/dtype';

const known = new WeakMap<TensorData, Statistics>();

/**
 * Statistics of a tensor's elements in double precision, computed once for each array: arrays are never written again.
 * NaN anywhere makes sum, l2, absmax, min, max, mean and std NaN, as in PyTorch.
 */
export function statisticsOf(data: TensorData): Statistics {
  let statistics = known.get(data);
  if (!statistics) {
    statistics = compute(data);
    known.set(data, statistics);
  }
  return statistics;
}

const knownNorms = new WeakMap<TensorData, number>();

/** The Euclidean norm alone, in one pass: NaN or infinite exactly where an element is. Computed once for each array. */
export function normOf(data: TensorData): number {
  let norm = knownNorms.get(data);
  if (norm === undefined) {
    norm = data instanceof Float32Array ? norm32(data) : norm64(data);
    knownNorms.set(data, norm);
  }
  return norm;
}

/** Four sums, so that the additions don't wait for one another. */
function norm32(data: Float32Array): number {
  const whole = data.length - (data.length % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < whole; i += 4) {
    const w = data[i]!;
    const x = data[i + 1]!;
    const y = data[i + 2]!;
    const z = data[i + 3]!;
    a += w * w;
    b += x * x;
    c += y * y;
    d += z * z;
  }
  for (let i = whole; i < data.length; i++) a += data[i]! * data[i]!;
  return Math.sqrt(a + b + c + d);
}

function norm64(data: Exclude<TensorData, Float32Array>): number {
  let squares = 0;
  for (const element of data) squares += Number(element) * Number(element);
  return Math.sqrt(squares);
}

/** The statistics of an array when they have been computed before. */
export function knownStatistics(data: TensorData): Statistics | null {
  return known.get(data) ?? null;
}

function compute(data: TensorData): Statistics {
  const values: ArrayLike<number> = data instanceof BigInt64Array ? Array.from(data, Number) : data;
  const count = values.length;
  let sum = 0;
  let squares = 0;
  let min = Infinity;
  let max = -Infinity;
  let nan = 0;
  let infinite = 0;
  let zeros = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    sum += value;
    squares += value * value;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value === 0) zeros++;
    else if (value !== value) nan++;
    else if (value === Infinity || value === -Infinity) infinite++;
  }
  if (count === 0 || nan > 0) min = max = NaN;
  const mean = sum / count;
  let absmax = Math.max(Math.abs(min), Math.abs(max));
  if (count === 0) absmax = 0;
  const l2 = Math.sqrt(squares);
  return { count, sum, l2, absmax, min, max, mean, std: deviation(values, mean), nan, infinite, zeros };
}

function deviation(values: ArrayLike<number>, mean: number): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const distance = values[i]! - mean;
    squares += distance * distance;
  }
  return values.length < 2 ? NaN : Math.sqrt(squares / (values.length - 1));
}
