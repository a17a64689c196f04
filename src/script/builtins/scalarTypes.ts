import { PythonError } from '../../common/errors';
import { floatRepr, roundToInt } from '../interpreter/floatText';

import { typeName, unwrap } from '../objects/arguments';
import { PyBytes, PyDict, PyTuple } from '../objects/containers';
import { boolClass, bytesClass, floatClass, intClass, strClass } from '../objects/coreClasses';
import type { Interpreter } from '../objects/interpreter';
import { addMembers } from '../objects/native';
import type { PyValue } from '../objects/value';
import { PyClass, PyInstance } from '../objects/value';
import { runtimeOf } from './access';
import { stringMethods } from './stringMethods';

/** The scalar itself for the built-in class, an instance that holds it for a class of the script. */
function scalar(cls: PyValue, value: PyValue, builtin: PyClass): PyValue {
  if (!(cls instanceof PyClass) || cls === builtin) return value;
  const instance = new PyInstance(cls);
  instance.native = value;
  return instance;
}

function parseInteger(text: string, base: bigint): bigint {
  const fail = (): never => {
    throw new PythonError('ValueError', `invalid literal for int() with base ${base}: '${text}'`);
  };
  const radix = Number(base);
  const found = /^([-+]?)(0[xXoObB])?([0-9a-zA-Z](?:_?[0-9a-zA-Z])*)$/.exec(text.trim());
  if (found === null) return fail();
  const prefixes: Record<string, number> = { '0x': 16, '0o': 8, '0b': 2 };
  const named = found[2] === undefined ? null : prefixes[found[2].toLowerCase()]!;
  if (named !== null && radix !== 0 && radix !== named) return fail();
  const actual = named ?? (radix === 0 ? 10 : radix);
  let value = 0n;
  for (const digit of found[3]!.replaceAll('_', '').toLowerCase()) {
    const number = parseInt(digit, 36);
    if (number >= actual) return fail();
    value = value * BigInt(actual) + BigInt(number);
  }
  return found[1] === '-' ? -value : value;
}

/** `int(value)`. */
export function toInteger(interpreter: Interpreter, value: PyValue): bigint {
  const plain = unwrap(value);
  switch (typeof plain) {
    case 'bigint':
      return plain;
    case 'boolean':
      return plain ? 1n : 0n;
    case 'number':
      return roundToInt(Number.isFinite(plain) ? Math.trunc(plain) : plain);
    case 'string':
      return parseInteger(plain, 10n);
    default:
  }
  const runtime = runtimeOf(interpreter);
  for (const name of ['__int__', '__index__', '__trunc__']) {
    const result = plain === null ? undefined : runtime.trySpecial(plain, name, []);
    if (typeof result === 'bigint') return result;
  }
  throw new PythonError(
    'TypeError',
    `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`,
  );
}

/** `float(value)`. */
export function toFloat64(interpreter: Interpreter, value: PyValue): number {
  const plain = unwrap(value);
  switch (typeof plain) {
    case 'number':
      return plain;
    case 'bigint': {
      const result = Number(plain);
      if (!Number.isFinite(result)) throw new PythonError('OverflowError', 'int too large to convert to float');
      return result;
    }
    case 'boolean':
      return plain ? 1 : 0;
    case 'string':
      return parseFloatText(plain);
    default:
  }
  const runtime = runtimeOf(interpreter);
  for (const name of ['__float__', '__index__']) {
    const result = plain === null ? undefined : runtime.trySpecial(plain, name, []);
    if (typeof result === 'number' || typeof result === 'bigint') return Number(result);
  }
  throw new PythonError('TypeError', `float() argument must be a string or a real number, not '${typeName(value)}'`);
}

function parseFloatText(text: string): number {
  const plain = text
    .trim()
    .replaceAll(/(\d)_(\d)/g, '$1$2')
    .toLowerCase();
  const special = /^([-+]?)(inf|infinity|nan)$/.exec(plain);
  if (special !== null) return special[2] === 'nan' ? NaN : special[1] === '-' ? -Infinity : Infinity;
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/.test(plain)) {
    throw new PythonError('ValueError', `could not convert string to float: '${text}'`);
  }
  return Number(plain);
}

const integer = (self: PyValue): bigint => {
  const plain = unwrap(self);
  return typeof plain === 'boolean' ? BigInt(plain) : (plain as bigint);
};
const real = (self: PyValue): number => unwrap(self) as number;

