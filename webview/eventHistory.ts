import type { EventSummary, HistoryPage } from '../src/common/engineContract';

const pageLength = 2000;
/** While the script runs, a loss is often known only some events after its own. */
const lateEvents = 64;

/** The summaries of all recorded events, fetched in pages, one page at a time. */
export class EventHistory {
  /** Replaced, never written, so that its identity tells of a change. */
  events: readonly EventSummary[] = [];
  private head = -1;
  private resting = false;
  /** Events before this one are as they will stay. */
  private settled = 0;
  private fetching = false;
  private generation = 0;

  constructor(
    private readonly fetchPage: (from: number, count: number) => Promise<HistoryPage>,
    private readonly changed: () => void,
  ) {}

  clear(): void {
    this.events = [];
    this.head = -1;
    this.settled = 0;
    this.generation++;
  }

  /**
   * Fetches what is missing up to an event.
   * @param resting nothing runs, so that what is unknown now stays unknown
   */
  follow(head: number, resting: boolean): void {
    this.head = head;
    this.resting = resting;
    if (!this.fetching && this.first() <= head) void this.fetch();
  }

  /** The first event worth asking for: a new one, or one whose loss may have become known. */
  private first(): number {
    const { length } = this.events;
    if (this.resting ? this.settled === length : length > this.head) return length;
    const start = this.resting ? this.settled : Math.max(this.settled, length - lateEvents);
    const late = this.events.findIndex(({ phase, loss }, index) => index >= start && phase === 'loss' && loss === null);
    return late < 0 ? length : late;
  }

  private async fetch(): Promise<void> {
    this.fetching = true;
    try {
      for (let from = this.first(); from <= this.head;) {
        const { generation, resting } = this;
        const { events } = await this.fetchPage(from, pageLength);
        if (generation !== this.generation) {
          from = this.first();
          continue;
        }
        if (events.length === 0) break;
        this.events = [...this.events.slice(0, from), ...events, ...this.events.slice(from + events.length)];
        from += events.length;
        if (resting) this.settled = Math.max(this.settled, from);
        this.changed();
      }
    } catch {
      // The engine is gone or has nothing yet: the next state asks again.
    } finally {
      this.fetching = false;
    }
  }
}
