import { PythonError } from '../../common/errors';
import { fixedText, floatRepr, significantDigits } from './floatText';

export interface FormatSpec {
  fill: string;
  align: '<' | '>' | '=' | '^' | '';
  sign: '+' | '-' | ' ';
  alternate: boolean;
  width: number;
  grouping: ',' | '_' | '';
  precision: number | null;
  type: string;
}

const pattern = /^(?:([^])?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u;

export function parseFormatSpec(text: string, typeName: string): FormatSpec {
  const found = pattern.exec(text);
  if (found === null) {
    throw new PythonError('ValueError', `Invalid format specifier '${text}' for object of type '${typeName}'`);
  }
  const zero = found[6] !== undefined;
  return {
    fill: found[1] ?? (zero ? '0' : ' '),
    align: (found[2] as FormatSpec['align'] | undefined) ?? (zero && typeName !== 'str' ? '=' : ''),
    sign: (found[3] as FormatSpec['sign'] | undefined) ?? '-',
    alternate: found[5] !== undefined,
    width: found[7] === undefined ? 0 : Number(found[7]),
    grouping: (found[8] as FormatSpec['grouping'] | undefined) ?? '',
    precision: found[9] === undefined ? null : Number(found[9]),
    type: found[10] ?? '',
  };
}

function unknownCode(code: string, typeName: string): PythonError {
  return new PythonError('ValueError', `Unknown format code '${code}' for object of type '${typeName}'`);
}

function group(digits: string, separator: string, size: number): string {
  if (separator === '') return digits;
  const parts: string[] = [];
  for (let end = digits.length; end > 0; end -= size) parts.unshift(digits.slice(Math.max(0, end - size), end));
  return parts.join(separator);
}

function pad(sign: string, body: string, spec: FormatSpec, defaultAlign: '<' | '>'): string {
  const missing = spec.width - [...sign, ...body].length;
  if (missing <= 0) return sign + body;
  const align = spec.align === '' ? defaultAlign : spec.align;
  const fill = spec.fill.repeat(missing);
  if (align === '=') return sign + fill + body;
  if (align === '<') return sign + body + fill;
  if (align === '>') return fill + sign + body;
  const left = missing >> 1;
  return spec.fill.repeat(left) + sign + body + spec.fill.repeat(missing - left);
}

/** Zero padding counts the separators: `format(1234, '08,')` is `0001,234`. */
function padNumber(sign: string, digits: string, rest: string, spec: FormatSpec, size = 3): string {
  let whole = group(digits, spec.grouping, size);
  if (spec.grouping !== '' && spec.fill === '0' && spec.align === '=') {
    let padded = digits;
    while (sign.length + whole.length + rest.length < spec.width) {
      padded = `0${padded}`;
      whole = group(padded, spec.grouping, size);
    }
  }
  return pad(sign, whole + rest, spec, '>');
}

function signText(negative: boolean, spec: FormatSpec): string {
  return negative ? '-' : spec.sign === '-' ? '' : spec.sign;
}

export function formatString(text: string, spec: FormatSpec): string {
  if (spec.type !== '' && spec.type !== 's') throw unknownCode(spec.type, 'str');
  if (spec.align === '=') {
    throw new PythonError('ValueError', "'=' alignment not allowed in string format specifier");
  }
  const kept = spec.precision === null ? text : [...text].slice(0, spec.precision).join('');
  return pad('', kept, spec, '<');
}

const bases: Record<string, [radix: number, prefix: string]> = {
  b: [2, '0b'],
  o: [8, '0o'],
  x: [16, '0x'],
  X: [16, '0X'],
};

export function formatInt(value: bigint, spec: FormatSpec): string {
  if ('eEfFgG%'.includes(spec.type) && spec.type !== '') return formatFloat(Number(value), spec);
  if (spec.precision !== null) {
    throw new PythonError('ValueError', 'Precision not allowed in integer format specifier');
  }
  const magnitude = value < 0n ? -value : value;
  const sign = signText(value < 0n, spec);
  if (spec.type === 'c') return pad('', String.fromCodePoint(Number(value)), spec, '<');
  const base = bases[spec.type];
  if (base !== undefined) {
    const digits = magnitude.toString(base[0]);
    const prefix = spec.alternate ? base[1] : '';
    return padNumber(sign + prefix, spec.type === 'X' ? digits.toUpperCase() : digits, '', spec, 4);
  }
  if (spec.type !== '' && spec.type !== 'd' && spec.type !== 'n') throw unknownCode(spec.type, 'int');
  return padNumber(sign, magnitude.toString(), '', spec);
}

function exponentText(exponent: number): string {
  const size = Math.abs(exponent);
  return `e${exponent < 0 ? '-' : '+'}${size < 10 ? '0' : ''}${size}`;
}

function withExponent(digits: string, exponent: number, alternate: boolean): string {
  const rest = digits.slice(1);
  return `${digits[0]!}${rest !== '' || alternate ? '.' : ''}${rest}${exponentText(exponent)}`;
}

function general(value: number, precision: number, alternate: boolean, alwaysPoint: boolean): string {
  const count = Math.max(1, precision);
  const { digits, exponent } = significantDigits(value, count);
  const trimmed = (text: string): string => (alternate ? text : text.replace(/0+$/, ''));
  const limit = alwaysPoint ? Math.min(count, 16) : count;
  if (exponent < -4 || exponent >= limit) {
    return withExponent(digits[0]! + trimmed(digits.slice(1)), exponent, alternate);
  }
  if (exponent < 0) return `0.${trimmed('0'.repeat(-exponent - 1) + digits)}`;
  const whole = digits.slice(0, exponent + 1);
  const rest = trimmed(digits.slice(exponent + 1));
  if (rest === '') return whole + (alwaysPoint ? '.0' : alternate ? '.' : '');
  return `${whole}.${rest}`;
}

function floatBody(value: number, spec: FormatSpec): string {
  const size = Math.abs(value);
  const precision = spec.precision ?? 6;
  switch (spec.type) {
    case 'f':
    case 'F':
      return fixedText(size, precision) + (spec.alternate && precision === 0 ? '.' : '');
    case 'e':
    case 'E': {
      const { digits, exponent } = significantDigits(size, precision + 1);
      return withExponent(digits, exponent, spec.alternate);
    }
    case 'g':
    case 'G':
    case 'n':
      return general(size, precision, spec.alternate, false);
    case '%':
      return `${fixedText(size * 100, precision)}%`;
    case '':
      return spec.precision === null ? floatRepr(size) : general(size, spec.precision, spec.alternate, true);
    default:
      throw unknownCode(spec.type, 'float');
  }
}

export function formatFloat(value: number, spec: FormatSpec): string {
  const sign = signText(value < 0 || Object.is(value, -0), spec);
  const finite = Number.isFinite(value);
  let body = finite ? floatBody(value, spec) : Number.isNaN(value) ? 'nan' : 'inf';
  if (!finite && spec.type === '%') body += '%';
  if (spec.type === 'E' || spec.type === 'G' || spec.type === 'F') body = body.toUpperCase();
  const split = /^(\d+)(.*)$/.exec(body);
  return split === null ? pad(sign, body, spec, '>') : padNumber(sign, split[1]!, split[2]!, spec);
}
