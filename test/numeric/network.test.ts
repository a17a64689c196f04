import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backward } from '../../src/core/autodiff/buildBackward';
import { elementCount, numbersFromData } from '../../src/core/tensor/dtype';
import { Tape } from '../../src/core/tensor/tape';
import { apply, applyAll, Tensor } from '../../src/core/tensor/tensor';
import { runtime } from './gradientChecker';

/**
 * sum(grad[i] cos(i)) of weight, bias and head, by PyTorch 2.13.0 in float64 for
 * log_softmax(max_pool2d(relu(conv2d(x, w, b, padding=2)), 2).flatten(1) @ head.T, 1).mean().
 */
const expected = [9.8247120308293, 33.4081889755006, -1.9901951474321056];

function waves(tape: Tape, shape: readonly number[], frequency: number): Tensor {
  const data = Float32Array.from({ length: elementCount(shape) }, (_, i) => Math.sin(i * frequency));
  return Tensor.fromData(tape, data, shape, 'float32');
}

test('a convolutional network has the gradients of PyTorch, and one graph serves every iteration', () => {
  const tape = new Tape(runtime);
  const image = waves(tape, [4, 3, 8, 8], 0.37);
  const [weight, bias, head] = [waves(tape, [6, 3, 5, 5], 0.11), waves(tape, [6], 0.5), waves(tape, [10, 96], 0.05)];
  const parameters = [weight, bias, head];
  for (const parameter of parameters) parameter.setRequiresGrad(true);
  for (let iteration = 0; iteration < 2; iteration++) {
    for (const parameter of parameters) parameter.grad = null;
    const convolved = apply(tape, 'Conv', [image, weight, bias], { pads: [2, 2, 2, 2] });
    const active = apply(tape, 'Relu', [convolved]);
    const pooled = applyAll(tape, 'MaxPool', [active], { kernel_shape: [2, 2], strides: [2, 2] })[0]!;
    const flat = apply(tape, 'Reshape', [pooled, tape.ints([4, 96])]);
    const scores = apply(tape, 'LogSoftmax', [apply(tape, 'Gemm', [flat, head], { transB: 1 })], { axis: 1 });
    backward(apply(tape, 'ReduceMean', [scores], { keepdims: 0 }));
    tape.flush('backward');
    parameters.forEach((parameter, i) => {
      assert.deepEqual(parameter.grad!.shape, parameter.shape);
      const total = Array.from(numbersFromData(parameter.grad!.data)).reduce((sum, v, j) => sum + v * Math.cos(j), 0);
      assert.ok(Math.abs(total - expected[i]!) <= 1e-5 * 34, `${total} instead of ${expected[i]}`);
    });
  }
  assert.equal(tape.graphs.compiledGraphs, 1);
});
