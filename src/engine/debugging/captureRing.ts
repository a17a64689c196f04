import type { LayerCall } from '../../core/training/recorder';
import type { Capture } from '../../script/debugging/capture';

/** What is kept of a moment so that its variables can be looked at later. */
export interface KeptMoment {
  readonly capture: Capture;
  /** For a layer of a forward. */
  readonly layer: LayerCall | null;
}

const kept = 4096;

/** The variables of the last moments. Their tensors count as the timeline's: they go when its events lose theirs. */
export class CaptureRing {
  private readonly cells: (KeptMoment | undefined)[] = new Array<undefined>(kept);
  private next = 0;
  private first = 0;

  /** Moments come in their order, one after the other. */
  add(moment: KeptMoment): void {
    this.cells[this.next++ % kept] = moment;
    this.first = Math.max(this.first, this.next - kept);
  }

  /** The values of the last moment have changed. */
  renew(capture: Capture): void {
    const index = (this.next - 1) % kept;
    const last = this.cells[index];
    if (last) this.cells[index] = { ...last, capture };
  }

  /** Undefined for a moment whose variables are no longer kept. */
  at(moment: number): KeptMoment | undefined {
    return moment >= this.first && moment < this.next ? this.cells[moment % kept] : undefined;
  }

  /** Forgets the moments before one. */
  dropBefore(moment: number): void {
    for (; this.first < Math.min(moment, this.next); this.first++) this.cells[this.first % kept] = undefined;
  }
}
