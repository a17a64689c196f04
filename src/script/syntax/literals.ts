import type { ConstantValue } from './ast';

/** A number as Python writes it, or `null` for a complex one. */
export function parseNumber(text: string): bigint | number | null {
  const plain = text.replaceAll('_', '');
  if (/^0[xXoObB]/.test(plain)) return BigInt(plain.toLowerCase());
  if (/[jJ]$/.test(plain)) return null;
  if (/^[0-9]+$/.test(plain)) return BigInt(plain);
  return Number(plain);
}

export interface StringParts {
  prefix: string;
  /** Offsets of the text between the quotes, within the literal. */
  from: number;
  to: number;
}

/** Takes a string literal's prefix and quotes off. */
export function splitString(literal: string): StringParts {
  const prefix = /^[a-zA-Z]*/.exec(literal)![0];
  const quote = literal.slice(prefix.length);
  const width = quote.startsWith('"""') || quote.startsWith("'''") ? 3 : 1;
  return { prefix: prefix.toLowerCase(), from: prefix.length + width, to: literal.length - width };
}

const simpleEscapes: Record<string, string> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
};

/** Undoes the escapes of a non-raw string. An escape Python doesn't know stays as it is. */
export function unescapeText(text: string, bytes = false): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(\r\n|N\{[^}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[^])/g,
    (whole, body: string) => {
      const simple = simpleEscapes[body];
      if (simple !== undefined) return simple;
      if (body === '\r\n') return '';
      const first = body[0]!;
      if (first === 'x' && body.length === 3) return String.fromCharCode(parseInt(body.slice(1), 16));
      if (!bytes && (first === 'u' || first === 'U') && body.length > 1) {
        return String.fromCodePoint(parseInt(body.slice(1), 16));
      }
      if (/^[0-7]/.test(body)) return String.fromCharCode(parseInt(body, 8));
      return whole;
    },
  );
}

/** The value of one plain string or bytes literal. */
export function parseString(literal: string): ConstantValue {
  const { prefix, from, to } = splitString(literal);
  const raw = literal.slice(from, to).replaceAll('\r\n', '\n');
  const isBytes = prefix.includes('b');
  const text = prefix.includes('r') ? raw : unescapeText(raw, isBytes);
  return isBytes ? Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff) : text;
}
