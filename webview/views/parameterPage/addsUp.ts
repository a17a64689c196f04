import type { UpdateExplanation } from '../../../src/common/engineContract';

/** Whether the last line is the new value, to the rounding of float32. */
export function addsUp({ lines, before, after }: Pick<UpdateExplanation, 'lines' | 'before' | 'after'>): boolean {
  const result = lines[lines.length - 1]?.value;
  if (result === undefined) return false;
  if (!Number.isFinite(after) || !Number.isFinite(result)) return Object.is(after, result);
  return Math.abs(result - after) <= 4e-7 * Math.max(Math.abs(before), Math.abs(after)) + 1e-12;
}
