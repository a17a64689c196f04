const minus = '\u2212';

function withRealMinus(text: string): string {
  return text.replace('-', minus);
}

/** A number for a reader: significant digits, no trailing noise, a true minus; NaN and infinities by PyTorch's names. */
export function formatNumber(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? `${minus}inf` : 'inf';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return withRealMinus(shortExponent(value.toExponential(digits - 1)));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return withRealMinus(value.toFixed(Math.min(decimals, 8)));
}

/** As Python writes a setting: `0.01`, `5e-4` rather than 0.0005000. */
export function formatRate(value: number): string {
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return formatNumber(value);
  const rounded = Number(value.toPrecision(6));
  const size = Math.abs(rounded);
  return withRealMinus(size >= 1e-3 && size < 1e5 ? String(rounded) : shortExponent(rounded.toExponential()));
}

function shortExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$1$2').replace('e+', 'e');
}

export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join(' × ');
}

export function formatPercent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const scaled = bytes / 1024 ** power;
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${units[power] ?? ''}`;
}

/** A number at an axis, with as many decimals as the distance between two of them needs. */
export function formatTick(value: number, step: number): string {
  if (value !== 0 && (Math.abs(value) >= 1e6 || step < 1e-4)) return formatNumber(value, 2);
  let decimals = 0;
  while (decimals < 8 && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6) decimals++;
  return withRealMinus(value.toFixed(decimals));
}
