import { PythonError } from '../../common/errors';
import { typeName, unwrap } from '../objects/arguments';
import type { Arguments } from '../objects/arguments';
import { PyBytes, PyDict, PyList, PyTuple } from '../objects/containers';
import type { Interpreter } from '../objects/interpreter';
import type { MethodRow } from '../objects/native';
import type { PyValue } from '../objects/value';
import { formatTemplate } from './template';

type Text = PyValue;
const text = (self: Text): string => unwrap(self) as string;

function bounds(length: number, args: Arguments): [number, number] {
  const at = (name: string, fallback: number): number => {
    if (args.isNone(name)) return fallback;
    const value = args.index(name);
    return Math.min(length, Math.max(0, value < 0 ? value + length : value));
  };
  return [at('start', 0), at('end', length)];
}

function affix(name: 'startsWith' | 'endsWith'): MethodRow<Text> {
  return [
    'prefix, start=None, end=None, /',
    (self, args) => {
      const [start, end] = bounds(text(self).length, args);
      const body = text(self).slice(start, end);
      const value = args.value('prefix');
      const options = value instanceof PyTuple ? value.items : [value];
      return options.some((option) => {
        if (typeof option !== 'string') {
          const method = name === 'startsWith' ? 'startswith' : 'endswith';
          throw new PythonError(
            'TypeError',
            `${method} first arg must be str or a tuple of str, not ${typeName(option)}`,
          );
        }
        return body[name](option);
      });
    },
  ];
}

function finder(last: boolean, required: boolean): MethodRow<Text> {
  return [
    'sub, start=None, end=None, /',
    (self, args) => {
      const [start, end] = bounds(text(self).length, args);
      const body = text(self).slice(start, end);
      const found = last ? body.lastIndexOf(args.string('sub')) : body.indexOf(args.string('sub'));
      if (found < 0 && required) throw new PythonError('ValueError', 'substring not found');
      return BigInt(found < 0 ? -1 : found + start);
    },
  ];
}

const spaces = ' \t\n\r\f\v\u0085\u00a0\u2028\u2029\u3000';

function stripper(left: boolean, right: boolean): MethodRow<Text> {
  return [
    'chars=None, /',
    (self, args) => {
      const set = new Set(args.optional('chars', 'string') ?? spaces);
      const value = text(self);
      let from = 0;
      let to = value.length;
      while (left && from < to && set.has(value[from]!)) from++;
      while (right && to > from && set.has(value[to - 1]!)) to--;
      return value.slice(from, to);
    },
  ];
}

function justify(left: number): MethodRow<Text> {
  return [
    'width, fillchar=" ", /',
    (self, args) => {
      const missing = Math.max(0, args.index('width') - text(self).length);
      const fill = args.string('fillchar');
      // CPython's centering puts the odd blank left only when the width is odd.
      const before = left < 0 ? Math.floor(missing / 2) + (missing & args.index('width') & 1) : left * missing;
      return fill.repeat(before) + text(self) + fill.repeat(missing - before);
    },
  ];
}

function splitBlank(value: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = value.trimStart();
  while (rest !== '') {
    const found = limit >= 0 && parts.length >= limit ? -1 : rest.search(/\s/);
    if (found < 0) {
      parts.push(limit >= 0 && parts.length >= limit ? rest.trimEnd() : rest);
      break;
    }
    parts.push(rest.slice(0, found));
    rest = rest.slice(found).trimStart();
  }
  return parts;
}

function split(value: string, separator: string | null, limit: number): string[] {
  if (separator === null) return splitBlank(value, limit);
  if (separator === '') throw new PythonError('ValueError', 'empty separator');
  const all = value.split(separator);
  if (limit < 0 || all.length <= limit + 1) return all;
  return [...all.slice(0, limit), all.slice(limit).join(separator)];
}

function splitRight(value: string, separator: string | null, limit: number): string[] {
  const reverse = (part: string): string => [...part].reverse().join('');
  const parts = split(reverse(value), separator === null ? null : reverse(separator), limit);
  return parts.map(reverse).reverse();
}

function splitter(fromRight: boolean): MethodRow<Text> {
  return [
    'sep=None, maxsplit=-1',
    (self, args) => {
      const cut = fromRight ? splitRight : split;
      return new PyList(cut(text(self), args.optional('sep', 'string'), args.index('maxsplit')));
    },
  ];
}

function partition(last: boolean): MethodRow<Text> {
  return [
    'sep, /',
    (self, args) => {
      const value = text(self);
      const separator = args.string('sep');
      const at = last ? value.lastIndexOf(separator) : value.indexOf(separator);
      if (at < 0) return new PyTuple(last ? ['', '', value] : [value, '', '']);
      return new PyTuple([value.slice(0, at), separator, value.slice(at + separator.length)]);
    },
  ];
}

function test(pattern: RegExp): MethodRow<Text> {
  return ['', (self) => pattern.test(text(self))];
}

function mapped(change: (value: string) => string): MethodRow<Text> {
  return ['', (self) => change(text(self))];
}

const capitalize = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();

function join(self: Text, args: Arguments, interpreter: Interpreter): PyValue {
  const items = interpreter.list(args.value('iterable'));
  items.forEach((item, index) => {
    if (typeof unwrap(item) !== 'string') {
      throw new PythonError('TypeError', `sequence item ${index}: expected str instance, ${typeName(item)} found`);
    }
  });
  return items.map((item) => unwrap(item) as string).join(text(self));
}

