import { PythonError } from '../../common/errors';
import { epochDeprecation } from './messages';
import type { Schedule, ScheduleRow, StateValue } from './schedule';

/** The modes and the value that any first metric improves on. */
const worst: ReadonlyMap<string, number> = new Map([
  ['min', Infinity],
  ['max', -Infinity],
]);

/** Whether a metric improves on the best one, for each mode and threshold mode. */
const improves: Readonly<Record<string, (metric: number, best: number, threshold: number) => boolean>> = {
  'min rel': (metric, best, threshold) => metric < best * (1 - threshold),
  'min abs': (metric, best, threshold) => metric < best - threshold,
  'max rel': (metric, best, threshold) => metric > best * (threshold + 1),
  'max abs': (metric, best, threshold) => metric > best + threshold,
};

function setMode(schedule: Schedule, mode: string, threshold: StateValue, thresholdMode: string): void {
  const start = worst.get(mode);
  if (start === undefined) throw new PythonError('ValueError', `mode ${mode} is unknown!`);
  if (thresholdMode !== 'rel' && thresholdMode !== 'abs') {
    throw new PythonError('ValueError', `threshold mode ${thresholdMode} is unknown!`);
  }
  Object.assign(schedule.state, { mode_worse: start, mode, threshold, threshold_mode: thresholdMode });
}

function reduceLr(schedule: Schedule): void {
  const { state, groups } = schedule;
  const lowest = schedule.numbers('min_lrs');
  if (groups.length !== lowest.length) {
    if (state['default_min_lr'] === null) {
      throw new PythonError(
        'RuntimeError',
        `The number of param groups in the \`optimizer\` (${String(groups.length)}) differs from when \`ReduceLROnPlateau\` was initialized (${String(lowest.length)}), usually due to a new param group being added to the optimizer. Please modify the \`min_lrs\` field to match the length of the \`optimizer\` param groups.`,
      );
    }
    state['min_lrs'] = groups.map(() => state['default_min_lr']!);
  }
  const floors = schedule.numbers('min_lrs');
  groups.forEach((group, index) => {
    const reduced = Math.max(group.lr * schedule.number('factor'), floors[index]!);
    if (group.lr - reduced > schedule.number('eps')) group.lr = reduced;
  });
}

function stepPlateau(schedule: Schedule, metric: number): void {
  const { state } = schedule;
  const better = improves[`${String(state['mode'])} ${String(state['threshold_mode'])}`]!;
  if (better(metric, schedule.number('best'), schedule.number('threshold'))) {
    state['best'] = metric;
    state['num_bad_epochs'] = 0n;
  } else {
    state['num_bad_epochs'] = (state['num_bad_epochs'] as bigint) + 1n;
  }
  if (schedule.number('cooldown_counter') > 0) {
    state['cooldown_counter'] = (state['cooldown_counter'] as bigint) - 1n;
    state['num_bad_epochs'] = 0n;
  }
  if (schedule.number('num_bad_epochs') > schedule.number('patience')) {
    reduceLr(schedule);
    state['cooldown_counter'] = state['cooldown']!;
    state['num_bad_epochs'] = 0n;
  }
  state['_last_lr'] = schedule.currentLrs();
}

/** ReduceLROnPlateau: its `step` takes the metric that it watches. */
export const plateauRow: ScheduleRow = {
  name: 'ReduceLROnPlateau',
  parameters: [
    { name: 'mode', default: 'min' },
    { name: 'factor', default: 0.1 },
    { name: 'patience', default: 10n },
    { name: 'threshold', default: 1e-4 },
    { name: 'threshold_mode', default: 'rel' },
    { name: 'cooldown', default: 0n },
    { name: 'min_lr', default: 0n },
    { name: 'eps', default: 1e-8 },
  ],
  prepare: (schedule, args) => {
    const { state } = schedule;
    const count = schedule.groups.length;
    if (Number(args['factor']) >= 1) throw new PythonError('ValueError', 'Factor should be < 1.0.');
    state['factor'] = args['factor'] as StateValue;
    const lowest = args['min_lr'] as StateValue;
    if (Array.isArray(lowest)) {
      if (lowest.length !== count) {
        throw new PythonError('ValueError', `expected ${String(count)} min_lrs, got ${String(lowest.length)}`);
      }
      state['default_min_lr'] = null;
      state['min_lrs'] = [...(lowest as readonly StateValue[])];
    } else {
      state['default_min_lr'] = lowest;
      state['min_lrs'] = schedule.groups.map(() => lowest);
    }
    state['patience'] = args['patience'] as StateValue;
    state['cooldown'] = args['cooldown'] as StateValue;
    state['eps'] = args['eps'] as StateValue;
    state['last_epoch'] = 0n;
    state['_last_lr'] = schedule.currentLrs();
    setMode(schedule, args['mode'] as string, args['threshold'] as StateValue, args['threshold_mode'] as string);
  },
  initialize: ({ state }) => {
    Object.assign(state, { best: state['mode_worse'], cooldown_counter: 0n, num_bad_epochs: 0n });
  },
  step: (schedule, { metrics, epoch }) => {
    if (metrics === undefined) {
      throw new PythonError('TypeError', "ReduceLROnPlateau.step() missing 1 required positional argument: 'metrics'");
    }
    if (epoch !== undefined && epoch !== null) schedule.warn(epochDeprecation);
    schedule.state['last_epoch'] = epoch ?? (schedule.state['last_epoch'] as bigint) + 1n;
    stepPlateau(schedule, metrics);
  },
  afterLoad: (schedule) => {
    const { state } = schedule;
    setMode(schedule, state['mode'] as string, state['threshold']!, state['threshold_mode'] as string);
  },
};
