import type { OpName } from '../onnx/opTable';
import type { Scalar } from '../operation';
import type { Value } from '../tensor/value';

/** A hyperparameter's value as it stands in `param_groups`. */
export type HyperparameterValue = Scalar | string | readonly (Scalar | string)[] | null;

export type Hyperparameters = Readonly<Record<string, HyperparameterValue>>;

export interface HyperparameterRow {
  readonly name: string;
  readonly defaultValue: HyperparameterValue;
  /** Whether the constructor takes it by name only. */
  readonly keywordOnly?: boolean;
  /** Not a constructor's parameter, though it stands in the parameter groups. */
  readonly fixed?: boolean;
}

/** A tensor (or, for `step`, a count) that the optimizer keeps for each parameter. */
export interface StateSlot {
  /** PyTorch's key in `optimizer.state[p]`. */
  readonly name: string;
  /**
   * `zeros`: a tensor like the parameter, made at its first step. `gradient`: made by the first update itself.
   * `count`: a step counter. `filled`: made in the constructor, filled with a hyperparameter.
   */
  readonly initial: 'zeros' | 'gradient' | 'count' | { readonly filledWith: string };
  /** Whether this group's settings use the slot. */
  readonly used: (settings: Hyperparameters) => boolean;
}

/** What an update may consist of: small parameters take it together, as one vector, so that it is element by element. */
type UpdateOp = Extract<OpName, 'Add' | 'Div' | 'Max' | 'Mul' | 'Neg' | 'Sqrt' | 'Sub'>;

/** What an update works with. All values have one shape, scalars apart: that of a parameter, or of several in a row. */
export interface Update {
  readonly parameter: Value;
  readonly gradient: Value;
  /** A state tensor; null before a `gradient` slot's first update. */
  state(name: string): Value | null;
  setState(name: string, value: Value): void;
  /** The step count, this step included. */
  readonly step: number;
  /** base ^ step in float64, as the C library computes it. */
  powerOfStep(base: number): number;
  emit(op: UpdateOp, ...inputs: Value[]): Value;
  /** A number computed in float64 that enters the graph in the parameter's dtype, under a readable name. */
  number(name: string, value: number): Value;
}

/**
 * An optimizer: hyperparameters, state and one single-tensor update, from which validation, graphs, the panel's fields
 * and the formula come.
 */
export interface OptimizerRow {
  readonly name: string;
  /** In the order of the constructor's signature. */
  readonly hyperparameters: readonly HyperparameterRow[];
  /** The order of the keys in `param_groups`, where it differs from the signature's. */
  readonly groupOrder: readonly string[];
  readonly stateSlots: readonly StateSlot[];
  /** @throws PythonError ValueError in PyTorch's words */
  readonly validate: (settings: Hyperparameters) => void;
  /** Emits the update. @returns the parameter's new value */
  readonly update: (update: Update, settings: Hyperparameters) => Value;
  /**
   * The update as mathematics in the names of PyTorch's source, one assignment a line: what `explainStep` computes. `p`
   * is the parameter, `grad` its gradient, `t` the step count.
   * @param firstUpdate a state slot that starts as the gradient isn't there yet
   */
  readonly formula: (settings: Hyperparameters, firstUpdate: boolean) => readonly string[];
  /** What the formula calls a state slot, where not by its key. */
  readonly symbols: Readonly<Record<string, string>>;
}

/** A numeric setting. */
export function numberOf(settings: Hyperparameters, name: string): number {
  return Number(settings[name]);
}

export function isSet(settings: Hyperparameters, name: string): boolean {
  return Boolean(settings[name]);
}

export function betasOf(settings: Hyperparameters): [number, number] {
  const betas = settings['betas'] as readonly Scalar[];
  return [Number(betas[0]), Number(betas[1])];
}
