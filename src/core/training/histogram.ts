import type { Histogram } from '../../common/engineContract';
import { GradstepError } from '../../common/errors';
import { numbersFromData, type TensorData } from '../tensor/dtype';

/** The axis is linear within that many decades below the largest element, and closer to zero. */
const mostDecades = 8;
/** Powers of ten below it are no normal numbers. */
const lowestDecade = -307;
const fewestBins = 3;
const mostBins = 1000;

/**
 * Counts on a symmetric logarithmic axis: linear between the decades of the smallest element, logarithmic outside, with
 * zero in the middle of a bin. NaN, infinities and exact zeros are counted apart.
 * @param bins how many bins at most; there is one fewer where the axis comes out even
 * @throws GradstepError `engine.bins`
 */
export function histogramOf(data: TensorData, bins: number): Histogram {
  if (!Number.isInteger(bins) || bins < fewestBins || bins > mostBins) {
    throw new GradstepError(`a histogram has ${fewestBins} to ${mostBins} bins, not ${bins}`, { code: 'engine.bins' });
  }
  const values = numbersFromData(data);
  const range = rangeOf(values);
  const { zeros, nan, infinite } = range;
  if (range.largest === 0) return { edges: [-1, 1], counts: [0], zeros, nan, infinite };
  const edges = edgesOf(range, bins);
  const counts = new Array<number>(edges.length - 1).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value !== 0 && Number.isFinite(value)) counts[binOf(edges, value)]!++;
  }
  return { edges, counts, zeros, nan, infinite };
}

interface Range {
  min: number;
  max: number;
  /** The smallest and the largest magnitude of the finite elements that are not 0; both 0 without any. */
  smallest: number;
  largest: number;
  zeros: number;
  nan: number;
  infinite: number;
}

function rangeOf(values: ArrayLike<number>): Range {
  const range: Range = { min: 0, max: 0, smallest: Infinity, largest: 0, zeros: 0, nan: 0, infinite: 0 };
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === 0) range.zeros++;
    else if (value !== value) range.nan++;
    else if (!Number.isFinite(value)) range.infinite++;
    else {
      if (value < range.min) range.min = value;
      if (value > range.max) range.max = value;
      const magnitude = Math.abs(value);
      if (magnitude < range.smallest) range.smallest = magnitude;
      if (magnitude > range.largest) range.largest = magnitude;
    }
  }
  return range;
}

/** Bins of one width on the axis, zero in the middle of one. */
function edgesOf({ min, max, smallest, largest }: Range, bins: number): number[] {
  const wanted = Math.max(Math.floor(Math.log10(smallest)), Math.ceil(Math.log10(largest)) - mostDecades);
  const decade = Math.max(wanted, lowestDecade);
  const low = min < 0 ? Math.min(toAxis(min, decade), -1) : 0;
  const high = max > 0 ? Math.max(toAxis(max, decade), 1) : 0;
  // A quarter of a bin is left at the ends, so that rounding never moves them.
  const width = (high - low) / (bins - 1.25);
  const first = Math.floor(low / width + 0.5);
  const last = Math.floor(high / width + 0.5);
  return Array.from({ length: last - first + 2 }, (_, i) => fromAxis((first + i - 0.5) * width, decade));
}

/** 1 for the smallest decade, and one more for each decade further. */
function toAxis(value: number, decade: number): number {
  const magnitude = Math.abs(value);
  const log = Math.log10(magnitude);
  const place = log > decade ? 1 + log - decade : magnitude * Math.pow(10, -decade);
  return value < 0 ? -place : place;
}

function fromAxis(place: number, decade: number): number {
  const magnitude = Math.abs(place);
  const value =
    magnitude > 1 ? Math.min(Math.pow(10, magnitude - 1 + decade), Number.MAX_VALUE) : magnitude * Math.pow(10, decade);
  return place < 0 ? -value : value;
}

/** The last bin whose lower edge is not above the value. */
function binOf(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
