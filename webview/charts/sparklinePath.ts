const inset = 2;

export interface SparklinePath {
  line: string;
  /** The last point when it is finite. */
  end: { x: number; y: number } | null;
}

/** Scaled from the smallest to the largest finite value; a flat line lies in the middle. Null without any. */
export function sparklinePath(values: readonly number[], wide: number, high: number): SparklinePath | null {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return null;
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low;
  const stepX = values.length > 1 ? (wide - 2 * inset) / (values.length - 1) : 0;
  const start = values.length > 1 ? inset : wide - inset;
  const points = values.map((value, i) => ({
    x: round(start + i * stepX),
    y: round(range > 0 ? high - inset - ((value - low) / range) * (high - 2 * inset) : high / 2),
    drawn: Number.isFinite(value),
  }));
  const line = points
    .map(({ x, y, drawn }, i) => (drawn ? `${i > 0 && points[i - 1]!.drawn ? 'L' : 'M'}${x} ${y}` : ''))
    .join('');
  const last = points[points.length - 1]!;
  return { line, end: last.drawn ? { x: last.x, y: last.y } : null };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
