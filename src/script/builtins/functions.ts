import { PythonError } from '../../common/errors';
import { ascii } from '../interpreter/text';
import { roundFloat, roundToInt } from '../interpreter/floatText';
import { floorDivide, modulo } from '../interpreter/numbers';
import { typeName, unwrap } from '../objects/arguments';
import type { Arguments } from '../objects/arguments';
import { ellipsis, hashKey, notImplemented, PyDict, PyList, PyTuple } from '../objects/containers';
import * as core from '../objects/coreClasses';
import { exceptionClasses } from '../objects/exceptions';
import { NativeFunction, PyBoundMethod, PyFunction, PyModule, PyStaticMethod } from '../objects/functions';
import type { Interpreter } from '../objects/interpreter';

import { nativeFunction } from '../objects/native';
import type { PyValue } from '../objects/value';
import { PyClass, PyInstance, PyObject } from '../objects/value';
import { runtimeOf } from './access';
import { installTypes } from './installTypes';
import type { BuiltinRow } from './iterationFunctions';
import { iterationRows } from './iterationFunctions';
import { UnionType } from './unionType';

function isInstanceOf(interpreter: Interpreter, value: PyValue, type: PyValue, name: string): boolean {
  if (type instanceof PyTuple) return type.items.some((item) => isInstanceOf(interpreter, value, item, name));
  if (type instanceof UnionType) return type.members.some((item) => isInstanceOf(interpreter, value, item, name));
  if (type === null) return value === null;
  if (type instanceof PyClass) {
    const check = type.pyClass.lookup('__instancecheck__');
    if (check !== undefined) return interpreter.isTrue(interpreter.call(check, [type, value]));
    if (name === 'isinstance') return interpreter.isInstance(value, type);
    if (value instanceof PyClass) return value.isSubclassOf(type);
    throw new PythonError('TypeError', 'issubclass() arg 1 must be a class');
  }
  const text =
    name === 'isinstance' ? 'a type, a tuple of types, or a union' : 'a class, a tuple of classes, or a union';
  throw new PythonError('TypeError', `${name}() arg 2 must be ${text}`);
}

function round(args: Arguments, interpreter: Interpreter): PyValue {
  const value = unwrap(args.value('number'));
  const digits = args.optional('ndigits', 'index');
  if (typeof value === 'number') return digits === null ? roundToInt(value) : roundFloat(value, digits);
  if (typeof value === 'bigint' || typeof value === 'boolean') {
    const whole = BigInt(value);
    if (digits === null || digits >= 0) return whole;
    const unit = 10n ** BigInt(-digits);
    const floor = floorDivide(whole, unit) * unit;
    const twice = (whole - floor) * 2n;
    const up = twice > unit || (twice === unit && modulo(floor / unit, 2n) === 1n);
    return up ? floor + unit : floor;
  }
  const result = runtimeOf(interpreter).trySpecial(
    args.value('number'),
    '__round__',
    digits === null ? [] : [BigInt(digits)],
  );
  if (result === undefined) {
    throw new PythonError('TypeError', `type ${typeName(value)} doesn't define __round__ method`);
  }
  return result;
}

/** Which of the interpreter's own streams a file is. */
function standardStream(file: PyValue): 'stdout' | 'stderr' | null {
  if (!(file instanceof PyInstance)) return null;
  return file.native === 'stdout' || file.native === 'stderr' ? file.native : null;
}

function print(args: Arguments, interpreter: Interpreter): void {
  const separator = args.isNone('sep') ? ' ' : args.string('sep');
  const end = args.isNone('end') ? '\n' : args.string('end');
  const text =
    args
      .rest()
      .map((item) => interpreter.str(item))
      .join(separator) + end;
  const file = args.value('file');
  const stream = file === null ? 'stdout' : standardStream(file);
  if (stream === null) interpreter.callMethod(file, 'write', [text]);
  else interpreter.host.print(text, stream, end);
}

