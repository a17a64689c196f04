import { PythonError } from '../../common/errors';
import { dataFromNumbers, elementCount } from '../../core/tensor/dtype';
import { concreteValue } from '../../core/tensor/value';
import { PyTuple } from '../objects/containers';
import type { Interpreter } from '../objects/interpreter';
import { addMembers, type MethodRow } from '../objects/native';
import type { PyValue } from '../objects/value';
import { sequenceItems } from '../torch/argumentKinds';
import { ndArrayClass, type NdArray } from '../torch/ndArray';
import { binary, roundEven, unary } from './elementwise';
import { select } from './indexing';
import { reduce, reductions } from './reductions';
import { broadcastPositions, dtypeOf, makeArray, normalAxis, result, rounded, valuesOf } from './values';

/** The chosen part of an array: a view where NdArray has one (an int in front), else a copy. */
function getItem(self: NdArray, index: PyValue, interpreter: Interpreter): PyValue {
  if (typeof index === 'bigint') return self.at(Number(index));
  const { numbers, dtype } = valuesOf(self);
  const { positions, shape } = select(self.shape, index);
  return result({ numbers: positions.map((position) => numbers[position]!), shape, dtype }, interpreter);
}

/** Writes through to the tensor that the array shows. */
function setItem(self: NdArray, index: PyValue, value: PyValue, interpreter: Interpreter): void {
  const { tensor, offset } = self;
  const { positions, shape } = select(self.shape, index);
  const source = valuesOf(value, interpreter);
  const from = broadcastPositions(source.shape, shape);
  const data = tensor.data.slice();
  const numbers = dataFromNumbers(source.numbers, tensor.dtype);
  positions.forEach((position, i) => {
    data[offset + position] = numbers[from[i]!] as never;
  });
  tensor.overwrite(concreteValue(data, tensor.shape, tensor.dtype));
}

/** @throws PythonError in NumPy's words */
export function reshape(value: PyValue, size: readonly number[], interpreter: Interpreter): PyValue {
  const { numbers, dtype } = valuesOf(value, interpreter);
  const known = size.reduce((product, length) => (length < 0 ? product : product * length), 1);
  const shape = size.map((length) => (length < 0 ? numbers.length / known : length));
  if (elementCount(shape) !== numbers.length || !shape.every(Number.isInteger)) {
    throw new PythonError(
      'ValueError',
      `cannot reshape array of size ${numbers.length} into shape (${size.join(',')}${size.length === 1 ? ',' : ''})`,
    );
  }
  return makeArray({ numbers, shape, dtype }, interpreter);
}

/** Axes in another order; reversed when none is given. */
export function transpose(value: PyValue, order: readonly number[] | null, interpreter: Interpreter): PyValue {
  const { numbers, shape, dtype } = valuesOf(value, interpreter);
  const axes = order?.map((axis) => normalAxis(axis, shape.length)) ?? shape.map((_, i) => shape.length - 1 - i);
  const newShape = axes.map((axis) => shape[axis]!);
  let positions = [0];
  for (const axis of axes) {
    const stride = elementCount(shape.slice(axis + 1));
    positions = positions.flatMap((position) =>
      Array.from({ length: shape[axis]! }, (_, at) => position + at * stride),
    );
  }
  return makeArray({ numbers: positions.map((at) => numbers[at]!), shape: newShape, dtype }, interpreter);
}

/** Another element type; floats are cut off towards zero. */
export function asType(value: PyValue, dtype: PyValue, interpreter: Interpreter): PyValue {
  const { numbers, shape } = valuesOf(value, interpreter);
  return makeArray({ numbers, shape, dtype: dtypeOf(dtype) ?? 'float64' }, interpreter);
}

/** Numbers limited on both sides. */
export function clip(value: PyValue, least: PyValue, most: PyValue, interpreter: Interpreter): PyValue {
  const lower = least === null ? value : binary('maximum', value, least, interpreter);
  return most === null ? lower : binary('minimum', lower, most, interpreter);
}

/** Rounded to `decimals` places, halves to even. */
export function round(value: PyValue, decimals: number, interpreter: Interpreter): PyValue {
  const { numbers, shape, dtype } = valuesOf(value, interpreter);
  const scale = 10 ** decimals;
  return result(
    {
      numbers: rounded(
        numbers.map((one) => roundEven(one * scale) / scale),
        dtype,
      ),
      shape,
      dtype,
    },
    interpreter,
  );
}

