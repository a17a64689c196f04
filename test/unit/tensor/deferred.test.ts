import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TensorData } from '../../../src/core/tensor/dtype';
import { apart, giveOwnMemory, joined } from '../../../src/core/tensor/joining';
import { Tape } from '../../../src/core/tensor/tape';
import { concreteValue, type Value } from '../../../src/core/tensor/value';
import { OrtRuntime } from '../../../src/runtime/ortRuntime';

const runtime = new OrtRuntime({ device: 'cpu', threads: 1 });
const shape = [2, 3];

/** A loop whose step uses gradients up: what waits is their doubles, made from fed numbers. */
class Loop {
  readonly tape = new Tape(runtime);
  private count = 0;

  constructor(private readonly extra = 1) {
    this.tape.mode = 'running';
  }

  /** @returns two gradients of an iteration, of (n, n, ...) and (2n, 2n, ...) in the n-th */
  iterate(defers = true): [Value, Value] {
    const { tape } = this;
    const number = tape.feedScalar(++this.count, 'float32');
    const unused = concreteValue(new Float32Array(this.extra), [this.extra], 'float32');
    const gradients = [1, 2].map((factor) => {
      const full = tape.emitOne('Expand', [number, tape.ints(shape)]);
      const gradient = tape.emitOne('Mul', [full, tape.scalar(factor, 'float32')]);
      gradient.keep = gradient.deferrable = true;
      return gradient;
    }) as [Value, Value];
    const updated = tape.emitOne('Neg', [joined(tape, gradients)]);
    const parameters = apart(updated, [shape, shape]);
    updated.keep = true;
    tape.emitOne('Neg', [unused]).keep = true;
    tape.flush('iteration', defers);
    assert.deepEqual(
      numbers(parameters[1]!),
      Array.from({ length: 6 }, () => -2 * this.count),
    );
    return gradients;
  }

  /** Until what can wait has been left out once. */
  warmUp(): [Value, Value] {
    for (;;) {
      const gradients = this.iterate();
      if (gradients[0].data === null) return gradients;
      assert.ok(this.count < 200, 'nothing is left out');
    }
  }

  get iterations(): number {
    return this.count;
  }
}

function numbers({ data }: { data: TensorData | null }): number[] {
  return Array.from(data as Float32Array);
}

const times = (count: number): number[] => Array.from({ length: 6 }, () => count);

test('a graph that runs often leaves out what can wait; who looks has it, and nothing changes', () => {
  const loop = new Loop();
  const [first, second] = loop.warmUp();
  const count = loop.iterations;
  assert.deepEqual([first.node, second.node], [null, null], 'the recipe stands for the nodes');
  const later = loop.iterate();
  assert.deepEqual(numbers({ data: loop.tape.look(second) }), times(2 * count));
  assert.deepEqual(numbers(first), times(count), 'all that a run left out comes together');
  assert.deepEqual(numbers({ data: loop.tape.look(later[0]) }), times(count + 1));
  const graphs = loop.tape.graphs.compiledGraphs;
  assert.equal(loop.iterate()[0].data, null);
  assert.equal(loop.tape.graphs.compiledGraphs, graphs);
});

test('what is wanted at once comes from the same graph as before', () => {
  const loop = new Loop();
  loop.warmUp();
  const graphs = loop.tape.graphs.compiledGraphs;
  assert.deepEqual(numbers(loop.iterate(false)[1]), times(2 * loop.iterations));
  assert.equal(loop.tape.graphs.compiledGraphs, graphs);
  assert.equal(loop.iterate()[1].data, null);
});

test('what a script reads is fetched from then on', () => {
  const loop = new Loop();
  const [first] = loop.warmUp();
  assert.deepEqual(numbers({ data: loop.tape.read(first) }), times(loop.iterations));
  assert.deepEqual(numbers(loop.iterate()[0]), times(loop.iterations));
});

test('what was left out can be used, and joined again, as if it were there', () => {
  const loop = new Loop();
  const { tape } = loop;
  const [first, second] = loop.warmUp();
  const count = loop.iterations;
  const sum = tape.emitOne('Add', [first, second]);
  const again = joined(tape, [first, second]);
  const negative = tape.emitOne('Neg', [again]);
  assert.deepEqual(numbers({ data: tape.read(sum) }), times(3 * count));
  assert.deepEqual(numbers({ data: tape.read(negative) }).slice(5, 7), [-count, -2 * count]);
  tape.flush('end');
  assert.equal(tape.pendingCount, 0);
});

test('a node that no graph has contained finds what a run has left out', () => {
  const tape = new Tape(runtime);
  tape.mode = 'running';
  for (let count = 1; count < 200; count++) {
    const gradient = tape.emitOne('Expand', [tape.feedScalar(count, 'float32'), tape.ints([64])]);
    gradient.keep = gradient.deferrable = true;
    tape.emitOne('Neg', [gradient]).keep = true;
    const observed = tape.emitOne('Abs', [gradient]);
    tape.flush('iteration', true);
    const isLeftOut = gradient.data === null;
    assert.equal(tape.read(observed)[0], count);
    if (isLeftOut) return;
  }
  assert.fail('nothing was left out');
});

test('what somebody keeps for long has elements of its own, not a recipe', () => {
  const loop = new Loop();
  const [first] = loop.warmUp();
  giveOwnMemory(first);
  assert.deepEqual(numbers(first), times(loop.iterations));
  assert.equal(first.data!.buffer.byteLength, first.data!.byteLength);
});

test('where the run was fed with more than it would save, all is fetched', () => {
  const loop = new Loop(100);
  for (let i = 0; i < 100; i++) assert.notEqual(loop.iterate()[0].data, null);
});

test('a recipe works after its graphs have been given back', () => {
  const loop = new Loop();
  const [first] = loop.warmUp();
  loop.tape.graphs.dispose();
  assert.deepEqual(numbers({ data: loop.tape.look(first) }), times(loop.iterations));
  assert.deepEqual(numbers(loop.iterate(false)[0]), times(loop.iterations));
});
