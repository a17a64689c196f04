import { PythonError } from '../../common/errors';
import { elementCount, isFloating, type DType } from '../../core/tensor/dtype';
import { itemsOf } from '../torchvision/transforms/sizes';
import type { Interpreter } from '../objects/interpreter';
import type { PyValue } from '../objects/value';
import { normalAxis, result, rounded, type Values } from './values';

/** NumPy's pairwise sum of float64 numbers. */
export function pairwiseSum(numbers: readonly number[], start = 0, count = numbers.length): number {
  if (count < 8) {
    let sum = count === 0 ? 0 : -0;
    for (let i = 0; i < count; i++) sum += numbers[start + i]!;
    return sum;
  }
  if (count > 128) {
    const half = Math.floor(count / 2) - (Math.floor(count / 2) % 8);
    return pairwiseSum(numbers, start, half) + pairwiseSum(numbers, start + half, count - half);
  }
  const lanes = numbers.slice(start, start + 8);
  const whole = count - (count % 8);
  for (let i = 8; i < whole; i++) lanes[i % 8]! += numbers[start + i]!;
  let sum = lanes[0]! + lanes[1]! + (lanes[2]! + lanes[3]!) + (lanes[4]! + lanes[5]! + (lanes[6]! + lanes[7]!));
  for (let i = whole; i < count; i++) sum += numbers[start + i]!;
  return sum;
}

function mean(numbers: readonly number[]): number {
  return pairwiseSum(numbers) / numbers.length;
}

/** The mean of squared distances from the mean, `freedom` values counted less. */
function variance(numbers: readonly number[], freedom: number): number {
  const center = mean(numbers);
  return pairwiseSum(numbers.map((value) => (value - center) * (value - center))) / (numbers.length - freedom);
}

function extreme(name: string, numbers: readonly number[], better: (a: number, b: number) => boolean): number {
  if (numbers.length === 0) {
    throw new PythonError('ValueError', `attempt to get ${name} of an empty sequence`);
  }
  let best = 0;
  for (let i = 1; i < numbers.length; i++) {
    if (Number.isNaN(numbers[best])) break;
    if (better(numbers[i]!, numbers[best]!) || Number.isNaN(numbers[i])) best = i;
  }
  return best;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

type Kind = 'sum' | 'same' | 'float' | 'index' | 'bool';
type Reduction = readonly [kind: Kind, apply: (numbers: readonly number[], freedom: number) => number];

const greater = (a: number, b: number) => a > b;
const less = (a: number, b: number) => a < b;

/** Functions that take an axis away, by NumPy's names. */
export const reductions: Readonly<Record<string, Reduction>> = {
  sum: ['sum', (numbers) => pairwiseSum(numbers)],
  prod: ['sum', (numbers) => numbers.reduce((product, value) => product * value, 1)],
  mean: ['float', mean],
  median: ['float', median],
  std: ['float', (numbers, freedom) => Math.sqrt(variance(numbers, freedom))],
  var: ['float', variance],
  max: ['same', (numbers) => numbers[extreme('max', numbers, greater)]!],
  amax: ['same', (numbers) => numbers[extreme('max', numbers, greater)]!],
  min: ['same', (numbers) => numbers[extreme('min', numbers, less)]!],
  amin: ['same', (numbers) => numbers[extreme('min', numbers, less)]!],
  argmax: ['index', (numbers) => extreme('argmax', numbers, greater)],
  argmin: ['index', (numbers) => extreme('argmin', numbers, less)],
  any: ['bool', (numbers) => Number(numbers.some((value) => value !== 0))],
  all: ['bool', (numbers) => Number(numbers.every((value) => value !== 0))],
};

function resultType(dtype: DType, kind: Kind): DType {
  if (kind === 'bool') return 'bool';
  if (kind === 'index' || (kind === 'sum' && !isFloating(dtype))) return 'int64';
  return kind === 'float' && !isFloating(dtype) ? 'float64' : dtype;
}

/** The axes that `axis=` names; all of them for None. */
function axesOf(axis: PyValue, rank: number): number[] {
  if (axis === null) return Array.from({ length: rank }, (_, i) => i);
  return (itemsOf(axis) ?? [axis]).map((one) => normalAxis(Number(one), rank));
}

/** `name(values, axis, keepdims)`; float32 is added up in float64 and rounded once. */
export function reduce(
  name: string,
  values: Values,
  axis: PyValue,
  keepDimensions: boolean,
  freedom: number,
  interpreter: Interpreter,
): PyValue {
  const [kind, apply] = reductions[name]!;
  const { numbers, shape } = values;
  const axes = axesOf(axis, shape.length);
  const kept = shape.filter((_, i) => !axes.includes(i));
  const groups: number[][] = Array.from({ length: elementCount(kept) }, () => []);
  const strides = shape.map((_, i) =>
    axes.includes(i) ? 0 : elementCount(shape.slice(i + 1).filter((_size, j) => !axes.includes(i + 1 + j))),
  );
  const sizes = shape.map((_, i) => elementCount(shape.slice(i + 1)));
  numbers.forEach((value, position) => {
    let group = 0;
    for (let i = 0; i < shape.length; i++) group += (Math.floor(position / sizes[i]!) % shape[i]!) * strides[i]!;
    groups[group]!.push(value);
  });
  const dtype = resultType(values.dtype, kind);
  const reduced = groups.map((group) => apply(group, freedom));
  const finalShape = keepDimensions ? shape.map((size, i) => (axes.includes(i) ? 1 : size)) : kept;
  return result({ numbers: rounded(reduced, dtype), shape: finalShape, dtype }, interpreter);
}
