import { PythonError } from '../../common/errors';
import { elementCount, isFloating, type DType } from '../../core/tensor/dtype';
import type { Arguments } from '../objects/arguments';
import { PyModule } from '../objects/functions';
import { floatClass, intClass } from '../objects/coreClasses';
import type { Interpreter, ModuleRow } from '../objects/interpreter';
import { nativeFunction } from '../objects/native';
import type { PyValue } from '../objects/value';
import { sequenceItems } from '../torch/argumentKinds';
import { dtypeNames } from '../torch/dtypes';
import { NdArray, ndArrayClass } from '../torch/ndArray';
import { asType, clip, reshape, round, transpose } from './arrayMembers';
import { binary, binaryFunctions, unary, unaryFunctions } from './elementwise';
import { numpyRandomModule } from './randomState';
import { reduce, reductions } from './reductions';
import {
  broadcastPositions,
  broadcastShapes,
  dtypeOf,
  makeArray,
  normalAxis,
  promote,
  result,
  valuesOf,
  type Values,
} from './values';

function shapeOf(value: PyValue): number[] {
  return (sequenceItems(value) ?? [value]).map(Number);
}

function filled(name: string, signature: string, fill: (args: Arguments) => number): PyValue {
  return nativeFunction(name, signature, (args, interpreter) => {
    const shape = shapeOf(args.value('shape'));
    const dtype = dtypeOf(args.value('dtype')) ?? 'float64';
    return makeArray({ numbers: Array<number>(elementCount(shape)).fill(fill(args)), shape, dtype }, interpreter);
  });
}

function filledLike(name: string, level: number): PyValue {
  return nativeFunction(name, 'a, dtype=None', (args, interpreter) => {
    const { numbers, shape, dtype } = valuesOf(args.value('a'), interpreter);
    const type = dtypeOf(args.value('dtype')) ?? dtype;
    return makeArray({ numbers: numbers.map(() => level), shape, dtype: type }, interpreter);
  });
}

function convertTo(name: string): PyValue {
  return nativeFunction(name, 'object, dtype=None, copy=None', (args, interpreter) => {
    const object = args.value('object');
    const dtype = dtypeOf(args.value('dtype'));
    if (name !== 'array' && object instanceof NdArray && (dtype === null || dtype === object.tensor.dtype))
      return object;
    const values = valuesOf(object, interpreter);
    return makeArray({ ...values, dtype: dtype ?? values.dtype }, interpreter);
  });
}

/** `start, stop, step`, or `stop` alone, as range counts. */
const arange = nativeFunction('arange', 'start, stop=None, step=None, dtype=None', (args, interpreter) => {
  const given = [args.value('start'), args.value('stop'), args.value('step')];
  const [first, second] = args.isNone('stop') ? [0, args.float('start')] : [args.float('start'), args.float('stop')];
  const step = args.isNone('step') ? 1 : args.float('step');
  const length = Math.max(0, Math.ceil((second - first) / step));
  const dtype = dtypeOf(args.value('dtype')) ?? (given.some((one) => typeof one === 'number') ? 'float64' : 'int64');
  return makeArray(
    { numbers: Array.from({ length }, (_, i) => first + i * step), shape: [length], dtype },
    interpreter,
  );
});

const linspace = nativeFunction('linspace', 'start, stop, num=50, endpoint=True, dtype=None', (args, interpreter) => {
  const [start, stop, count] = [args.float('start'), args.float('stop'), args.index('num')];
  const parts = args.bool('endpoint') ? count - 1 : count;
  const step = (stop - start) / parts;
  const numbers = Array.from({ length: count }, (_, i) => (i === 0 ? start : i * step + start));
  if (args.bool('endpoint') && count > 1) numbers[count - 1] = stop;
  return makeArray({ numbers, shape: [count], dtype: dtypeOf(args.value('dtype')) ?? 'float64' }, interpreter);
});

const eye = nativeFunction('eye', 'N, M=None, dtype=None', (args, interpreter) => {
  const rows = args.index('N');
  const columns = args.optional('M', 'index') ?? rows;
  const numbers = Array.from({ length: rows * columns }, (_, at) => Number(Math.floor(at / columns) === at % columns));
  return makeArray({ numbers, shape: [rows, columns], dtype: dtypeOf(args.value('dtype')) ?? 'float64' }, interpreter);
});

function commonType(parts: readonly Values[]): DType {
  return parts.reduce((left, right) => ({ ...left, dtype: promote(left, right) })).dtype;
}

