/* The schedulers that move between bounds; two of them cycle the momentum as well. */
import { PythonError } from '../../common/errors';
import { divide, lastEpochParameter } from './decayRows';
import { pythonText } from '../tensor/pythonText';
import { preciseCos, preciseLog, precisePow } from '../../common/preciseMath';
import type {
  ParameterGroup,
  Schedule,
  ScheduleArguments,
  ScheduledOptimizer,
  ScheduleFunction,
  ScheduleRow,
  ScheduleState,
  StateValue,
} from './schedule';

/** One value for each parameter group, from one value or a list of them. */
function spread(name: string, optimizer: ScheduledOptimizer, given: unknown): number[] {
  const count = optimizer.paramGroups.length;
  if (!Array.isArray(given)) return Array.from({ length: count }, () => Number(given));
  if (given.length !== count) {
    throw new PythonError(
      'ValueError',
      `${name} must have the same length as optimizer.param_groups. ` +
        `${name} has ${String(given.length)} values, param_groups has ${String(count)}.`,
    );
  }
  return given.map(Number);
}

/** Whether the cycled momentum is Adam's first beta rather than SGD's momentum. */
function usesFirstBeta(optimizer: ScheduledOptimizer): boolean {
  if (!('momentum' in optimizer.defaults) && !('betas' in optimizer.defaults)) {
    throw new PythonError(
      'ValueError',
      'optimizer must support momentum or beta1 with `cycle_momentum` option enabled',
    );
  }
  return 'betas' in optimizer.defaults;
}

function setMomentum(group: ParameterGroup, momentum: number, firstBeta: boolean): void {
  if (firstBeta) group.betas = [momentum, ...(group.betas ?? []).slice(1)];
  else group.momentum = momentum;
}

function setMomentumBounds(schedule: Schedule, highest: readonly number[], lowest: readonly number[]): void {
  schedule.groups.forEach((group, index) => {
    setMomentum(group, highest[index]!, schedule.state['use_beta1'] === true);
    group.max_momentum = highest[index]!;
    group.base_momentum = lowest[index]!;
  });
}

const scaleModes = new Map([
  ['triangular', 'cycle'],
  ['triangular2', 'cycle'],
  ['exp_range', 'iterations'],
]);

function cycleScale(schedule: Schedule, cycle: number): number {
  const { state } = schedule;
  const at = state['scale_mode'] === 'cycle' ? cycle : schedule.epoch;
  const custom = schedule.functions[0];
  if (custom) return custom(BigInt(at));
  if (state['mode'] === 'triangular2') return 1 / precisePow(2, at - 1);
  return state['mode'] === 'exp_range' ? precisePow(schedule.number('gamma'), at) : 1;
}

function prepareCyclic(schedule: Schedule, args: ScheduleArguments): void {
  const { optimizer, state } = schedule;
  const resuming = args['last_epoch'] !== -1n;
  const baseLrs = spread('base_lr', optimizer, args['base_lr']);
  if (!resuming) {
    optimizer.paramGroups.forEach((group, index) => {
      group.lr = baseLrs[index]!;
    });
  }
  state['max_lrs'] = spread('max_lr', optimizer, args['max_lr']);
  const up = Number(args['step_size_up']);
  const down = args['step_size_down'] === null ? up : Number(args['step_size_down']);
  state['total_size'] = up + down;
  state['step_ratio'] = divide(up, up + down);
  const mode = args['mode'] as string;
  const custom = args['scale_fn'] as ScheduleFunction | null;
  if (!scaleModes.has(mode) && custom === null) {
    throw new PythonError('ValueError', 'mode is invalid and scale_fn is None');
  }
  state['mode'] = mode;
  state['gamma'] = args['gamma'] as StateValue;
  state['scale_mode'] = custom === null ? scaleModes.get(mode)! : (args['scale_mode'] as string);
  schedule.functions = custom === null ? [] : [custom];
  const cycleMomentum = args['cycle_momentum'] === true;
  state['cycle_momentum'] = cycleMomentum;
  if (!cycleMomentum) return;
  state['use_beta1'] = usesFirstBeta(optimizer);
  const lowest = spread('base_momentum', optimizer, args['base_momentum']);
  const highest = spread('max_momentum', optimizer, args['max_momentum']);
  state['base_momentums'] = lowest;
  state['max_momentums'] = highest;
  if (!resuming) setMomentumBounds(schedule, highest, lowest);
}

