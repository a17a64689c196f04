import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apart, joined } from '../../../src/core/tensor/joining';
import { Tape } from '../../../src/core/tensor/tape';
import { concreteValue, type Value } from '../../../src/core/tensor/value';
import { OrtRuntime } from '../../../src/runtime/ortRuntime';

const runtime = new OrtRuntime({ device: 'cpu', threads: 1 });

function tapeInRunningMode(): Tape {
  const tape = new Tape(runtime);
  tape.mode = 'running';
  return tape;
}

function matrix(...elements: number[]): Value {
  return concreteValue(Float32Array.from(elements), [elements.length / 2, 2], 'float32');
}

function read(tape: Tape, value: Value): number[] {
  return Array.from(tape.read(value) as Float32Array);
}

test('values that are there are joined without a graph, and copied only where they lie apart', () => {
  const tape = tapeInRunningMode();
  const vector = joined(tape, [matrix(1, 2, 3, 4), matrix(5, 6)]);
  assert.deepEqual(vector.shape, [6]);
  assert.deepEqual(read(tape, vector), [1, 2, 3, 4, 5, 6]);
  const parts = apart(vector, [[2, 2], [2]]);
  assert.equal(parts[1]!.data!.buffer, vector.data!.buffer);
  assert.equal(joined(tape, parts).data!.buffer, vector.data!.buffer);
  assert.notEqual(joined(tape, [...parts].reverse()).data!.buffer, vector.data!.buffer);
  assert.deepEqual(read(tape, joined(tape, [...parts].reverse())), [5, 6, 1, 2, 3, 4]);
  assert.equal(tape.graphs.compiledGraphs, 0);
});

test('values that a graph makes come with the vector that they were joined in', () => {
  const tape = tapeInRunningMode();
  const doubled = [matrix(1, 2), matrix(3, 4, 5, 6)].map((value) => tape.emitOne('Add', [value, value]));
  doubled.forEach((value) => (value.keep = true));
  const vector = joined(tape, doubled);
  tape.flush('test');
  assert.deepEqual(
    doubled.map(({ data }) => Array.from(data as Float32Array)),
    [
      [2, 4],
      [6, 8, 10, 12],
    ],
  );
  assert.equal(doubled[0]!.data!.buffer, vector.data!.buffer);
  assert.equal(tape.graphs.compiledGraphs, 1);
});

test('a part can be read, used and joined again before its vector has been computed', () => {
  const tape = tapeInRunningMode();
  const shapes = [[1, 2], [3]];
  const vector = tape.emitOne('Neg', [concreteValue(Float32Array.of(1, 2, 3, 4, 5), [5], 'float32')]);
  const parts = apart(vector, shapes);
  assert.equal(joined(tape, parts), vector);
  const [first, second] = parts as [Value, Value];
  const used = tape.emitOne('Mul', [second, second]);
  const reversed = joined(tape, [second, first]);
  assert.deepEqual(read(tape, used), [9, 16, 25]);
  assert.equal(first.data, null);
  assert.deepEqual(read(tape, reversed), [-3, -4, -5, -1, -2]);
  assert.deepEqual(read(tape, first), [-1, -2]);
  const other = tape.emitOne('Neg', [concreteValue(Float32Array.of(7, 8, 9, 10, 11), [5], 'float32')]);
  assert.deepEqual(read(tape, apart(other, shapes)[1]!), [-9, -10, -11]);
});

test('a part of several is not taken for the whole', () => {
  const tape = tapeInRunningMode();
  const vector = tape.emitOne('Neg', [concreteValue(Float32Array.of(1, 2, 3), [3], 'float32')]);
  const parts = apart(vector, [[1], [2]]);
  assert.deepEqual(read(tape, joined(tape, [parts[0]!])), [-1]);
  assert.deepEqual(read(tape, joined(tape, [parts[1]!, parts[1]!])), [-2, -3, -2, -3]);
});
