import type { Edit, HyperparameterValue, TensorKind, WarningView } from '../../common/engineContract';
import type { Phase } from '../../common/phase';
import type { FrozenSchedule } from '../lrScheduler/frozenSchedule';
import type { DType, Shape } from '../tensor/dtype';
import type { Value } from '../tensor/value';
import type { LoopPlace } from './loopPattern';

/** One tensor of an event, as it was: a reference, never a copy. */
export interface TensorSlot {
  readonly kind: TensorKind;
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly value: Value;
  /** False for a parameter that an optimizer has and no module: the trace leaves it out. */
  readonly ofModule: boolean;
  /** The event that last changed it; null for what an event itself made. */
  readonly since: number | null;
  /** gradient: how many backward passes are summed in it; null where that isn't known. */
  readonly accumulated: number | null;
}

export type SlotFacts = Pick<TensorSlot, 'ofModule' | 'since' | 'accumulated'>;

/** Slots that several events share while nothing changes them. */
export type SlotList = readonly TensorSlot[];

export interface OptimizerRecord {
  readonly name: string;
  readonly type: string;
  readonly groups: readonly GroupRecord[];
}

export interface GroupRecord {
  readonly hyperparameters: Record<string, HyperparameterValue>;
  /** The names of its parameters, as the event's tensors have them. */
  readonly parameters: readonly string[];
}

/** A scheduler as it was right after an event. */
export interface ScheduleRecord {
  /** The script's name for it. */
  readonly name: string;
  /** The script's name for the optimizer that it drives. */
  readonly optimizer: string;
  readonly schedule: FrozenSchedule;
}

/** A training event after it has happened: scalars, and references to the tensors as they were. */
export interface EventRecord {
  readonly index: number;
  readonly phase: Phase;
  /** 1-based line of the script. */
  readonly line: number;
  /** 1-based; 0 before the first iteration. */
  readonly iteration: number;
  /** 1-based. */
  readonly epoch: number;
  readonly lr: readonly number[];
  readonly optimizers: readonly OptimizerRecord[];
  readonly warnings: readonly WarningView[];
  /** Null where the phase has none, and as long as a running session has not fetched it. */
  readonly loss: Value | null;
  /** Parameters, their gradients, buffers and the optimizers' state: what lives on between events. */
  readonly persistent: SlotList;
  /** Inputs, output, target, layers and their gradients: what the event itself made. */
  readonly own: SlotList;
  readonly layerTypes: Readonly<Record<string, string>>;
  readonly edits: readonly Edit[];
  /** The script's name for the optimizer that stepped; null where none did or it has no name. */
  readonly subject: string | null;
  readonly place: LoopPlace;
  /** What the script holds as its accuracy. */
  readonly accuracy: number | null;
  readonly schedules: readonly ScheduleRecord[];
  /** How it was before a person's edits took effect right after it; null without edits. */
  readonly unedited: Pick<EventRecord, 'persistent' | 'optimizers'> | null;
}

export function tensorSlot(
  kind: TensorKind,
  name: string,
  value: Value,
  { ofModule = true, since = null, accumulated = null }: Partial<SlotFacts> = {},
): TensorSlot {
  return { kind, name, shape: value.shape, dtype: value.dtype, value, ofModule, since, accumulated };
}

/** All tensors of an event: the own ones first. */
export function* slotsOf(record: EventRecord): Generator<TensorSlot> {
  yield* record.own;
  yield* record.persistent;
}
