import type { Phase } from '../../../src/common/phase';

/** What a script's loop is made of, as the rail shows it. */
export interface RailStop {
  phase: Phase;
  /** 1-based; 0 when the phase never ran. */
  line: number;
  mark: 'done' | 'now' | 'next' | 'later' | 'missing' | 'outside' | 'unseen';
  /** Why the order looks wrong; null when it doesn't. */
  warning: 'clearsTooEarly' | 'schedulerTooEarly' | null;
}

export interface RailBlock {
  stops: RailStop[];
  /** How often the stops come in a row: more than 1 while gradients are accumulated. */
  times: number;
  /** Which of the times the cursor is in, from 1; 0 when it is elsewhere. */
  at: number;
}

export interface Rail {
  blocks: RailBlock[];
  /** Phases that stand apart: missing, outside of the iteration, not seen yet. */
  apart: RailStop[];
  /** The phase that comes next, when the script's order is known. */
  next: Phase | null;
}

export interface RailInput {
  pattern: readonly { phase: Phase; line: number }[];
  position: number;
  /** The phase under the cursor; null before the first event. */
  current: { phase: Phase; line: number } | null;
  /** The recorded event after the cursor. */
  recordedNext: Phase | null;
  /** One iteration is complete, so that what the pattern lacks is missing. */
  complete: boolean;
  /** The script has a scheduler. */
  hasScheduler: boolean;
}

const everyLoop: readonly Phase[] = ['zero_grad', 'forward', 'loss', 'backward', 'step'];
const maximumPeriod = 8;

export function buildRail(input: RailInput): Rail {
  const { pattern, position, current, recordedNext, complete, hasScheduler } = input;
  const warnings = orderWarnings(pattern.map(({ phase }) => phase));
  const successor = pattern.length === 0 ? -1 : (position + 1) % pattern.length;
  const learnt = complete ? (pattern[successor]?.phase ?? null) : null;
  const next = recordedNext ?? learnt;
  const nextAt =
    next !== null && pattern[successor]?.phase === next && (complete || successor > position) ? successor : -1;
  const stops = pattern.map(({ phase, line }, index): RailStop => {
    const mark = index === position ? 'now' : index === nextAt ? 'next' : index < position ? 'done' : 'later';
    return { phase, line, mark, warning: warnings[index] ?? null };
  });
  const known = new Set(pattern.map(({ phase }) => phase));
  const apart: RailStop[] = [];
  for (const phase of hasScheduler ? [...everyLoop, 'scheduler_step' as const] : everyLoop) {
    if (known.has(phase)) continue;
    const here = current?.phase === phase;
    const mark = here
      ? 'now'
      : next === phase
        ? 'next'
        : !complete
          ? 'unseen'
          : phase === 'scheduler_step'
            ? 'outside'
            : 'missing';
    apart.push({ phase, line: here ? current.line : 0, mark, warning: null });
  }
  if (current?.phase === 'scheduler_step' && position < 0 && !apart.some(({ phase }) => phase === 'scheduler_step')) {
    apart.push({ phase: 'scheduler_step', line: current.line, mark: 'now', warning: null });
  }
  return { blocks: foldRepeats(stops, position), apart, next };
}

function orderWarnings(pattern: readonly Phase[]): RailStop['warning'][] {
  const count = (phase: Phase) => pattern.filter((other) => other === phase).length;
  const warnings = pattern.map((): RailStop['warning'] => null);
  const step = pattern.indexOf('step');
  const backward = pattern.indexOf('backward');
  if (count('step') !== 1 || step < 0) return warnings;
  const scheduler = pattern.indexOf('scheduler_step');
  if (scheduler >= 0 && scheduler < step) warnings[scheduler] = 'schedulerTooEarly';
  if (count('backward') !== 1) return warnings;
  for (let at = backward; at !== step; at = (at + 1) % pattern.length) {
    if (pattern[at] === 'zero_grad') warnings[at] = 'clearsTooEarly';
  }
  return warnings;
}

/** Shows a stretch that comes several times in a row once, with its count. */
function foldRepeats(stops: readonly RailStop[], position: number): RailBlock[] {
  const blocks: RailBlock[] = [];
  let plain: RailStop[] = [];
  const flush = () => {
    if (plain.length > 0) blocks.push({ stops: plain, times: 1, at: 0 });
    plain = [];
  };
  for (let at = 0; at < stops.length;) {
    const { period, times } = repeatAt(stops, at);
    if (times === 1) {
      plain.push(stops[at]!);
      at++;
      continue;
    }
    flush();
    const round = Math.floor((position - at) / period);
    const inside = position >= at && round < times;
    const shown = inside ? round : position >= at ? times - 1 : 0;
    blocks.push({
      stops: stops.slice(at + shown * period, at + (shown + 1) * period),
      times,
      at: inside ? round + 1 : 0,
    });
    at += period * times;
  }
  flush();
  return blocks;
}

function repeatAt(stops: readonly RailStop[], start: number): { period: number; times: number } {
  for (let period = 1; period <= maximumPeriod && start + 2 * period <= stops.length; period++) {
    let times = 1;
    while (sameStretch(stops, start, start + times * period, period)) times++;
    if (times > 1) return { period, times };
  }
  return { period: 1, times: 1 };
}

function sameStretch(stops: readonly RailStop[], one: number, other: number, length: number): boolean {
  for (let offset = 0; offset < length; offset++) {
    const [left, right] = [stops[one + offset], stops[other + offset]];
    if (left === undefined || right === undefined) return false;
    if (left.phase !== right.phase || left.line !== right.line) return false;
  }
  return true;
}