function baseText(prefix: string, radix: number): BuiltinRow {
  return [
    'number, /',
    (args) => {
      const value = args.int('number');
      return `${value < 0n ? '-' : ''}${prefix}${(value < 0n ? -value : value).toString(radix)}`;
    },
  ];
}

function power(args: Arguments, interpreter: Interpreter): PyValue {
  if (args.isNone('mod')) return interpreter.binary('**', args.value('base'), args.value('exp'));
  const modulus = args.int('mod');
  let exponent = args.int('exp');
  let base = modulo(args.int('base'), modulus);
  let result = modulo(1n, modulus);
  for (; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = modulo(result * base, modulus);
    base = modulo(base * base, modulus);
  }
  return result;
}

function hash(value: PyValue): bigint {
  const key = hashKey(value);
  if (typeof key === 'bigint') return key % 2305843009213693951n;
  if (key instanceof PyObject) return key.id >> 4n;
  let result = 7n;
  for (const character of String(key))
    result = BigInt.asIntN(61, result * 1000003n + BigInt(character.codePointAt(0)!));
  return result;
}

function refused(name: string, why: string): BuiltinRow {
  return [
    '*args, **kwargs',
    () => {
      throw new PythonError('RuntimeError', `${name}() is not available in Gradstep: ${why}`);
    },
  ];
}

/** The names that are refused, with the reason: the preflight reports them before anything runs. */
export const refusedBuiltins: Record<string, string> = {
  open: 'scripts have no files of their own; data sets come from torchvision.datasets',
  input: 'nobody can answer while a script is stepped through',
  eval: 'code made at run time cannot be checked beforehand',
  exec: 'code made at run time cannot be checked beforehand',
  compile: 'code made at run time cannot be checked beforehand',
  breakpoint: 'set a breakpoint in the editor instead',
};

