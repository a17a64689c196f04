import { PythonError } from '../../common/errors';
import type { ArgumentKind, ArgumentTypes, Scalar } from '../../core/operation';
import type { Generator } from '../../core/random/generator';
import type { Tensor } from '../../core/tensor/tensor';
import { typeName, unwrap } from '../objects/arguments';
import { PyList, PyRange, PyTuple } from '../objects/containers';
import type { PyValue } from '../objects/value';
import { checkDevice, parseDevice, PyDevice } from './devices';
import { PyDtype } from './dtypes';
import { floatClass, intClass, boolClass } from '../objects/coreClasses';
import { PyGenerator } from './generatorClass';
import { PyTensor } from './tensorClass';
import type { TorchContext } from './torchContext';

/** Where an argument stands, for PyTorch's words about it. */
export interface ArgumentSite {
  functionName: string;
  parameter: string;
  /** 1-based; null when it was named. */
  position: number | null;
}

type Converter<T> = (value: PyValue, site: ArgumentSite, context: TorchContext) => T;

/** PyTorch's TypeError: `f(): argument 'p' (position 2) must be int, not str`. */
export function wrongType(site: ArgumentSite, expected: string, value: PyValue): PythonError {
  const position = site.position === null ? '' : ` (position ${site.position})`;
  return new PythonError(
    'TypeError',
    `${site.functionName}(): argument '${site.parameter}'${position} must be ${expected}, not ${typeName(value)}`,
  );
}

/** The items of a list, tuple or range; null for anything else. */
export function sequenceItems(value: PyValue): readonly PyValue[] | null {
  if (value instanceof PyList || value instanceof PyTuple) return value.items;
  if (value instanceof PyRange) {
    return Array.from({ length: Number(value.length) }, (_, i) => value.start + BigInt(i) * value.step);
  }
  return null;
}

/** The integer that a value stands for: an int, or an integer tensor of one element; null otherwise. */
export function integerOf(value: PyValue): number | null {
  const plain = unwrap(value);
  if (typeof plain === 'bigint') return Number(plain);
  if (plain instanceof PyTensor) {
    const { tensor } = plain;
    if (tensor.shape.length === 0 && (tensor.dtype.startsWith('int') || tensor.dtype === 'uint8')) {
      return Number(tensor.data[0]!);
    }
  }
  return null;
}

/** The Python number that a value stands for; null otherwise. */
export function scalarOf(value: PyValue): Scalar | null {
  const plain = unwrap(value);
  return typeof plain === 'bigint' || typeof plain === 'number' || typeof plain === 'boolean' ? plain : null;
}

/** The only element of a tensor, as Python's number. */
export function elementOf(tensor: Tensor, index = 0): Scalar {
  const element = tensor.data[index]!;
  if (typeof element === 'bigint') return element;
  if (tensor.dtype === 'bool') return element !== 0;
  return tensor.dtype.startsWith('float') ? element : BigInt(element);
}

function integers(value: PyValue, site: ArgumentSite): number[] {
  const items = sequenceItems(value);
  if (items === null) throw wrongType(site, 'tuple of ints', value);
  return items.map((item, i) => {
    const integer = integerOf(item);
    if (integer === null) {
      throw new PythonError(
        'TypeError',
        `${site.functionName}(): argument '${site.parameter}'${site.position === null ? '' : ` (position ${site.position})`} must be tuple of ints, but found element of type ${typeName(item)} at pos ${i}`,
      );
    }
    return integer;
  });
}

function intOrInts(value: PyValue, site: ArgumentSite): number[] {
  const integer = integerOf(value);
  return integer === null ? integers(value, site) : [integer];
}

