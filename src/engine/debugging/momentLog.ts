import type { MomentKind, MomentView, StepAction } from '../../common/debugContract';

const kinds: readonly MomentKind[] = ['statement', 'event', 'layer', 'parameter', 'error'];
const stride = 6;
const firstCapacity = 4096;

/** What the script did, in the order in which it did it: a few integers a moment. */
export class MomentLog {
  private cells = new Int32Array(firstCapacity * stride);
  private count = 0;
  private readonly names: string[] = [];
  private readonly nameIds = new Map<string, number>();

  get length(): number {
    return this.count;
  }

  /**
   * @param ordinal the number of what a run of the script does again, from 1; 0 for what an event's record is unfolded into
   * @returns the moment's number
   */
  append({ kind, line, depth, event, name }: Omit<MomentView, 'moment'>, ordinal: number): number {
    const base = this.count * stride;
    if (base === this.cells.length) {
      const grown = new Int32Array(base * 2);
      grown.set(this.cells);
      this.cells = grown;
    }
    const { cells } = this;
    cells[base] = kinds.indexOf(kind);
    cells[base + 1] = line;
    cells[base + 2] = depth;
    cells[base + 3] = event;
    cells[base + 4] = this.idOf(name);
    cells[base + 5] = ordinal;
    return this.count++;
  }

  at(moment: number): MomentView {
    const base = moment * stride;
    const { cells } = this;
    return {
      moment,
      kind: this.kindAt(moment),
      line: cells[base + 1]!,
      depth: cells[base + 2]!,
      event: cells[base + 3]!,
      name: this.names[cells[base + 4]!]!,
    };
  }

  kindAt(moment: number): MomentKind {
    return kinds[this.cells[moment * stride]!]!;
  }

  lineAt(moment: number): number {
    return this.cells[moment * stride + 1]!;
  }

  depthAt(moment: number): number {
    return this.cells[moment * stride + 2]!;
  }

  eventAt(moment: number): number {
    return this.cells[moment * stride + 3]!;
  }

  /** The moment of what a run does again, by its number; -1 when it is not recorded. */
  momentOfOrdinal(ordinal: number): number {
    for (let moment = this.count - 1; moment >= 0; moment--) if (this.ordinalAt(moment) === ordinal) return moment;
    return -1;
  }

  ordinalAt(moment: number): number {
    return this.cells[moment * stride + 5]!;
  }

  /** The moment of an event; -1 when none is known. */
  momentOfEvent(event: number): number {
    let [low, high] = [0, this.count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.eventAt(middle) < event) low = middle + 1;
      else high = middle;
    }
    return this.count > 0 && this.eventAt(low) === event && this.kindAt(low) === 'event' ? low : -1;
  }

  /** The place where a step backwards over one statement ends; -1 when there is none before. */
  placeBefore(moment: number): number {
    const depth = this.depthAt(moment);
    for (let before = moment - 1; before >= 0; before--) {
      if (isPlace(this.kindAt(before)) && this.depthAt(before) <= depth) return before;
    }
    return -1;
  }

  /** The place where a step from one moment ends, as far as it is recorded; -1 when it lies ahead. */
  placeAfter(moment: number, action: StepAction): number {
    const depth = this.depthAt(moment);
    for (let after = moment + 1; after < this.count; after++) {
      if (stepEnds(action, depth, this.kindAt(after), this.depthAt(after))) return after;
    }
    return -1;
  }

  /** The first moment of the frame at a depth that is on the stack at a moment: a function's first statement. */
  beginOfFrame(moment: number, depth: number): number {
    let first = moment;
    for (let before = moment; before >= 0 && this.depthAt(before) >= depth; before--) {
      if (this.depthAt(before) === depth) first = before;
    }
    return first;
  }

  private idOf(name: string): number {
    let id = this.nameIds.get(name);
    if (id === undefined) {
      id = this.names.push(name) - 1;
      this.nameIds.set(name, id);
    }
    return id;
  }
}

/** Whether steps rest there: an event is no place of its own, since nothing can be done between it and what follows. */
function isPlace(kind: MomentKind): boolean {
  return kind === 'statement' || kind === 'layer' || kind === 'parameter';
}

/** @param depth where the step began */
export function stepEnds(action: StepAction, depth: number, kind: MomentKind, reached: number): boolean {
  if (!isPlace(kind)) return false;
  switch (action) {
    case 'over':
      return reached <= depth;
    case 'in':
      return true;
    case 'out':
      return reached < depth;
  }
}