function cyclicLr(schedule: Schedule): number[] {
  const turns = divide(schedule.epoch, schedule.number('total_size'));
  const cycle = Math.floor(1 + turns);
  const x = 1 + turns - cycle;
  const ratio = schedule.number('step_ratio');
  const height = x <= ratio ? divide(x, ratio) : divide(x - 1, ratio - 1);
  const highest = schedule.numbers('max_lrs');
  const lrs = schedule.baseLrs.map(
    (base, index) => base + (highest[index]! - base) * height * cycleScale(schedule, cycle),
  );
  if (schedule.state['cycle_momentum'] === true) {
    const bases = schedule.numbers('base_momentums');
    schedule.numbers('max_momentums').forEach((maximum, index) => {
      const momentum = maximum - (maximum - bases[index]!) * height * cycleScale(schedule, cycle);
      setMomentum(schedule.groups[index]!, momentum, schedule.state['use_beta1'] === true);
    });
  }
  return lrs;
}

interface Phase extends ScheduleState {
  end_step: number | bigint;
  start_lr: string;
  end_lr: string;
  start_momentum: string;
  end_momentum: string;
}

function phase(endStep: number | bigint, startLr: string, endLr: string, startMomentum: string, endMomentum: string) {
  return {
    end_step: endStep,
    start_lr: startLr,
    end_lr: endLr,
    start_momentum: startMomentum,
    end_momentum: endMomentum,
  } satisfies Phase;
}

function phasesOf(total: bigint, warmUp: number, three: boolean): Phase[] {
  const rise = phase(warmUp * Number(total) - 1, 'initial_lr', 'max_lr', 'max_momentum', 'base_momentum');
  if (!three) return [rise, phase(total - 1n, 'max_lr', 'min_lr', 'base_momentum', 'max_momentum')];
  return [
    rise,
    phase(2 * warmUp * Number(total) - 2, 'max_lr', 'initial_lr', 'base_momentum', 'max_momentum'),
    phase(total - 1n, 'initial_lr', 'min_lr', 'max_momentum', 'max_momentum'),
  ];
}

function positiveInteger(name: string, value: unknown): bigint {
  if (typeof value === 'bigint' && value > 0n) return value;
  throw new PythonError('ValueError', `Expected positive integer ${name}, but got ${pythonText(value)}`);
}

function totalStepsOf(args: ScheduleArguments): bigint {
  if (args['total_steps'] !== null) return positiveInteger('total_steps', args['total_steps']);
  if (args['epochs'] !== null && args['steps_per_epoch'] !== null) {
    return positiveInteger('epochs', args['epochs']) * positiveInteger('steps_per_epoch', args['steps_per_epoch']);
  }
  throw new PythonError('ValueError', 'You must define either total_steps OR (epochs AND steps_per_epoch)');
}

