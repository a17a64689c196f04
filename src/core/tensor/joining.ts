import type { Tape } from './tape';
import { dtypeTable, elementCount, type Shape, type TensorData } from './dtype';
import { concreteValue, readDeferred, Value } from './value';

/**
 * The elements of values one after the other, in one vector. Where they lie next to each other already, nothing is
 * copied; values that haven't been computed get their elements from the vector once it has been.
 * @param values at least one, all of one dtype
 * @returns shape [the number of all their elements]
 */
export function joined(tape: Tape, values: readonly Value[]): Value {
  const whole = stretchedOver(values);
  if (whole) return whole;
  if (values.every(({ data }) => data !== null)) return joinedData(values);
  const flat = values.map((value) =>
    value.shape.length === 1 ? value : tape.emitOne('Reshape', [value, tape.ints([elementCount(value.shape)])]),
  );
  const vector = tape.emitOne('Concat', flat, { axis: 0 });
  let offset = 0;
  for (const value of values) {
    if (value.data === null && value.stretch === null) addStretch(vector, value, offset);
    offset += elementCount(value.shape);
  }
  return vector;
}

/**
 * What `joined` has put together, apart again: the values need no nodes of their own unless a graph needs one of them
 * before it has been computed.
 */
export function apart(vector: Value, shapes: readonly Shape[]): Value[] {
  let offset = 0;
  return shapes.map((shape) => {
    const begin = offset;
    offset += elementCount(shape);
    if (vector.data !== null) return concreteValue(vector.data.subarray(begin, offset), shape, vector.dtype);
    const value = new Value(vector.dtype, shape);
    addStretch(vector, value, begin);
    return value;
  });
}

/**
 * For a value that the script may keep for long. Parts of a vector lie in its memory, and would keep all of it: this one
 * gets, or will get, elements of its own.
 */
export function giveOwnMemory(value: Value): void {
  value.ownMemory = true;
  readDeferred(value);
  const { data } = value;
  if (data && data.byteLength < data.buffer.byteLength) value.data = data.slice();
}

function addStretch(vector: Value, value: Value, offset: number): void {
  // Whoever fetches the vector has the value as well.
  if (value.keep) {
    vector.deferrable = value.deferrable && (vector.deferrable || !vector.keep);
    vector.keep = true;
  }
  value.keep = false;
  value.stretch = { vector, offset };
  (vector.stretches ??= []).push(value);
}

/** The vector that is made up of just these values; null where there is none. */
function stretchedOver(values: readonly Value[]): Value | null {
  const vector = values[0]!.stretch?.vector;
  if (!vector) return null;
  let offset = 0;
  for (const { stretch, shape } of values) {
    if (stretch?.vector !== vector || stretch.offset !== offset) return null;
    offset += elementCount(shape);
  }
  return offset === vector.shape[0] ? vector : null;
}

function joinedData(values: readonly Value[]): Value {
  const { dtype } = values[0]!;
  const arrays = values.map(({ data }) => data!);
  const count = arrays.reduce((sum, { length }) => sum + length, 0);
  const data = adjacent(arrays, count) ?? copied(arrays, dtypeTable[dtype].allocate(count));
  const vector = concreteValue(data, [count], dtype);
  vector.persistent = values.every(({ persistent }) => persistent);
  return vector;
}

/** All the elements in the memory that they lie in already; null where they don't follow each other. */
function adjacent(arrays: readonly TensorData[], count: number): TensorData | null {
  const { buffer, byteOffset } = arrays[0]!;
  let end = byteOffset;
  for (const array of arrays) {
    if (array.buffer !== buffer || array.byteOffset !== end) return null;
    end += array.byteLength;
  }
  const Elements = arrays[0]!.constructor as new (buffer: ArrayBufferLike, offset: number, count: number) => TensorData;
  return new Elements(buffer, byteOffset, count);
}

function copied(arrays: readonly TensorData[], target: TensorData): TensorData {
  let offset = 0;
  for (const array of arrays) {
    (target as Float32Array).set(array as Float32Array, offset);
    offset += array.length;
  }
  return target;
}

/** A vector has been fetched: its stretches have their elements. */
export function fillStretches(vector: Value, data: TensorData): void {
  for (const value of vector.stretches ?? []) {
    const { offset } = value.stretch!;
    const end = offset + elementCount(value.shape);
    value.data ??= value.ownMemory ? data.slice(offset, end) : data.subarray(offset, end);
    value.node = null;
    value.unfetched = null;
    value.stretch = null;
  }
  vector.stretches = null;
}
