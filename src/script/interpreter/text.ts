import { PythonError } from '../../common/errors';
import { typeName, unwrap } from '../objects/arguments';
import {
  ellipsis,
  notImplemented,
  PyBytes,
  PyDict,
  PyList,
  PyRange,
  PySet,
  PySlice,
  PyTuple,
} from '../objects/containers';
import { frozenSetClass, setClass } from '../objects/coreClasses';
import { PyExceptionObject } from '../objects/exceptions';
import { NativeFunction, PyBoundMethod, PyFunction, PyModule } from '../objects/functions';
import type { PyValue } from '../objects/value';
import { PyClass, PyObject } from '../objects/value';
import { floatRepr } from './floatText';
import { formatFloat, formatInt, formatString, parseFormatSpec } from './formatSpec';
import { MatchLayer } from './matching';

/** A str as Python writes it in quotes. */
export function stringRepr(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  let result = '';
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (character === mark || character === '\\') result += `\\${character}`;
    else if (character === '\n') result += '\\n';
    else if (character === '\r') result += '\\r';
    else if (character === '\t') result += '\\t';
    else if (code < 0x20 || (code >= 0x7f && code < 0xa1) || code === 0xad)
      result += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Cn}]/u.test(character)) {
      result += code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
    } else result += character;
  }
  return mark + result + mark;
}

