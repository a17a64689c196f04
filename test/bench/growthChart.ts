/** One line of a chart; both axes are logarithmic. */
export interface Series {
  name: string;
  points: { x: number; y: number }[];
}

export interface Chart {
  title: string;
  /** What the horizontal axis counts. */
  axis: string;
  /** What the vertical axis counts. */
  unit: string;
  series: readonly Series[];
}

const size = { width: 400, height: 260, left: 52, right: 26, top: 34, bottom: 44 };
/** Told apart without colours as well: each has a dash of its own. */
const strokes = [
  { color: '#0b62c4', dash: '' },
  { color: '#0b62c4', dash: '5 4' },
  { color: '#b4530a', dash: '' },
];

/** A page with the charts side by side, light, of one size: `size.width` each. */
export function chartPage(charts: readonly Chart[], note: string): string {
  return `<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; padding: 12px; background: #fff; color: #222; font: 12px system-ui, sans-serif; display: inline-block }
  main { display: flex } text { font: 11px system-ui, sans-serif; fill: #444 } .title { font-weight: 600; fill: #222 }
  p { margin: 4px 8px; color: #555 }</style><main>${charts.map(drawing).join('')}</main><p>${note}</p>`;
}

function drawing({ title, axis, unit, series }: Chart): string {
  const { width, height, left, right, top, bottom } = size;
  const points = series.flatMap((one) => one.points);
  const x = scale(
    points.map((point) => point.x),
    left,
    width - right,
  );
  const y = scale([...points.map((point) => point.y)], height - bottom, top + 14 * series.length);
  const vertical = ticks(y.low, y.high).map((value) => {
    const at = y.place(value).toFixed(1);
    return `<line x1="${left}" x2="${width - right}" y1="${at}" y2="${at}" stroke="#e3e3e3"/><text x="${left - 6}" y="${at}" text-anchor="end" dominant-baseline="middle">${shortNumber(value)}</text>`;
  });
  const horizontal = ticks(x.low, x.high).map(
    (value) =>
      `<text x="${x.place(value).toFixed(1)}" y="${height - bottom + 16}" text-anchor="middle">${shortNumber(value)}</text>`,
  );
  const lines = series.map(({ name, points: own }, i) => {
    const { color, dash } = strokes[i % strokes.length]!;
    const path = own.map((point) => `${x.place(point.x).toFixed(1)},${y.place(point.y).toFixed(1)}`).join(' ');
    const stroke = `stroke="${color}" stroke-width="2" fill="none" stroke-dasharray="${dash}"`;
    const legend = top + 14 * i;
    const key = `<line x1="${width - 146}" x2="${width - 122}" y1="${legend}" y2="${legend}" ${stroke}/><text x="${width - 116}" y="${legend}" dominant-baseline="middle">${name}</text>`;
    return `<polyline points="${path}" ${stroke}/>${key}`;
  });
  const texts = `<text class="title" x="${left}" y="14">${title}</text><text x="${left}" y="${top}" dominant-baseline="middle">${unit}</text><text x="${(left + width - right) / 2}" y="${height - 10}" text-anchor="middle">${axis}</text>`;
  return `<svg width="${width}" height="${height}">${texts}${vertical.join('')}${horizontal.join('')}${lines.join('')}</svg>`;
}

interface Scale {
  low: number;
  high: number;
  place(value: number): number;
}

/** Logarithmic, over a power of ten at least. */
function scale(values: readonly number[], from: number, to: number): Scale {
  const high = Math.max(...values);
  const low = Math.min(...values, high / 10);
  const place = (value: number): number => from + ((to - from) * Math.log(value / low)) / Math.log(high / low);
  return { low, high, place };
}

/** 1, 2 and 5 of each power of ten, or the powers alone where those are many. */
function ticks(low: number, high: number): number[] {
  const steps = high / low > 100 ? [1] : [1, 2, 5];
  const exponents = Array.from({ length: 12 }, (_, i) => i - 3);
  return exponents
    .flatMap((exponent) => steps.map((step) => step * 10 ** exponent))
    .filter((value) => value >= low * 0.999 && value <= high * 1.001);
}

function shortNumber(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1e3 ? `${value / 1e3} k` : String(value);
}
