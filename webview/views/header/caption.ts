import type { EventSummary, EventView, TensorView } from '../../../src/common/engineContract';
import type { PanelState } from '../../../src/protocol/contract';
import { formatNumber, formatPercent, formatRate, formatShape } from '../../format';
import { text } from '../../shellStrings';

/** One sentence about what just happened, with this step's numbers; `code` and **bold** are marked. */
export function captionOf(state: PanelState, history: readonly EventSummary[]): string {
  const { snapshot, busy, engineStatus, problems } = state;
  if (snapshot === null || snapshot.event === null) {
    if (problems.length > 0) return text('captionRefused', problems.length);
    return engineStatus === 'starting' || busy ? text('captionStarting') : text('captionReady');
  }
  const { event } = snapshot;
  if (busy && snapshot.status === 'running' && event.tensors.length === 0) {
    const loss = lastLoss(history, snapshot.cursor + 1);
    return loss === null ? text('captionRunningPlain') : text('captionRunning', event.iteration, formatNumber(loss));
  }
  const sentence = captions[event.phase](event, history);
  const ended = snapshot.status === 'finished' && snapshot.cursor === snapshot.head;
  return ended ? `${sentence} ${text('captionFinished')}` : sentence;
}

type Caption = (event: EventView, history: readonly EventSummary[]) => string;

const captions: Record<EventSummary['phase'], Caption> = {
  zero_grad: zeroGradCaption,
  forward: forwardCaption,
  loss: lossCaption,
  backward: backwardCaption,
  step: stepCaption,
  scheduler_step: scheduleCaption,
};

function zeroGradCaption(event: EventView, history: readonly EventSummary[]): string {
  const parameters = ofKind(event, 'parameter').length;
  const gradients = ofKind(event, 'gradient');
  let idle = true;
  for (let index = event.index - 1; index >= 0 && idle; index--) {
    const phase = history[index]?.phase;
    if (phase === 'zero_grad') break;
    if (phase === undefined || phase === 'backward') idle = false;
  }
  if (idle) return text('captionZeroGradIdle');
  const zeros = gradients.filter((gradient) => normOf(gradient) === 0).length;
  if (zeros > 0 && zeros === gradients.length) return text('captionZeroGradZeros', zeros);
  return gradients.length === 0
    ? text('captionZeroGrad', parameters)
    : text('captionZeroGradSome', parameters - gradients.length, parameters);
}

function forwardCaption(event: EventView): string {
  const output = ofKind(event, 'output')[0];
  if (output === undefined) return text('captionForwardPlain');
  const shape = formatShape(output.shape);
  return output.statistics
    ? text('captionForward', shape, formatNumber(output.statistics.max))
    : text('captionForwardShape', shape);
}

function lossCaption(event: EventView, history: readonly EventSummary[]): string {
  if (event.loss === null) return text('captionLossPlain');
  const before = lastLoss(history, event.index);
  const now = formatNumber(event.loss);
  if (before === null || before === event.loss || !Number.isFinite(before) || !Number.isFinite(event.loss)) {
    return text('captionLoss', now);
  }
  const change = formatNumber(Math.abs(event.loss - before), 3);
  return text(event.loss < before ? 'captionLossDown' : 'captionLossUp', now, change);
}

function backwardCaption(event: EventView): string {
  const gradients = ofKind(event, 'gradient');
  const broken = notFinite(gradients);
  if (broken.length > 0) return text('captionGradientsBroken', broken.length, gradients.length, broken[0]!.name);
  const { largest, smallest } = extremes(gradients);
  if (largest === null || smallest === null) return text('captionBackwardPlain');
  const count = gradients.length;
  const norm = (tensor: TensorView) => formatNumber(normOf(tensor) ?? NaN, 3);
  const sentence =
    largest === smallest
      ? text('captionBackwardOne', count, largest.name, norm(largest))
      : text('captionBackward', count, largest.name, norm(largest), smallest.name, norm(smallest));
  const sums = Math.max(0, ...gradients.map(({ accumulated }) => accumulated ?? 0));
  return sums > 1 ? `${sentence} ${text('captionAccumulated', sums)}` : sentence;
}

function stepCaption(event: EventView): string {
  const parameters = ofKind(event, 'parameter');
  const deltas = ofKind(event, 'delta').filter((delta) => normOf(delta) !== null);
  if (deltas.length === 0) return text('captionStepPlain');
  const broken = notFinite(parameters);
  if (broken.length > 0) return text('captionParametersBroken', broken.length, parameters.length, broken[0]!.name);
  const moved = deltas.filter((delta) => normOf(delta) !== 0);
  const { largest } = extremes(moved);
  if (largest === null) return text('captionStepNone', parameters.length);
  const size = normOf(largest) ?? NaN;
  const parameter = parameters.find(({ name }) => name === largest.name);
  const share = formatPercent(size / (parameter ? (normOf(parameter) ?? NaN) : NaN));
  return text('captionStep', moved.length, parameters.length, largest.name, formatNumber(size, 3), share);
}

function scheduleCaption(event: EventView, history: readonly EventSummary[]): string {
  const before = history[event.index - 1]?.lr ?? event.lr;
  const changed = event.lr.findIndex((rate, group) => rate !== before[group]);
  const group = Math.max(0, changed);
  const [from, to] = [before[group] ?? NaN, event.lr[group] ?? NaN];
  return changed < 0
    ? text('captionScheduleSame', formatRate(to))
    : text('captionSchedule', formatRate(from), formatRate(to));
}

function ofKind(event: EventView, kind: TensorView['kind']): TensorView[] {
  return event.tensors.filter((tensor) => tensor.kind === kind);
}

function normOf({ norm, statistics }: TensorView): number | null {
  return norm ?? statistics?.l2 ?? null;
}

function notFinite(tensors: readonly TensorView[]): TensorView[] {
  return tensors.filter((tensor) => !Number.isFinite(normOf(tensor) ?? 0));
}

function extremes(tensors: readonly TensorView[]): { largest: TensorView | null; smallest: TensorView | null } {
  let largest: TensorView | null = null;
  let smallest: TensorView | null = null;
  for (const tensor of tensors) {
    const norm = normOf(tensor);
    if (norm === null) continue;
    if (largest === null || norm > normOf(largest)!) largest = tensor;
    if (smallest === null || norm < normOf(smallest)!) smallest = tensor;
  }
  return { largest, smallest };
}

function lastLoss(history: readonly EventSummary[], before: number): number | null {
  for (let index = Math.min(before, history.length) - 1; index >= 0; index--) {
    const event = history[index];
    if (event?.phase === 'loss' && event.loss !== null) return event.loss;
  }
  return null;
}
