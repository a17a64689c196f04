import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { cssColor, useTheme } from '../theme';
import { ColorMap, parseColor, type Rgb } from './colorMap';
import { elementAt, forEachRun, neighbour, pixelOf, type TileLayout } from './tileLayout';

export interface HeatmapProps {
  data: ArrayLike<number | bigint>;
  layout: TileLayout;
  /** The absolute value that gets the full colour. */
  scale: number;
  /** What it shows, with shape and range. */
  label: string;
  selected?: number | null;
  onSelect?: (element: number) => void;
  /** No wider than this many CSS pixels per element. */
  largestPixel?: number;
  /** No taller than this many CSS pixels. */
  tallest?: number;
}

/** A tensor as a bitmap on the theme's diverging colours; gaps between tiles stay transparent. */
export function Heatmap(props: HeatmapProps) {
  const { data, layout, scale, label, selected, onSelect, largestPixel = 18, tallest = 420 } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const colors = useMemo(themeColorMap, [theme]);
  const [focused, setFocused] = useState(false);
  useEffect(() => {
    if (canvas.current) paint(canvas.current, data, layout, scale, colors);
  }, [data, layout, scale, colors]);

  const choose = (event: MouseEvent) => {
    const box = canvas.current!.getBoundingClientRect();
    const element = elementAt(
      layout,
      ((event.clientX - box.left) / box.width) * layout.width,
      ((event.clientY - box.top) / box.height) * layout.height,
    );
    if (element !== null) onSelect?.(element);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const arrow = arrows[event.key];
    if (!arrow || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    onSelect?.(neighbour(layout, selected ?? 0, arrow[0], arrow[1]));
  };
  const mark = selected === null || selected === undefined ? null : pixelOf(layout, selected);
  const picture = (
    <>
      <canvas ref={canvas} role="img" aria-label={label} width={layout.width} height={layout.height} />
      {mark && (
        <span
          class="heatmap-mark"
          style={{
            left: percent(mark.x / layout.width),
            top: percent(mark.y / layout.height),
            width: percent(1 / layout.width),
            height: percent(1 / layout.height),
          }}
        />
      )}
    </>
  );
  const fitting = Math.min(layout.width * largestPixel, (tallest * layout.width) / Math.max(1, layout.height));
  const maxWidth = `${fitting}px`;
  if (!onSelect) {
    return (
      <div class="heatmap" style={{ maxWidth }}>
        {picture}
      </div>
    );
  }
  return (
    <div
      class={focused ? 'heatmap choosable focused' : 'heatmap choosable'}
      style={{ maxWidth }}
      role="group"
      aria-label={label}
      tabIndex={0}
      onClick={choose}
      onKeyDown={onKeyDown}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      {picture}
    </div>
  );
}

/** The scale of a heat map: from -scale over zero to scale. */
export function ScaleBar({ scale, format }: { scale: number; format: (value: number) => string }) {
  return (
    <div class="scale-bar" aria-hidden="true">
      <span class="scale-colors" />
      <span>{format(-scale)}</span>
      <span>0</span>
      <span>{format(scale)}</span>
    </div>
  );
}

const arrows: Record<string, readonly [dx: number, dy: number] | undefined> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function percent(share: number): string {
  return `${share * 100}%`;
}

function themeColorMap(): ColorMap {
  const color = (name: string, otherwise: Rgb) => parseColor(cssColor(name)) ?? otherwise;
  return new ColorMap({
    negative: color('--gs-negative', [230, 120, 60]),
    zero: color('--gs-zero', [38, 38, 38]),
    positive: color('--gs-positive', [70, 150, 235]),
    nan: color('--gs-error', [255, 0, 160]),
  });
}

function paint(
  canvas: HTMLCanvasElement,
  data: ArrayLike<number | bigint>,
  layout: TileLayout,
  scale: number,
  colors: ColorMap,
): void {
  const context = canvas.getContext('2d');
  if (!context || layout.width === 0 || layout.height === 0) return;
  const image = context.createImageData(layout.width, layout.height);
  const pixels = new Uint32Array(image.data.buffer);
  const elements = Math.min(layout.elements, data.length);
  forEachRun(layout, elements, (element, pixel, length) => {
    for (let i = 0; i < length; i++) pixels[pixel + i] = colors.at(Number(data[element + i]), scale);
  });
  context.putImageData(image, 0, 0);
}
