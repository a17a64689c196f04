import type { EventSummary, EventView, TensorKind, TensorView } from '../../src/common/engineContract';
import type { Phase } from '../../src/common/phase';

/** What the data views need of the recorded events. */
export interface EventSource {
  summary(index: number): Pick<EventSummary, 'index' | 'phase' | 'iteration'> | null;
}

const lookBack = 2000;

/** The last event of one of the phases at or before an event; -1 when there is none in reach. */
export function lastEventOf(source: EventSource, cursor: number, wanted: readonly Phase[]): number {
  for (let index = cursor; index >= 0 && index > cursor - lookBack; index--) {
    const phase = source.summary(index)?.phase;
    if (phase !== undefined && wanted.includes(phase)) return index;
  }
  return -1;
}

/** The last `count` events of a phase at or before an event, oldest first. */
export function lastEventsOf(source: EventSource, cursor: number, phase: Phase, count: number): number[] {
  const found: number[] = [];
  let index = cursor;
  while (found.length < count) {
    index = lastEventOf(source, index, [phase]);
    if (index < 0) break;
    found.unshift(index--);
  }
  return found;
}

export function findTensor(event: EventView | null, kind: TensorKind, name: string): TensorView | null {
  return event?.tensors.find((tensor) => tensor.kind === kind && tensor.name === name) ?? null;
}

/** An event's tensors of one kind, by name. */
export function tensorsByName(event: EventView | null, kind: TensorKind): Map<string, TensorView> {
  const found = new Map<string, TensorView>();
  for (const tensor of event?.tensors ?? []) if (tensor.kind === kind) found.set(tensor.name, tensor);
  return found;
}
