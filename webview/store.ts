import { useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import type { EngineError, EventSummary, EventView } from '../src/common/engineContract';
import type { PanelContract, PanelRequestName, PanelState } from '../src/protocol/contract';
import { EventHistory } from './eventHistory';
import { RequestError, Rpc } from './rpc';
import { SeenEvents } from './seenEvents';
import { setLocale } from './strings';
import { restoreUi } from './uiState';
import type { UiState } from './uiState';
import type { HostApi } from './vscodeApi';

/** Questions whose answers stay true as long as the event they are about exists. */
export type QueryName = 'event' | 'readTensor' | 'statistics' | 'histogram' | 'explain' | 'schedules';

export interface QueryResult<T> {
  /** The answer to this very question; null until it is there. */
  value: T | null;
  /** The answer to the question before, to show greyed meanwhile. */
  last: T | null;
  error: EngineError | null;
  pending: boolean;
}

interface CacheEntry {
  value: unknown;
  error: EngineError | null;
  pending: boolean;
}

const maximumEntries = 400;

/** What the panel knows: the host's latest state, what was asked for, and what a person chose. */
export class Store {
  state: PanelState | null = null;
  ui: UiState;
  /** Every recorded event's summary, by index; grows page by page behind the head. */
  readonly history: EventHistory;
  /** The last request that failed, until the next one works. */
  failure: EngineError | null = null;
  /** Rises when the recorded events were replaced: by a restart, an edit, another script. */
  generation = 0;

  private readonly rpc: Rpc;
  private readonly listeners = new Set<() => void>();
  private readonly cache = new Map<string, CacheEntry>();
  private readonly seen = new SeenEvents();

  constructor(private readonly host: HostApi) {
    this.ui = restoreUi(host.loadUi());
    this.rpc = new Rpc(host, (state) => this.receive(state));
    this.history = new EventHistory(
      (from, count) => this.rpc.request('history', { from, count }),
      () => this.notify(),
    );
  }

  /** Announces this load to the host; its reply is the whole state. */
  async connect(): Promise<void> {
    this.receive(await this.rpc.request('ready'));
  }

  /** Settles exactly once; rejects with a `RequestError`. */
  request<N extends PanelRequestName>(
    name: N,
    ...body: PanelContract[N]['request'] extends null ? [] : [body: PanelContract[N]['request']]
  ): Promise<PanelContract[N]['reply']> {
    return this.rpc.request(name, ...body);
  }

  /** Sends a request whose failure is shown in the panel's own message line. */
  act<N extends PanelRequestName>(
    name: N,
    ...body: PanelContract[N]['request'] extends null ? [] : [body: PanelContract[N]['request']]
  ): void {
    void this.settle(this.rpc.request(name, ...body));
  }

  /** Resolves when a request is done, its failure shown in the panel's message line. */
  async settle(request: Promise<unknown>): Promise<void> {
    try {
      await request;
      this.setFailure(null);
    } catch (error) {
      this.setFailure(asEngineError(error));
    }
  }

  setUi(change: Partial<UiState>): void {
    this.ui = { ...this.ui, ...change };
    this.host.saveUi(this.ui);
    this.notify();
  }

  /** An event with its tensors, from the cache or asked for; null until it is there. */
  event(index: number): EventView | null {
    if (index < 0 || index > (this.state?.snapshot?.head ?? -1)) return null;
    return this.query('event', { index }).value as EventView | null;
  }

  summary(index: number): EventSummary | null {
    return this.history.events[index] ?? null;
  }

  query<N extends QueryName>(name: N, body: PanelContract[N]['request']): CacheEntry {
    const key = `${name}:${JSON.stringify(body)}`;
    const known = this.cache.get(key);
    if (known !== undefined) {
      this.cache.delete(key);
      this.cache.set(key, known);
      return known;
    }
    const entry: CacheEntry = { value: null, error: null, pending: true };
    this.remember(key, entry);
    const settle = (result: Partial<CacheEntry>) => {
      Object.assign(entry, result, { pending: false });
      this.notify();
    };
    const send = this.rpc.request as (name: QueryName, body: unknown) => Promise<unknown>;
    send.call(this.rpc, name, body).then(
      (value) => settle({ value }),
      (error: unknown) => settle({ error: asEngineError(error) }),
    );
    return entry;
  }

  /**
   * Shows an event at once that was shown before, while the host is asked to go there; its state follows.
   * @returns takes it back, for when the host refuses
   */
  showSeen(index: number): () => void {
    const before = this.state;
    const snapshot = before?.snapshot && !before.busy ? this.seen.at(before.snapshot, index) : null;
    if (!before || !snapshot) return () => undefined;
    const shown = { ...before, snapshot };
    this.state = shown;
    this.notify();
    return () => {
      if (this.state !== shown) return;
      this.state = before;
      this.notify();
    };
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  dismissFailure(): void {
    this.setFailure(null);
  }

  private receive(state: PanelState): void {
    const before = this.state;
    if (before !== null && state.revision < before.revision) return;
    setLocale(state.locale);
    if (recordsReplaced(before, state)) {
      this.generation++;
      this.cache.clear();
      this.seen.clear();
      this.history.clear();
    }
    this.state = state;
    const { snapshot } = state;
    if (snapshot?.event && snapshot.event.tensors.length > 0 && !state.busy) {
      this.remember(`event:${JSON.stringify({ index: snapshot.event.index })}`, {
        value: snapshot.event,
        error: null,
        pending: false,
      });
      this.seen.remember(snapshot);
    }
    this.history.follow(snapshot?.head ?? -1, !state.busy && snapshot?.status !== 'running');
    this.notify();
  }

  private remember(key: string, entry: CacheEntry): void {
    this.cache.delete(key);
    this.cache.set(key, entry);
    for (const oldest of this.cache.keys()) {
      if (this.cache.size <= maximumEntries) break;
      this.cache.delete(oldest);
    }
  }

  private setFailure(failure: EngineError | null): void {
    if (this.failure === failure) return;
    this.failure = failure;
    this.notify();
  }

  private notify(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

/** Whether events that were recorded before may be other ones now. */
function recordsReplaced(before: PanelState | null, after: PanelState): boolean {
  if (before === null || before.snapshot === null) return false;
  if (after.snapshot === null || before.script?.path !== after.script?.path) return true;
  return (
    after.snapshot.head < before.snapshot.head ||
    after.snapshot.revision < before.snapshot.revision ||
    after.snapshot.edits.length !== before.snapshot.edits.length
  );
}

export function asEngineError(error: unknown): EngineError {
  if (error instanceof RequestError) return error.details;
  return {
    code: 'panel.request',
    message: error instanceof Error ? error.message : String(error),
    line: null,
    hint: null,
    audience: 'maintainer',
    traceback: [],
  };
}

/** Renders again when what the selector picks is another value (by `Object.is`). */
export function useStore<T>(store: Store, selector: (store: Store) => T): T {
  const [, render] = useReducer((count: number) => count + 1, 0);
  const value = selector(store);
  const latest = useRef({ selector, value });
  latest.current = { selector, value };
  useLayoutEffect(() => {
    const check = () => {
      if (!Object.is(latest.current.selector(store), latest.current.value)) render(undefined);
    };
    check();
    return store.subscribe(check);
  }, [store]);
  return value;
}

/** Asks once for each body and keeps the answer; a null body asks nothing. */
export function useQuery<N extends QueryName>(
  store: Store,
  name: N,
  body: PanelContract[N]['request'] | null,
): QueryResult<PanelContract[N]['reply']> {
  type Reply = PanelContract[N]['reply'];
  const key = body === null ? '' : `${store.generation}:${JSON.stringify(body)}`;
  const last = useRef<Reply | null>(null);
  const [, render] = useReducer((count: number) => count + 1, 0);
  const entry = body === null ? null : store.query(name, body);
  const seen = useRef<unknown>(null);
  seen.current = entry === null || entry.pending ? null : entry;
  useLayoutEffect(() => {
    if (body === null) return;
    const check = () => {
      const now = store.query(name, body);
      if (!now.pending && now !== seen.current) render(undefined);
    };
    check();
    return store.subscribe(check);
  }, [store, name, key]);
  const value = (entry?.value ?? null) as Reply | null;
  const previous = last.current;
  if (value !== null) last.current = value;
  return { value, last: value ?? previous, error: entry?.error ?? null, pending: entry?.pending ?? false };
}
