import type { Edit, WarningView } from '../common/engineContract';
import type { Phase } from '../common/phase';
import { elementCount } from '../core/tensor/dtype';
import type { TapeNode, Value } from '../core/tensor/value';
import {
  tensorSlot,
  type EventRecord,
  type OptimizerRecord,
  type ScheduleRecord,
  type SlotList,
  type TensorSlot,
} from '../core/training/eventRecord';
import { freezeSchedule, isAsFrozen } from '../core/lrScheduler/frozenSchedule';
import { LoopPattern } from '../core/training/loopPattern';
import type { EventDetails } from '../core/training/recorder';
import type { TrainingState } from '../core/training/trainingState';
import { PersistentSlots } from './persistentSlots';

/** What is known of an event besides its tensors. */
export interface EventPlace {
  index: number;
  phase: Phase;
  line: number;
  iteration: number;
  epoch: number;
  warnings: readonly WarningView[];
  /** False under `no_grad`. */
  training: boolean;
}

/** The live objects as they are right after an event: asked for once. */
export interface LiveObjects {
  parameters: ReturnType<TrainingState['parameters']>;
  buffers: ReturnType<TrainingState['buffers']>;
  optimizers: ReturnType<TrainingState['optimizers']>;
  schedulers: ReturnType<TrainingState['schedulers']>;
}

export function liveObjects(state: TrainingState): LiveObjects {
  return {
    parameters: state.parameters(),
    buffers: state.buffers(),
    optimizers: state.optimizers(),
    schedulers: state.schedulers(),
  };
}

/** Builds event records: references to everything as it is right after the event. */
export class RecordBuilder {
  private readonly persistent = new PersistentSlots();
  private readonly loop = new LoopPattern();
  private schedules: readonly ScheduleRecord[] = [];
  private lastLoss: Value | null = null;
  private readonly pathOf = new Map<TapeNode, string>();

  constructor(private readonly state: TrainingState) {}

  /** @param withLayers whether the event's own intermediate tensors are recorded */
  build(
    { training, ...place }: EventPlace,
    details: EventDetails,
    withLayers: boolean,
    live: LiveObjects,
  ): EventRecord {
    this.rememberLayers(details);
    const { slots, groupNames } = this.persistent.collect(this.state, live, place.index);
    const optimizers = optimizerRecords(live, groupNames);
    return {
      ...place,
      lr: learningRates(optimizers),
      optimizers,
      loss: this.loss(place.phase, details),
      persistent: slots,
      own: ownSlots(details, withLayers, this.pathOf),
      layerTypes: Object.fromEntries((details.layers ?? []).map(({ path, type }) => [path, type])),
      edits: [],
      subject: live.optimizers.find(({ object }) => object !== undefined && object === details.subject)?.name ?? null,
      place: this.loop.observe(place.phase, place.line, place.iteration, training),
      accuracy: this.state.accuracy(),
      schedules: this.scheduleRecords(live),
      unedited: null,
    };
  }

  /** The same event after edits took effect. */
  amend(record: EventRecord, edits: readonly Edit[]): EventRecord {
    const live = liveObjects(this.state);
    const { slots, groupNames } = this.persistent.collect(this.state, live, record.index);
    const optimizers = optimizerRecords(live, groupNames);
    return {
      ...record,
      lr: learningRates(optimizers),
      optimizers,
      persistent: slots,
      edits: [...record.edits, ...edits],
      unedited: record.unedited ?? { persistent: record.persistent, optimizers: record.optimizers },
    };
  }

  /** Which node's output each layer of the last forward was. */
  private rememberLayers({ layers }: EventDetails): void {
    if (!layers) return;
    this.pathOf.clear();
    for (const { path, node } of layers) if (node) this.pathOf.set(node, path);
  }

  private loss(phase: Phase, { loss }: EventDetails): Value | null {
    if (phase !== 'loss' && phase !== 'backward') return null;
    const value = loss && elementCount(loss.shape) === 1 ? loss.value : null;
    if (phase === 'backward') return value;
    if (value) this.lastLoss = value;
    return this.lastLoss;
  }

  /** The records of the event before where nothing has changed. */
  private scheduleRecords({ schedulers }: LiveObjects): readonly ScheduleRecord[] {
    const { schedules } = this;
    const records = schedulers.map(({ name, optimizer, schedule }, i): ScheduleRecord => {
      const known = schedules[i];
      const same = known?.name === name && known.optimizer === optimizer && isAsFrozen(schedule, known.schedule);
      return same ? known : { name, optimizer, schedule: freezeSchedule(schedule) };
    });
    const same = records.length === schedules.length && records.every((record, i) => record === schedules[i]);
    if (!same) this.schedules = records;
    return this.schedules;
  }
}

function optimizerRecords(
  { optimizers }: LiveObjects,
  groupNames: readonly (readonly (readonly string[])[])[],
): OptimizerRecord[] {
  return optimizers.map(({ name, type, groups }, i) => ({
    name,
    type,
    groups: groups.map((group, j) => ({ hyperparameters: group.hyperparameters(), parameters: groupNames[i]![j]! })),
  }));
}

function learningRates(optimizers: readonly OptimizerRecord[]): number[] {
  return optimizers.flatMap(({ groups }) => groups.map(({ hyperparameters }) => Number(hyperparameters['lr'])));
}

const noSlots: SlotList = [];

function ownSlots(
  { inputs, output, layers, target, gradients }: EventDetails,
  withLayers: boolean,
  pathOf: ReadonlyMap<TapeNode, string>,
): SlotList {
  const slots: TensorSlot[] = [];
  if (output) slots.push(tensorSlot('output', '', output.value));
  if (withLayers) {
    inputs?.forEach((input, i) => slots.push(tensorSlot('input', String(i), input.value)));
    if (target) slots.push(tensorSlot('target', '', target.value));
    for (const layer of layers ?? []) slots.push(tensorSlot('layer', layer.path, layer.output.value));
    if (gradients) slots.push(...gradientSlots(gradients, pathOf));
  }
  return slots.length === 0 ? noSlots : slots;
}

/** A layer's gradient has the layer's path; others are named by what they are the gradient of. */
function* gradientSlots(
  gradients: ReadonlyMap<TapeNode, Value>,
  pathOf: ReadonlyMap<TapeNode, string>,
): Generator<TensorSlot> {
  const used = new Map<string, number>();
  for (const [node, value] of gradients) {
    const { modulePath, operation } = node.provenance;
    const own = [modulePath, operation, node.op].filter((part) => part !== '').join('/');
    const name = pathOf.get(node) ?? own;
    const count = (used.get(name) ?? 0) + 1;
    used.set(name, count);
    yield tensorSlot('layerGradient', count === 1 ? name : `${name}#${count}`, value);
  }
}
