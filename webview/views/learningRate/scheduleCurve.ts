import type { ScheduleView } from '../../../src/common/engineContract';

/** The part of a schedule that is drawn: x is the number of scheduler steps. */
export interface ScheduleCurve {
  x: number[];
  /** The rates up to now, then nulls. */
  past: (number | null)[];
  /** Nulls, then the rates from now on. */
  future: (number | null)[];
  /** The scheduler steps done; the cursor's x. */
  now: number;
  /** Where the rate jumps, when there are few enough to be labelled. */
  jumps: { x: number; from: number; to: number }[];
  /** A logarithmic axis shows a factor as a distance. */
  logarithmic: boolean;
  /** The plateaus' rates, when there are few; for the axis. */
  plateaus: number[];
}

const maximumJumps = 7;
const smoothAhead = 400;

export function curveOf({ past, future, nextChange }: ScheduleView): ScheduleCurve {
  const now = past.length - 1;
  const ahead = future.slice(0, horizon(now, future, nextChange));
  const rates = [...past, ...ahead];
  const jumps: ScheduleCurve['jumps'] = [];
  for (let x = 1; x < rates.length; x++) {
    const [from, to] = [rates[x - 1]!, rates[x]!];
    if (from !== to) jumps.push({ x, from, to });
  }
  const labelled = jumps.length <= maximumJumps && jumps.length * 2 < rates.length;
  const positive = rates.filter((rate) => rate > 0);
  const [low, high] = [Math.min(...positive), Math.max(...positive)];
  const plateaus = labelled ? [...new Set(rates)] : [];
  return {
    x: rates.map((_, x) => x),
    past: rates.map((rate, x) => (x <= now ? rate : null)),
    future: rates.map((rate, x) => (x >= now ? rate : null)),
    now,
    jumps: labelled ? jumps : [],
    logarithmic: positive.length === rates.length && high / low >= 8 && labelled,
    plateaus,
  };
}

/** How many steps ahead are worth showing: some changes of a staircase, all of a curve that always changes. */
function horizon(now: number, future: readonly number[], nextChange: ScheduleView['nextChange']): number {
  if (nextChange === null) return Math.min(future.length, Math.max(10, Math.ceil(now / 2)));
  if (nextChange.inSteps === 1 && future[1] !== future[0]) return Math.min(future.length, Math.max(smoothAhead, now));
  let changes = 0;
  let last = nextChange.inSteps;
  for (let step = nextChange.inSteps; step < future.length && changes < 2; step++) {
    if (future[step] === future[step - 1]) continue;
    changes++;
    last = step + 1;
    if (last > 20 * Math.max(nextChange.inSteps, now, 5)) break;
  }
  // What lies beyond is a plateau whose end is not known: some of it shows that it is one.
  const shown = changes < 2 ? last * 2 : last * 1.15;
  return Math.min(future.length, Math.ceil(Math.max(shown, last + 2)));
}
