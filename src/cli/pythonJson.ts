/** What Python's `json.dumps` writes: a float keeps its point, so it is marked as one. */
export class PythonFloat {
  constructor(readonly value: number) {}
}

export type PythonJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | PythonFloat
  | readonly PythonJson[]
  | { readonly [key: string]: PythonJson | undefined };

/** A float with all its digits. */
export function exactly(value: number): PythonFloat {
  return new PythonFloat(value);
}

/** `float(f'{value:.9g}')`: a float32 survives it. */
export function nineDigits(value: number): PythonFloat {
  return new PythonFloat(roundToDigits(value, 9));
}

/** Rounds to significant digits as C does: the exact binary value, ties to even. */
function roundToDigits(value: number, digits: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const exact = Math.abs(value).toExponential(60);
  const [mantissa = '', exponent = '0'] = exact.split('e');
  const all = mantissa.replace('.', '');
  const tie = /^50*$/.test(all.slice(digits));
  const lastIsEven = Number(all[digits - 1]) % 2 === 0;
  if (!tie || !lastIsEven) return Number(value.toPrecision(digits));
  const truncated = Number(`${all[0]}.${all.slice(1, digits)}e${exponent}`);
  return value < 0 ? -truncated : truncated;
}

/** Python's `json.dumps(value)`. Plain numbers are ints. */
export function pythonJson(value: PythonJson): string {
  if (value === null) return 'null';
  if (value instanceof PythonFloat) return pythonFloat(value.value);
  if (Array.isArray(value)) return `[${(value as readonly PythonJson[]).map(pythonJson).join(', ')}]`;
  switch (typeof value) {
    case 'string':
      return pythonString(value);
    case 'object':
      return `{${Object.entries(value as Record<string, PythonJson | undefined>)
        .flatMap(([key, entry]) => (entry === undefined ? [] : [`${pythonString(key)}: ${pythonJson(entry)}`]))
        .join(', ')}}`;
    default:
      return String(value);
  }
}

/** CPython's `repr(float)`, with JSON's words for what is not finite. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa = '', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const exponent = Number(exponentText);
  const sign = value < 0 ? '-' : '';
  if (exponent < -4 || exponent >= 16) {
    const magnitude = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${magnitude}`;
  }
  const digits = mantissa.replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

function pythonString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
