import type { Edit, WarningView } from '../common/engineContract';
import type { Phase } from '../common/phase';
import { elementCount } from '../core/tensor/dtype';
import type { Value } from '../core/tensor/value';
import { tensorSlot, type EventRecord, type OptimizerRecord, type SlotList, type TensorSlot } from '../core/training/eventRecord';
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

/** Builds event records: references to everything as it is right after the event. */
export class RecordBuilder {
  private previous: SlotList = [];
  private lastLoss: Value | null = null;

  constructor(private readonly state: TrainingState) {}

  /** @param withLayers whether the event's own intermediate tensors are recorded */
  build(place: EventPlace, details: EventDetails, withLayers: boolean): EventRecord {
    const optimizers = this.optimizers();
    return {
      ...place,
      lr: learningRates(optimizers),
      optimizers,
      loss: this.loss(place.phase, details),
      persistent: this.persistent(),
      own: ownSlots(details, withLayers),
      layerTypes: Object.fromEntries((details.layers ?? []).map(({ path, type }) => [path, type])),
      edits: [],
    };
  }

  /** The same event after edits took effect. */
  amend(record: EventRecord, edits: readonly Edit[]): EventRecord {
    const optimizers = this.optimizers();
    return {
      ...record,
      lr: learningRates(optimizers),
      optimizers,
      persistent: this.persistent(),
      edits: [...record.edits, ...edits],
    };
  }

  private loss(phase: Phase, { loss }: EventDetails): Value | null {
    if (phase !== 'loss' && phase !== 'backward') return null;
    const value = loss && elementCount(loss.shape) === 1 ? loss.value : null;
    if (phase === 'backward') return value;
    if (value) this.lastLoss = value;
    return this.lastLoss;
  }

  private optimizers(): OptimizerRecord[] {
    return this.state.optimizers().map(({ name, type, groups }) => ({
      name,
      type,
      groups: groups.map((group) => ({ hyperparameters: group.hyperparameters(), size: group.parameters.length })),
    }));
  }

  /** The list of the event before when nothing in it has changed. */
  private persistent(): SlotList {
    const slots: TensorSlot[] = [];
    const nameOf = new Map<unknown, string>();
    for (const [name, parameter] of this.state.parameters()) {
      nameOf.set(parameter, name);
      slots.push(tensorSlot('parameter', name, parameter.value));
      if (parameter.grad) slots.push(tensorSlot('gradient', name, parameter.grad.value));
    }
    for (const [name, buffer] of this.state.buffers()) slots.push(tensorSlot('buffer', name, buffer.value));
    this.state.optimizers().forEach((optimizer) => {
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

function learningRates(optimizers: readonly OptimizerRecord[]): number[] {
  return optimizers.flatMap(({ groups }) => groups.map(({ hyperparameters }) => Number(hyperparameters['lr'])));
}

const noSlots: SlotList = [];

function ownSlots({ inputs, output, layers, target, gradients }: EventDetails, withLayers: boolean): SlotList {
  const slots: TensorSlot[] = [];
  if (output) slots.push(tensorSlot('output', '', output.value));
  if (withLayers) {
    inputs?.forEach((input, i) => slots.push(tensorSlot('input', String(i), input.value)));
    if (target) slots.push(tensorSlot('target', '', target.value));
    for (const layer of layers ?? []) slots.push(tensorSlot('layer', layer.path, layer.output.value));
    for (const [node, value] of gradients ?? []) {
      const { modulePath, operation } = node.provenance;
      const name = [modulePath, operation, node.op, String(node.id)].filter((part) => part !== '').join('/');
      slots.push(tensorSlot('layerGradient', name, value));
    }
  }
  return slots.length === 0 ? noSlots : slots;
}