/** The methods of str. */
export const stringMethods: Record<string, MethodRow<Text>> = {
  capitalize: mapped(capitalize),
  casefold: mapped((value) => value.toLowerCase().replaceAll('ß', 'ss')),
  center: justify(-1),
  count: [
    'sub, start=None, end=None, /',
    (self, args) => {
      const [start, end] = bounds(text(self).length, args);
      const body = text(self).slice(start, end);
      const part = args.string('sub');
      return BigInt(part === '' ? body.length + 1 : body.split(part).length - 1);
    },
  ],
  encode: [
    'encoding="utf-8", errors="strict"',
    (self) => {
      const escaped = encodeURIComponent(text(self)).replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
        String.fromCharCode(parseInt(hex, 16)),
      );
      return new PyBytes(Uint8Array.from(escaped, (character) => character.charCodeAt(0)));
    },
  ],
  endswith: affix('endsWith'),
  expandtabs: [
    'tabsize=8',
    (self, args) => {
      const size = args.index('tabsize');
      let column = 0;
      let result = '';
      for (const character of text(self)) {
        const width = character === '\t' ? (size > 0 ? size - (column % size) : 0) : 1;
        result += character === '\t' ? ' '.repeat(width) : character;
        column = character === '\n' || character === '\r' ? 0 : column + width;
      }
      return result;
    },
  ],
  find: finder(false, false),
  format: [
    '*args, **kwargs',
    (self, args, interpreter) => formatTemplate(interpreter, text(self), args.rest(), args.keywords()),
  ],
  format_map: [
    'mapping, /',
    (self, args, interpreter) => {
      const mapping = args.value('mapping');
      const items = mapping instanceof PyDict ? mapping.items() : [];
      return formatTemplate(interpreter, text(self), [], new Map(items.map(([key, value]) => [String(key), value])));
    },
  ],
  index: finder(false, true),
  isalnum: test(/^[\p{L}\p{N}]+$/u),
  isalpha: test(/^\p{L}+$/u),
  isascii: ['', (self) => [...text(self)].every((character) => character.codePointAt(0)! < 128)],
  isdecimal: test(/^\p{Nd}+$/u),
  isdigit: test(/^[\p{Nd}²³¹]+$/u),
  isidentifier: test(/^[\p{L}_][\p{L}\p{N}_]*$/u),
  islower: ['', (self) => text(self) === text(self).toLowerCase() && text(self) !== text(self).toUpperCase()],
  isnumeric: test(/^\p{N}+$/u),
  isprintable: test(/^[^\p{C}\p{Zl}\p{Zp}]*$/u),
  isspace: test(/^\s+$/u),
  istitle: ['', (self) => /\p{L}/u.test(text(self)) && text(self) === titled(text(self))],
  isupper: ['', (self) => text(self) === text(self).toUpperCase() && text(self) !== text(self).toLowerCase()],
  join: ['iterable, /', join],
  ljust: justify(0),
  lower: mapped((value) => value.toLowerCase()),
  lstrip: stripper(true, false),
  partition: partition(false),
  removeprefix: [
    'prefix, /',
    (self, args) => {
      const prefix = args.string('prefix');
      return text(self).startsWith(prefix) ? text(self).slice(prefix.length) : text(self);
    },
  ],
  removesuffix: [
    'suffix, /',
    (self, args) => {
      const suffix = args.string('suffix');
      return suffix !== '' && text(self).endsWith(suffix) ? text(self).slice(0, -suffix.length) : text(self);
    },
  ],
  replace: [
    'old, new, count=-1, /',
    (self, args) => {
      const old = args.string('old');
      const count = args.index('count');
      if (count < 0) return text(self).replaceAll(old, () => args.string('new'));
      const parts = text(self).split(old);
      const kept = old === '' ? ['', ...parts, ''] : parts;
      const head = kept.slice(0, count + 1).join(args.string('new'));
      const tail = kept.slice(count + 1);
      return tail.length === 0 ? head : head + old + tail.join(old);
    },
  ],
  rfind: finder(true, false),
  rindex: finder(true, true),
  rjust: justify(1),
  rpartition: partition(true),
  rsplit: splitter(true),
  rstrip: stripper(false, true),
  split: splitter(false),
  splitlines: [
    'keepends=False',
    (self, args) => {
      const lines = text(self).match(/[^\n\r\v\f\u2028\u2029]*(?:\r\n|[\n\r\v\f\u2028\u2029]|$)/g) ?? [];
      const kept = lines.filter((line, index) => line !== '' || index < lines.length - 1);
      if (kept[kept.length - 1] === '') kept.pop();
      return new PyList(
        args.bool('keepends') ? kept : kept.map((line) => line.replace(/(\r\n|[\n\r\v\f\u2028\u2029])$/, '')),
      );
    },
  ],
  startswith: affix('startsWith'),
  strip: stripper(true, true),
  swapcase: mapped((value) =>
    [...value].map((one) => (one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase())).join(''),
  ),
  title: mapped(titled),
  translate: [
    'table, /',
    (self, args) => {
      const table = args.value('table');
      if (!(table instanceof PyDict)) throw args.wrongType('table', 'dict');
      return [...text(self)]
        .map((character) => {
          const found = table.get(BigInt(character.codePointAt(0)!));
          if (found === undefined) return character;
          return typeof found === 'bigint' ? String.fromCodePoint(Number(found)) : ((found as string | null) ?? '');
        })
        .join('');
    },
  ],
  upper: mapped((value) => value.toUpperCase()),
  zfill: [
    'width, /',
    (self, args) => {
      const sign = /^[-+]?/.exec(text(self))![0];
      return (
        sign +
        text(self)
          .slice(sign.length)
          .padStart(args.index('width') - sign.length, '0')
      );
    },
  ],
};

function titled(value: string): string {
  return value.replace(/\p{L}+/gu, capitalize);
}
