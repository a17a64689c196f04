import type { Goal } from '../src/common/engineContract';
import type { StepUnit } from '../src/protocol/contract';
import type { Store } from './store';

/** Moves of the timeline: one at a time, and at most one more that waits for it. */
export class Navigation {
  private active = false;
  private waiting: (() => Promise<unknown>) | null = null;

  constructor(private readonly store: Store) {}

  next(unit: StepUnit): void {
    this.move(() => this.store.request('next', { unit }));
  }

  previous(unit: StepUnit): void {
    this.move(() => this.store.request('previous', { unit }));
  }

  moveTo(event: number): void {
    this.move(() => this.store.request('moveTo', { event }));
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