function bytesRepr(data: Uint8Array): string {
  let result = '';
  for (const byte of data) {
    if (byte === 0x5c) result += '\\\\';
    else if (byte === 0x27) result += "\\'";
    else if (byte === 10) result += '\\n';
    else if (byte === 13) result += '\\r';
    else if (byte === 9) result += '\\t';
    else if (byte >= 32 && byte < 127) result += String.fromCharCode(byte);
    else result += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `b'${result}'`;
}

/** `str`, `repr` and `format`. */
export abstract class TextLayer extends MatchLayer {
  /** The containers being written, so that one inside itself shows as `[...]`. */
  private readonly open = new Set<PyObject>();

  str(value: PyValue): string {
    if (typeof value === 'string') return value;
    if (!(value instanceof PyObject)) return this.repr(value);
    const member = value.pyClass.lookup('__str__');
    if (member !== undefined && !this.isObjectMember(member)) {
      const text = this.callMember(member, value, []);
      if (typeof text !== 'string') {
        throw new PythonError('TypeError', `__str__ returned non-string (type ${typeName(text)})`);
      }
      return text;
    }
    if (value instanceof PyExceptionObject) return this.exceptionText(value);
    const plain = unwrap(value);
    if (typeof plain === 'string') return plain;
    return this.repr(value);
  }

  exceptionText(value: PyExceptionObject): string {
    const { items } = value.args;
    if (items.length === 0) return '';
    if (items.length > 1) return this.repr(value.args);
    return value.pyClass.name === 'KeyError' ? this.repr(items[0]!) : this.str(items[0]!);
  }

  repr(value: PyValue): string {
    switch (typeof value) {
      case 'string':
        return stringRepr(value);
      case 'bigint':
        return value.toString();
      case 'number':
        return floatRepr(value);
      case 'boolean':
        return value ? 'True' : 'False';
      default:
        return value === null ? 'None' : this.objectRepr(value);
    }
  }

  private objectRepr(value: PyObject): string {
    const member = value.pyClass.lookup('__repr__');
    if (member !== undefined && !this.isObjectMember(member)) {
      const text = this.callMember(member, value, []);
      if (typeof text !== 'string') {
        throw new PythonError('TypeError', `__repr__ returned non-string (type ${typeName(text)})`);
      }
      return text;
    }
    return this.plainRepr(value);
  }

  /** `object.__repr__`, and that of the built-in types. */
  plainRepr(value: PyObject): string {
    if (value instanceof PyList || value instanceof PyTuple || value instanceof PyDict || value instanceof PySet) {
      return this.containerRepr(value);
    }
    if (value instanceof PyClass) {
      return value.module === 'builtins'
        ? `<class '${value.name}'>`
        : `<class '${value.module}.${value.qualifiedName}'>`;
    }
    if (value instanceof PyBytes) return bytesRepr(value.data);
    if (value instanceof PyRange) {
      const step = value.step === 1n ? '' : `, ${value.step}`;
      return `range(${value.start}, ${value.stop}${step})`;
    }
    if (value instanceof PySlice) {
      return `slice(${this.repr(value.start)}, ${this.repr(value.stop)}, ${this.repr(value.step)})`;
    }
    if (value === ellipsis) return 'Ellipsis';
    if (value === notImplemented) return 'NotImplemented';
    if (value instanceof PyModule) return `<module '${value.name}'>`;
    if (value instanceof PyExceptionObject) {
      const { items } = value.args;
      const inner = items.map((item) => this.repr(item)).join(', ');
      return `${value.pyClass.name}(${inner})`;
    }
    const at = `0x${value.id.toString(16)}`;
    if (value instanceof PyFunction) return `<function ${value.qualifiedName} at ${at}>`;
    if (value instanceof NativeFunction) return `<built-in function ${value.name}>`;
    if (value instanceof PyBoundMethod) {
      const name =
        value.callee instanceof PyFunction
          ? value.callee.qualifiedName
          : this.str(this.getAttribute(value.callee, '__name__'));
      return `<bound method ${name} of ${this.repr(value.self)}>`;
    }
    const plain = unwrap(value);
    if (!(plain instanceof PyObject)) return this.repr(plain);
    const { pyClass } = value;
    const prefix = pyClass.module === 'builtins' ? '' : `${pyClass.module}.`;
    return `<${prefix}${pyClass.qualifiedName} object at ${at}>`;
  }

  private containerRepr(value: PyList | PyTuple | PyDict | PySet): string {
    if (this.open.has(value)) {
      return value instanceof PyDict
        ? '{...}'
        : value instanceof PyTuple
          ? '(...)'
          : value instanceof PySet
            ? `${value.pyClass.name}(...)`
            : '[...]';
    }
    this.open.add(value);
    try {
      if (value instanceof PyDict) {
        return `{${value
          .items()
          .map(([key, item]) => `${this.repr(key)}: ${this.repr(item)}`)
          .join(', ')}}`;
      }
      if (value instanceof PySet) return this.setRepr(value);
      const items = value.items.map((item) => this.repr(item));
      if (value instanceof PyList) return `[${items.join(', ')}]`;
      return items.length === 1 ? `(${items[0]!},)` : `(${items.join(', ')})`;
    } finally {
      this.open.delete(value);
    }
  }

  private setRepr(value: PySet): string {
    if (value.size === 0) return `${value.pyClass.name}()`;
    const body = `{${value
      .items()
      .map((item) => this.repr(item))
      .join(', ')}}`;
    return value.pyClass === setClass || value.pyClass !== frozenSetClass ? body : `frozenset(${body})`;
  }

  /** One `{value!conversion:specification}` of an f-string. */
  formatted(value: PyValue, conversion: 'r' | 's' | 'a' | null, specification: string): string {
    if (conversion === null) {
      return specification === '' && typeof value === 'string' ? value : this.format(value, specification);
    }
    const text = conversion === 's' ? this.str(value) : this.repr(value);
    return this.format(conversion === 'a' ? ascii(text) : text, specification);
  }

  format(value: PyValue, specification: string): string {
    if (value instanceof PyObject) {
      const member = value.pyClass.lookup('__format__');
      if (member !== undefined && !this.isObjectMember(member)) {
        return String(this.callMember(member, value, [specification]));
      }
      if (value.pyClass.lookup('__str__') !== undefined && specification === '') return this.str(value);
    }
    if (specification === '') return this.str(value);
    const plain = unwrap(value);
    switch (typeof plain) {
      case 'string':
        return formatString(plain, parseFormatSpec(specification, 'str'));
      case 'bigint':
        return formatInt(plain, parseFormatSpec(specification, 'int'));
      case 'number':
        return formatFloat(plain, parseFormatSpec(specification, 'float'));
      case 'boolean': {
        const spec = parseFormatSpec(specification, 'bool');
        return formatInt(plain ? 1n : 0n, spec);
      }
      default:
        throw new PythonError('TypeError', `unsupported format string passed to ${typeName(value)}.__format__`);
    }
  }
}

/** Escapes what is not ASCII, as `ascii()` does. */
export function ascii(text: string): string {
  return text.replace(/[^ -~\n\t\r]/gu, (character) => {
    const code = character.codePointAt(0)!;
    if (code < 0x100) return `\\x${code.toString(16)}`;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
