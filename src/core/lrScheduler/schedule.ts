import { PythonError } from '../../common/errors';
import { epochDeprecation, getLrOutsideStep, schedulerBeforeOptimizer, stepOverridden } from './messages';

/** A parameter group, under PyTorch's names; schedulers add `initial_lr` and, some of them, bounds to cycle between. */
export interface ParameterGroup {
  lr: number;
  initial_lr?: number;
  max_lr?: number;
  min_lr?: number;
  momentum?: number;
  betas?: readonly number[];
  max_momentum?: number;
  base_momentum?: number;
  [key: string]: unknown;
}

/** What a scheduler needs of an optimizer. */
export interface ScheduledOptimizer {
  /** The class's name, as it stands in messages. */
  readonly name: string;
  readonly paramGroups: ParameterGroup[];
  /** The optimizer's `repr()`, for one message. */
  readonly describe?: () => string;
  /** The optimizer's default hyperparameters; only the presence of `momentum` and `betas` is looked at. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Set by the first scheduler: from then on `step()` has to set `stepCalled`. */
  stepTracked: boolean;
  /** Whether `step()` has run since it is tracked. */
  stepCalled: boolean;
  /** Whether the script has replaced `optimizer.step` since it is tracked. */
  readonly stepOverridden?: boolean;
}

/** A Python function of an epoch (LambdaLR, MultiplicativeLR) or of a cycle or iteration (CyclicLR's `scale_fn`). */
export interface ScheduleFunction {
  (epoch: bigint): number;
  /** It only computes: it may be called to look ahead. */
  readonly pure?: boolean;
}

/** A value of a scheduler's `state_dict()`, in the representation of Python scalars; a Map is a Counter. */
export type StateValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly StateValue[]
  | ReadonlyMap<bigint, bigint>
  | { readonly [key: string]: StateValue };

export type ScheduleState = Record<string, StateValue>;

export type ScheduleArgument = StateValue | ScheduleFunction | readonly ScheduleFunction[] | readonly Schedule[];

export type ScheduleArguments = Readonly<Record<string, ScheduleArgument | undefined>>;

export interface ScheduleParameter {
  readonly name: string;
  /** Absent: the argument is required. */
  readonly default?: ScheduleArgument;
}

export interface StepArguments {
  /** The deprecated argument of `step`. */
  readonly epoch?: bigint | number | null;
  /** What ReduceLROnPlateau watches. */
  readonly metrics?: number;
}

/** Everything that tells one scheduler from another. */
export interface ScheduleRow {
  readonly name: string;
  /** The constructor's parameters after `optimizer`, in Python's order. */
  readonly parameters: readonly ScheduleParameter[];
  /** The constructor's part before the common one: checks the arguments and fills the state. */
  readonly prepare: (schedule: Schedule, args: ScheduleArguments) => void;
  /** Replaces the common part of the constructor. */
  readonly initialize?: (schedule: Schedule, args: ScheduleArguments) => void;
  /** What the constructor does after the common part. */
  readonly afterInitialize?: (schedule: Schedule, args: ScheduleArguments) => void;
  /** The next learning rate of each group, from the current ones. */
  readonly getLr?: (schedule: Schedule) => number[];
  /** The learning rate of each group from `base_lrs` and `last_epoch` alone, where PyTorch has such a form. */
  readonly closedForm?: (schedule: Schedule) => number[];
  /** Replaces the common `step`. */
  readonly step?: (schedule: Schedule, args: StepArguments) => void;
  /** Entries that `state_dict()` adds after the attributes, and `load_state_dict()` expects. */
  readonly extraState?: (schedule: Schedule) => ScheduleState;
  /** What `load_state_dict()` does after the attributes are back. */
  readonly afterLoad?: (schedule: Schedule) => void;
}

export type Warn = (message: string) => void;

/** A learning-rate scheduler of PyTorch 2.13.0 (torch/optim/lr_scheduler.py); its row holds what is special about it. */
export class Schedule {
  /** The attributes, under Python's names and in Python's order: `state_dict()` without the extra entries. */
  state: ScheduleState = {};
  functions: readonly ScheduleFunction[] = [];
  children: readonly Schedule[] = [];

  constructor(
    readonly row: ScheduleRow,
    readonly optimizer: ScheduledOptimizer,
    readonly warn: Warn,
  ) {}

  get groups(): ParameterGroup[] {
    return this.optimizer.paramGroups;
  }

  /** `last_epoch`, for arithmetic. */
  get epoch(): number {
    return this.number('last_epoch');
  }

  get baseLrs(): readonly number[] {
    return this.numbers('base_lrs');
  }

  /** A numeric attribute as float64. */
  number(name: string): number {
    return Number(this.state[name]);
  }

  numbers(name: string): readonly number[] {
    return (this.state[name] as readonly StateValue[]).map(Number);
  }

