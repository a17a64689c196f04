import type { Histogram } from '../../src/common/engineContract';
import { positionOf, ticksOf } from './symlogAxis';

export interface HistogramChartProps {
  histogram: Histogram;
  label: string;
  /** A value to mark on the axis. */
  mark?: number | null;
  format: (value: number) => string;
}

const width = 170;
const height = 72;
const axis = 14;

/** Bars on the axis that the edges make; heights grow with the square root of the counts, so that tails are seen. */
export function HistogramChart({ histogram, label, mark, format }: HistogramChartProps) {
  const { edges, counts } = histogram;
  const bins = counts.length;
  const tallest = Math.max(1, ...counts);
  const x = (position: number) => (bins === 0 ? 0 : (position / bins) * width);
  const ticks = ticksOf(edges, bins / 3.7);
  return (
    <svg class="histogram" viewBox={`0 0 ${width} ${height + axis}`} role="img" aria-label={label}>
      <line class="histogram-axis" x1="0" x2={width} y1={height} y2={height} />
      {counts.map((count, bin) => {
        if (count === 0) return null;
        const tall = Math.max(1, Math.sqrt(count / tallest) * (height - 4));
        const middle = (edges[bin]! + edges[bin + 1]!) / 2;
        const sign = edges[bin]! < 0 && edges[bin + 1]! > 0 ? 'zero' : middle < 0 ? 'negative' : 'positive';
        return (
          <rect
            key={bin}
            class={`histogram-${sign}`}
            x={x(bin)}
            y={height - tall}
            width={Math.max(0.6, width / bins - 0.6)}
            height={tall}
          />
        );
      })}
      {mark !== null && mark !== undefined && Number.isFinite(mark) && (
        <line
          class="histogram-mark"
          x1={x(positionOf(edges, mark))}
          x2={x(positionOf(edges, mark))}
          y1="0"
          y2={height}
        />
      )}
      {ticks.map(({ value, position }) => (
        <text
          key={value}
          x={x(position)}
          y={height + 11}
          text-anchor={x(position) < 16 ? 'start' : x(position) > width - 16 ? 'end' : 'middle'}
        >
          {format(value)}
        </text>
      ))}
    </svg>
  );
}
