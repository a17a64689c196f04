import { fillNormal, fillUniform, type FloatArray } from './distributions';
import type { Generator } from './generator';
import type { Initialized, Warn } from './initialization';

const f = Math.fround;

/**
 * `nn.init.trunc_normal_`: N(mean, std**2) kept within [a, b]. It redraws normal values while [a, b] holds more than
 * 30 % of the distribution, else it accepts or rejects uniform ones. Source: torch/nn/init.py of PyTorch 2.13.0.
 */
export function initializeTruncatedNormal(
  target: Initialized,
  generator: Generator,
  { mean = 0, std = 1, a = -2, b = 2 }: { mean?: number; std?: number; a?: number; b?: number } = {},
  warn: Warn = () => undefined,
): void {
  if (mean < a - 2 * std || mean > b + 2 * std) {
    warn('mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect.');
  }
  const inside = normalCdf((b - mean) / std) - normalCdf((a - mean) / std);
  if (inside > 0.3) redrawOutside(target.data, generator, mean, std, a, b);
  else acceptInside(target.data, generator, mean, std, a, b);
}

function emptyLike(data: FloatArray): FloatArray {
  return data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
}

function redrawOutside(data: FloatArray, generator: Generator, mean: number, std: number, a: number, b: number): void {
  const low = data instanceof Float32Array ? f(a) : a;
  const high = data instanceof Float32Array ? f(b) : b;
  const outside = (value: number): boolean => value < low || value > high;
  fillNormal(data, generator, mean, std);
  while (data.some(outside)) {
    const again = fillNormal(emptyLike(data), generator, mean, std);
    for (let index = 0; index < data.length; index += 1) {
      if (outside(data[index]!)) data[index] = again[index]!;
    }
  }
}

function acceptInside(data: FloatArray, generator: Generator, mean: number, std: number, a: number, b: number): void {
  const round = data instanceof Float32Array ? f : (value: number): number => value;
  const mode = Math.max(a, Math.min(mean, b));
  const logPeak = -0.5 * ((mode - mean) / std) ** 2;
  const logDensity = (value: number): number => {
    const scaled = round(round(value - round(mean)) / round(std));
    return round(round(round(scaled * scaled) * -0.5) - round(logPeak));
  };
  const pending = new Uint8Array(data.length).fill(1);
  while (pending.includes(1)) {
    const candidates = fillUniform(emptyLike(data), generator, a, b);
    const thresholds = fillUniform(emptyLike(data), generator);
    for (let index = 0; index < data.length; index += 1) {
      if (pending[index] === 0) continue;
      data[index] = candidates[index]!;
      if (!(round(Math.log(thresholds[index]!)) > logDensity(candidates[index]!))) pending[index] = 0;
    }
  }
}

function normalCdf(x: number): number {
  return (1 + errorFunction(x / Math.SQRT2)) / 2;
}

/** erf(x) by its Taylor series, or by its asymptotic bound where that has no digits left; to about 1e-13. */
function errorFunction(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