/** Arrays one after the other along an axis that they have. */
function concatenate(parts: readonly Values[], axis: number, interpreter: Interpreter): PyValue {
  const first = parts[0];
  if (first === undefined) throw new PythonError('ValueError', 'need at least one array to concatenate');
  const at = normalAxis(axis, first.shape.length);
  if (
    parts.some(
      (part) =>
        part.shape.length !== first.shape.length || part.shape.some((size, i) => i !== at && size !== first.shape[i]),
    )
  ) {
    throw new PythonError(
      'ValueError',
      'all the input array dimensions except for the concatenation axis must match exactly',
    );
  }
  const outer = elementCount(first.shape.slice(0, at));
  const numbers: number[] = [];
  for (let row = 0; row < outer; row++) {
    for (const part of parts) {
      const size = elementCount(part.shape.slice(at));
      numbers.push(...part.numbers.slice(row * size, (row + 1) * size));
    }
  }
  const total = parts.reduce((sum, part) => sum + part.shape[at]!, 0);
  const shape = first.shape.map((size, i) => (i === at ? total : size));
  return makeArray({ numbers, shape, dtype: commonType(parts) }, interpreter);
}

function partsOf(args: Arguments, interpreter: Interpreter): Values[] {
  return interpreter.list(args.value('arrays')).map((item) => ({ ...valuesOf(item, interpreter), weak: false }));
}

function stacked(parts: readonly Values[], axis: number, interpreter: Interpreter): PyValue {
  const at = axis < 0 ? axis + (parts[0]?.shape.length ?? 0) + 1 : axis;
  const widened = parts.map((part) => ({ ...part, shape: [...part.shape.slice(0, at), 1, ...part.shape.slice(at)] }));
  return concatenate(widened, at, interpreter);
}

/** Products of vectors and matrices. */
const matmul = nativeFunction('dot', 'a, b', (args, interpreter) => {
  const [left, right] = [valuesOf(args.value('a'), interpreter), valuesOf(args.value('b'), interpreter)];
  if (left.shape.length > 2 || right.shape.length > 2 || left.shape.length * right.shape.length === 0) {
    throw new PythonError('NotImplementedError', "Gradstep's NumPy multiplies vectors and matrices only");
  }
  const [rows, inner] = left.shape.length === 2 ? left.shape : [1, left.shape[0]];
  const [depth, columns] = right.shape.length === 2 ? right.shape : [right.shape[0], 1];
  if (inner !== depth) throw new PythonError('ValueError', `shapes not aligned: ${inner} != ${depth}`);
  const numbers = Array.from({ length: rows! * columns! }, (_, at) => {
    const [row, column] = [Math.floor(at / columns!), at % columns!];
    let sum = 0;
    for (let i = 0; i < inner!; i++) sum += left.numbers[row * inner! + i]! * right.numbers[i * columns! + column]!;
    return sum;
  });
  const shape = [...left.shape.slice(0, -1), ...(right.shape.length === 2 ? [columns!] : [])];
  return result({ numbers, shape, dtype: promote(left, right) }, interpreter);
});

const where = nativeFunction('where', 'condition, x, y', (args, interpreter) => {
  const [condition, x, y] = ['condition', 'x', 'y'].map((name) => valuesOf(args.value(name), interpreter));
  const shape = broadcastShapes(broadcastShapes(condition!.shape, x!.shape), y!.shape);
  const laid = ({ numbers, shape: own }: Values) => broadcastPositions(own, shape).map((at) => numbers[at]!);
  const [flags, left, right] = [laid(condition!), laid(x!), laid(y!)];
  const numbers = flags.map((flag, i) => (flag === 0 ? right[i]! : left[i]!));
  return result({ numbers, shape, dtype: promote(x!, y!) }, interpreter);
});

