import { PythonError } from '../../common/errors';
import { typeName, unwrap } from '../objects/arguments';
import { PyDict, PyTuple } from '../objects/containers';
import type { Interpreter } from '../objects/interpreter';
import type { PyValue } from '../objects/value';
import { PyObject } from '../objects/value';
import type { FormatSpec } from './formatSpec';
import { formatFloat, formatInt, formatString } from './formatSpec';

const directive = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?([a-zA-Z%])/g;

/** `text % values`. */
export function formatPercent(interpreter: Interpreter, text: string, values: PyValue): string {
  const list = values instanceof PyTuple ? values.items : [values];
  let next = 0;
  let named = false;
  const take = (): PyValue => {
    const value = list[next++];
    if (value === undefined) throw new PythonError('TypeError', 'not enough arguments for format string');
    return value;
  };
  const result = text.replace(
    directive,
    (
      _whole,
      name: string | undefined,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      type: string,
    ) => {
      if (type === '%') return '%';
      const columns = width === '*' ? Number(take()) : Number(width ?? 0);
      const digits = precision === undefined ? null : precision === '*' ? Number(take()) : Number(precision);
      let value: PyValue;
      if (name === undefined) value = take();
      else {
        named = true;
        value = lookUp(interpreter, values, name);
      }
      const spec: FormatSpec = {
        fill: flags.includes('0') && !flags.includes('-') ? '0' : ' ',
        align: flags.includes('-') ? '<' : flags.includes('0') ? '=' : '>',
        sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '-',
        alternate: flags.includes('#'),
        width: columns,
        grouping: '',
        precision: digits,
        type,
      };
      return one(interpreter, value, spec);
    },
  );
  if (!named && next < list.length && !(values instanceof PyDict)) {
    throw new PythonError('TypeError', 'not all arguments converted during string formatting');
  }
  return result;
}

/** An object's own int, where it has one. */
function converted(interpreter: Interpreter, value: PyValue): PyValue {
  if (!(value instanceof PyObject)) return value;
  for (const name of ['__int__', '__index__']) {
    const method = interpreter.findAttribute(value, name);
    if (method !== undefined) return interpreter.call(method);
  }
  return value;
}

function lookUp(interpreter: Interpreter, values: PyValue, name: string): PyValue {
  if (!(values instanceof PyDict)) throw new PythonError('TypeError', 'format requires a mapping');
  return interpreter.getItem(values, name);
}

function one(interpreter: Interpreter, value: PyValue, spec: FormatSpec): string {
  const { type } = spec;
  if (type === 's' || type === 'r' || type === 'a') {
    const text = type === 's' ? interpreter.str(value) : interpreter.repr(value);
    return formatString(text, { ...spec, type: 's', fill: ' ', align: spec.align === '<' ? '<' : '>' });
  }
  const plain = unwrap(value);
  const number = typeof plain === 'boolean' ? BigInt(plain) : plain;
  if ('diuxXo'.includes(type)) {
    const whole = typeof number === 'number' ? BigInt(Math.trunc(number)) : converted(interpreter, number);
    if (typeof whole !== 'bigint') {
      throw new PythonError('TypeError', `%${type} format: a real number is required, not ${typeName(value)}`);
    }
    const padded = spec.precision === null ? spec : { ...spec, precision: null };
    return formatInt(whole, { ...padded, type: type === 'i' || type === 'u' ? 'd' : type });
  }
  if (type === 'c')
    return formatString(typeof number === 'bigint' ? String.fromCodePoint(Number(number)) : String(number), {
      ...spec,
      type: 's',
    });
  let real: number;
  if (typeof number === 'number' || typeof number === 'bigint') real = Number(number);
  else {
    const converted = interpreter.findAttribute(value, '__float__');
    if (converted === undefined) {
      throw new PythonError('TypeError', `must be real number, not ${typeName(value)}`);
    }
    real = Number(interpreter.call(converted));
  }
  return formatFloat(real, { ...spec, precision: spec.precision ?? 6 });
}
