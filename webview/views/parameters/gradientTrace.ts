import type { EventView } from '../../../src/common/engineContract';
import { normOf } from './parameterRows';

/** Gradient norms after each backward, gathered from the events that the panel has seen. */
export class GradientTrace {
  private generation = -1;
  private readonly byEvent = new Map<number, Map<string, number>>();

  /** Forgets everything when the records were replaced. */
  follow(generation: number): void {
    if (generation === this.generation) return;
    this.generation = generation;
    this.byEvent.clear();
  }

  add(event: EventView): void {
    if (event.phase !== 'backward' || this.byEvent.has(event.index) || event.tensors.length === 0) return;
    const norms = new Map<string, number>();
    for (const tensor of event.tensors) {
      const norm = tensor.kind === 'gradient' ? normOf(tensor) : null;
      if (norm !== null) norms.set(tensor.name, norm);
    }
    this.byEvent.set(event.index, norms);
  }

  has(event: number): boolean {
    return this.byEvent.has(event);
  }

  /** NaN where the norm isn't known. */
  values(name: string, events: readonly number[]): number[] {
    return events.map((event) => this.byEvent.get(event)?.get(name) ?? NaN);
  }
}
