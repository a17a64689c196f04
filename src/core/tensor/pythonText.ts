/* Numbers as Python writes them: `str()`, and the formats `.Nf` and `.Ne`, which round exact ties to even. */

/** A scalar as Python's `str()` writes it. */
export function pythonText(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'number') return String(value);
  if (!Number.isFinite(value)) return nonFiniteText(value);
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
    return `${mantissa}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? `${Object.is(value, -0) ? '-0' : BigInt(value).toString()}.0` : String(value);
}

/** The name of a scalar's Python type. */
export function pythonTypeName(value: unknown): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  return typeof value === 'boolean' ? 'bool' : 'str';
}

function nonFiniteText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}

/** JavaScript's limit for the digits of `toFixed` and `toExponential`. */
const mostDigits = 100;

/** Whether what follows a decimal's last kept digit is exactly one half, given those digits to the limit. */
function isTie(digits: string): boolean {
  return /^50*$/.test(digits);
}

/** `format(value, '.Nf')`, with N the `precision`. */
export function fixedNotation(value: number, precision: number): string {
  if (!Number.isFinite(value)) return nonFiniteText(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if (magnitude >= 2 ** 53) {
    return sign + BigInt(magnitude).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '');
  }
  const rounded = magnitude.toFixed(precision);
  const exact = magnitude.toFixed(mostDigits);
  const point = exact.indexOf('.') + 1;
  if (!isTie(exact.slice(point + precision))) return sign + rounded;
  const truncated = precision > 0 ? exact.slice(0, point + precision) : exact.slice(0, point - 1);
  return sign + (Number(truncated.at(-1)) % 2 === 0 ? truncated : rounded);
}

/** `format(value, '.Ne')`, with N the `precision`. */
export function exponentialNotation(value: number, precision: number): string {
  if (!Number.isFinite(value)) return nonFiniteText(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  const exact = magnitude.toExponential(mostDigits);
  const [digits, exponent] = exact.split('e') as [string, string];
  const kept = precision > 0 ? precision + 2 : 1;
  let text = magnitude.toExponential(precision);
  if (isTie(digits.slice(precision + 2))) {
    const truncated = digits.slice(0, kept);
    if (Number(truncated.at(-1)) % 2 === 0) text = `${truncated}e${exponent}`;
  }
  const [mantissa, power] = text.split('e') as [string, string];
  return `${sign}${mantissa}e${power.slice(0, 1)}${power.slice(1).padStart(2, '0')}`;
}
