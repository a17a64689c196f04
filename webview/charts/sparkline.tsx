import { sparklinePath } from './sparklinePath';

const width = 72;
const height = 16;

/** A small curve without axes; its label has the numbers. Gaps where a value is not finite. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  const path = sparklinePath(values, width, height);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={label}
    >
      {path && <path d={path.line} />}
      {path?.end && <circle cx={path.end.x} cy={path.end.y} r="1.7" />}
    </svg>
  );
}
