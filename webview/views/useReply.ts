import { useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import type { EngineError } from '../../src/common/engineContract';
import type { PanelContract } from '../../src/protocol/contract';
import { useStore, type QueryName, type Store } from '../store';

export interface Reply<T> {
  /** The answer to this very question. */
  value: T | null;
  /** The answer, or that to the question before while this one's is awaited. */
  last: T | null;
  error: EngineError | null;
}

type Body<N extends QueryName> = PanelContract[N]['request'];
type Answer<N extends QueryName> = PanelContract[N]['reply'];

/** Several questions of one kind; draws again when all are answered. Nothing is asked while a run is under way. */
export function useReplies<N extends QueryName>(
  store: Store,
  name: N,
  bodies: readonly Body<N>[],
): { value: Answer<N> | null; error: EngineError | null }[] {
  const busy = useStore(store, ({ state }) => state?.busy ?? false);
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const key = `${store.generation}:${JSON.stringify(bodies)}`;
  const held = useRef<{ key: string; entries: ReturnType<Store['query']>[] }>({ key: '', entries: [] });
  const ask = () => bodies.map((body) => store.query(name, body));
  if (!busy) held.current = { key, entries: ask() };
  const entries = held.current.key === key ? held.current.entries : [];
  const awaited = entries.some(({ pending }) => pending);
  useLayoutEffect(() => {
    if (busy || !awaited) return;
    // Answers may have come before this subscription.
    const look = () => {
      if (ask().every(({ pending }) => !pending)) draw(undefined);
    };
    look();
    return store.subscribe(look);
  }, [store, name, key, busy, awaited]);
  return entries.map(({ value, error }) => ({ value: value as Answer<N> | null, error }));
}

/** One question; a null body asks nothing. */
export function useReply<N extends QueryName>(store: Store, name: N, body: Body<N> | null): Reply<Answer<N>> {
  const [reply] = useReplies(store, name, body === null ? [] : [body]);
  const last = useRef<Answer<N> | null>(null);
  if (reply && reply.value !== null) last.current = reply.value;
  return { value: reply?.value ?? null, last: last.current, error: reply?.error ?? null };
}