/** Sizes written apart or as one sequence. */
function sizes(values: readonly PyValue[]): number[] {
  const items = values.length === 1 ? (sequenceItems(values[0]!) ?? values) : values;
  return items.map(Number);
}

type Rows = Record<string, MethodRow<NdArray>>;

/** Python's operators and the functions they are. */
const operators: readonly (readonly [dunder: string, name: string])[] = [
  ['add', 'add'],
  ['sub', 'subtract'],
  ['mul', 'multiply'],
  ['truediv', 'divide'],
  ['floordiv', 'floor_divide'],
  ['mod', 'mod'],
  ['pow', 'power'],
  ['and', 'logical_and'],
  ['or', 'logical_or'],
];

const comparisons: readonly (readonly [dunder: string, name: string])[] = [
  ['eq', 'equal'],
  ['ne', 'not_equal'],
  ['lt', 'less'],
  ['le', 'less_equal'],
  ['gt', 'greater'],
  ['ge', 'greater_equal'],
];

const operatorRows: Rows = Object.fromEntries([
  ...operators.flatMap(([dunder, name]): [string, MethodRow<NdArray>][] => [
    [`__${dunder}__`, ['other', (self, args, interpreter) => binary(name, self, args.value('other'), interpreter)]],
    [`__r${dunder}__`, ['other', (self, args, interpreter) => binary(name, args.value('other'), self, interpreter)]],
  ]),
  ...comparisons.map(([dunder, name]): [string, MethodRow<NdArray>] => [
    `__${dunder}__`,
    ['other', (self, args, interpreter) => binary(name, self, args.value('other'), interpreter)],
  ]),
]);

const reductionRows: Rows = Object.fromEntries(
  Object.keys(reductions).map((name): [string, MethodRow<NdArray>] => [
    name,
    [
      'axis=None, *, ddof=0, keepdims=False',
      (self, args, interpreter) =>
        reduce(name, valuesOf(self), args.value('axis'), args.bool('keepdims'), args.index('ddof'), interpreter),
    ],
  ]),
);

addMembers<NdArray>(ndArrayClass, {
  methods: {
    ...operatorRows,
    ...reductionRows,
    __neg__: ['', (self, _args, interpreter) => unary('negative', self, interpreter)],
    __abs__: ['', (self, _args, interpreter) => unary('abs', self, interpreter)],
    __invert__: ['', (self, _args, interpreter) => unary('logical_not', self, interpreter)],
    __bool__: [
      '',
      (self) => {
        if (elementCount(self.shape) !== 1) {
          throw new PythonError(
            'ValueError',
            'The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()',
          );
        }
        return Number(self.only()) !== 0;
      },
    ],
    __getitem__: ['index', (self, args, interpreter) => getItem(self, args.value('index'), interpreter)],
    __setitem__: [
      'index, value',
      (self, args, interpreter) => {
        setItem(self, args.value('index'), args.value('value'), interpreter);
      },
    ],
    reshape: ['*shape', (self, args, interpreter) => reshape(self, sizes(args.rest()), interpreter)],
    flatten: ["order='C'", (self, _args, interpreter) => reshape(self, [-1], interpreter)],
    ravel: ["order='C'", (self, _args, interpreter) => reshape(self, [-1], interpreter)],
    transpose: [
      '*axes',
      (self, args, interpreter) => transpose(self, args.rest().length === 0 ? null : sizes(args.rest()), interpreter),
    ],
    squeeze: [
      'axis=None',
      (self, _args, interpreter) =>
        reshape(
          self,
          self.shape.filter((size) => size !== 1),
          interpreter,
        ),
    ],
    astype: ['dtype, copy=True', (self, args, interpreter) => asType(self, args.value('dtype'), interpreter)],
    copy: ["order='C'", (self, _args, interpreter) => makeArray(valuesOf(self), interpreter)],
    clip: [
      'min=None, max=None',
      (self, args, interpreter) => clip(self, args.value('min'), args.value('max'), interpreter),
    ],
    round: ['decimals=0', (self, args, interpreter) => round(self, args.index('decimals'), interpreter)],
    fill: [
      'value',
      (self, args, interpreter) => {
        setItem(self, new PyTuple(), args.value('value'), interpreter);
      },
    ],
  },
  properties: {
    T: (self, interpreter) => transpose(self, null, interpreter),
  },
});
