import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backward } from '../../../src/core/autodiff/buildBackward';
import type { OperationContext } from '../../../src/core/operation';
import { Generator } from '../../../src/core/random/generator';
import { dataFromNumbers } from '../../../src/core/tensor/dtype';
import { getItem, setItem, type IndexItem } from '../../../src/core/tensor/operations/advancedIndexing';
import { add, multiply, power } from '../../../src/core/tensor/operations/arithmetic';
import { storeInPlace } from '../../../src/core/tensor/operations/inPlace';
import { mean, sum } from '../../../src/core/tensor/operations/reductions';
import { tensorOperations } from '../../../src/core/tensor/operations/tensorOperations';
import { Tape } from '../../../src/core/tensor/tape';
import { applyAll, Tensor } from '../../../src/core/tensor/tensor';
import { OrtRuntime } from '../../../src/runtime/ortRuntime';

const runtime = new OrtRuntime({ device: 'cpu', threads: 1 });

function newContext(): OperationContext {
  return { tape: new Tape(runtime), generator: new Generator(0), defaultDtype: 'float32', warn: () => undefined };
}

function vector(context: OperationContext, numbers: readonly number[]): Tensor {
  return Tensor.fromData(context.tape, dataFromNumbers(numbers, 'float32'), [numbers.length], 'float32');
}

const integer = (index: number): IndexItem => ({ kind: 'integer', index });
const slice = (start: number, stop: number): IndexItem => ({ kind: 'slice', start, stop, step: 1 });

test('numbers, indices and slice bounds that change from step to step need no new graph', () => {
  const context = newContext();
  const x = vector(context, [1, 2, 3, 4, 5, 6]);
  const step = (i: number): number => {
    const part = getItem(x, [slice(i, i + 3)]);
    const scaled = add(multiply(part, 0.5 + i, context), i, context);
    const picked = multiply(sum(scaled), getItem(x, [integer(i)]), context);
    return Number(power(picked, BigInt(i + 1), context).data[0]);
  };
  assert.deepEqual([step(0), step(1)], [3, (4.5 * 3 + 3) ** 2 * 4]);
  const compiled = context.tape.graphs.compiledGraphs;
  step(2);
  step(3);
  assert.equal(context.tape.graphs.compiledGraphs, compiled);
});

test('a training loop compiles nothing from its second iteration on', () => {
  const context = newContext();
  const { tape } = context;
  const w = vector(context, [0.5, -0.25, 2]);
  w.setRequiresGrad(true);
  const losses: number[] = [];
  const compiled: number[] = [];
  for (let i = 0; i < 4; i++) {
    const input = vector(context, [i, 1, 2]);
    const loss = mean(power(add(multiply(w, input, context), -1n, context), 2n, context));
    w.grad = null;
    backward(loss);
    tape.withoutGrad(() => storeInPlace(w, add(w, w.grad!, context, -0.1), 'add'));
    losses.push(Number(loss.data[0]));
    assert.ok(w.data.length === 3);
    compiled.push(tape.graphs.compiledGraphs);
  }
  assert.equal(compiled[3], compiled[1]);
  assert.ok(losses[0]! > losses[3]!);
});

test('what led to a number that the script reads half-way is not computed again in later iterations', () => {
  const context = newContext();
  const { tape } = context;
  tape.mode = 'running';
  const w = vector(context, [0.5, -0.25, 2]);
  w.setRequiresGrad(true);
  const operators: string[][] = [];
  tape.graphs.listener = ({ nodes }) => operators.push(nodes.map(({ op }) => op));
  for (let i = 0; i < 4; i++) {
    const loss = sum(applyAll(tape, 'Exp', [multiply(w, vector(context, [i, 1, 2]), context)])[0]!);
    assert.ok(Number(loss.data[0]) > 0);
    w.grad = null;
    backward(loss);
    tape.withoutGrad(() => storeInPlace(w, add(w, w.grad!, context, -0.1), 'add'));
    tape.flush('iteration');
  }
  const [firstRead, firstFlush, laterRead, laterFlush] = operators as [string[], string[], string[], string[]];
  assert.equal(operators.length, 4);
  assert.ok(firstRead.includes('Exp') && firstFlush.includes('Exp'));
  assert.ok(laterRead.includes('Exp') && !laterFlush.includes('Exp'), laterFlush.join());
});

test('a write through a view of a view reaches the base, and the base shows in the views', () => {
  const context = newContext();
  const base = Tensor.fromData(context.tape, dataFromNumbers([0, 1, 2, 3, 4, 5], 'float32'), [2, 3], 'float32');
  const row = getItem(base, [integer(1)]);
  const tail = getItem(row, [slice(1, 3)]);
  setItem(tail, [integer(0)], 40);
  assert.deepEqual([...base.data], [0, 1, 2, 3, 40, 5]);
  setItem(base, [{ kind: 'ellipsis' }, integer(2)], 7n);
  assert.deepEqual([...tail.data], [40, 7]);
  assert.deepEqual([...row.data], [3, 40, 7]);
});

test('every in-place form has the operation that it stores', () => {
  const stored = tensorOperations.filter((row) => row.inPlace);
  assert.ok(stored.length > 40);
  for (const row of stored) {
    const [first] = Object.values(row.parameters);
    assert.ok(row.method && (first?.kind === 'tensor' || first?.kind === 'operand'), row.name);
  }
});
