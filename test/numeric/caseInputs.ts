import { elementCount, type DType, type Shape } from '../../src/core/tensor/dtype';
import { randomNumbers, type CaseInput } from './gradientChecker';

let seed = 1;

function floats(shape: Shape, transform: (value: number, index: number) => number): CaseInput {
  const values = randomNumbers(elementCount(shape), seed++).map((value, i) => Math.fround(transform(value, i)));
  return { dtype: 'float32', shape, values, constant: false };
}

/** Uniform in [-1, 1). */
export function uniform(...shape: number[]): CaseInput {
  return floats(shape, (value) => value);
}

/** At least 0.2 away from 0, of either sign. */
export function awayFromZero(...shape: number[]): CaseInput {
  return floats(shape, (value) => value + (value < 0 ? -0.2 : 0.2));
}

/** In [0.5, 1.5). */
export function positive(...shape: number[]): CaseInput {
  return floats(shape, (value) => 1 + value / 2);
}

/** All different by at least 0.01, in random order: no ties and no near ties. */
export function distinct(...shape: number[]): CaseInput {
  const count = elementCount(shape);
  const order = randomNumbers(count, seed++)
    .map((key, i) => ({ key, i }))
    .sort((a, b) => a.key - b.key);
  const values = new Array<number>(count);
  order.forEach(({ i }, rank) => (values[i] = Math.fround(0.0103 + (rank - Math.floor(count / 2)) * 0.0201)));
  return { dtype: 'float32', shape, values, constant: false };
}

/** Floats as they are. */
export function given(shape: Shape, values: readonly number[]): CaseInput {
  return { dtype: 'float32', shape, values: values.map(Math.fround), constant: false };
}

/** A constant int64 vector: axes, shapes, starts. */
export function ints(...values: number[]): CaseInput {
  return { dtype: 'int64', shape: [values.length], values, constant: true };
}

/** A constant scalar. */
export function scalar(value: number, dtype: DType = 'float32'): CaseInput {
  return { dtype, shape: [], values: [Math.fround(value)], constant: true };
}

/** Indices that are known only when the graph runs. */
export function indices(shape: Shape, values: readonly number[]): CaseInput {
  return { dtype: 'int64', shape, values, constant: false };
}

/** The same indices, embedded in the graph. */
export function knownIndices(shape: Shape, values: readonly number[]): CaseInput {
  return { ...indices(shape, values), constant: true };
}

export function bools(shape: Shape, values: readonly number[]): CaseInput {
  return { dtype: 'bool', shape, values, constant: false };
}
