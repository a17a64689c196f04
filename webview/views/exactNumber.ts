/** A number with all digits that float32 has, for values that have to add up; a true minus. */
export function exactNumber(value: number, digits = 7): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '\u2212inf' : 'inf';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size >= 1e-4 && size < 1e7 ? value.toPrecision(digits) : value.toExponential(digits - 1);
  return withoutTrailingZeros(text).replace('e+', 'e').replaceAll('-', '\u2212');
}

function withoutTrailingZeros(text: string): string {
  return text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '');
}
