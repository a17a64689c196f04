import { PythonError } from '../../common/errors';
import { fillExponential, type FloatArray } from './distributions';
import type { Generator } from './generator';

const f = Math.fround;

/**
 * `torch.multinomial(weights, sampleCount, replacement)` on the CPU.
 * @param weights `rows * categories` non-negative weights, row by row; a row need not sum to 1
 * @param categories the length of a row; a 1-D tensor is one row
 * @returns `rows * sampleCount` category numbers
 * @throws PythonError RuntimeError, in PyTorch's words, for weights or counts that it refuses
 * Source: ATen/native/Distributions.cpp and cpu/MultinomialKernel.cpp of PyTorch 2.13.0.
 */
export function drawMultinomial(
  weights: FloatArray,
  categories: number,
  sampleCount: number,
  replacement: boolean,
  generator: Generator,
): BigInt64Array {
  if (sampleCount <= 0) throw new PythonError('RuntimeError', 'cannot sample n_sample <= 0 samples');
  if (!replacement && sampleCount > categories) {
    throw new PythonError('RuntimeError', 'cannot sample n_sample > prob_dist.size(-1) samples without replacement');
  }
  if (categories > 2 ** 24) throw new PythonError('RuntimeError', 'number of categories cannot exceed 2^24');
  return !replacement || sampleCount === 1
    ? withoutReplacement(weights, categories, sampleCount, generator)
    : withReplacement(weights, categories, sampleCount, generator);
}

/** The largest `weight / exponential noise` win, in descending order. */
function withoutReplacement(weights: FloatArray, categories: number, sampleCount: number, generator: Generator) {
  const rows = weights.length / categories;
  const single = weights instanceof Float32Array;
  for (const weight of weights) {
    if (!(weight >= 0 && weight < Infinity)) {
      throw new PythonError('RuntimeError', 'probability tensor contains either `inf`, `nan` or element < 0');
    }
  }
  for (let row = 0; row < rows; row += 1) {
    if (!weights.subarray(row * categories, (row + 1) * categories).some((weight) => weight > 0)) {
      throw new PythonError('RuntimeError', 'invalid multinomial distribution (sum of probabilities <= 0)');
    }
  }
  const noise = fillExponential(
    single ? new Float32Array(weights.length) : new Float64Array(weights.length),
    generator,
  );
  const drawn = new BigInt64Array(rows * sampleCount);
  for (let row = 0; row < rows; row += 1) {
    const scores = Array.from({ length: categories }, (_, category) => {
      const score = weights[row * categories + category]! / noise[row * categories + category]!;
      return { category, score: single ? f(score) : score };
    });
    scores.sort((left, right) => right.score - left.score);
    for (let sample = 0; sample < sampleCount; sample += 1) {
      drawn[row * sampleCount + sample] = BigInt(scores[sample]!.category);
    }
  }
  return drawn;
}

/** A binary search of a uniform float64 in the row's running sum, which is kept in the weights' own precision. */
function withReplacement(weights: FloatArray, categories: number, sampleCount: number, generator: Generator) {
  const rows = weights.length / categories;
  const single = weights instanceof Float32Array;
  const drawn = new BigInt64Array(rows * sampleCount);
  const cumulative = single ? new Float32Array(categories) : new Float64Array(categories);
  for (let row = 0; row < rows; row += 1) {
    let sum = 0;
    for (let category = 0; category < categories; category += 1) {
      const weight = weights[row * categories + category]!;
      if (!(weight >= 0)) refuse('encountering probability entry < 0');
      if (weight === Infinity) refuse('encountering probability entry = infinity or NaN');
      sum = single ? f(sum + weight) : sum + weight;
      cumulative[category] = sum;
    }
    if (!(sum > 0)) refuse('sum of probabilities <= 0');
    for (let category = 0; category < categories; category += 1) cumulative[category]! /= sum;
    cumulative[categories - 1] = 1;
    for (let sample = 0; sample < sampleCount; sample += 1) {
      const target = generator.uniform53();
      let left = 0;
      let right = categories;
      while (right > left) {
        const middle = left + Math.floor((right - left) / 2);
        if (cumulative[middle]! < target) left = middle + 1;
        else right = middle;
      }
      drawn[row * sampleCount + sample] = BigInt(left);
    }
  }
  return drawn;
}

function refuse(reason: string): never {
  throw new PythonError('RuntimeError', `invalid multinomial distribution (${reason})`);
}
