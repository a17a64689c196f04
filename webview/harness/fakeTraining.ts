import type {
  EventSummary,
  EventView,
  ScheduleView,
  StateSnapshot,
  Statistics,
  TensorKind,
  TensorView,
} from '../../src/common/engineContract';
import type { Phase } from '../../src/common/phase';

/** A made-up training with the shapes of a small CIFAR-10 network: deterministic, and true to no script. */
export const pattern: { phase: Phase; line: number }[] = [
  { phase: 'forward', line: 42 },
  { phase: 'loss', line: 43 },
  { phase: 'zero_grad', line: 44 },
  { phase: 'backward', line: 45 },
  { phase: 'step', line: 46 },
];

const shapes: Record<string, number[]> = {
  'model.0.weight': [32, 3, 5, 5],
  'model.0.bias': [32],
  'model.2.weight': [32, 32, 5, 5],
  'model.2.bias': [32],
  'model.4.weight': [64, 32, 5, 5],
  'model.4.bias': [64],
  'model.7.weight': [64, 1024],
  'model.7.bias': [64],
  'model.8.weight': [10, 64],
  'model.8.bias': [10],
};

const layers: Record<string, { type: string; shape: number[] }> = {
  'model.0': { type: 'Conv2d', shape: [1, 32, 32, 32] },
  'model.1': { type: 'MaxPool2d', shape: [1, 32, 16, 16] },
  'model.2': { type: 'Conv2d', shape: [1, 32, 16, 16] },
  'model.3': { type: 'MaxPool2d', shape: [1, 32, 8, 8] },
  'model.4': { type: 'Conv2d', shape: [1, 64, 8, 8] },
  'model.5': { type: 'MaxPool2d', shape: [1, 64, 4, 4] },
  'model.6': { type: 'Flatten', shape: [1, 1024] },
  'model.7': { type: 'Linear', shape: [1, 64] },
  'model.8': { type: 'Linear', shape: [1, 10] },
};

export const stepSize = 30;
const rates = (step: number) => 0.05 * 0.1 ** Math.floor(step / stepSize);

function hash(text: string): number {
  let value = 2166136261;
  for (const character of text) value = Math.imul(value ^ character.charCodeAt(0), 16777619) >>> 0;
  return value;
}

function noise(seed: number): () => number {
  let state = (Math.imul(seed, 2654435761) >>> 1) % 2147483646 || 1;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

const sizes: Partial<Record<TensorKind, number>> = { parameter: 0.06, gradient: 0.01, state: 0.012, delta: 0.0006 };

export function elementsOf(kind: TensorKind, name: string, shape: readonly number[], event: number): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const random = noise(hash(`${kind}/${name}`) + Math.floor(event / 5) * (kind === 'parameter' ? 0 : 7919));
  const data = new Float32Array(count);
  const size = sizes[kind] ?? 0.5;
  const width = shape.at(-1) ?? 1;
  const wave = random() * 0.5;
  for (let at = 0; at < count; at++) {
    const smooth = Math.sin(at * wave + Math.floor(at / width) * 0.7);
    data[at] = kind === 'input' ? 0.35 + 0.25 * smooth + 0.2 * random() : size * (0.6 * smooth + random() - 0.5);
  }
  return data;
}

export function statisticsOf(data: Float32Array): Statistics {
  let [sum, squares, min, max, zeros] = [0, 0, Infinity, -Infinity, 0];
  for (const value of data) {
    sum += value;
    squares += value * value;
    min = Math.min(min, value);
    max = Math.max(max, value);
    if (value === 0) zeros++;
  }
  const count = data.length;
  const mean = sum / count;
  const std = Math.sqrt((squares - count * mean * mean) / (count - 1));
  const absmax = Math.max(-min, max);
  return { count, sum, l2: Math.sqrt(squares), absmax, min, max, mean, std, nan: 0, infinite: 0, zeros };
}

export const schedulerEvery = 50;

export function summaryOf(index: number): EventSummary {
  const { phase, line } = pattern[index % pattern.length]!;
  const iteration = Math.floor(index / pattern.length) + 1;
  const random = noise(iteration * 131);
  const loss = 1.35 + 0.95 * Math.exp(-iteration / 160) + (random() - 0.5) * 0.35;
  return {
    index,
    phase,
    line,
    iteration,
    epoch: 1 + Math.floor(iteration / 800),
    lr: [rates(Math.floor(iteration / 4))],
    loss: phase === 'forward' ? null : loss,
  };
}

