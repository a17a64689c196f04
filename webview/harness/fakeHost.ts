import type { Histogram, UpdateExplanation } from '../../src/common/engineContract';
import type { PanelHandlers, PanelMessage, PanelRequest, PanelState } from '../../src/protocol/contract';
import type { HostApi } from '../vscodeApi';
import { elementsOf, eventOf, schedulesAt, snapshotAt, statisticsOf, summaryOf } from './fakeTraining';
import { scenarios } from './scenarios';

/** Answers as the extension host would, from made-up numbers; nothing of it is shipped. */
export function createFakeHost(scenario: string, ui: unknown): HostApi {
  let send: (message: PanelMessage) => void = () => undefined;
  const setUp = scenarios[scenario] ?? scenarios.backward!;
  let { cursor, head } = setUp;
  let revision = 1;
  const state = (): PanelState => {
    const plain: PanelState = {
      revision,
      locale: setUp.locale ?? 'en',
      script: { name: '03_step_lr.py', path: '/scripts/03_step_lr.py' },
      scriptChanged: false,
      engineStatus: 'ready',
      death: null,
      busy: false,
      snapshot: snapshotAt(cursor, head, revision),
      problems: [],
      error: null,
      output: [
        { stream: 'notice', text: 'The built-in images stand in for CIFAR-10.' },
        { stream: 'stdout', text: 'epoch 1, 50 iterations: mean loss 2.231' },
        { stream: 'stdout', text: 'tensor(1834.2251, grad_fn=<AddBackward0>)' },
        { stream: 'stderr', text: 'UserWarning: a warning of the script' },
      ],
      progress: [],
    };
    return setUp.change?.(plain) ?? plain;
  };
  const goTo = (event: number) => {
    cursor = Math.max(0, event);
    head = Math.max(head, cursor);
    revision++;
    send({ kind: 'state', state: state() });
    return Promise.resolve(null);
  };
  const shapeOf = (event: number, kind: string, name: string) =>
    eventOf(event).tensors.find((tensor) => tensor.kind === kind && tensor.name === name);
  const handlers: PanelHandlers = {
    ready: () => Promise.resolve(state()),
    next: ({ unit }) => goTo(cursor + (unit === 'phase' ? 1 : 5)),
    previous: ({ unit }) => goTo(cursor - (unit === 'phase' ? 1 : 5)),
    run: () => goTo(cursor + 25),
    pause: () => Promise.resolve(null),
    restart: () => goTo(0),
    moveTo: ({ event }) => goTo(event),
    setValue: () => Promise.resolve(null),
    event: ({ index }) => Promise.resolve(eventOf(index)),
    history: ({ from, count }) => {
      const length = Math.max(0, Math.min(count, head + 1 - from));
      return Promise.resolve({
        from,
        total: head + 1,
        events: Array.from({ length }, (_, at) => summaryOf(from + at)),
      });
    },
    readTensor: ({ event, kind, name, offset, length }) => {
      const view = shapeOf(event, kind, name);
      if (!view) return Promise.reject(new Error(`no ${kind} "${name}"`));
      const data = elementsOf(kind, name, view.shape, view.since ?? event);
      const address = { event, kind, name };
      const page = kind === 'target' ? new BigInt64Array([3n]) : data.slice(offset, offset + length);
      return Promise.resolve({ address, shape: view.shape, dtype: view.dtype, offset, data: page, total: data.length });
    },
    statistics: ({ event, kind, name }) => {
      const view = shapeOf(event, kind, name);
      return view
        ? Promise.resolve(statisticsOf(elementsOf(kind, name, view.shape, view.since ?? event)))
        : Promise.reject(new Error(`no ${kind} "${name}"`));
    },
    histogram: ({ bins, event, kind, name }) => Promise.resolve(histogramOf(bins, event, kind, name)),
    explain: ({ event, parameter, index }) => Promise.resolve(explanationOf(event, parameter, index)),
    schedules: ({ event }) => Promise.resolve(schedulesAt(event)),
    revealLine: () => Promise.resolve(null),
    command: () => Promise.resolve(null),
  };
  return {
    post: (message) => void answer(handlers, message, (reply) => send(reply)),
    listen: (listener) => (send = listener),
    loadUi: () => ui,
    saveUi: () => undefined,
  };
}

async function answer(
  handlers: PanelHandlers,
  { id, name, body }: PanelRequest,
  send: (message: PanelMessage) => void,
): Promise<void> {
  try {
    const handler = handlers[name] as (body: unknown) => Promise<unknown>;
    send({ kind: 'reply', id, ok: true, body: await handler(body) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const details = { code: 'harness', message, line: null, hint: null, audience: 'user', traceback: [] } as const;
    send({ kind: 'reply', id, ok: false, error: { ...details, traceback: [] } });
  }
}

function histogramOf(bins: number, event: number, kind: Parameters<typeof elementsOf>[0], name: string): Histogram {
  const view = eventOf(event).tensors.find((tensor) => tensor.kind === kind && tensor.name === name);
  const data = elementsOf(kind, name, view?.shape ?? [1], view?.since ?? event);
  const { absmax } = statisticsOf(data);
  const edges = Array.from({ length: bins + 1 }, (_, at) => {
    const place = (2 * at) / bins - 1;
    return Math.sign(place) * absmax * Math.abs(place) ** 3;
  });
  const counts = new Array<number>(bins).fill(0);
  for (const value of data) {
    const found = edges.findIndex((edge, at) => at > 0 && value <= edge) - 1;
    const bin = Math.max(0, found < 0 ? bins - 1 : found);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges, counts, zeros: 0, nan: 0, infinite: 0 };
}

function explanationOf(event: number, parameter: string, index: number): UpdateExplanation {
  const shape = eventOf(event).tensors.find(({ kind, name }) => kind === 'parameter' && name === parameter)?.shape ?? [
    1,
  ];
  const before = elementsOf('parameter', parameter, shape, event)[index] ?? 0;
  const gradient = elementsOf('gradient', parameter, shape, event)[index] ?? 0;
  const decayed = gradient + 5e-4 * before;
  const buffer = 0.9 * 0.004 + decayed;
  const line = (name: string, expression: string, substituted: string, value: number) => ({
    name,
    expression,
    substituted,
    value,
  });
  const [g, b] = [gradient.toPrecision(4), before.toPrecision(4)];
  return {
    optimizer: 'optimizer',
    type: 'SGD',
    parameter,
    index,
    before,
    gradient,
    after: before - 0.05 * buffer,
    lines: [
      line('g', 'grad + weight_decay * param', `${g} + 0.0005 * ${b}`, decayed),
      line('buf', 'momentum * buf + g', `0.9 * 0.004 + ${decayed.toPrecision(4)}`, buffer),
      line('param', 'param - lr * buf', `${b} - 0.05 * ${buffer.toPrecision(4)}`, before - 0.05 * buffer),
    ],
  };
}
