import type { Goal } from '../common/engineContract';
import type { EventRecord } from '../core/training/eventRecord';

/** Where a run started from. */
export interface GoalOrigin {
  event: number;
  iteration: number;
}

/** Whether a run ends at an event. `epoch` ends between events: see `Session.onEpochEnd`. */
export function goalReached(goal: Goal, origin: GoalOrigin, record: EventRecord): boolean {
  switch (goal.kind) {
    case 'next':
      return true;
    case 'events':
      return record.index >= origin.event + goal.count;
    case 'event':
      return record.index >= goal.index;
    case 'phase':
      return record.phase === goal.phase;
    case 'line':
      return record.line === goal.line;
    case 'iterations':
      return record.iteration >= origin.iteration + goal.count;
    case 'epoch':
    case 'continue':
    case 'step':
      return false;
  }
}
