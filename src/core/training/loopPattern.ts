import type { Phase } from '../../common/phase';

export interface PatternEntry {
  readonly phase: Phase;
  /** 1-based. */
  readonly line: number;
  /** Not in every iteration, such as a scheduler's step at the end of an epoch. */
  readonly occasional?: true;
}

/** Where an event stands in the order of its iteration's phases. */
export interface LoopPlace {
  readonly pattern: readonly PatternEntry[];
  /** -1 for an event that is no part of training. */
  readonly position: number;
}

const nothing: readonly PatternEntry[] = [];

/**
 * Learns the order in which a script runs its phases: from the last complete iteration, and from what has been seen
 * while there is none. What the iterations of one loop don't all have stays in it as occasional; an iteration of
 * another loop replaces it.
 */
export class LoopPattern {
  private pattern: readonly PatternEntry[] = nothing;
  private seen: PatternEntry[] = [];
  private iteration = 0;
  private complete = false;
  /** This iteration has had what the pattern had not. */
  private added = false;
  private position = -1;

  /** @param training false under `no_grad`: an evaluation is no part of the loop */
  observe(phase: Phase, line: number, iteration: number, training: boolean): LoopPlace {
    if (!training) return { pattern: this.pattern, position: -1 };
    if (iteration !== this.iteration && this.seen.length > 0) this.learn();
    this.iteration = iteration;
    const entry = { phase, line };
    if (indexIn(this.seen, entry) < 0) this.seen.push(entry);
    let position = indexIn(this.pattern, entry);
    if (position < 0) {
      position = this.position + 1;
      this.added = true;
      const added: PatternEntry = this.complete ? { ...entry, occasional: true } : entry;
      this.pattern = [...this.pattern.slice(0, position), added, ...this.pattern.slice(position)];
    }
    this.position = position;
    return { pattern: this.pattern, position };
  }

  /** An iteration is complete: what it had not is occasional, unless it was another loop's. */
  private learn(): void {
    const { pattern, seen } = this;
    const isMissing = (entry: PatternEntry): boolean => entry.occasional !== true && indexIn(seen, entry) < 0;
    if (this.complete && pattern.some(isMissing)) {
      const sameLoop = pattern.some((entry) => entry.occasional !== true && !isMissing(entry));
      this.pattern =
        this.added || !sameLoop
          ? seen
          : pattern.map((entry) => (isMissing(entry) ? { ...entry, occasional: true } : entry));
    }
    this.complete = true;
    this.added = false;
    this.seen = [];
    this.position = -1;
  }
}

function indexIn(entries: readonly PatternEntry[], { phase, line }: PatternEntry): number {
  return entries.findIndex((other) => other.phase === phase && other.line === line);
}