function tensor(kind: TensorKind, name: string, shape: number[], event: number, since: number): TensorView {
  const statistics = statisticsOf(elementsOf(kind, name, shape, since));
  const view: TensorView = {
    kind,
    name,
    shape,
    dtype: 'float32',
    statistics,
    available: true,
    norm: statistics.l2,
    since,
  };
  return kind === 'gradient' ? { ...view, accumulated: 1 } : view;
}

export function eventOf(index: number): EventView {
  const summary = summaryOf(index);
  const at = index % pattern.length;
  const start = index - at;
  const tensors: TensorView[] = [];
  const lastStep = at === 4 ? index : start - 1;
  for (const [name, shape] of Object.entries(shapes)) {
    if (lastStep >= 0) tensors.push(tensor('parameter', name, shape, index, lastStep));
    else tensors.push(tensor('parameter', name, shape, index, 0));
    if (at < 2 && start > 0) tensors.push(tensor('gradient', name, shape, index, start - 2));
    if (at >= 3) tensors.push(tensor('gradient', name, shape, index, start + 3));
    if (at === 4) tensors.push(tensor('delta', name, shape, index, index));
    if (start > 0 || at === 4) tensors.push(tensor('state', `${name}/momentum_buffer`, shape, index, lastStep));
  }
  tensors.push(tensor('input', '0', [1, 3, 32, 32], index, start), tensor('output', '', [1, 10], index, start));
  tensors.push({ ...tensor('target', '', [1], index, start), dtype: 'int64' });
  if (at >= 1) tensors.push(tensor('loss', '', [], index, start + 1));
  for (const [name, { shape }] of Object.entries(layers)) {
    tensors.push(tensor('layer', name, shape, index, start));
    if (at >= 3) tensors.push(tensor('layerGradient', name, shape, index, start + 3));
  }
  return {
    ...summary,
    warnings: [],
    optimizers: [
      {
        name: 'optimizer',
        type: 'SGD',
        groups: [
          {
            size: 10,
            hyperparameters: {
              lr: summary.lr[0]!,
              momentum: 0.9,
              dampening: 0,
              weight_decay: 5e-4,
              nesterov: false,
              maximize: false,
              foreach: null,
              differentiable: false,
              fused: null,
            },
          },
        ],
      },
    ],
    tensors,
    layerTypes: Object.fromEntries(Object.entries(layers).map(([name, { type }]) => [name, type])),
    dropped: false,
    edits: [],
  };
}

export function schedulesAt(index: number): ScheduleView[] {
  const done = Math.floor(summaryOf(index).iteration / 4);
  const future = Array.from({ length: 1000 }, (_, step) => rates(done + step + 1));
  const change = future.findIndex((rate) => rate !== rates(done));
  return [
    {
      optimizer: 'optimizer',
      group: 0,
      scheduler: 'scheduler',
      type: 'StepLR',
      settings: { step_size: stepSize, gamma: 0.1 },
      past: Array.from({ length: done + 1 }, (_, step) => rates(step)),
      future,
      nextChange: { inSteps: change + 1, from: rates(done), to: future[change]! },
    },
  ];
}

export function snapshotAt(cursor: number, head: number, revision: number): StateSnapshot {
  const event = cursor < 0 ? null : eventOf(cursor);
  return {
    revision,
    status: 'paused',
    cursor,
    head,
    event,
    line: event?.line ?? 0,
    mode: 'stepping',
    device: 'cpu',
    onCpu: [],
    iteration: event?.iteration ?? 0,
    epoch: event?.epoch ?? 0,
    pattern: pattern.slice(0, cursor < 5 ? cursor + 1 : 5),
    position: cursor < 0 ? -1 : cursor % 5,
    accuracy: 0.4375,
    classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
    findings: [],
    edits: [],
    bytes: 137e6,
    byteBudget: 512 * 1024 ** 2,
    droppedBefore: 0,
    compiledGraphs: 9,
    error: null,
  };
}
