import { useEffect, useMemo, useReducer } from 'preact/hooks';
import type { EventView } from '../../../src/common/engineContract';
import { useStore, type Store } from '../../store';
import { lastEventsOf } from '../trainingEvents';
import { GradientTrace } from './gradientTrace';
import { withCursor } from './parameterRows';

const points = 24;
/** Past events of larger models are not asked for: each would be looked at element by element. */
const largestModel = 2_000_000;

/** A parameter's gradient norms after the last backwards at or before the event. */
export function useGradientTrace(store: Store, event: EventView | null, busy: boolean): (name: string) => number[] {
  const trace = useMemo(() => new GradientTrace(), [store]);
  trace.follow(store.generation);
  if (event) trace.add(event);
  const known = useStore(store, (s) => s.history.events.length);
  const events = useMemo(
    () => (event ? lastEventsOf(withCursor(store, event), event.index, 'backward', points) : []),
    [event, known],
  );
  const small = event !== null && elementsOf(event) <= largestModel;
  const missing = busy || !small ? -1 : lastMissing(events, trace);
  const found = useStore(store, (s) => (missing < 0 ? null : s.event(missing)));
  if (found) trace.add(found);
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (found) drawAgain(undefined);
  }, [found]);
  return (name) => trace.values(name, events);
}

function elementsOf(event: EventView): number {
  let sum = 0;
  for (const { kind, shape } of event.tensors) {
    if (kind === 'parameter') sum += shape.reduce((product, size) => product * size, 1);
  }
  return sum;
}

function lastMissing(events: readonly number[], trace: GradientTrace): number {
  for (let i = events.length - 1; i >= 0; i--) if (!trace.has(events[i]!)) return events[i]!;
  return -1;
}
