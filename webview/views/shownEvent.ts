import { useRef } from 'preact/hooks';
import type { EventView } from '../../src/common/engineContract';
import { useStore, type Store } from '../store';

/** The event under the cursor; while a run is under way, whose events come without tensors, the last that had some. */
export function useShownEvent(store: Store): EventView | null {
  const event = useStore(store, ({ state }) => state?.snapshot?.event ?? null);
  const running = useStore(store, ({ state }) => state?.busy ?? false);
  const last = useRef<{ event: EventView; script: string | undefined } | null>(null);
  const script = store.state?.script?.path;
  if (event && (event.tensors.length > 0 || !running)) last.current = { event, script };
  else if (!event && !running) last.current = null;
  return last.current?.script === script ? (last.current?.event ?? null) : null;
}