function floatRatio(value: number): PyTuple {
  let denominator = 1n;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    denominator *= 2n;
  }
  return new PyTuple([BigInt(scaled), denominator]);
}

export function installScalarTypes(): void {
  addMembers<PyValue>(intClass, {
    staticMethods: {
      __new__: [
        'cls, x=0, /, base=...',
        (args, interpreter) => {
          const base = args.given('base') ? args.int('base') : 10n;
          const value = unwrap(args.value('x'));
          if (args.given('base') && typeof value !== 'string') {
            throw new PythonError('TypeError', "int() can't convert non-string with explicit base");
          }
          const result =
            typeof value === 'string' ? parseInteger(value, base) : toInteger(interpreter, args.value('x'));
          return scalar(args.value('cls'), result, intClass);
        },
      ],
    },
    methods: {
      bit_length: ['', (self) => BigInt(integer(self) === 0n ? 0 : integer(self).toString(2).replace('-', '').length)],
      bit_count: ['', (self) => BigInt(integer(self).toString(2).replaceAll(/[-0]/g, '').length)],
      conjugate: ['', (self) => integer(self)],
      is_integer: ['', () => true],
      as_integer_ratio: ['', (self) => new PyTuple([integer(self), 1n])],
    },
    properties: { real: integer, imag: () => 0n, numerator: integer, denominator: () => 1n },
  });
  addMembers<PyValue>(boolClass, {
    staticMethods: { __new__: ['cls, x=False, /', (args, interpreter) => interpreter.isTrue(args.value('x'))] },
  });
  addMembers<PyValue>(floatClass, {
    staticMethods: {
      __new__: [
        'cls, x=0.0, /',
        (args, interpreter) => scalar(args.value('cls'), toFloat64(interpreter, args.value('x')), floatClass),
      ],
      fromhex: ['string, /', (args) => Number(args.string('string'))],
    },
    methods: {
      is_integer: ['', (self) => Number.isInteger(real(self))],
      as_integer_ratio: ['', (self) => floatRatio(real(self))],
      conjugate: ['', (self) => real(self)],
      hex: ['', (self) => floatRepr(real(self))],
    },
    properties: { real, imag: () => 0 },
  });
  addMembers<PyValue>(strClass, {
    staticMethods: {
      __new__: [
        'cls, object="", encoding=None, errors=None',
        (args, interpreter) => {
          const value = args.value('object');
          const text = value instanceof PyBytes && !args.isNone('encoding') ? decode(value) : interpreter.str(value);
          return scalar(args.value('cls'), text, strClass);
        },
      ],
      maketrans: [
        'x, y=None, z=None, /',
        (args) => translationTable(args.value('x'), args.value('y'), args.value('z')),
      ],
    },
    methods: stringMethods,
  });
  addMembers<PyBytes>(bytesClass, {
    staticMethods: {
      __new__: [
        'cls, source=(), encoding=None, errors=None',
        (args, interpreter) => {
          const source = args.value('source');
          if (typeof source === 'bigint') return new PyBytes(new Uint8Array(Number(source)));
          if (typeof source === 'string') return interpreter.callMethod(source, 'encode');
          return new PyBytes(Uint8Array.from(interpreter.list(source), (byte) => Number(byte)));
        },
      ],
    },
    methods: {
      decode: ['encoding="utf-8", errors="strict"', (self) => decode(self)],
      hex: ['', (self) => Array.from(self.data, (byte) => byte.toString(16).padStart(2, '0')).join('')],
      __len__: ['', (self) => BigInt(self.data.length)],
    },
  });
}

function decode(bytes: PyBytes): string {
  const escaped = Array.from(bytes.data, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  try {
    return decodeURIComponent(escaped);
  } catch (cause) {
    throw new PythonError('ValueError', "'utf-8' codec can't decode bytes: invalid data", { cause });
  }
}

function translationTable(x: PyValue, y: PyValue, z: PyValue): PyDict {
  const code = (character: PyValue): PyValue =>
    typeof character === 'string' ? BigInt(character.codePointAt(0)!) : character;
  const table = new PyDict();
  if (x instanceof PyDict) for (const [key, value] of x.items()) table.set(code(key), value);
  else if (typeof x === 'string' && typeof y === 'string') {
    const to = [...y];
    [...x].forEach((from, index) => table.set(code(from), code(to[index]!)));
  }
  if (typeof z === 'string') for (const character of z) table.set(code(character), null);
  return table;
}
