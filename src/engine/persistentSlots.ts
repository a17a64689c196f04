import type { TensorKind } from '../common/engineContract';
import type { Tensor } from '../core/tensor/tensor';
import { tensorSlot, type SlotList, type TensorSlot } from '../core/training/eventRecord';
import type { TrainingState } from '../core/training/trainingState';
import type { LiveObjects } from './recordBuilder';

/** The names of each optimizer's parameters by group. */
export type GroupNames = readonly (readonly (readonly string[])[])[];

/** What lives on between events, and the names of each optimizer's parameters by group. */
interface Collected {
  slots: SlotList;
  groupNames: GroupNames;
}

/** Parameters, gradients, buffers and the optimizers' state after each event, with the event that last changed them. */
export class PersistentSlots {
  private previous: SlotList = [];
  private groupNames: GroupNames = [];
  private event = 0;
  private slots: TensorSlot[] = [];
  /** The previous slots by kind and name, once a slot has another place than before. */
  private byName: ReadonlyMap<string, TensorSlot> | null = null;
  private changed = false;

  /** The lists of the event before where nothing in them has changed. */
  collect(state: TrainingState, live: LiveObjects, event: number): Collected {
    this.event = event;
    this.slots = [];
    this.changed = false;
    const nameOf = new Map<Tensor, string>();
    for (const [name, parameter] of live.parameters) {
      nameOf.set(parameter, name);
      this.addParameter(name, parameter, true);
    }
    for (const [name, buffer] of live.buffers) this.add('buffer', name, buffer);
    const groupNames = live.optimizers.map((optimizer, i) => {
      let unnamed = 0;
      return optimizer.groups.map((group, j) => {
        const names = group.parameters.map((parameter) => {
          const known = nameOf.get(parameter);
          const name = known ?? state.nameOf(parameter) ?? `${optimizer.name}[${unnamed++}]`;
          if (known === undefined) this.addParameter(name, parameter, false);
          for (const [slot, tensor] of optimizer.state(parameter)) this.add('state', `${name}/${slot}`, tensor);
          return name;
        });
        const before = this.groupNames[i]?.[j];
        return before?.length === names.length && names.every((name, k) => name === before[k]) ? before : names;
      });
    });
    this.groupNames = groupNames;
    if (this.changed || this.slots.length !== this.previous.length) this.previous = this.slots;
    this.byName = null;
    return { slots: this.previous, groupNames };
  }

  private addParameter(name: string, parameter: Tensor, ofModule: boolean): void {
    this.add('parameter', name, parameter, ofModule);
    if (parameter.grad) this.add('gradient', name, parameter.grad, ofModule, parameter.grad.storage.backwards);
  }

  private add(
    kind: TensorKind,
    name: string,
    { value }: Tensor,
    ofModule = true,
    accumulated: number | null = null,
  ): void {
    const place = this.previous[this.slots.length];
    const samePlace = place?.kind === kind && place.name === name;
    const before = samePlace ? place : this.previousOf(kind, name);
    const same = before?.value === value;
    if (!same || !samePlace) this.changed = true;
    if (same && before.ofModule === ofModule && before.accumulated === accumulated) {
      this.slots.push(before);
      return;
    }
    const since = same ? before.since : this.event;
    this.slots.push(tensorSlot(kind, name, value, { ofModule, since, accumulated }));
  }

  private previousOf(kind: TensorKind, name: string): TensorSlot | undefined {
    this.byName ??= new Map(this.previous.map((slot) => [`${slot.kind} ${slot.name}`, slot]));
    return this.byName.get(`${kind} ${name}`);
  }
}
