import type { Edit, WarningView } from '../common/engineContract';
import type { Phase } from '../common/phase';
import { elementCount } from '../core/tensor/dtype';
import type { Tensor } from '../core/tensor/tensor';
import type { TapeNode, Value } from '../core/tensor/value';
import {
  tensorSlot,
  type EventRecord,
  type GroupRecord,
  type OptimizerRecord,
  type ScheduleRecord,
  type SlotList,
  type TensorSlot,
} from '../core/training/eventRecord';
import { freezeSchedule, isAsFrozen, sameValue } from '../core/lrScheduler/frozenSchedule';
import { LoopPattern } from '../core/training/loopPattern';
import type { EventDetails } from '../core/training/recorder';
import type { LiveOptimizer, TrainingState } from '../core/training/trainingState';
import { PersistentSlots, type GroupNames } from './persistentSlots';

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

/** What an event's record shows of the live objects, in an order of its own; a tensor's value is another one when it changes. */
export function visibleState({ parameters, buffers, optimizers }: LiveObjects): readonly unknown[] {
  const values = ({ value, grad }: Tensor): unknown[] => [value, grad?.value];
  return [
    ...[...parameters, ...buffers].flatMap(([, tensor]) => values(tensor)),
    ...optimizers.flatMap((optimizer) =>
      optimizer.groups.flatMap((group) => [
        ...Object.values(group.hyperparameters()),
        ...group.parameters.flatMap((parameter) => [
          ...values(parameter),
          ...[...optimizer.state(parameter)].map(([, tensor]) => tensor.value),
        ]),
      ]),
    ),
  ];
}

export function hasSameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
}

const noEdits: readonly Edit[] = [];
const noLayerTypes: Readonly<Record<string, string>> = {};

/** Builds event records: references to everything as it is right after the event. */
export class RecordBuilder {
  private readonly persistent = new PersistentSlots();
  private readonly loop = new LoopPattern();
  private schedules: readonly ScheduleRecord[] = [];
  private optimizers: readonly OptimizerRecord[] = [];
  private learningRates: readonly number[] = [];
  private layerTypes: Readonly<Record<string, string>> = {};
  private lastLoss: Value | null = null;
  private readonly pathOf = new Map<TapeNode, string>();

  constructor(private readonly state: TrainingState) {}

  /** @param withLayers whether the event's own intermediate tensors are recorded */
  build(
    { index, phase, line, iteration, epoch, warnings, training }: EventPlace,
    details: EventDetails,
    withLayers: boolean,
    live: LiveObjects,
  ): EventRecord {
    this.rememberLayers(details);
    const { slots, groupNames } = this.persistent.collect(this.state, live, index);
    this.observeOptimizers(live, groupNames);
    return {
      index,
      phase,
      line,
      iteration,
      epoch,
      warnings,
      lr: this.learningRates,
      optimizers: this.optimizers,
      loss: this.loss(phase, details),
      persistent: slots,
      own: ownSlots(details, withLayers, this.pathOf),
      layerTypes: this.typesOf(details.layers ?? []),
      edits: noEdits,
      subject: live.optimizers.find(({ object }) => object !== undefined && object === details.subject)?.name ?? null,
      place: this.loop.observe(phase, line, iteration, training),
      accuracy: this.state.accuracy(),
      schedules: this.scheduleRecords(live),
      unedited: null,
    };
  }

  /** The same event after edits took effect. */
  amend(record: EventRecord, edits: readonly Edit[]): EventRecord {
    const live = liveObjects(this.state);
    const { slots, groupNames } = this.persistent.collect(this.state, live, record.index);
    this.observeOptimizers(live, groupNames);
    return {
      ...record,
      lr: this.learningRates,
      optimizers: this.optimizers,
      persistent: slots,
      edits: [...record.edits, ...edits],
      unedited: record.unedited ?? { persistent: record.persistent, optimizers: record.optimizers },
    };
  }

  /** Which node's output each layer of the last forward was: the innermost, whose output a container may hand on. */
  private rememberLayers({ layers }: EventDetails): void {
    if (!layers) return;
    this.pathOf.clear();
    for (const { path, node } of layers) if (node && !this.pathOf.has(node)) this.pathOf.set(node, path);
  }

  private loss(phase: Phase, { loss }: EventDetails): Value | null {
    if (phase !== 'loss' && phase !== 'backward') return null;
    const value = loss && elementCount(loss.shape) === 1 ? loss.value : null;
    if (phase === 'backward') return value;
    if (value) this.lastLoss = value;
    return this.lastLoss;
  }

  /** Keeps the records of the event before where nothing has changed. */
  private observeOptimizers({ optimizers }: LiveObjects, groupNames: GroupNames): void {
    const { optimizers: before } = this;
    const records = optimizers.map((optimizer, i) => optimizerRecord(optimizer, groupNames[i]!, before[i]));
    if (records.length === before.length && records.every((record, i) => record === before[i])) return;
    this.optimizers = records;
    this.learningRates = learningRates(records);
  }

  private typesOf(layers: NonNullable<EventDetails['layers']>): Readonly<Record<string, string>> {
    if (layers.length === 0) return noLayerTypes;
    const types = Object.fromEntries(layers.map(({ path, type }) => [path, type]));
    if (!hasSameEntries(types, this.layerTypes)) this.layerTypes = types;
    return this.layerTypes;
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

/** @param before the same optimizer's record after the event before: returned again where nothing has changed */
function optimizerRecord(
  { name, type, groups }: LiveOptimizer,
  groupNames: GroupNames[number],
  before: OptimizerRecord | undefined,
): OptimizerRecord {
  const records = groups.map((group, i): GroupRecord => {
    const record = { hyperparameters: group.hyperparameters(), parameters: groupNames[i]! };
    const known = before?.groups[i];
    const same =
      known?.parameters === record.parameters && hasSameEntries(known.hyperparameters, record.hyperparameters);
    return same ? known : record;
  });
  const same =
    before?.name === name &&
    before.type === type &&
    before.groups.length === records.length &&
    records.every((record, i) => record === before.groups[i]);
  return same ? before : { name, type, groups: records };
}

function hasSameEntries(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  for (const name in a) if (!sameValue(a[name], b[name])) return false;
  for (const name in b) if (!(name in a)) return false;
  return true;
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
