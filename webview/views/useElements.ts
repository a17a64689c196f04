import { useMemo, useRef } from 'preact/hooks';
import type { EngineError } from '../../src/common/engineContract';
import type { Store } from '../store';
import { joinPages, pagesOf, type ElementRange } from './elementPages';
import { useReplies } from './useReply';

export interface Elements {
  /** The elements in the range; those of the question before while the answer is awaited. */
  values: Float64Array | null;
  /** They answer an earlier question. */
  stale: boolean;
  error: EngineError | null;
}

/** Reads a range of a tensor in pages, each asked for once. Nothing is asked while a run is under way. */
export function useElements(store: Store, range: ElementRange | null): Elements {
  const last = useRef<{ values: Float64Array; key: string } | null>(null);
  const key = range ? `${store.generation}:${JSON.stringify(range)}` : '';
  const replies = useReplies(store, 'readTensor', range ? pagesOf(range) : []);
  const complete = range !== null && replies.length > 0 && replies.every(({ value }) => value !== null);
  const values = useMemo(
    () =>
      complete && range
        ? joinPages(
            replies.map(({ value }) => value!),
            range,
          )
        : null,
    [key, complete],
  );
  if (values) last.current = { values, key };
  const error = replies.find((reply) => reply.error !== null)?.error ?? null;
  return { values: last.current?.values ?? null, stale: last.current?.key !== key, error };
}
