import { backward } from '../../src/core/autodiff/buildBackward';
import type { HyperparameterValue, OptimizerRow } from '../../src/core/optim/optimizerRow';
import { initializeState, stepParameters, type ParameterState } from '../../src/core/optim/parameterStep';
import type { DType } from '../../src/core/tensor/dtype';
import { dataFromNumbers } from '../../src/core/tensor/dtype';
import { Tape } from '../../src/core/tensor/tape';
import { apply, Tensor } from '../../src/core/tensor/tensor';
import { OrtRuntime } from '../../src/runtime/ortRuntime';

export type Settings = Record<string, HyperparameterValue>;

/** The row's defaults with the given settings laid over them. */
export function settingsFor(row: OptimizerRow, given: Settings): Settings {
  return { ...Object.fromEntries(row.hyperparameters.map(({ name, defaultValue }) => [name, defaultValue])), ...given };
}

/** A small network trained by one optimizer on ONNX Runtime, in the way the engine does it. */
export class OptimizerRun {
  private readonly tape = new Tape(new OrtRuntime({ device: 'cpu', threads: 1 }));
  private readonly parameters: readonly Tensor[];
  private readonly states = new Map<Tensor, Map<string, Tensor>>();
  private readonly input: Tensor;

  /** @param init the parameters' elements one after the other: Linear(2, 3), Linear(3, 1) */
  constructor(
    private readonly row: OptimizerRow,
    private readonly settings: Settings,
    init: readonly number[],
    input: readonly (readonly number[])[],
    dtype: DType = 'float32',
  ) {
    this.tape.mode = 'running';
    const shapes = [[3, 2], [3], [1, 3], [1]];
    let offset = 0;
    this.parameters = shapes.map((shape) => {
      const count = shape.reduce((product, size) => product * size, 1);
      const data = dataFromNumbers(init.slice(offset, offset + count), dtype);
      offset += count;
      const tensor = Tensor.fromData(this.tape, data, shape, dtype);
      tensor.setRequiresGrad(true);
      initializeState(this.tape, row, settings, tensor, this.stateOf(tensor));
      return tensor;
    });
    this.input = Tensor.fromData(this.tape, dataFromNumbers(input.flat(), dtype), [input.length, 2], dtype);
  }

  step(): void {
    const [w1, b1, w2, b2] = this.parameters as [Tensor, Tensor, Tensor, Tensor];
    for (const parameter of this.parameters) parameter.grad = null;
    const hidden = apply(this.tape, 'Sigmoid', [apply(this.tape, 'Gemm', [this.input, w1, b1], { transB: 1 })]);
    const output = apply(this.tape, 'Sigmoid', [apply(this.tape, 'Gemm', [hidden, w2, b2], { transB: 1 })]);
    backward(apply(this.tape, 'ReduceSum', [output], { keepdims: 0 }));
    const stepped = this.parameters.map((parameter) => ({ parameter, state: this.stateOf(parameter) }));
    stepParameters(this.tape, this.row, this.settings, stepped);
    this.tape.flush('step');
  }

  values(): number[] {
    return this.parameters.flatMap((parameter) => Array.from(parameter.data as Float32Array));
  }

  gradients(): number[] {
    return this.parameters.flatMap(({ grad }) => Array.from(grad!.data as Float32Array));
  }

  /** The state's slots of each element, in the order of `values`. */
  state(): Record<string, number>[] {
    return this.parameters.flatMap((parameter) => {
      const slots = [...this.stateOf(parameter)].map(([name, { data }]) => [name, data] as const);
      return Array.from({ length: parameter.data.length }, (_, i) =>
        Object.fromEntries(slots.map(([name, data]) => [name, Number(data[data.length === 1 ? 0 : i])])),
      );
    });
  }

  get compiledGraphs(): number {
    return this.tape.graphs.compiledGraphs;
  }

  private stateOf(tensor: Tensor): ParameterState & Map<string, Tensor> {
    let state = this.states.get(tensor);
    if (!state) {
      state = new Map();
      this.states.set(tensor, state);
    }
    return state;
  }
}
