import type { HyperparameterValue } from '../../common/engineContract';
import { pythonText } from '../../core/tensor/pythonText';
import type { Value } from '../../core/tensor/value';
import { deltaOf } from '../../core/training/deltas';
import type { EventRecord, TensorSlot } from '../../core/training/eventRecord';
import { normOf } from '../../core/training/statistics';
import type { Timeline } from '../../core/training/timeline';
import { concreteValue } from '../../core/tensor/value';
import { recordedItem, short, type ReadValue } from './arrayItems';
import { childrenOf, groupItem, noAccess, plainItem, type VariableItem } from './variableItem';

/** Norms of larger tensors are not computed unasked. */
const mostMeasured = 4_000_000;

type Slots = ReadonlyMap<string, TensorSlot>;

/** How a slot is called where a learner sees it. */
const slotNames: Readonly<Record<TensorSlot['kind'], (name: string) => string>> = {
  parameter: (name) => name,
  gradient: (name) => `${name}.grad`,
  delta: (name) => `Δ ${name}`,
  buffer: (name) => name,
  state: (name) => name.replace(/\/([^/]*)$/, ' $1'),
  input: (name) => (name === '0' ? 'input' : `input ${name}`),
  output: () => 'output',
  target: () => 'target',
  loss: () => 'loss',
  layer: (name) => `${name} (output)`,
  layerGradient: (name) => `${name} (gradient of the output)`,
};

/** What an event read and wrote, as it is recorded. */
export class EventItems {
  constructor(
    private readonly timeline: Timeline,
    private readonly read: ReadValue,
  ) {}

  /** What the event changed, old → new, before what it made and what it read. */
  changes(event: number): VariableItem[] {
    const { record, dropped } = this.timeline.at(event);
    const facts = [plainItem('phase', `${record.phase} · line ${record.line}`), plainItem('event', placeText(record))];
    if (dropped) return [...facts, plainItem('tensors', 'no longer kept: the history exceeds its budget')];
    const { loss } = record;
    return [
      ...facts,
      ...(loss ? [recordedItem('loss', loss, this.read)] : []),
      ...this.changedRates(record),
      ...this.changedSlots(record),
      ...record.own.map(({ kind, name, value }) => recordedItem(slotNames[kind](name), value, this.read)),
    ];
  }

  /** A parameter of an optimizer's step: the parameter, its gradient and its state, old → new. */
  step(event: number, parameter: string): VariableItem[] {
    const { record } = this.timeline.at(event);
    const before = this.slotsBefore(event);
    const own = record.persistent.filter(
      ({ kind, name }) =>
        ((kind === 'parameter' || kind === 'gradient') && name === parameter) ||
        (kind === 'state' && name.replace(/\/[^/]*$/, '') === parameter),
    );
    return [...own.map((slot) => this.change(slot, before.get(keyOf(slot)))), ...hyperparametersOf(record, parameter)];
  }

  /** The tensor of a layer in the event or, of its output, in the last forward up to there. */
  layerTensor(event: number, kind: 'layer' | 'layerGradient', path: string): Value | undefined {
    for (let index = event; index >= 0; index--) {
      const { record } = this.timeline.at(index);
      const slot = record.own.find((own) => own.kind === kind && own.name === path);
      if (slot || kind === 'layerGradient') return slot?.value;
    }
    return undefined;
  }

  private changedRates({ index, optimizers }: EventRecord): VariableItem[] {
    const before = index > 0 ? this.timeline.at(index - 1).record.optimizers : [];
    return optimizers.flatMap(({ name, groups }) => {
      const known = before.find((optimizer) => optimizer.name === name);
      return groups.flatMap(({ hyperparameters }, group) =>
        Object.entries(hyperparameters).flatMap(([key, value]) => {
          const old = known?.groups[group]?.hyperparameters[key];
          const [from, to] = [hyperparameterText(old), hyperparameterText(value)];
          const title = groups.length > 1 ? `${name} group ${group} ${key}` : `${name} ${key}`;
          return old === undefined || from === to ? [] : [plainItem(title, `${from} → ${to}`, 'float')];
        }),
      );
    });
  }

  private changedSlots(record: EventRecord): VariableItem[] {
    const before = this.slotsBefore(record.index);
    // At the first event everything is new that was there before it, but for the gradients.
    const isFirst = record.index === 0;
    const changed = record.persistent.filter(
      ({ since, kind }) => since === record.index && (!isFirst || kind === 'gradient'),
    );
    const names = new Set(record.persistent.map(keyOf));
    const gone = [...before.values()].filter((slot) => !names.has(keyOf(slot)));
    return [
      ...changed.map((slot) => this.change(slot, before.get(keyOf(slot)))),
      ...gone.map((slot) => this.change(null, slot)),
    ];
  }

  private slotsBefore(event: number): Slots {
    const slots = event > 0 ? this.timeline.at(event - 1).record.persistent : [];
    return new Map(slots.map((slot) => [keyOf(slot), slot]));
  }

  /** One of both is there. */
  private change(after: TensorSlot | null, before: TensorSlot | undefined): VariableItem {
    const { kind, name } = (after ?? before)!;
    const title = slotNames[kind](name);
    if (after && after.value === before?.value) return recordedItem(title, after.value, this.read, ' · unchanged');
    const hasDelta = after !== null && after.shape.join() === before?.shape.join();
    const inside = (): VariableItem[] => [
      ...(before ? [recordedItem('old', before.value, this.read)] : []),
      ...(after ? [recordedItem('new', after.value, this.read)] : []),
      ...(hasDelta ? [this.delta(after.value, before.value)] : []),
    ];
    const count = Number(before !== undefined) + Number(after !== null) + Number(hasDelta);
    const text = `${this.normText(before)} → ${this.normText(after ?? undefined)}`;
    return { name: title, text, type: 'Tensor', children: childrenOf(count, inside), access: noAccess };
  }

  private delta(after: Value, before: Value): VariableItem {
    const delta = concreteValue(deltaOf(this.read(after), this.read(before)), after.shape, 'float64');
    return recordedItem('new - old', delta, this.read);
  }

  private normText(slot: TensorSlot | undefined): string {
    if (!slot) return 'None';
    const data = this.read(slot.value);
    return data.length > mostMeasured ? `${data.length} elements` : `norm ${short(normOf(data))}`;
  }
}

function placeText({ index, iteration, epoch }: EventRecord): string {
  return iteration > 0 ? `${index} · epoch ${epoch} · iteration ${iteration}` : String(index);
}

function keyOf({ kind, name }: TensorSlot): string {
  return `${kind} ${name}`;
}

/** Of the group that the parameter is in. */
function hyperparametersOf({ optimizers, subject }: EventRecord, parameter: string): VariableItem[] {
  const group = optimizers
    .filter(({ name }) => subject === null || name === subject)
    .flatMap(({ groups }) => groups)
    .find(({ parameters }) => parameters.includes(parameter));
  const entries = Object.entries(group?.hyperparameters ?? {});
  const items = (): VariableItem[] => entries.map(([name, value]) => plainItem(name, hyperparameterText(value)));
  const lr = group?.hyperparameters['lr'];
  return entries.length === 0
    ? []
    : [groupItem('hyperparameters', `lr ${hyperparameterText(lr)}`, entries.length, items)];
}

export function hyperparameterText(value: HyperparameterValue | undefined): string {
  if (value === undefined) return 'not there';
  if (Array.isArray(value)) return `(${value.map(hyperparameterText).join(', ')})`;
  return pythonText(value);
}
