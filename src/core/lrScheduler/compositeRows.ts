/* The schedulers made of other schedulers. */
import { PythonError } from '../../common/errors';
import { lastEpochParameter } from './decayRows';
import type { Schedule, ScheduleArguments, ScheduleRow, ScheduleState } from './schedule';

function childState(schedule: Schedule): ScheduleState {
  return { _schedulers: schedule.children.map((child) => child.stateDict()) };
}

function prepareChildren(schedule: Schedule, args: ScheduleArguments, whenEmpty: string): void {
  const { name } = schedule.row;
  const children = args['schedulers'] as readonly Schedule[];
  if (children.length < 1) throw new PythonError('ValueError', `${name} expects at least one scheduler${whenEmpty}`);
  children.forEach((child, index) => {
    if (child.row.name === 'ReduceLROnPlateau') {
      throw new PythonError(
        'ValueError',
        `${name} does not support \`ReduceLROnPlateau\` scheduler as it requires additional kwargs to be specified when calling \`step\`, but got one at index ${String(index)} in the given schedulers sequence.`,
      );
    }
    if (child.optimizer !== schedule.optimizer) {
      throw new PythonError(
        'ValueError',
        `${name} expects all schedulers to belong to the same optimizer, but got scheduler ${child.row.name} at index ${String(index)} has ${child.optimizer.describe?.() ?? child.optimizer.name}, which is different from ${schedule.optimizer.name}.`,
      );
    }
  });
  schedule.children = children;
}

/** How many milestones lie at or before the epoch: the position of the scheduler in charge. */
function passed(milestones: readonly number[], epoch: number): number {
  return milestones.filter((milestone) => milestone <= epoch).length;
}

/** Takes back the first step of every scheduler inside. */
function undoFirstStep(schedule: Schedule): void {
  if (schedule.children.length > 0) schedule.children.forEach(undoFirstStep);
  else schedule.state['last_epoch'] = (schedule.state['last_epoch'] as bigint) - 1n;
}

export const compositeRows: readonly ScheduleRow[] = [
  {
    name: 'SequentialLR',
    parameters: [{ name: 'schedulers' }, { name: 'milestones' }, lastEpochParameter],
    prepare: (schedule, args) => {
      prepareChildren(schedule, args, ', but got no scheduler.');
      const milestones = args['milestones'] as readonly bigint[];
      const count = schedule.children.length;
      if (milestones.length !== count - 1) {
        throw new PythonError(
          'ValueError',
          `Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers ${String(count)} and the number of milestones to be equal to ${String(milestones.length)}`,
        );
      }
      schedule.state['_milestones'] = milestones;
      schedule.state['last_epoch'] = (args['last_epoch'] as bigint) + 1n;
    },
    initialize: (schedule) => {
      for (const group of schedule.groups) group.lr = group.initial_lr ?? group.lr;
      schedule.children.forEach(undoFirstStep);
      const first = schedule.children[passed(schedule.numbers('_milestones'), 0)]!;
      first.initialStep();
      schedule.state['_last_lr'] = first.getLastLr();
    },
    step: (schedule) => {
      const epoch = (schedule.state['last_epoch'] as bigint) + 1n;
      schedule.state['last_epoch'] = epoch;
      const milestones = schedule.numbers('_milestones');
      const index = passed(milestones, Number(epoch));
      const current = schedule.children[index]!;
      if (index > 0 && milestones[index - 1] === Number(epoch)) current.updateLr(0n);
      else current.step();
      schedule.state['_last_lr'] = current.getLastLr();
    },
    extraState: childState,
  },
  {
    name: 'ChainedScheduler',
    parameters: [{ name: 'schedulers' }],
    prepare: (schedule, args) => {
      prepareChildren(schedule, args, ' to be chained, but got no scheduler.');
    },
    initialize: (schedule) => {
      schedule.state['_last_lr'] = schedule.currentLrs();
    },
    step: (schedule) => {
      for (const child of schedule.children) child.step();
      schedule.state['_last_lr'] = schedule.currentLrs();
    },
    extraState: childState,
  },
];
