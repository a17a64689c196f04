import { precisePow } from '../../common/preciseMath';
import { isFloating, type DType } from '../../core/tensor/dtype';
import type { Interpreter } from '../objects/interpreter';
import type { PyValue } from '../objects/value';
import { broadcastPositions, broadcastShapes, promote, result, rounded, valuesOf, type Values } from './values';

/** How a function's type follows from its operands': theirs, a float, or bool. */
type Kind = 'same' | 'float' | 'bool';

function resultType(dtype: DType, kind: Kind): DType {
  if (kind === 'bool') return 'bool';
  return kind === 'float' && !isFloating(dtype) ? 'float64' : dtype;
}

/** Python's `%` of floats and ints: the sign of the divisor. */
function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** NumPy's rounding: halves to even. */
export function roundEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

type Binary = readonly [kind: Kind, apply: (a: number, b: number) => number];

/** Functions of two arrays, by NumPy's names. */
export const binaryFunctions: Readonly<Record<string, Binary>> = {
  add: ['same', (a, b) => a + b],
  subtract: ['same', (a, b) => a - b],
  multiply: ['same', (a, b) => a * b],
  divide: ['float', (a, b) => a / b],
  floor_divide: ['same', (a, b) => Math.floor(a / b)],
  mod: ['same', modulo],
  power: ['same', precisePow],
  maximum: ['same', (a, b) => Math.max(a, b)],
  minimum: ['same', (a, b) => Math.min(a, b)],
  arctan2: ['float', Math.atan2],
  equal: ['bool', (a, b) => Number(a === b)],
  not_equal: ['bool', (a, b) => Number(a !== b)],
  less: ['bool', (a, b) => Number(a < b)],
  less_equal: ['bool', (a, b) => Number(a <= b)],
  greater: ['bool', (a, b) => Number(a > b)],
  greater_equal: ['bool', (a, b) => Number(a >= b)],
  logical_and: ['bool', (a, b) => Number(a !== 0 && b !== 0)],
  logical_or: ['bool', (a, b) => Number(a !== 0 || b !== 0)],
};

type Unary = readonly [kind: Kind, apply: (a: number) => number];

/** Functions of one array, by NumPy's names. */
export const unaryFunctions: Readonly<Record<string, Unary>> = {
  negative: ['same', (a) => -a],
  abs: ['same', Math.abs],
  absolute: ['same', Math.abs],
  square: ['same', (a) => a * a],
  sign: ['same', Math.sign],
  sqrt: ['float', Math.sqrt],
  exp: ['float', Math.exp],
  log: ['float', Math.log],
  log2: ['float', Math.log2],
  log10: ['float', Math.log10],
  log1p: ['float', Math.log1p],
  expm1: ['float', Math.expm1],
  sin: ['float', Math.sin],
  cos: ['float', Math.cos],
  tan: ['float', Math.tan],
  arctan: ['float', Math.atan],
  sinh: ['float', Math.sinh],
  cosh: ['float', Math.cosh],
  tanh: ['float', Math.tanh],
  floor: ['float', Math.floor],
  ceil: ['float', Math.ceil],
  isnan: ['bool', (a) => Number(Number.isNaN(a))],
  isinf: ['bool', (a) => Number(a === Infinity || a === -Infinity)],
  isfinite: ['bool', (a) => Number(Number.isFinite(a))],
  logical_not: ['bool', (a) => Number(a === 0)],
};

/** A function of two arrays, laid over each other. */
export function combine(left: Values, right: Values, [kind, apply]: Binary): Omit<Values, 'weak'> {
  const shape = broadcastShapes(left.shape, right.shape);
  const own = promote(left, right);
  const dtype = resultType(own === 'bool' && kind === 'same' ? 'int64' : own, kind);
  const [from, other] = [broadcastPositions(left.shape, shape), broadcastPositions(right.shape, shape)];
  const [a, b] = [rounded(left.numbers, own), rounded(right.numbers, own)];
  const numbers = from.map((position, i) => apply(a[position]!, b[other[i]!]!));
  return { numbers: rounded(numbers, dtype), shape, dtype };
}

/** `name(left, right)` on objects of the script. */
export function binary(name: string, left: PyValue, right: PyValue, interpreter: Interpreter): PyValue {
  return result(
    combine(valuesOf(left, interpreter), valuesOf(right, interpreter), binaryFunctions[name]!),
    interpreter,
  );
}

/** `name(value)` on an object of the script. */
export function unary(name: string, value: PyValue, interpreter: Interpreter): PyValue {
  const { numbers, shape, dtype: own } = valuesOf(value, interpreter);
  const [kind, apply] = unaryFunctions[name]!;
  const dtype = resultType(own, kind);
  return result({ numbers: rounded(numbers.map(apply), dtype), shape, dtype }, interpreter);
}
