import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import uPlotLibrary from 'uplot';
import type { ScheduleView } from '../../../src/common/engineContract';
import { LineChart, quietAxis } from '../../charts/lineChart';
import type { ChartColors, ChartOptions } from '../../charts/lineChart';
import { formatRate } from '../../format';
import { RichText } from '../../richText';
import { text } from '../../shellStrings';
import { useQuery, useStore } from '../../store';
import type { Store } from '../../store';
import { dot } from '../loss/lossView';
import { Section } from '../section';
import { Hyperparameters } from './hyperparameters';
import { curveOf } from './scheduleCurve';
import type { ScheduleCurve } from './scheduleCurve';

export function LearningRateView({ store }: { store: Store }) {
  const event = useStore(store, ({ state }) => state?.snapshot?.event ?? null);
  const busy = useStore(store, ({ state }) => state?.busy ?? false);
  const { last } = useQuery(store, 'schedules', event && !busy ? { event: event.index } : null);
  const schedules = useMemo(() => withoutTwins(last ?? []), [last]);
  const first = schedules[0];
  return (
    <Section store={store} id="learningRate" title={text('learningRate')} note={first && settingsText(first)}>
      {schedules.map((schedule, index) => (
        <Schedule
          key={`${schedule.optimizer}/${schedule.group}`}
          schedule={schedule}
          heading={schedules.length > 1 ? groupText(schedule, index > 0) : null}
        />
      ))}
      {event && <Hyperparameters store={store} event={event} busy={busy} />}
    </Section>
  );
}

