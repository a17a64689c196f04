import { backward } from '../../../src/core/autodiff/buildBackward';
import { apply, Tensor } from '../../../src/core/tensor/tensor';
import { errorOf } from '../../../src/engine/engineErrors';
import type { ProgramFactory } from '../../../src/engine/programInterface';
import type { TrainingState } from '../../../src/core/training/trainingState';

/** A training loop without an interpreter: fits w * x to 3x, with plain gradient descent. Lines 1 to 5. */
export function lineProgram(steps: number): ProgramFactory {
  return ({ tape, recorder, host, onEpochEnd }) => {
    const weight = Tensor.fromData(tape, Float32Array.of(0.5), [1], 'float32');
    weight.isParameter = true;
    weight.name = 'w';
    weight.setRequiresGrad(true);
    let lr = 0.1;
    let line = 0;
    const state: TrainingState = {
      parameters: () => [['w', weight]],
      buffers: () => [],
      optimizers: () => [
        {
          name: 'optimizer',
          type: 'SGD',
          groups: [
            {
              parameters: [weight],
              hyperparameters: () => ({ lr }),
              setHyperparameter: (_name, value) => {
                lr = Number(value);
              },
            },
          ],
          state: () => [],
        },
      ],
      schedulers: () => [],
      accuracy: () => null,
      classNames: () => undefined,
      nameOf: () => undefined,
    };
    const run = (): void => {
      for (let step = 0; step < steps; step++) {
        const x = Tensor.fromData(tape, Float32Array.of(1, 2, step / 10), [3], 'float32');
        const target = Tensor.fromData(tape, Float32Array.of(3, 6, (3 * step) / 10), [3], 'float32');
        line = 1;
        const output = apply(tape, 'Mul', [x, weight]);
        recorder.record('forward', { output, inputs: [x] });
        line = 2;
        const difference = apply(tape, 'Sub', [output, target]);
        const loss = apply(tape, 'ReduceMean', [apply(tape, 'Mul', [difference, difference]), tape.ints([0])], {
          keepdims: 0,
        });
        recorder.record('loss', { loss, target });
        line = 3;
        weight.grad = null;
        recorder.record('zero_grad', {});
        line = 4;
        recorder.record('backward', { loss, gradients: backward(loss) });
        line = 5;
        tape.withoutGrad(() =>
          tape.inRole('optimizer', undefined, () => {
            const update = tape.emitOne('Mul', [weight.grad!.value, tape.feedScalar(lr, 'float32')]);
            weight.overwrite(tape.emitOne('Sub', [weight.value, update]));
          }),
        );
        recorder.record('step', {});
        if (step % 3 === 2) {
          host.print(`step ${step}\n`, 'stdout');
          onEpochEnd();
        }
      }
    };
    return { state, preflight: () => [], run, currentLine: () => line, describeError: errorOf };
  };
}