function prepareOneCycle(schedule: Schedule, args: ScheduleArguments): void {
  const { optimizer, state } = schedule;
  const resuming = args['last_epoch'] !== -1n;
  const total = totalStepsOf(args);
  const warmUp = args['pct_start'];
  state['total_steps'] = total;
  state['_schedule_phases'] = phasesOf(total, Number(warmUp), args['three_phase'] === true);
  if (typeof warmUp !== 'number' || warmUp < 0 || warmUp > 1) {
    throw new PythonError('ValueError', `Expected float between 0 and 1 pct_start, but got ${pythonText(warmUp)}`);
  }
  const anneal = args['anneal_strategy'];
  if (anneal !== 'cos' && anneal !== 'linear') {
    throw new PythonError(
      'ValueError',
      `anneal_strategy must be one of 'cos' or 'linear', instead got ${pythonText(anneal)}`,
    );
  }
  state['_anneal_func_type'] = anneal;
  const highest = spread('max_lr', optimizer, args['max_lr']);
  if (!resuming) {
    optimizer.paramGroups.forEach((group, index) => {
      group.initial_lr = divide(highest[index]!, Number(args['div_factor']));
      group.max_lr = highest[index]!;
      group.min_lr = divide(group.initial_lr, Number(args['final_div_factor']));
    });
  }
  const cycleMomentum = args['cycle_momentum'] === true;
  state['cycle_momentum'] = cycleMomentum;
  if (!cycleMomentum) return;
  state['use_beta1'] = usesFirstBeta(optimizer);
  const most = spread('max_momentum', optimizer, args['max_momentum']);
  const least = spread('base_momentum', optimizer, args['base_momentum']);
  if (!resuming) setMomentumBounds(schedule, most, least);
}

function anneal(schedule: Schedule, start: number, end: number, part: number): number {
  if (schedule.state['_anneal_func_type'] === 'linear') return (end - start) * part + start;
  return end + ((start - end) / 2) * (preciseCos(Math.PI * part) + 1);
}

function oneCycleLr(schedule: Schedule): number[] {
  const step = schedule.epoch;
  const total = schedule.number('total_steps');
  if (step > total) {
    throw new PythonError(
      'ValueError',
      `Tried to step ${String(step)} times. The specified number of total steps is ${String(total)}`,
    );
  }
  const phases = schedule.state['_schedule_phases'] as readonly Phase[];
  const current = phases.findIndex((candidate) => step <= Number(candidate.end_step));
  const index = current < 0 ? phases.length - 1 : current;
  const { end_step: end, start_lr, end_lr, start_momentum, end_momentum } = phases[index]!;
  const start = index === 0 ? 0 : Number(phases[index - 1]!.end_step);
  const cycleMomentum = schedule.state['cycle_momentum'] === true;
  return schedule.groups.map((group) => {
    const part = divide(step - start, Number(end) - start);
    const lr = anneal(schedule, Number(group[start_lr]), Number(group[end_lr]), part);
    if (cycleMomentum) {
      const momentum = anneal(schedule, Number(group[start_momentum]), Number(group[end_momentum]), part);
      setMomentum(group, momentum, schedule.state['use_beta1'] === true);
    }
    return lr;
  });
}

function prepareWarmRestarts(schedule: Schedule, args: ScheduleArguments): void {
  const first = positiveInteger('T_0', args['T_0']);
  const factor = args['T_mult'];
  const floor = args['eta_min'];
  if (typeof factor !== 'bigint' || factor < 1n) {
    throw new PythonError('ValueError', `Expected integer T_mult >= 1, but got ${pythonText(factor)}`);
  }
  if (typeof floor !== 'number' && typeof floor !== 'bigint') {
    const type = typeof floor === 'string' ? 'str' : floor === null ? 'NoneType' : typeof floor;
    throw new PythonError(
      'ValueError',
      `Expected float or int eta_min, but got ${pythonText(floor)} of type <class '${type}'>`,
    );
  }
  Object.assign(schedule.state, { T_0: first, T_i: first, T_mult: factor, eta_min: floor, T_cur: args['last_epoch'] });
}

