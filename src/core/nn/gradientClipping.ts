import type { OpName } from '../onnx/opTable';
import { elementCount } from '../tensor/dtype';
import { Tensor } from '../tensor/tensor';
import type { Tape } from '../tensor/tape';
import type { Value } from '../tensor/value';

const all = { keepdims: 0 };

function fullReduction(tape: Tape, op: OpName, value: Value): Value {
  return tape.emitOne(op, [value], all);
}

/** The p-norm of all elements, as a scalar. */
function norm(tape: Tape, value: Value, p: number): Value {
  if (p === Infinity) return fullReduction(tape, 'ReduceMax', tape.emitOne('Abs', [value]));
  if (p === 1) return fullReduction(tape, 'ReduceSum', tape.emitOne('Abs', [value]));
  if (p === 2) {
    const squares = tape.emitOne('Mul', [value, value]);
    return tape.emitOne('Sqrt', [fullReduction(tape, 'ReduceSum', squares)]);
  }
  const powers = tape.emitOne('Pow', [tape.emitOne('Abs', [value]), tape.scalar(p, value.dtype)]);
  return tape.emitOne('Pow', [fullReduction(tape, 'ReduceSum', powers), tape.scalar(1 / p, value.dtype)]);
}

/** The norm of the norms of the gradients (torch/nn/utils/clip_grad.py, `_get_total_norm`). */
export function totalNorm(gradients: readonly Tensor[], p: number): Tensor {
  const { tape } = gradients[0]!;
  const norms = gradients.map((gradient) => tape.emitOne('Reshape', [norm(tape, gradient.value, p), tape.ints([1])]));
  const joined = norms.length === 1 ? norms[0]! : tape.emitOne('Concat', norms, { axis: 0 });
  return new Tensor(tape, norm(tape, joined, p));
}

/** Scales the gradients in place so that their norm is at most `maximum` (`_clip_grads_with_norm_`). */
export function scaleToNorm(gradients: readonly Tensor[], maximum: number, total: Tensor): void {
  const { tape, dtype } = total;
  const shifted = tape.emitOne('Add', [total.value, tape.scalar(1e-6, dtype)]);
  const factor = tape.emitOne('Div', [tape.feedScalar(maximum, dtype), shifted]);
  const limited = tape.emitOne('Min', [factor, tape.scalar(1, dtype)]);
  for (const gradient of gradients) gradient.overwrite(tape.emitOne('Mul', [gradient.value, limited]));
}

/** `clip_grad_value_`: limits every element in place. */
export function limitElements(gradients: readonly Tensor[], limit: number): void {
  for (const gradient of gradients) {
    const { tape, dtype } = gradient;
    const [low, high] = [tape.feedScalar(-limit, dtype), tape.feedScalar(limit, dtype)];
    gradient.overwrite(tape.emitOne('Clip', [gradient.value, low, high]));
  }
}

/** Writes consecutive pieces of a vector into tensors. */
export function vectorToTensors(vector: Tensor, targets: readonly Tensor[]): void {
  const { tape } = vector;
  let start = 0;
  for (const target of targets) {
    const count = elementCount(target.shape);
    const piece = tape.emitOne('Slice', [
      vector.value,
      tape.ints([start]),
      tape.ints([start + count]),
      tape.ints([0]),
      tape.ints([1]),
    ]);
    target.overwrite(tape.emitOne('Reshape', [piece, tape.ints(target.shape)], { allowzero: 1 }));
    start += count;
  }
}
