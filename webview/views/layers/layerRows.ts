import type { EventView, TensorView } from '../../../src/common/engineContract';
import { findTensor, lastEventOf, tensorsByName, type EventSource } from '../trainingEvents';

export interface LayerRow {
  path: string;
  type: string;
  output: TensorView;
  /** Null before the backward, and where no gradient reached the layer. */
  gradient: TensorView | null;
}

/** The events that a forward's layers are shown from; -1 where there is none yet. */
export interface LayerEvents {
  forward: number;
  loss: number;
  backward: number;
}

export function layerEvents(history: EventSource, cursor: number): LayerEvents {
  const forward = lastEventOf(history, cursor, ['forward']);
  const after = (phase: 'loss' | 'backward') => {
    const found = forward < 0 ? -1 : lastEventOf(history, cursor, [phase]);
    return found > forward ? found : -1;
  };
  return { forward, loss: after('loss'), backward: after('backward') };
}

/** The layers that have no layers inside, in the order in which they ran. */
export function layerRows(forward: EventView, backward: EventView | null): LayerRow[] {
  const outputs = forward.tensors.filter(({ kind }) => kind === 'layer');
  const gradients = tensorsByName(backward, 'layerGradient');
  const containers = new Set<string>();
  for (const { name } of outputs) {
    for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1))
      containers.add(name.slice(0, dot));
  }
  return outputs
    .filter(({ name }) => !containers.has(name))
    .map((output) => ({
      path: output.name,
      type: forward.layerTypes[output.name] ?? '',
      output,
      gradient: gradientOf(output, gradients),
    }));
}

/** A container's last layer has the container's output: their gradient bears the container's name. */
function gradientOf({ name, shape }: TensorView, gradients: ReadonlyMap<string, TensorView>): TensorView | null {
  const own = gradients.get(name);
  if (own) return own;
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const outer = gradients.get(name.slice(0, dot));
    if (outer && outer.shape.join() === shape.join()) return outer;
  }
  return null;
}

/** One sample of a tensor whose first axis is the batch; all of a tensor without one. */
export function sampleOf(
  shape: readonly number[],
  batch: number | null,
  sample: number,
): { start: number; shape: number[] } {
  if (batch === null || shape.length < 2 || shape[0] !== batch) return { start: 0, shape: [...shape] };
  const rest = shape.slice(1);
  return { start: sample * rest.reduce((product, size) => product * size, 1), shape: rest };
}

/** The batch size: the first axis of the input when the output shares it. */
export function batchOf(forward: EventView): number | null {
  const input = findTensor(forward, 'input', '0');
  const first = input && input.shape.length > 1 ? input.shape[0]! : null;
  const output = findTensor(forward, 'output', '');
  return first !== null && first > 0 && (!output || output.shape[0] === first) ? first : null;
}

/** Probabilities from a classifier's output for one sample; as they are when they are probabilities already. */
export function probabilitiesOf(output: ArrayLike<number>): number[] {
  const values = Array.from(output);
  const sum = values.reduce((total, value) => total + value, 0);
  if (Math.abs(sum - 1) < 1e-4 && values.every((value) => value >= 0)) return values;
  const largest = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - largest));
  const total = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / total);
}

/** The data set's names of the output's classes; null when there are none, or names for a different number of them. */
export function fittingNames(names: readonly string[] | undefined, classes: number): readonly string[] | null {
  return names !== undefined && names.length === classes ? names : null;
}

export interface ClassBar {
  index: number;
  probability: number;
  isLabel: boolean;
}

/** The most probable classes, and the label's wherever it stands. */
export function classBars(probabilities: readonly number[], label: number | null, most: number): ClassBar[] {
  const bars = probabilities
    .map((probability, index) => ({ index, probability, isLabel: index === label }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index);
  const shown = bars.slice(0, most);
  const labelled = bars.find(({ isLabel }) => isLabel);
  if (labelled && !shown.includes(labelled)) shown[shown.length - 1] = labelled;
  return shown;
}
