import type { Edit, WarningView } from '../common/engineContract';
import type { Phase } from '../common/phase';
import { elementCount } from '../core/tensor/dtype';
import type { TapeNode, Value } from '../core/tensor/value';
import {
  tensorSlot,
  type EventRecord,
  type OptimizerRecord,
  type SlotList,
  type TensorSlot,
} from '../core/training/eventRecord';
import type { EventDetails } from '../core/training/recorder';
import type { TrainingState } from '../core/training/trainingState';

/** What is known of an event besides its tensors. */
export interface EventPlace {
  index: number;
  phase: Phase;
  line: number;
  iteration: number;
  epoch: number;
  warnings: readonly WarningView[];
}

/** The live objects as they are right after an event: asked for once. */
export interface LiveObjects {
  parameters: ReturnType<TrainingState['parameters']>;
  buffers: ReturnType<TrainingState['buffers']>;
  optimizers: ReturnType<TrainingState['optimizers']>;
}

export function liveObjects(state: TrainingState): LiveObjects {
  return { parameters: state.parameters(), buffers: state.buffers(), optimizers: state.optimizers() };
}

/** Builds event records: references to everything as it is right after the event. */
export class RecordBuilder {
  private previous: SlotList = [];
  private lastLoss: Value | null = null;
  private readonly pathOf = new Map<TapeNode, string>();

  constructor(private readonly state: TrainingState) {}

  /** @param withLayers whether the event's own intermediate tensors are recorded */
  build(place: EventPlace, details: EventDetails, withLayers: boolean, live: LiveObjects): EventRecord {
    this.rememberLayers(details);
    const optimizers = optimizerRecords(live);
    return {
      ...place,
      lr: learningRates(optimizers),
      optimizers,
      loss: this.loss(place.phase, details),
      persistent: this.persistent(live),
      own: ownSlots(details, withLayers, this.pathOf),
      layerTypes: Object.fromEntries((details.layers ?? []).map(({ path, type }) => [path, type])),
      edits: [],
    };
  }

  /** The same event after edits took effect. */
  amend(record: EventRecord, edits: readonly Edit[]): EventRecord {
    const live = liveObjects(this.state);
    const optimizers = optimizerRecords(live);
    return {
      ...record,
      lr: learningRates(optimizers),
      optimizers,
      persistent: this.persistent(live),
      edits: [...record.edits, ...edits],
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

  /** The list of the event before when nothing in it has changed. */
  private persistent(live: LiveObjects): SlotList {
    const slots: TensorSlot[] = [];
    const nameOf = new Map<unknown, string>();
    for (const [name, parameter] of live.parameters) {
      nameOf.set(parameter, name);
      slots.push(tensorSlot('parameter', name, parameter.value));
      if (parameter.grad) slots.push(tensorSlot('gradient', name, parameter.grad.value));
    }
    for (const [name, buffer] of live.buffers) slots.push(tensorSlot('buffer', name, buffer.value));
    live.optimizers.forEach((optimizer) => {
      let unnamed = 0;
      for (const parameter of optimizer.groups.flatMap((group) => group.parameters)) {
        const known = nameOf.get(parameter);
        const name = known ?? this.state.nameOf(parameter) ?? `${optimizer.name}[${unnamed++}]`;
        if (known === undefined) {
          slots.push(tensorSlot('parameter', name, parameter.value, false));
          if (parameter.grad) slots.push(tensorSlot('gradient', name, parameter.grad.value, false));
        }
        for (const [slot, tensor] of optimizer.state(parameter)) {
          slots.push(tensorSlot('state', `${name}/${slot}`, tensor.value));
        }
      }
    });
    const { previous } = this;
    const same =
      slots.length === previous.length &&
      slots.every(({ kind, name, value }, i) => {
        const other = previous[i]!;
        return value === other.value && kind === other.kind && name === other.name;
      });
    if (!same) this.previous = slots;
    return this.previous;
  }
}

function optimizerRecords({ optimizers }: LiveObjects): OptimizerRecord[] {
  return optimizers.map(({ name, type, groups }) => ({
    name,
    type,
    groups: groups.map((group) => ({ hyperparameters: group.hyperparameters(), size: group.parameters.length })),
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