/** A size; one that is written as separate ints has words of its own for what doesn't fit. */
function sizes(value: PyValue, site: ArgumentSite): number[] {
  const items = sequenceItems(value);
  const wrong = items?.findIndex((item) => integerOf(item) === null) ?? -1;
  if (items === null || wrong < 0) return intOrInts(value, site);
  throw new PythonError(
    'TypeError',
    `${site.functionName}(): argument '${site.parameter}' failed to unpack the object at pos ${wrong + 1} with error "type must be tuple of ints,but got ${typeName(items[wrong]!)}"`,
  );
}

function pairOf(value: PyValue, site: ArgumentSite): [number, number] {
  const found = intOrInts(value, site);
  if (found.length === 1) return [found[0]!, found[0]!];
  if (found.length === 2) return [found[0]!, found[1]!];
  throw new PythonError(
    'RuntimeError',
    `${site.functionName}(): argument '${site.parameter}' must have 1 or 2 values, but has ${found.length}`,
  );
}

/** How a Python value becomes each kind of argument. */
export const argumentConverters: { readonly [K in ArgumentKind]: Converter<ArgumentTypes[K]> } = {
  tensor: (value, site) => {
    if (value instanceof PyTensor) return value.tensor;
    throw wrongType(site, 'Tensor', value);
  },
  operand: (value, site) => {
    if (value instanceof PyTensor) return value.tensor;
    const scalar = scalarOf(value);
    if (scalar === null) throw wrongType(site, 'Tensor', value);
    return scalar;
  },
  tensors: (value, site) => {
    const items = sequenceItems(value);
    if (items === null) throw wrongType(site, 'tuple of Tensors', value);
    return items.map((item, i) => {
      if (item instanceof PyTensor) return item.tensor;
      throw new PythonError('TypeError', `expected Tensor as element ${i} in argument 0, but got ${typeName(item)}`);
    });
  },
  scalar: (value, site) => {
    const scalar =
      value instanceof PyTensor && value.tensor.shape.length === 0 ? elementOf(value.tensor) : scalarOf(value);
    if (scalar === null) throw wrongType(site, 'Number', value);
    return scalar;
  },
  int: (value, site) => {
    const integer = integerOf(value);
    if (integer === null) throw wrongType(site, 'int', value);
    return integer;
  },
  float: (value, site) => {
    const scalar =
      value instanceof PyTensor && value.tensor.shape.length === 0 ? elementOf(value.tensor) : scalarOf(value);
    if (scalar === null) throw wrongType(site, 'float', value);
    return Number(scalar);
  },
  bool: (value, site) => {
    if (typeof value === 'boolean') return value;
    throw wrongType(site, 'bool', value);
  },
  truth: (value, _site, { interpreter }) => interpreter.isTrue(value),
  string: (value, site) => {
    const text = unwrap(value);
    if (typeof text === 'string') return text;
    throw wrongType(site, 'str', value);
  },
  ints: intOrInts,
  intOrInts: (value, site) => integerOf(value) ?? integers(value, site),
  flagOrInts: (value, site) => (typeof value === 'boolean' ? value : intOrInts(value, site)),
  pair: pairOf,
  single: (value, site) => [intOrInts(value, site)[0]!],
  size: sizes,
  dtype: (value, site) => {
    if (value instanceof PyDtype) return value.required();
    if (value === floatClass) return 'float64';
    if (value === intClass) return 'int64';
    if (value === boolClass) return 'bool';
    throw wrongType(site, 'torch.dtype', value);
  },
  device: (value, site, context) => {
    const device = typeof value === 'string' ? parseDevice(value) : value;
    if (!(device instanceof PyDevice)) throw wrongType(site, 'torch.device', value);
    checkDevice(device, context);
    return device.text;
  },
  generator: (value, site): Generator => {
    if (value instanceof PyGenerator) return value.generator;
    throw wrongType(site, 'torch.Generator', value);
  },
  padding: (value, site) => {
    if (value === 'valid' || value === 'same') return value;
    if (typeof value === 'string') {
      throw new PythonError('ValueError', `Invalid padding string '${value}', should be one of {'valid', 'same'}`);
    }
    return pairOf(value, site);
  },
  any: (value) => value,
};
