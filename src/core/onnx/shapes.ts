import { GradstepError } from '../../common/errors';
import type { Shape, TensorData } from '../tensor/dtype';
import type { AttributeValues, InferenceInput } from './opRow';

export function shapeError(message: string): GradstepError {
  return new GradstepError(message, { code: 'onnx.shape', audience: 'maintainer' });
}

/** ONNX multidirectional broadcasting (the same rule as NumPy's and PyTorch's). */
export function broadcastShapes(...shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    const offset = rank - shape.length;
    for (let i = 0; i < shape.length; i++) {
      const dimension = shape[i]!;
      const current = result[offset + i]!;
      if (current === 1) result[offset + i] = dimension;
      else if (dimension !== 1 && dimension !== current) {
        throw shapeError(`shapes ${shapes.map((s) => `[${s.join(', ')}]`).join(' and ')} can't be broadcast together`);
      }
    }
  }
  return result;
}

/** A non-negative axis. */
export function normalizeAxis(axis: number, rank: number): number {
  const normalized = axis < 0 ? axis + rank : axis;
  if (normalized < 0 || normalized >= Math.max(rank, 1))
    throw shapeError(`axis ${axis} is out of range for rank ${rank}`);
  return normalized;
}

export function required(inputs: readonly (InferenceInput | null)[], index: number): InferenceInput {
  const input = inputs[index];
  if (!input) throw shapeError(`input ${index} is missing`);
  return input;
}

/** The integers of an input whose value decides a shape. */
export function knownIntegers(input: InferenceInput | null | undefined, what: string): readonly number[] | null {
  if (!input) return null;
  const { data } = input;
  if (!data) throw shapeError(`${what} must be known before the graph is built`);
  let integers = integersOf.get(data);
  if (!integers) {
    integers = Array.from(data as ArrayLike<number | bigint>, Number);
    integersOf.set(data, integers);
  }
  return integers;
}

/** The same constants are looked at in every iteration. */
const integersOf = new WeakMap<TensorData, readonly number[]>();

export function intAttribute(attributes: AttributeValues, name: string, fallback: number): number {
  const value = attributes[name];
  return typeof value === 'number' ? value : fallback;
}

export function intsAttribute(attributes: AttributeValues, name: string): readonly number[] | undefined {
  return attributes[name] as readonly number[] | undefined;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, i) => dimension === b[i]);
}
