import type { Goal } from '../src/common/engineContract';
import type { StepUnit } from '../src/protocol/contract';
import type { Store } from './store';

/** Moves of the timeline: one at a time, and at most one more that waits for it. */
export class Navigation {
  private active = false;
  private waiting: (() => Promise<unknown>) | null = null;

  constructor(private readonly store: Store) {}

  next(unit: StepUnit): void {
    this.move(() => {
      const { cursor, head } = this.place;
      const target = unit === 'phase' && cursor < head ? cursor + 1 : null;
      return this.showing(target, () => this.store.request('next', { unit }));
    });
  }

  previous(unit: StepUnit): void {
    this.move(() => {
      const { cursor } = this.place;
      const target = unit === 'phase' && cursor > 0 ? cursor - 1 : null;
      return this.showing(target, () => this.store.request('previous', { unit }));
    });
  }

  moveTo(event: number): void {
    this.move(() => this.showing(event, () => this.store.request('moveTo', { event })));
  }

  run(goal: Goal): void {
    this.move(() => this.store.request('run', { goal }));
  }

  restart(): void {
    this.move(() => this.store.request('restart'));
  }

  pause(): void {
    this.waiting = null;
    this.store.act('pause');
  }

  toggleRun(): void {
    if (this.store.state?.busy) this.pause();
    else this.run({ kind: 'continue' });
  }

  private get place(): { cursor: number; head: number } {
    return this.store.state?.snapshot ?? { cursor: -1, head: -1 };
  }

  /** Shows the event that a move leads to before the host has gone there, if it was shown before. */
  private async showing(target: number | null, send: () => Promise<unknown>): Promise<void> {
    const takeBack = target === null ? null : this.store.showSeen(target);
    try {
      await send();
    } catch (error) {
      takeBack?.();
      throw error;
    }
  }

  private move(send: () => Promise<unknown>): void {
    if (this.active) {
      this.waiting = send;
      return;
    }
    this.active = true;
    void this.store.settle(send()).then(() => {
      this.active = false;
      const { waiting } = this;
      this.waiting = null;
      if (waiting !== null && !this.store.state?.busy) this.move(waiting);
    });
  }
}