  /** The learning rates as they stand in the optimizer. */
  currentLrs(): number[] {
    return this.groups.map((group) => group.lr);
  }

  /**
   * `step()`. The first one after construction warns when the optimizer has not stepped yet.
   * @throws PythonError what PyTorch raises, such as OneCycleLR's ValueError after its last step
   */
  step(args: StepArguments = {}): void {
    if (this.row.step) {
      this.row.step(this, args);
      return;
    }
    if (this.state['_step_count'] === 1n) {
      if (this.optimizer.stepOverridden === true) this.warn(stepOverridden);
      else if (!this.optimizer.stepCalled) this.warn(schedulerBeforeOptimizer);
    }
    this.state['_step_count'] = (this.state['_step_count'] as bigint) + 1n;
    const epoch = args.epoch ?? null;
    if (epoch !== null) this.warn(epochDeprecation);
    this.updateLr(epoch);
  }

  /** `_update_lr(epoch)`: moves to the next epoch, or to the given one by the closed form where there is one. */
  updateLr(epoch: bigint | number | null): void {
    this.state['last_epoch'] = epoch ?? (this.state['last_epoch'] as bigint) + 1n;
    this.applyLrs(epoch !== null && this.row.closedForm ? this.row.closedForm : null);
  }

  /** Writes the learning rates of `compute` (default: the row's `getLr`) into the optimizer. */
  applyLrs(compute: ((schedule: Schedule) => number[]) | null = null): void {
    this.state['_get_lr_called_within_step'] = true;
    let values: number[];
    try {
      values = compute ? compute(this) : this.getLr();
    } finally {
      this.state['_get_lr_called_within_step'] = false;
    }
    if (values.length !== this.groups.length) {
      const relation = values.length < this.groups.length ? 'shorter' : 'longer';
      throw new PythonError('ValueError', `zip() argument 2 is ${relation} than argument 1`);
    }
    this.groups.forEach((group, index) => {
      group.lr = values[index]!;
    });
    this.state['_last_lr'] = this.currentLrs();
  }

  /** `get_lr()`: computes the next learning rates; outside `step` it warns first. */
  getLr(): number[] {
    if (!this.row.getLr) throw new PythonError('NotImplementedError', '');
    if (this.state['_get_lr_called_within_step'] !== true) this.warn(getLrOutsideStep);
    return this.row.getLr(this);
  }

  /** `get_last_lr()`: what the last step has set. */
  getLastLr(): readonly number[] {
    return this.numbers('_last_lr');
  }

  /** `_initial_step()`: the step that every constructor ends with. */
  initialStep(): void {
    this.state['_step_count'] = 0n;
    this.state['_is_initial'] = true;
    try {
      this.step();
    } finally {
      this.state['_is_initial'] = false;
    }
  }

  /** `state_dict()`. */
  stateDict(): ScheduleState {
    return { ...this.state, ...this.row.extraState?.(this) };
  }

  /**
   * `load_state_dict(state)`; it does not touch the optimizer.
   * @throws PythonError KeyError (its message is the key) when an entry of this scheduler's is missing
   */
  loadStateDict(state: Readonly<ScheduleState>): void {
    const extra = Object.keys(this.row.extraState?.(this) ?? {});
    for (const key of extra) {
      if (!(key in state)) throw new PythonError('KeyError', key);
    }
    for (const [key, value] of Object.entries(state)) {
      if (!extra.includes(key)) this.state[key] = value;
    }
    const children = (state['_schedulers'] ?? []) as readonly ScheduleState[];
    children.forEach((child, index) => this.children[index]!.loadStateDict(child));
    this.row.afterLoad?.(this);
  }
}

/** The common part of a constructor: remembers the initial learning rates, begins tracking and takes the first step. */
export function initializeCommon(schedule: Schedule, args: ScheduleArguments): void {
  const { optimizer } = schedule;
  const lastEpoch = args['last_epoch'] as bigint;
  optimizer.paramGroups.forEach((group, index) => {
    if (lastEpoch === -1n) {
      group.initial_lr ??= group.lr;
    } else if (group.initial_lr === undefined) {
      throw new PythonError(
        'KeyError',
        `param 'initial_lr' is not specified in param_groups[${String(index)}] when resuming scheduler with last_epoch >= 0.\n` +
          'This typically happens when:\n' +
          "1. You're trying to resume training from a checkpoint but haven't properly loaded the optimizer state\n" +
          "2. You're using last_epoch >= 0 for a fresh training run (not recommended)",
      );
    }
  });
  schedule.state['base_lrs'] = optimizer.paramGroups.map((group) => group.initial_lr!);
  schedule.state['last_epoch'] = lastEpoch;
  optimizer.stepTracked = true;
  schedule.initialStep();
}
