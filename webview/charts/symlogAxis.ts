/**
 * Places values between a histogram's edges: each bin is equally wide, so that the axis is whatever the edges make it
 * (symmetric-logarithmic here).
 */

/** Where a value lies, in bins from the left; clamped to the axis. Inside a bin of one sign by its logarithm. */
export function positionOf(edges: readonly number[], value: number): number {
  const last = edges.length - 1;
  if (last < 1 || value <= edges[0]!) return 0;
  if (value >= edges[last]!) return last;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (edges[middle]! <= value) low = middle;
    else high = middle;
  }
  const from = edges[low]!;
  const to = edges[high]!;
  const share =
    from > 0 || to < 0 ? Math.log(value / from) / Math.log(to / from) : to === from ? 0 : (value - from) / (to - from);
  return low + share;
}

export interface AxisTick {
  value: number;
  /** In bins from the left. */
  position: number;
}

/** Zero, and powers of ten on both sides as far as there is room, the outermost first. */
export function ticksOf(edges: readonly number[], room: number): AxisTick[] {
  const last = edges.length - 1;
  if (last < 1) return [];
  const ticks: AxisTick[] = [];
  const add = (value: number) => {
    const position = positionOf(edges, value);
    if (ticks.every((tick) => Math.abs(tick.position - position) >= room)) ticks.push({ value, position });
  };
  const lowest = edges[0]!;
  const highest = edges[last]!;
  if (lowest <= 0 && highest >= 0) add(0);
  const top = highestPower(Math.max(Math.abs(lowest), Math.abs(highest)));
  for (let power = top; power > top - 40; power--) {
    const value = Number(`1e${power}`);
    if (value <= highest && value >= lowest) add(value);
    if (-value >= lowest && -value <= highest) add(-value);
  }
  if (ticks.length < 2) [lowest, highest].forEach(add);
  return ticks.sort((a, b) => a.position - b.position);
}

function highestPower(size: number): number {
  return size > 0 && Number.isFinite(size) ? Math.floor(Math.log10(size) + 1e-9) : 0;
}