const rows: Record<string, BuiltinRow> = {
  ...iterationRows,
  abs: [
    'x, /',
    (args, interpreter) => {
      const value = unwrap(args.value('x'));
      if (typeof value === 'number') return Math.abs(value);
      if (typeof value === 'bigint') return value < 0n ? -value : value;
      if (typeof value === 'boolean') return value ? 1n : 0n;
      const result = runtimeOf(interpreter).trySpecial(args.value('x'), '__abs__', []);
      if (result === undefined) throw new PythonError('TypeError', `bad operand type for abs(): '${typeName(value)}'`);
      return result;
    },
  ],
  ascii: ['object, /', (args, interpreter) => ascii(interpreter.repr(args.value('object')))],
  bin: baseText('0b', 2),
  callable: [
    'object, /',
    (args, interpreter) => {
      const value = args.value('object');
      if (value instanceof PyFunction || value instanceof NativeFunction || value instanceof PyBoundMethod) return true;
      return (
        value instanceof PyClass ||
        value instanceof PyStaticMethod ||
        runtimeOf(interpreter).special(value, '__call__') !== undefined
      );
    },
  ],
  chr: ['i, /', (args) => String.fromCodePoint(args.index('i'))],
  delattr: [
    'object, name, /',
    (args, interpreter) => interpreter.deleteAttribute(args.value('object'), args.string('name')),
  ],
  dir: [
    'object=None, /',
    (args, interpreter) => {
      const value = args.value('object');
      const names = value === null ? [...interpreter.globals.keys()] : runtimeOf(interpreter).attributeNames(value);
      return new PyList(names.sort());
    },
  ],
  divmod: [
    'x, y, /',
    (args, interpreter) =>
      new PyTuple([
        interpreter.binary('//', args.value('x'), args.value('y')),
        interpreter.binary('%', args.value('x'), args.value('y')),
      ]),
  ],
  format: [
    'value, format_spec="", /',
    (args, interpreter) => interpreter.format(args.value('value'), args.string('format_spec')),
  ],
  getattr: [
    'object, name, default=..., /',
    (args, interpreter) => {
      const name = args.string('name');
      if (!args.given('default')) return interpreter.getAttribute(args.value('object'), name);
      const found = interpreter.findAttribute(args.value('object'), name);
      return found === undefined ? args.value('default') : found;
    },
  ],
  globals: ['', (_args, interpreter) => new PyDict(interpreter.globals)],
  hasattr: [
    'object, name, /',
    (args, interpreter) => interpreter.findAttribute(args.value('object'), args.string('name')) !== undefined,
  ],
  hash: [
    'object, /',
    (args, interpreter) => {
      const value = args.value('object');
      const own =
        value instanceof PyObject && value.pyClass.owner !== null
          ? runtimeOf(interpreter).trySpecial(value, '__hash__', [])
          : undefined;
      return own ?? hash(value);
    },
  ],
  hex: baseText('0x', 16),
  id: [
    'object, /',
    (args) => {
      const value = args.value('object');
      return value instanceof PyObject ? value.id : hash(`${typeof value} ${String(value)}`);
    },
  ],
  isinstance: [
    'object, classinfo, /',
    (args, interpreter) => isInstanceOf(interpreter, args.value('object'), args.value('classinfo'), 'isinstance'),
  ],
  issubclass: [
    'cls, classinfo, /',
    (args, interpreter) => isInstanceOf(interpreter, args.value('cls'), args.value('classinfo'), 'issubclass'),
  ],
  len: ['obj, /', (args, interpreter) => BigInt(interpreter.length(args.value('obj')))],
  locals: ['', (_args, interpreter) => new PyDict(interpreter.frames()[0]?.locals() ?? interpreter.globals)],
  oct: baseText('0o', 8),
  ord: [
    'c, /',
    (args) => {
      const text = args.string('c');
      if ([...text].length !== 1) {
        throw new PythonError(
          'TypeError',
          `ord() expected a character, but string of length ${[...text].length} found`,
        );
      }
      return BigInt(text.codePointAt(0)!);
    },
  ],
  pow: ['base, exp, mod=None', power],
  print: ['*args, sep=" ", end="\n", file=None, flush=False', print],
  repr: ['object, /', (args, interpreter) => interpreter.repr(args.value('object'))],
  round: ['number, ndigits=None', round],
  setattr: [
    'object, name, value, /',
    (args, interpreter) => interpreter.setAttribute(args.value('object'), args.string('name'), args.value('value')),
  ],
  vars: [
    'object=None, /',
    (args, interpreter) => {
      const value = args.value('object');
      if (value === null) return new PyDict(interpreter.globals);
      const own = interpreter.findAttribute(value, '__dict__');
      if (own === undefined) throw new PythonError('TypeError', 'vars() argument must have __dict__ attribute');
      return own;
    },
  ],
};

const types: Record<string, PyClass> = {
  object: core.objectClass,
  int: core.intClass,
  bool: core.boolClass,
  float: core.floatClass,
  str: core.strClass,
  bytes: core.bytesClass,
  list: core.listClass,
  tuple: core.tupleClass,
  dict: core.dictClass,
  set: core.setClass,
  frozenset: core.frozenSetClass,
  slice: core.sliceClass,
  range: core.rangeClass,
  property: core.propertyClass,
  staticmethod: core.staticMethodClass,
  classmethod: core.classMethodClass,
  super: core.superClass,
  type: core.typeClass,
};

/** Every built-in name. */
export function makeBuiltins(): Map<string, PyValue> {
  installTypes();
  const result = new Map<string, PyValue>(Object.entries(types));
  for (const [name, pyClass] of exceptionClasses) result.set(name, pyClass);
  for (const [name, [signature, body]] of Object.entries(rows)) result.set(name, nativeFunction(name, signature, body));
  for (const [name, why] of Object.entries(refusedBuiltins)) {
    result.set(name, nativeFunction(name, ...refused(name, why)));
  }
  result.set('Ellipsis', ellipsis);
  result.set('NotImplemented', notImplemented);
  result.set('__debug__', true);
  result.set(
    '__import__',
    nativeFunction('__import__', 'name, *args, **kwargs', (args, interpreter) =>
      interpreter.importModule(args.string('name')),
    ),
  );
  result.set('__builtins__', new PyModule('builtins'));
  return result;
}
