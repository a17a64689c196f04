import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { cssColor, cssFont, useTheme } from '../theme';

/** The theme's colours, resolved for a canvas. */
export interface ChartColors {
  foreground: string;
  dim: string;
  line: string;
  accent: string;
  second: string;
  warning: string;
  background: string;
  font: string;
}

function readColors(): ChartColors {
  return {
    foreground: cssColor('--gs-fg'),
    dim: cssColor('--gs-dim'),
    line: cssColor('--gs-grid'),
    accent: cssColor('--gs-accent'),
    second: cssColor('--gs-ok'),
    warning: cssColor('--gs-warn'),
    background: cssColor('--gs-bg'),
    font: cssFont(),
  };
}

export type ChartOptions = Omit<uPlot.Options, 'width' | 'height'>;

interface LineChartProps {
  data: uPlot.AlignedData;
  options: (colors: ChartColors) => ChartOptions;
  /** The chart is built again when this or the theme changes; data alone is only set. */
  optionsKey: string;
  height: number;
  /** Drawn over the curves in CSS pixels, again when its key changes. */
  overlay?: (context: CanvasRenderingContext2D, plot: uPlot, colors: ChartColors) => void;
  overlayKey?: string;
  /** The x value and index of the data under a click. */
  onPick?: (dataIndex: number) => void;
  onHover?: (dataIndex: number | null) => void;
}

/** uPlot in the theme's colours; as wide as its place. */
export function LineChart(props: LineChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const theme = useTheme();

  useLayoutEffect(() => {
    const place = frame.current;
    if (place === null) return;
    const colors = readColors();
    const { options, height } = latest.current;
    const given = options(colors);
    const built = new uPlot(
      {
        legend: { show: false },
        ...given,
        width: Math.max(120, place.clientWidth),
        height,
        cursor: { y: false, drag: { x: false, y: false }, ...given.cursor },
        hooks: {
          draw: [
            (u) => {
              const { ctx } = u;
              ctx.save();
              ctx.scale(uPlot.pxRatio, uPlot.pxRatio);
              latest.current.overlay?.(ctx, u, colors);
              ctx.restore();
            },
          ],
          setCursor: [(u) => latest.current.onHover?.(u.cursor.idx ?? null)],
        },
      },
      latest.current.data,
      place,
    );
    plot.current = built;
    const click = () => {
      const { idx } = built.cursor;
      if (idx !== null && idx !== undefined) latest.current.onPick?.(idx);
    };
    built.over.addEventListener('click', click);
    const resize = new ResizeObserver(() => {
      const width = Math.max(120, place.clientWidth);
      if (width !== built.width) built.setSize({ width, height: latest.current.height });
    });
    resize.observe(place);
    return () => {
      resize.disconnect();
      built.destroy();
      plot.current = null;
    };
  }, [theme, props.optionsKey]);

  useEffect(() => plot.current?.setData(props.data), [props.data]);
  useEffect(() => plot.current?.redraw(false), [props.overlayKey]);

  return <div class="chart" ref={frame} style={{ minHeight: `${props.height}px` }} aria-hidden="true" />;
}

/** An axis in the panel's quiet type. */
export function quietAxis(colors: ChartColors, axis: uPlot.Axis): uPlot.Axis {
  return {
    stroke: colors.dim,
    font: colors.font,
    labelFont: colors.font,
    grid: { stroke: colors.line, width: 1 },
    ticks: { show: false },
    border: { show: false },
    gap: 6,
    ...axis,
  };
}