/** Groups of one optimizer with the same course need one picture. */
function withoutTwins(schedules: readonly ScheduleView[]): ScheduleView[] {
  const seen = new Set<string>();
  return schedules.filter((schedule) => {
    const key = JSON.stringify([schedule.optimizer, schedule.past, schedule.future.slice(0, 1000), schedule.type]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function settingsText({ type, settings }: ScheduleView): string {
  if (type === null) return text('noScheduler');
  const shown = Object.entries(settings).filter(([, value]) => value !== null && !Array.isArray(value));
  return [type, ...shown.slice(0, 4).map(([name, value]) => `${name}\u00a0${settingText(value)}`)].join(', ');
}

function settingText(value: unknown): string {
  return typeof value === 'number' ? formatRate(value) : String(value);
}

function groupText(schedule: ScheduleView, withType: boolean): string {
  const settings = withType ? ` · ${settingsText(schedule)}` : '';
  return `${schedule.optimizer} · ${text('group', schedule.group)}${settings}`;
}

function Schedule({ schedule, heading }: { schedule: ScheduleView; heading: string | null }) {
  const curve = useMemo(() => curveOf(schedule), [schedule]);
  const data = useMemo((): uPlot.AlignedData => [curve.x, curve.past, curve.future], [curve]);
  const rate = schedule.past[curve.now] ?? NaN;
  const { nextChange } = schedule;
  if (schedule.scheduler === null) {
    return (
      <div class="schedule">
        {heading && <h3>{heading}</h3>}
        <p class="quiet">{text('constantRate', formatRate(rate))}</p>
      </div>
    );
  }
  const change =
    nextChange === null
      ? text(schedule.future.length === 0 ? 'unknownChange' : 'noChange')
      : nextChange.inSteps === 1
        ? text('nextChangeOne', formatRate(nextChange.from), formatRate(nextChange.to))
        : text('nextChange', nextChange.inSteps, formatRate(nextChange.from), formatRate(nextChange.to));
  return (
    <div class="schedule">
      {heading && <h3>{heading}</h3>}
      <p class="schedule-head">
        <span class="big-number">{formatRate(rate)}</span>
        <span class="schedule-change">{change}</span>
      </p>
      <div class="chart-frame" role="img" aria-label={text('rateChart', formatRate(rate), curve.now, change)}>
        <LineChart
          data={data}
          options={(colors) => rateOptions(colors, curve)}
          optionsKey={`${curve.logarithmic}/${curve.plateaus.join()}/${curve.jumps.map(({ x }) => x).join()}`}
          height={136}
          overlay={(context, plot, colors) => drawMarks(context, plot, colors, curve)}
          overlayKey={`${curve.now}/${rate}`}
        />
      </div>
      {nextStepText(schedule, rate) && (
        <p class="quiet">
          <RichText text={nextStepText(schedule, rate)} />
        </p>
      )}
    </div>
  );
}

/** What pressing on to the next scheduler.step() will do. */
function nextStepText({ future }: ScheduleView, rate: number): string {
  const next = future[0];
  if (next === undefined) return '';
  return next === rate
    ? text('nextStepKeeps', formatRate(rate))
    : text('nextStepChanges', formatRate(next), factorText(rate, next));
}

function factorText(from: number, to: number): string {
  return `×${formatRate(Number((to / from).toPrecision(3)))}`;
}

function rateOptions(colors: ChartColors, curve: ScheduleCurve): ChartOptions {
  const stepped = uPlotLibrary.paths.stepped?.({ align: 1 });
  const few = curve.plateaus.length > 0;
  const ends = [0, ...curve.jumps.map(({ x }) => x)];
  return {
    padding: [14, 14, 0, 0],
    scales: {
      x: { time: false, range: (_, low, high) => [low, Math.max(high, low + 1)] },
      y: curve.logarithmic
        ? { distr: 3, range: (_, low, high) => [low / 1.6, high * 1.6] }
        : { range: (_, low, high) => (low === high ? [low * 0.5, high * 1.5 || 1] : [Math.min(0, low), high * 1.12]) },
    },
    axes: [
      quietAxis(colors, {
        size: 22,
        grid: { show: false },
        space: 40,
        ...(curve.jumps.length > 0 ? { splits: () => ends, values: () => ends.map(String) } : {}),
      }),
      quietAxis(colors, {
        size: 52,
        values: (_, ticks) => ticks.map((tick) => formatRate(tick)),
        ...(few ? { splits: () => curve.plateaus, filter: (_, ticks) => ticks } : {}),
      }),
    ],
    series: [
      {},
      { stroke: colors.accent, width: 2, points: { show: false }, ...(stepped ? { paths: stepped } : {}) },
      {
        stroke: colors.accent,
        width: 1.5,
        dash: [4, 4],
        points: { show: false },
        ...(stepped ? { paths: stepped } : {}),
      },
    ],
    cursor: { show: false },
  };
}

function drawMarks(
  context: CanvasRenderingContext2D,
  plot: uPlot,
  colors: ChartColors,
  { jumps, now, past }: ScheduleCurve,
): void {
  const left = (x: number) => plot.valToPos(x, 'x') + plot.over.offsetLeft;
  const top = (y: number) => plot.valToPos(y, 'y') + plot.over.offsetTop;
  const next = jumps.find(({ x }) => x > now);
  context.font = colors.font;
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  let free = -Infinity;
  for (const jump of jumps) {
    const isNext = jump === next;
    const label = factorText(jump.from, jump.to);
    const x = left(jump.x);
    const y = (top(jump.from) + top(jump.to)) / 2 + 4;
    const width = context.measureText(label).width;
    const start = x + 6;
    if (start < free || start + width > plot.over.offsetLeft + plot.over.clientWidth + 12) continue;
    free = start + width + 4;
    context.fillStyle = isNext ? colors.foreground : colors.dim;
    context.fillText(label, start, y);
  }
  if (next) {
    context.strokeStyle = colors.warning;
    context.lineWidth = 1;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(Math.round(left(next.x)) + 0.5, plot.over.offsetTop);
    context.lineTo(Math.round(left(next.x)) + 0.5, plot.over.offsetTop + plot.over.clientHeight);
    context.stroke();
    context.setLineDash([]);
  }
  const rate = past[now];
  if (typeof rate === 'number') dot(context, left(now), top(rate), colors.accent, colors.background);
}
