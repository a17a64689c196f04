import type { Statistics } from '../../common/engineContract';
import type { TensorData } from '../tensor/dtype';
import { statisticsOf } from './statistics';

/** What a change added to each element, in double precision. */
export function deltaOf(after: TensorData, before: TensorData): Float64Array {
  const difference = new Float64Array(after.length);
  for (let i = 0; i < difference.length; i++) difference[i] = Number(after[i]) - Number(before[i]);
  return difference;
}

interface KnownDelta {
  before: WeakRef<TensorData>;
  norm: number;
  statistics: Statistics | null;
}

const known = new WeakMap<TensorData, KnownDelta>();

/** The Euclidean norm of a change, computed once for each pair of arrays; the differences themselves are not kept. */
export function deltaNorm(after: TensorData, before: TensorData): number {
  return deltaBetween(after, before).norm;
}

export function deltaStatistics(after: TensorData, before: TensorData): Statistics {
  const delta = deltaBetween(after, before);
  delta.statistics ??= statisticsOf(deltaOf(after, before));
  return delta.statistics;
}

/** What has been computed of the change that made an array. */
export function knownDelta(after: TensorData): Readonly<Pick<KnownDelta, 'norm' | 'statistics'>> | null {
  return known.get(after) ?? null;
}

function deltaBetween(after: TensorData, before: TensorData): KnownDelta {
  let delta = known.get(after);
  if (delta?.before.deref() !== before) {
    const both32 = after instanceof Float32Array && before instanceof Float32Array;
    const norm = both32 ? norm32(after, before) : statisticsOf(deltaOf(after, before)).l2;
    delta = { before: new WeakRef(before), norm, statistics: null };
    known.set(after, delta);
  }
  return delta;
}

/** Two sums, so that the additions don't wait for one another. */
function norm32(after: Float32Array, before: Float32Array): number {
  const whole = after.length - (after.length % 2);
  let a = 0;
  let b = 0;
  for (let i = 0; i < whole; i += 2) {
    const x = after[i]! - before[i]!;
    const y = after[i + 1]! - before[i + 1]!;
    a += x * x;
    b += y * y;
  }
  if (whole < after.length) a += (after[whole]! - before[whole]!) ** 2;
  return Math.sqrt(a + b);
}
