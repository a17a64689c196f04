import type { Phase } from '../../common/phase';
import type { Tensor } from '../tensor/tensor';
import type { TapeNode, Value } from '../tensor/value';

/** What a training event is about, as far as its phase has it. */
export interface EventDetails {
  /** forward: the outermost module's output. */
  output?: Tensor;
  /** forward: the outermost module's inputs. */
  inputs?: readonly Tensor[];
  /** forward: each submodule's output, by its path, in the order of their calls. */
  layers?: readonly { path: string; type: string; output: Tensor; node: TapeNode | null }[];
  /** loss, backward: the loss. */
  loss?: Tensor;
  /** backward: the gradient of every forward node's first output. */
  gradients?: ReadonlyMap<TapeNode, Value>;
  /** loss: what the predictions were compared with. */
  target?: Tensor;
  /** zero_grad, step: the optimizer; scheduler_step: the scheduler. */
  subject?: object;
}

/** A layer that has just been called inside of a forward. */
export interface LayerCall {
  /** Inside its root, such as `features.0`; the class's name for a root of its own. */
  path: string;
  type: string;
  /** The line that made the layer, or that calls it where that isn't known; 1-based. */
  line: number;
  inputs: readonly Tensor[];
  output: Tensor;
  /** No function of the script lies between the call of the root and this one. */
  direct: boolean;
}

/** Takes the events of a training script as they happen. It may block: that is what stepping is. */
export interface Recorder {
  record(phase: Phase, details: EventDetails): void;
  /** A layer without layers of its own has been called: for a debugger. */
  layer?(call: LayerCall): void;
}
