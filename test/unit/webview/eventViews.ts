import type { EventView, Statistics, TensorKind, TensorView } from '../../../src/common/engineContract';
import type { Phase } from '../../../src/common/phase';

export function statistics(changes: Partial<Statistics>): Statistics {
  const none = { count: 4, sum: 0, l2: 1, absmax: 1, min: -1, max: 1, mean: 0, std: 1, nan: 0, infinite: 0, zeros: 0 };
  return { ...none, ...changes };
}

export function tensor(kind: TensorKind, name: string, changes: Partial<TensorView> = {}): TensorView {
  return { kind, name, shape: [2, 2], dtype: 'float32', statistics: null, available: true, ...changes };
}

export function eventView(
  phase: Phase,
  index: number,
  tensors: TensorView[],
  changes: Partial<EventView> = {},
): EventView {
  return {
    index,
    phase,
    line: 1,
    iteration: 1,
    epoch: 1,
    lr: [0.1],
    loss: null,
    warnings: [],
    optimizers: [],
    tensors,
    layerTypes: {},
    dropped: false,
    edits: [],
    ...changes,
  };
}

/** A history whose iterations are as long as the pattern. */
export function historyOf(pattern: readonly Phase[], length: number) {
  const events = Array.from({ length }, (_, index) => ({
    index,
    phase: pattern[index % pattern.length]!,
    iteration: Math.floor(index / pattern.length) + 1,
  }));
  return { summary: (index: number) => events[index] ?? null };
}
