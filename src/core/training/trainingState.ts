import type { HyperparameterValue } from '../../common/engineContract';
import type { Tensor } from '../tensor/tensor';

/** One parameter group of a live optimizer. */
export interface LiveGroup {
  readonly parameters: readonly Tensor[];
  /** Everything but `params`, in the optimizer's order. */
  hyperparameters(): Record<string, HyperparameterValue>;
  /** @throws PythonError as the optimizer's constructor would for a value out of range */
  setHyperparameter(name: string, value: HyperparameterValue): void;
}

/** A live optimizer of the script. */
export interface LiveOptimizer {
  /** The script's name for it. */
  readonly name: string;
  /** PyTorch's class, such as `SGD`. */
  readonly type: string;
  readonly groups: readonly LiveGroup[];
  /** The state's tensors of a parameter, by slot, such as `momentum_buffer`. */
  state(parameter: Tensor): Iterable<readonly [slot: string, tensor: Tensor]>;
}

/** What a session looks at after each event: the objects in the script's globals, in the order of their definition. */
export interface TrainingState {
  /** Every named parameter of the global modules; the first name wins. */
  parameters(): readonly (readonly [name: string, parameter: Tensor])[];
  buffers(): readonly (readonly [name: string, buffer: Tensor])[];
  optimizers(): readonly LiveOptimizer[];
  /** The script's name for a tensor that no module has; undefined when it is no global. */
  nameOf(tensor: Tensor): string | undefined;
}
