import type { Phase } from '../../common/phase';

/**
 * Counts a training loop's iterations by their shape. A new iteration begins at a `forward` or `zero_grad` under grad
 * whose phase and line the current iteration has already had, once a backward has happened in it; a loop without
 * either may begin at any event. So the order is learnt from the first repeat: a `zero_grad` before the forward is the
 * first event of its iteration, one at the end is the last, one before the loop belongs to the first iteration, and
 * each mini-batch of an accumulation is an iteration. Events under `no_grad` never begin one.
 */
export class IterationCounter {
  private seen = new Set<string>();
  private backwardSeen = false;
  private starterSeen = false;
  private count = 0;

  /** @returns the 1-based iteration of the event; 0 when only evaluation has happened so far */
  observe(phase: Phase, line: number, gradEnabled: boolean): number {
    if (!gradEnabled) return this.count;
    const key = `${phase}:${line}`;
    const starter = phase === 'forward' || phase === 'zero_grad';
    const mayBegin = starter || !this.starterSeen;
    if (this.count === 0 || (mayBegin && this.backwardSeen && this.seen.has(key))) {
      this.count++;
      this.seen = new Set();
      this.backwardSeen = false;
      this.starterSeen = false;
    }
    this.seen.add(key);
    if (starter) this.starterSeen = true;
    if (phase === 'backward') this.backwardSeen = true;
    return this.count;
  }
}
