import type {
  EventView,
  HyperparameterValue,
  OptimizerView,
  TensorAddress,
  TensorView,
} from '../../../src/common/engineContract';
import { findTensor, lastEventOf, type EventSource } from '../trainingEvents';

/** Which part a tensor plays in a parameter's update. */
export type PagePart = 'before' | 'now' | 'gradient' | 'state' | 'corrected' | 'delta' | 'after';

/** Why there is no tensor to show. */
export type Absence = 'comesWithStep' | 'noStateYet' | 'noGradient' | 'noOptimizerState' | 'notStepped' | 'dropped';

export interface PageTensor {
  key: string;
  part: PagePart;
  /** The optimizer's name for a state slot; '' for the other parts. */
  slot: string;
  /** Null when there is nothing to show, then `absence` says why. */
  address: TensorAddress | null;
  absence: Absence | null;
  view: TensorView | null;
  /** What every element is multiplied by before it is shown: 1 but for bias-corrected forms. */
  factor: number;
}

export interface UpdatePlace {
  /** A whole update, or one that waits for its step. */
  mode: 'update' | 'pending';
  /** The step's event, or the one under the cursor. */
  event: number;
}

/**
 * An update is shown from its step until the next backward gives the parameter a new gradient.
 * @param changed the event that last changed the parameter: another optimizer may have stepped since
 */
export function updatePlace(history: EventSource, cursor: number, changed?: number): UpdatePlace {
  const last = lastEventOf(history, cursor, ['step', 'backward']);
  if (last < 0 || history.summary(last)?.phase !== 'step') return { mode: 'pending', event: cursor };
  const own = changed !== undefined && changed < last && history.summary(changed)?.phase === 'step';
  return { mode: 'update', event: own ? changed : last };
}

/**
 * The tensors of a parameter's page, in reading order.
 * @param event the view of `place.event`
 * @param stepped whether an optimizer has stepped before
 * @param droppedBefore events before this one have lost their elements
 */
export function pageTensors(
  place: UpdatePlace,
  event: EventView,
  name: string,
  stepped: boolean,
  droppedBefore: number,
  corrections: Readonly<Record<string, number>>,
): PageTensor[] {
  const { mode } = place;
  const at = (part: PagePart, kind: TensorView['kind'], index: number): PageTensor => {
    const gone = index < droppedBefore;
    return {
      key: part,
      part,
      slot: '',
      address: gone || index < 0 ? null : { event: index, kind, name },
      absence: gone ? 'dropped' : null,
      view: index === event.index ? findTensor(event, kind, name) : null,
      factor: 1,
    };
  };
  const absent = (part: PagePart, absence: Absence): PageTensor => {
    return { key: part, part, slot: '', address: null, absence, view: null, factor: 1 };
  };
  const gradient = findTensor(event, 'gradient', name)
    ? at('gradient', 'gradient', event.index)
    : absent('gradient', 'noGradient');
  return [
    mode === 'update' ? at('before', 'parameter', event.index - 1) : at('now', 'parameter', event.index),
    gradient,
    ...stateTensors(event, name, stepped || mode === 'update', corrections),
    ...(mode === 'update'
      ? [
          hasDelta(event, name) ? at('delta', 'delta', event.index) : absent('delta', 'notStepped'),
          at('after', 'parameter', event.index),
        ]
      : [absent('delta', 'comesWithStep'), absent('after', 'comesWithStep')]),
  ];
}

/** Whether the step's optimizer has the parameter. */
export function hasDelta(event: EventView, name: string): boolean {
  return findTensor(event, 'delta', name) !== null;
}

function stateTensors(
  event: EventView,
  name: string,
  stepped: boolean,
  corrections: Readonly<Record<string, number>>,
): PageTensor[] {
  const found: PageTensor[] = [];
  for (const view of event.tensors) {
    if (view.kind !== 'state' || !view.name.startsWith(`${name}/`)) continue;
    const slot = view.name.slice(name.length + 1);
    if (slot.includes('/') || view.shape.length === 0) continue;
    const shared = { slot, view, address: { event: event.index, kind: view.kind, name: view.name }, absence: null };
    found.push({ ...shared, key: slot, part: 'state', factor: 1 });
    const factor = corrections[slot];
    if (factor !== undefined) found.push({ ...shared, key: `${slot}-corrected`, part: 'corrected', factor });
  }
  if (found.length > 0) return found;
  const absence: Absence = stepped ? 'noOptimizerState' : 'noStateYet';
  return [{ key: 'state', part: 'state', slot: '', address: null, absence, view: null, factor: 1 }];
}

/**
 * What an Adam's averages are multiplied by to undo their start at zero. Empty for other optimizers, and where several
 * parameter groups disagree about betas.
 */
export function biasCorrections(optimizers: readonly OptimizerView[], step: number | null): Record<string, number> {
  if (step === null || !(step > 0)) return {};
  const betas = optimizers
    .filter(({ type }) => type.startsWith('Adam'))
    .flatMap(({ groups }) => groups.map(({ hyperparameters }) => hyperparameters['betas']))
    .map(pairOf);
  const first = betas[0];
  if (!first || !betas.every((pair) => pair?.[0] === first[0] && pair[1] === first[1])) return {};
  return { exp_avg: 1 / (1 - first[0] ** step), exp_avg_sq: 1 / (1 - first[1] ** step) };
}

function pairOf(value: HyperparameterValue | undefined): readonly [number, number] | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const pair = value as readonly HyperparameterValue[];
  return [Number(pair[0]), Number(pair[1])];
}
