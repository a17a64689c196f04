/** The half-open ranges [start, end) of an epoch's order that make its batches, as torch's BatchSampler cuts them. */
export function batchIndices(length: number, batchSize: number, dropLast: boolean): [start: number, end: number][] {
  const batches = dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
  return Array.from({ length: batches }, (_, batch) => [batch * batchSize, Math.min(length, (batch + 1) * batchSize)]);
}
