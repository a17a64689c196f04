import { useMemo, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import type { EventSummary } from '../../../src/common/engineContract';
import { LineChart, quietAxis } from '../../charts/lineChart';
import type { ChartColors, ChartOptions } from '../../charts/lineChart';
import { formatNumber, formatRate, formatTick } from '../../format';
import type { Navigation } from '../../navigation';
import { text } from '../../shellStrings';
import { useStore } from '../../store';
import type { Store } from '../../store';
import { Section } from '../section';

/** The loss events, by position in the curve. */
interface Losses {
  data: uPlot.AlignedData;
  events: EventSummary[];
  /** The losses that can be drawn. */
  finite: (number | null)[];
}

function lossesOf(history: readonly EventSummary[]): Losses {
  const events = history.filter(({ phase, loss }) => phase === 'loss' && loss !== null);
  const finite = events.map(({ loss }) => (loss !== null && Number.isFinite(loss) ? loss : null));
  return { events, finite, data: [events.map((_, at) => at + 1), finite] };
}

/** The last loss at or before an event; -1 when there is none. */
function lossAt(events: readonly EventSummary[], cursor: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events[middle]!.index <= cursor) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function LossView({ store, navigation }: { store: Store; navigation: Navigation }) {
  const history = useStore(store, (known) => known.history.events);
  const cursor = useStore(store, ({ state }) => state?.snapshot?.cursor ?? -1);
  const accuracy = useStore(store, ({ state }) => state?.snapshot?.accuracy ?? null);
  const edits = useStore(store, ({ state }) => state?.snapshot?.edits ?? null);
  const losses = useMemo(() => lossesOf(history), [history]);
  const logarithmic = useMemo(() => spansDecades(losses), [losses]);
  const [hovered, setHovered] = useState<number | null>(null);
  const at = lossAt(losses.events, cursor);
  const count = losses.events.length;
  const shown = losses.events[hovered ?? at];
  const note = (
    <>
      {shown && <span class="readout">{text('lossAt', shown.iteration, formatNumber(shown.loss ?? NaN))}</span>}
      {accuracy !== null && <span class="readout">{text('accuracy', formatNumber(accuracy))}</span>}
    </>
  );
  const pick = (index: number) => {
    const event = losses.events[Math.min(count - 1, Math.max(0, index))];
    if (event) navigation.moveTo(event.index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    pick(to);
  };
  const overlay = (context: CanvasRenderingContext2D, plot: uPlot, colors: ChartColors) => {
    drawEdits(context, plot, colors, losses.events, edits?.map(({ event }) => event) ?? []);
    drawCursor(context, plot, colors, losses, at);
  };
  return (
    <Section store={store} id="loss" title={text('loss')} note={note}>
      {count === 0 ? (
        <p class="quiet">{text('noLoss')}</p>
      ) : (
        <div
          class="chart-frame pickable"
          role="slider"
          tabIndex={0}
          aria-label={text('lossChart', count)}
          aria-valuemin={1}
          aria-valuemax={count}
          aria-valuenow={at + 1}
          aria-valuetext={shown ? text('lossAt', shown.iteration, formatNumber(shown.loss ?? NaN)) : ''}
          onKeyDown={onKeyDown}
        >
          <LineChart
            data={losses.data}
            options={(colors) => lossOptions(colors, logarithmic)}
            optionsKey={logarithmic ? 'logarithmic' : 'linear'}
            height={150}
            overlay={overlay}
            overlayKey={`${at}/${count}/${edits?.length ?? 0}`}
            onPick={pick}
            onHover={setHovered}
          />
        </div>
      )}
    </Section>
  );
}

/** A loss that runs away would press everything before it flat on a linear axis. */
function spansDecades({ finite }: Losses): boolean {
  let [low, high] = [Infinity, -Infinity];
  for (const loss of finite) {
    if (loss === null) continue;
    low = Math.min(low, loss);
    high = Math.max(high, loss);
  }
  return low > 0 && high / low > 1000;
}

/** Powers of ten, at most six of them. */
function decades(low: number, high: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(low)), Math.floor(Math.log10(high))];
  const stride = Math.max(1, Math.ceil((last - first) / 5));
  return Array.from(
    { length: Math.max(1, Math.floor((last - first) / stride) + 1) },
    (_, at) => 10 ** (first + at * stride),
  );
}

function lossOptions(colors: ChartColors, logarithmic: boolean): ChartOptions {
  return {
    padding: [8, 10, 0, 0],
    scales: {
      x: { time: false, range: (_, low, high) => (low === high ? [low - 1, high + 1] : [low, high]) },
      ...(logarithmic ? { y: { distr: 3 } } : {}),
    },
    axes: [
      quietAxis(colors, {
        size: 22,
        grid: { show: false },
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000],
      }),
      quietAxis(colors, {
        size: 44,
        space: 36,
        ...(logarithmic
          ? {
              splits: (_u: uPlot, _axis: number, low: number, high: number) => decades(low, high),
              filter: (_u: uPlot, ticks: number[]) => ticks,
            }
          : {}),
        values: (_, ticks, _axis, _space, step) =>
          ticks.map((tick) => (tick === null ? '' : logarithmic ? formatRate(tick) : formatTick(tick, step))),
      }),
    ],
    series: [
      {},
      {
        stroke: colors.second,
        width: 1.5,
        points: { show: (u) => (u.data[0]?.length ?? 0) <= 30, size: 4, fill: colors.second, width: 0 },
      },
    ],
    cursor: { points: { size: 7, fill: colors.second, stroke: colors.background, width: 1.5 } },
  };
}

function drawCursor(
  context: CanvasRenderingContext2D,
  plot: uPlot,
  colors: ChartColors,
  { data, finite }: Losses,
  at: number,
): void {
  const x = data[0][at];
  if (x === undefined) return;
  const left = Math.round(plot.valToPos(x, 'x') + plot.over.offsetLeft) + 0.5;
  const top = plot.over.offsetTop;
  context.strokeStyle = colors.dim;
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(left, top);
  context.lineTo(left, top + plot.over.clientHeight);
  context.stroke();
  context.setLineDash([]);
  const y = finite[at];
  if (typeof y !== 'number') return;
  dot(context, left, plot.valToPos(y, 'y') + top, colors.second, colors.background);
}

export function dot(context: CanvasRenderingContext2D, x: number, y: number, fill: string, ring: string): void {
  context.beginPath();
  context.arc(x, y, 4.5, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = ring;
  context.stroke();
}

/** A small triangle under the axis' line where a person changed a value. */
function drawEdits(
  context: CanvasRenderingContext2D,
  plot: uPlot,
  colors: ChartColors,
  events: readonly EventSummary[],
  edited: readonly number[],
): void {
  const bottom = plot.over.offsetTop + plot.over.clientHeight;
  context.fillStyle = colors.warning;
  for (const event of edited) {
    const x = plot.valToPos(lossAt(events, event) + 1, 'x') + plot.over.offsetLeft;
    context.beginPath();
    context.moveTo(x, bottom - 7);
    context.lineTo(x - 4, bottom);
    context.lineTo(x + 4, bottom);
    context.fill();
  }
}
