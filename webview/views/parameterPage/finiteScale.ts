import type { Statistics } from '../../../src/common/engineContract';

/** The largest finite absolute value: infinities would leave everything else without colour. */
export function finiteScale({ absmax, min, max, infinite }: Statistics): number {
  if (infinite === 0 && Number.isFinite(absmax)) return absmax;
  const finite = [min, max].filter(Number.isFinite).map(Math.abs);
  return finite.length > 0 ? Math.max(...finite) : 1;
}
