import { PythonError } from '../../common/errors';
import { floatRepr } from '../interpreter/floatText';
import { typeName, unwrap } from '../objects/arguments';
import { PyDict, PyList, PyTuple } from '../objects/containers';
import type { Interpreter } from '../objects/interpreter';
import type { PyValue } from '../objects/value';
import { plainModule } from './moduleOf';

interface Style {
  indent: string | null;
  item: string;
  key: string;
  sort: boolean;
  ascii: boolean;
  fallback: PyValue;
}

function escape(text: string, ascii: boolean): string {
  const quoted = JSON.stringify(text).replaceAll('\u007f', '\\u007f');
  if (!ascii) return quoted;
  return quoted.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function scalarText(value: PyValue, style: Style): string | null {
  if (value === null) return 'null';
  const plain = unwrap(value);
  if (typeof plain === 'boolean') return String(plain);
  if (typeof plain === 'bigint') return plain.toString();
  if (typeof plain === 'string') return escape(plain, style.ascii);
  if (typeof plain !== 'number') return null;
  if (Number.isNaN(plain)) return 'NaN';
  if (!Number.isFinite(plain)) return plain > 0 ? 'Infinity' : '-Infinity';
  return floatRepr(plain);
}

function dump(interpreter: Interpreter, value: PyValue, style: Style, depth: string): string {
  const scalar = scalarText(value, style);
  if (scalar !== null) return scalar;
  const inner = depth + (style.indent ?? '');
  const wrap = (open: string, parts: string[], close: string): string => {
    if (parts.length === 0) return open + close;
    if (style.indent === null) return open + parts.join(style.item) + close;
    return `${open}\n${inner}${parts.join(`${style.item.trimEnd()}\n${inner}`)}\n${depth}${close}`;
  };
  if (value instanceof PyList || value instanceof PyTuple) {
    return wrap(
      '[',
      value.items.map((item) => dump(interpreter, item, style, inner)),
      ']',
    );
  }
  if (value instanceof PyDict) {
    const entries = value.items().map(([key, item]) => [keyText(interpreter, key, style), item] as const);
    if (style.sort) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return wrap(
      '{',
      entries.map(([key, item]) => `${escape(key, style.ascii)}${style.key}${dump(interpreter, item, style, inner)}`),
      '}',
    );
  }
  if (style.fallback !== null) return dump(interpreter, interpreter.call(style.fallback, [value]), style, depth);
  throw new PythonError('TypeError', `Object of type ${typeName(value)} is not JSON serializable`);
}

function keyText(_interpreter: Interpreter, key: PyValue, style: Style): string {
  if (typeof key === 'string') return key;
  const text = scalarText(key, style);
  if (text !== null) return text;
  throw new PythonError('TypeError', `keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  read(): PyValue {
    const value = this.value();
    this.blank();
    if (this.at < this.text.length) this.fail('Extra data');
    return value;
  }

  private fail(message: string): never {
    const line = this.text.slice(0, this.at).split('\n');
    const place = `line ${line.length} column ${line[line.length - 1]!.length + 1} (char ${this.at})`;
    throw new PythonError('ValueError', `${message}: ${place}`);
  }

  private blank(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private value(): PyValue {
    this.blank();
    const rest = this.text.slice(this.at);
    const literals: [string, PyValue][] = [
      ['null', null],
      ['true', true],
      ['false', false],
      ['NaN', NaN],
      ['Infinity', Infinity],
      ['-Infinity', -Infinity],
    ];
    for (const [word, value] of literals) {
      if (!rest.startsWith(word)) continue;
      this.at += word.length;
      return value;
    }
    if (rest.startsWith('"')) return this.string();
    if (rest.startsWith('[')) return new PyList(this.items(']', () => this.value()));
    if (rest.startsWith('{')) {
      return new PyDict(
        this.items('}', () => {
          if (this.text[this.at] !== '"') this.fail('Expecting property name enclosed in double quotes');
          const key = this.string();
          this.blank();
          if (this.text[this.at] !== ':') this.fail("Expecting ':' delimiter");
          this.at++;
          return [key, this.value()] as const;
        }),
      );
    }
    const number = /^-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/.exec(rest);
    if (number === null) return this.fail('Expecting value');
    this.at += number[0].length;
    return number[1] === undefined && number[2] === undefined ? BigInt(number[0]) : Number(number[0]);
  }

  private string(): string {
    const found = /^"(?:[^"\\]|\\.)*"/s.exec(this.text.slice(this.at));
    if (found === null) return this.fail('Unterminated string starting at');
    this.at += found[0].length;
    return JSON.parse(found[0].replace(/[\n\t\r]/g, ' ')) as string;
  }

  private items<T>(close: string, read: () => T): T[] {
    const result: T[] = [];
    this.at++;
    this.blank();
    while (this.text[this.at] !== close) {
      if (result.length > 0) {
        if (this.text[this.at] !== ',') this.fail("Expecting ',' delimiter");
        this.at++;
        this.blank();
      }
      result.push(read());
      this.blank();
    }
    this.at++;
    return result;
  }
}

export const jsonModule = plainModule('json', {
  dumps: [
    'obj, *, skipkeys=False, ensure_ascii=True, check_circular=True, allow_nan=True, cls=None, indent=None, separators=None, default=None, sort_keys=False',
    (args, interpreter) => {
      const separators = args.isNone('separators') ? null : interpreter.list(args.value('separators')).map(String);
      const given = args.value('indent');
      const indent = typeof given === 'bigint' ? ' '.repeat(Number(given)) : (given as string | null);
      const style: Style = {
        indent,
        item: separators?.[0] ?? (indent === null ? ', ' : ','),
        key: separators?.[1] ?? ': ',
        sort: args.bool('sort_keys'),
        ascii: args.bool('ensure_ascii'),
        fallback: args.value('default'),
      };
      return dump(interpreter, args.value('obj'), style, '');
    },
  ],
  loads: ['s, **kwargs', (args) => new Reader(args.string('s')).read()],
});
