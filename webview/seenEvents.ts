import type { StateSnapshot } from '../src/common/engineContract';

/** What of a snapshot is about the event under its cursor. */
type CursorPart = Pick<StateSnapshot, 'cursor' | 'event' | 'iteration' | 'epoch' | 'pattern' | 'position' | 'accuracy'>;

const mostKept = 200;

/** The events that were shown, as they were: going back to one need not wait for the host. */
export class SeenEvents {
  private readonly parts = new Map<number, CursorPart>();

  clear(): void {
    this.parts.clear();
  }

  /** @param snapshot of a session at rest: events come with their tensors */
  remember({ cursor, event, iteration, epoch, pattern, position, accuracy }: StateSnapshot): void {
    if (event === null || event.tensors.length === 0) return;
    this.parts.delete(cursor);
    this.parts.set(cursor, { cursor, event, iteration, epoch, pattern, position, accuracy });
    for (const oldest of this.parts.keys()) {
      if (this.parts.size <= mostKept) break;
      this.parts.delete(oldest);
    }
  }

  /** The snapshot with its cursor on another event; null when that was not shown, or has lost its elements since. */
  at(snapshot: StateSnapshot, index: number): StateSnapshot | null {
    const part = index < snapshot.droppedBefore ? undefined : this.parts.get(index);
    return part ? { ...snapshot, ...part } : null;
  }
}
