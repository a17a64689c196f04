import { maximumPageLength, type TensorAddress } from '../../src/common/engineContract';

/** Some consecutive elements of a tensor. */
export interface ElementRange extends TensorAddress {
  start: number;
  length: number;
  /** Of the whole tensor. */
  total: number;
}

/** Pages start at multiples of their length, so that different ranges share them. */
export function pagesOf({ event, kind, name, start, length, total }: ElementRange) {
  const pages = [];
  const first = Math.floor(start / maximumPageLength) * maximumPageLength;
  for (let offset = first; offset < start + length; offset += maximumPageLength) {
    pages.push({ event, kind, name, offset, length: Math.min(maximumPageLength, total - offset) });
  }
  return pages;
}

interface PageData {
  offset: number;
  data: ArrayLike<number | bigint>;
}

export function joinPages(
  pages: readonly PageData[],
  { start, length }: Pick<ElementRange, 'start' | 'length'>,
): Float64Array {
  const values = new Float64Array(length);
  for (const { offset, data } of pages) {
    const from = Math.max(start, offset);
    const to = Math.min(start + length, offset + data.length);
    for (let i = from; i < to; i++) values[i - start] = Number(data[i - offset]);
  }
  return values;
}