const members: Record<string, PyValue> = {
  ndarray: ndArrayClass,
  pi: Math.PI,
  e: Math.E,
  inf: Infinity,
  nan: NaN,
  newaxis: null,
  ...Object.fromEntries(
    ['float32', 'float64', 'int64', 'int32', 'int16', 'int8', 'uint8'].map((name) => [name, dtypeNames[name]!]),
  ),
  bool_: dtypeNames['bool']!,
  floating: floatClass,
  integer: intClass,
  array: convertTo('array'),
  asarray: convertTo('asarray'),
  ascontiguousarray: convertTo('ascontiguousarray'),
  zeros: filled('zeros', 'shape, dtype=None', () => 0),
  ones: filled('ones', 'shape, dtype=None', () => 1),
  empty: filled('empty', 'shape, dtype=None', () => 0),
  full: filled('full', 'shape, fill_value, dtype=None', (args) => args.float('fill_value')),
  zeros_like: filledLike('zeros_like', 0),
  ones_like: filledLike('ones_like', 1),
  arange,
  linspace,
  eye,
  dot: matmul,
  matmul,
  where,
  ...Object.fromEntries(
    Object.keys(binaryFunctions).map((name) => [
      name,
      nativeFunction(name, 'x1, x2', (args, interpreter) =>
        binary(name, args.value('x1'), args.value('x2'), interpreter),
      ),
    ]),
  ),
  ...Object.fromEntries(
    Object.keys(unaryFunctions).map((name) => [
      name,
      nativeFunction(name, 'x', (args, interpreter) => unary(name, args.value('x'), interpreter)),
    ]),
  ),
  ...Object.fromEntries(
    Object.keys(reductions).map((name) => [
      name,
      nativeFunction(name, 'a, axis=None, *, ddof=0, keepdims=False', (args, interpreter) => {
        const values = valuesOf(args.value('a'), interpreter);
        return reduce(name, values, args.value('axis'), args.bool('keepdims'), args.index('ddof'), interpreter);
      }),
    ]),
  ),
  reshape: nativeFunction('reshape', 'a, shape', (args, interpreter) =>
    reshape(args.value('a'), shapeOf(args.value('shape')), interpreter),
  ),
  transpose: nativeFunction('transpose', 'a, axes=None', (args, interpreter) =>
    transpose(args.value('a'), args.isNone('axes') ? null : shapeOf(args.value('axes')), interpreter),
  ),
  clip: nativeFunction('clip', 'a, a_min=None, a_max=None', (args, interpreter) =>
    clip(args.value('a'), args.value('a_min'), args.value('a_max'), interpreter),
  ),
  round: nativeFunction('round', 'a, decimals=0', (args, interpreter) =>
    round(args.value('a'), args.index('decimals'), interpreter),
  ),
  cumsum: nativeFunction('cumsum', 'a', (args, interpreter) => {
    const { numbers, dtype } = valuesOf(args.value('a'), interpreter);
    let sum = 0;
    const type = isFloating(dtype) ? dtype : 'int64';
    return makeArray(
      { numbers: numbers.map((one) => (sum += one)), shape: [numbers.length], dtype: type },
      interpreter,
    );
  }),
  sort: nativeFunction('sort', 'a', (args, interpreter) => {
    const values = valuesOf(args.value('a'), interpreter);
    if (values.shape.length !== 1)
      throw new PythonError('NotImplementedError', "Gradstep's numpy.sort sorts vectors only");
    return makeArray({ ...values, numbers: [...values.numbers].sort((a, b) => a - b) }, interpreter);
  }),
  unique: nativeFunction('unique', 'ar', (args, interpreter) => {
    const values = valuesOf(args.value('ar'), interpreter);
    const numbers = [...new Set(values.numbers)].sort((a, b) => a - b);
    return makeArray({ numbers, shape: [numbers.length], dtype: values.dtype }, interpreter);
  }),
  concatenate: nativeFunction('concatenate', 'arrays, axis=0', (args, interpreter) =>
    concatenate(partsOf(args, interpreter), args.index('axis'), interpreter),
  ),
  stack: nativeFunction('stack', 'arrays, axis=0', (args, interpreter) =>
    stacked(partsOf(args, interpreter), args.index('axis'), interpreter),
  ),
  vstack: nativeFunction('vstack', 'arrays', (args, interpreter) => {
    const rows = partsOf(args, interpreter).map((part) =>
      part.shape.length < 2 ? { ...part, shape: [1, part.numbers.length] } : part,
    );
    return concatenate(rows, 0, interpreter);
  }),
  allclose: nativeFunction('allclose', 'a, b, rtol=1e-05, atol=1e-08', (args, interpreter) => {
    const [left, right] = [args.value('a'), args.value('b')];
    const distance = unary('abs', binary('subtract', left, right, interpreter), interpreter);
    const scale = binary('multiply', unary('abs', right, interpreter), args.float('rtol'), interpreter);
    const close = binary('less_equal', distance, binary('add', scale, args.float('atol'), interpreter), interpreter);
    return valuesOf(close, interpreter).numbers.every((flag) => flag !== 0);
  }),
  array_equal: nativeFunction('array_equal', 'a1, a2', (args, interpreter) => {
    const [left, right] = [valuesOf(args.value('a1'), interpreter), valuesOf(args.value('a2'), interpreter)];
    return left.shape.join() === right.shape.join() && left.numbers.every((one, i) => one === right.numbers[i]);
  }),
  astype: nativeFunction('astype', 'x, dtype', (args, interpreter) =>
    asType(args.value('x'), args.value('dtype'), interpreter),
  ),
  set_printoptions: nativeFunction('set_printoptions', '*args, **kwargs', () => null),
};

/** As much of NumPy as training scripts need around the loop; what isn't here is refused by its name. */
export const numpyModules: readonly ModuleRow[] = [
  {
    name: 'numpy',
    build: () => {
      const module = new PyModule('numpy', members);
      module.missing = (name) => {
        if (name.startsWith('_') || name === 'random') return undefined;
        throw new PythonError('AttributeError', `module 'numpy' has no attribute '${name}'`, {
          hint: `Gradstep has a small part of NumPy: ${Object.keys(members).join(', ')}.`,
        });
      };
      return module;
    },
  },
  numpyRandomModule,
];
