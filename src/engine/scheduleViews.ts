import type { ScheduleView } from '../common/engineContract';
import { forecastSteps, ratesAhead, settingsOf, stepsOf } from '../core/lrScheduler/scheduleView';
import type { EventRecord, ScheduleRecord } from '../core/training/eventRecord';
import type { Timeline } from '../core/training/timeline';

/** As many changes ahead as tell a schedule's step_size twice. */
const changesShown = 4;
/** The future shows as much as the past, the next change and as much again; within these bounds. */
const shortestFuture = 30;
const longestFuture = 1000;

/** The learning rates of every parameter group as of an event. */
export function scheduleViews(timeline: Timeline, event: number): ScheduleView[] {
  const { record } = timeline.at(event);
  return record.optimizers.flatMap(({ name, groups }) => {
    const candidates = record.schedules.filter(({ optimizer }) => optimizer === name);
    const stepped = candidates.filter(({ schedule }) => stepsOf(schedule) > 0);
    const shown = lastStepped(timeline, event, candidates);
    const hyperparameters = groups.map((group) => group.hyperparameters);
    const alone = shown !== undefined && stepped.every((candidate) => candidate === shown);
    const ahead = alone ? forecastOf(shown, hyperparameters) : [];
    return groups.map((_group, index): ScheduleView => {
      const past = shown ? pastOf(timeline, event, shown, index) : [];
      const now = Number(hyperparameters[index]!['lr']);
      const rates = ahead.map((step) => step[index]!);
      const change = rates.findIndex((rate) => rate !== now);
      const length = Math.max(shortestFuture, past.length, changesShown * (change + 1));
      return {
        optimizer: name,
        group: index,
        scheduler: shown?.name ?? null,
        type: shown?.schedule.row.name ?? null,
        settings: shown ? settingsOf(shown.schedule) : {},
        past: past.length > 0 ? past : [now],
        future: rates.slice(0, Math.min(longestFuture, length)),
        nextChange: change < 0 ? null : { inSteps: change + 1, from: now, to: rates[change]! },
      };
    });
  });
}

/** Most schedulers change within few steps: the far future is computed for the others only. */
function forecastOf({ schedule }: ScheduleRecord, groups: Parameters<typeof ratesAhead>[1]): number[][] {
  const near = ratesAhead(schedule, groups, longestFuture);
  const changes = groups.every(({ lr }, index) => near.some((rates) => rates[index] !== Number(lr)));
  return changes || near.length < longestFuture ? near : ratesAhead(schedule, groups, forecastSteps);
}

/** The scheduler that stepped last; before any has, the one that was made last. */
function lastStepped(
  timeline: Timeline,
  event: number,
  candidates: readonly ScheduleRecord[],
): ScheduleRecord | undefined {
  if (candidates.length <= 1) return candidates[0];
  for (let index = event; index > 0; index--) {
    const { record } = timeline.at(index);
    if (record.phase !== 'scheduler_step') continue;
    const hit = candidates.find(({ name }) => hasStepped(record, timeline.at(index - 1).record, name));
    if (hit) return hit;
  }
  return candidates.at(-1);
}

function hasStepped(record: EventRecord, before: EventRecord, name: string): boolean {
  const now = scheduleNamed(record, name);
  return now !== undefined && now !== scheduleNamed(before, name);
}

function scheduleNamed(record: EventRecord, name: string): ScheduleRecord | undefined {
  return record.schedules.find((schedule) => schedule.name === name);
}

/** The rate before the scheduler's first step, and after each one. */
function pastOf(timeline: Timeline, event: number, { name, optimizer }: ScheduleRecord, group: number): number[] {
  const rates: number[] = [];
  for (let index = 0; index <= event; index++) {
    const { record } = timeline.at(index);
    const begins = rates.length === 0;
    const steps =
      index > 0 && record.phase === 'scheduler_step' && hasStepped(record, timeline.at(index - 1).record, name);
    if (!begins && !steps) continue;
    const lr = record.optimizers.find((candidate) => candidate.name === optimizer)?.groups[group]?.hyperparameters[
      'lr'
    ];
    if (lr !== undefined) rates.push(Number(lr));
  }
  return rates;
}
