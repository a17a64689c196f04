/**
 * Decides when a changing state is sent: at once when the last sending is long enough ago, else as soon as it may be;
 * never while it is held back.
 */
export class Publisher {
  private timer: NodeJS.Timeout | null = null;
  private due = Infinity;
  private last = -Infinity;
  private open = false;
  private dirty = false;

  /**
   * @param send sends the state as it is then
   * @param interval milliseconds between two sendings, at the least
   */
  constructor(
    private readonly send: () => void,
    private readonly interval: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Nothing is sent while it is closed; opening sends nothing by itself: who opens has just been given the state. */
  setOpen(open: boolean): void {
    this.open = open;
    this.dirty = false;
    this.clear();
    if (open) this.last = this.now();
  }

  /** @param delay milliseconds that the change may wait; another change meanwhile sends both */
  changed(delay = 0): void {
    this.dirty = true;
    if (!this.open) return;
    const now = this.now();
    const due = Math.max(now + delay, this.last + this.interval);
    if (due <= now) {
      this.flush();
      return;
    }
    if (due >= this.due) return;
    this.clear();
    this.due = due;
    this.timer = setTimeout(() => this.flush(), due - now);
  }

  dispose(): void {
    this.setOpen(false);
  }

  private flush(): void {
    this.clear();
    if (!this.open || !this.dirty) return;
    this.dirty = false;
    this.last = this.now();
    this.send();
  }

  private clear(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.due = Infinity;
  }
}
