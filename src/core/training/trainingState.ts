import type { HyperparameterValue } from '../../common/engineContract';
import type { Schedule } from '../lrScheduler/schedule';
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
  /** The script's object: what an event's subject is compared with. */
  readonly object?: object;
  /** The state's tensors of a parameter, by slot, such as `momentum_buffer`. */
  state(parameter: Tensor): Iterable<readonly [slot: string, tensor: Tensor]>;
}

/** A live scheduler of the script. */
export interface LiveScheduler {
  /** The script's name for it. */
  readonly name: string;
  /** The script's name for the optimizer that it drives. */
  readonly optimizer: string;
  readonly schedule: Schedule;
}

/** What a session looks at after each event: the objects in the script's globals, in the order of their definition. */
export interface TrainingState {
  /** Every named parameter of the global modules; the first name wins. */
  parameters(): readonly (readonly [name: string, parameter: Tensor])[];
  buffers(): readonly (readonly [name: string, buffer: Tensor])[];
  optimizers(): readonly LiveOptimizer[];
  /** Those that drive one of the optimizers and are no part of another scheduler. */
  schedulers(): readonly LiveScheduler[];
  /** A number that the script holds under a name such as `accuracy`; null when there is none, or it isn't computed. */
  accuracy(): number | null;
  /** What the script's data set calls its classes, by index; undefined when no global data set names them. */
  classNames(): readonly string[] | undefined;
  /** The script's name for a tensor that no module has; undefined when it is no global. */
  nameOf(tensor: Tensor): string | undefined;
}