function stepWarmRestarts(schedule: Schedule, given: bigint | number | null): void {
  const { state } = schedule;
  const epoch = given ?? (schedule.epoch < 0 ? 0n : null);
  if (epoch === null) {
    let position = schedule.number('T_cur') + 1;
    const period = schedule.number('T_i');
    if (position >= period) {
      position %= period;
      state['T_i'] = BigInt(period) * (state['T_mult'] as bigint);
    }
    state['T_cur'] = typeof state['T_cur'] === 'bigint' ? BigInt(position) : position;
    state['last_epoch'] = (state['last_epoch'] as bigint) + 1n;
  } else {
    if (epoch < 0) throw new PythonError('ValueError', `Expected non-negative epoch, but got ${pythonText(epoch)}`);
    placeInRestarts(state, epoch);
    state['last_epoch'] = BigInt(Math.floor(Number(epoch)));
  }
  schedule.applyLrs();
}

function placeInRestarts(state: ScheduleState, epoch: bigint | number): void {
  const first = Number(state['T_0']);
  const factor = Number(state['T_mult']);
  if (Number(epoch) < first) {
    state['T_i'] = state['T_0']!;
    state['T_cur'] = epoch;
  } else if (factor === 1) {
    state['T_cur'] = typeof epoch === 'bigint' ? epoch % BigInt(first) : epoch % first;
  } else {
    const cycles = Math.trunc(preciseLog((Number(epoch) / first) * (factor - 1) + 1) / preciseLog(factor));
    state['T_cur'] = Number(epoch) - (first * (factor ** cycles - 1)) / (factor - 1);
    state['T_i'] = BigInt(first) * BigInt(factor) ** BigInt(cycles);
  }
}

export const cycleRows: readonly ScheduleRow[] = [
  {
    name: 'CyclicLR',
    parameters: [
      { name: 'base_lr' },
      { name: 'max_lr' },
      { name: 'step_size_up', default: 2000n },
      { name: 'step_size_down', default: null },
      { name: 'mode', default: 'triangular' },
      { name: 'gamma', default: 1 },
      { name: 'scale_fn', default: null },
      { name: 'scale_mode', default: 'cycle' },
      { name: 'cycle_momentum', default: true },
      { name: 'base_momentum', default: 0.8 },
      { name: 'max_momentum', default: 0.9 },
      lastEpochParameter,
    ],
    prepare: prepareCyclic,
    getLr: cyclicLr,
    afterInitialize: (schedule, args) => {
      schedule.state['base_lrs'] = spread('base_lr', schedule.optimizer, args['base_lr']);
    },
    extraState: () => ({ _scale_fn_custom: null }),
    afterLoad: (schedule) => {
      const mode = scaleModes.get(schedule.state['mode'] as string);
      if (schedule.functions.length === 0 && mode !== undefined) schedule.state['scale_mode'] = mode;
    },
  },
  {
    name: 'OneCycleLR',
    parameters: [
      { name: 'max_lr' },
      { name: 'total_steps', default: null },
      { name: 'epochs', default: null },
      { name: 'steps_per_epoch', default: null },
      { name: 'pct_start', default: 0.3 },
      { name: 'anneal_strategy', default: 'cos' },
      { name: 'cycle_momentum', default: true },
      { name: 'base_momentum', default: 0.85 },
      { name: 'max_momentum', default: 0.95 },
      { name: 'div_factor', default: 25 },
      { name: 'final_div_factor', default: 1e4 },
      { name: 'three_phase', default: false },
      lastEpochParameter,
    ],
    prepare: prepareOneCycle,
    getLr: oneCycleLr,
  },
  {
    name: 'CosineAnnealingWarmRestarts',
    parameters: [{ name: 'T_0' }, { name: 'T_mult', default: 1n }, { name: 'eta_min', default: 0 }, lastEpochParameter],
    prepare: prepareWarmRestarts,
    getLr: (schedule) => {
      const floor = schedule.number('eta_min');
      const height = 1 + preciseCos(divide(Math.PI * schedule.number('T_cur'), schedule.number('T_i')));
      return schedule.baseLrs.map((base) => floor + ((base - floor) * height) / 2);
    },
    step: (schedule, { epoch }) => stepWarmRestarts(schedule, epoch ?? null),
  },
];
