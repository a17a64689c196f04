import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { EventView, ExecutionMode, Statistics, TensorPage } from '../../../src/common/engineContract';
import type { Graph } from '../../../src/core/onnx/graph';
import { createProgram } from '../../../src/engine/program';
import { Session } from '../../../src/engine/session';
import { OrtRuntime } from '../../../src/runtime/ortRuntime';
import { ScriptedChannel, ScriptOver } from './scriptedChannel';

/* A running session leaves gradients in their graph once a step has used them up. Nobody may notice but by the clock. */

const iterations = 180;

interface Loop {
  optimizer?: string;
  zeroGrad?: string;
  /** Between `backward` and `step`. */
  beforeStep?: string;
  afterStep?: string;
}

function training({
  optimizer = 'SGD(net.parameters(), lr=0.1)',
  zeroGrad = 'optimizer.zero_grad()',
  beforeStep = 'pass',
  afterStep = 'pass',
}: Loop = {}): string {
  return `import torch
from torch import nn

torch.manual_seed(3)
net = nn.Sequential(nn.Linear(32, 48), nn.Tanh(), nn.Linear(48, 1))
optimizer = torch.optim.${optimizer}
inputs = torch.rand(4, 32)
targets = torch.rand(4, 1)
seen = []
for iteration in range(${iterations}):
    ${zeroGrad}
    loss = nn.functional.mse_loss(net(inputs), targets)
    loss.backward()
    ${beforeStep}
    optimizer.step()
    ${afterStep}
`;
}

function play(source: string, mode: ExecutionMode, build: (channel: ScriptedChannel) => void): ScriptedChannel {
  const channel = new ScriptedChannel();
  channel.ask('start', {
    fileName: '/script.py',
    source,
    device: 'cpu',
    threads: 1,
    dataFolder: null,
    mode,
    goal: { kind: 'continue' },
  });
  build(channel);
  assert.throws(() => new Session(channel, createProgram).serveForever(), ScriptOver);
  return channel;
}

/** How often graphs have run, and how many arrays they gave. */
function countRuns(context: TestContext): { runs: number; arrays: number } {
  const counted = { runs: 0, arrays: 0 };
  const original = OrtRuntime.prototype.compile;
  context.mock.method(OrtRuntime.prototype, 'compile', function compile(this: OrtRuntime, graph: Graph) {
    const compiled = original.call(this, graph);
    const run = compiled.run.bind(compiled);
    compiled.run = (feeds) => {
      const results = run(feeds);
      counted.runs++;
      counted.arrays += results.length;
      return results;
    };
    return compiled;
  });
  return counted;
}

const gradientOf = (name: string) => ({ kind: 'gradient' as const, name, offset: 0, length: 2000 });

/** @param eventsOf an iteration: its last is a step */
function look(channel: ScriptedChannel, eventsOf: number): void {
  for (const event of [70, 71, 101, 102, 150, iterations].map((iteration) => iteration * eventsOf - 1)) {
    channel.ask('readTensor', { event, ...gradientOf('0.weight') });
    channel.ask('readTensor', { event, ...gradientOf('2.bias') });
    channel.ask('statistics', { event, kind: 'gradient', name: '2.weight' });
    channel.ask('event', { index: event });
    channel.ask('readTensor', { event: event - 1, ...gradientOf('2.weight') });
  }
}

/** The answers' numbers, in their order. */
function numbersOf(channel: ScriptedChannel): number[] {
  const answers = channel.replies().slice(1) as Partial<TensorPage & Statistics & EventView>[];
  return answers.flatMap(({ data, l2, tensors }) => {
    if (data) return Array.from(data, Number);
    return tensors ? tensors.flatMap(({ kind, norm }) => (kind === 'gradient' ? [norm!] : [])) : [l2!];
  });
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => {
    const bound = 1e-5 * Math.abs(expected[i]!) + 1e-7;
    assert.ok(Math.abs(value - expected[i]!) <= bound, `number ${i} is ${value} instead of ${expected[i]}`);
  });
}

const loops: readonly (Loop & { title: string; eventsOf: number })[] = [
  { title: 'a training loop', eventsOf: 5 },
  {
    title: 'Adam, and gradients that are clipped',
    optimizer: 'Adam(net.parameters())',
    beforeStep: 'nn.utils.clip_grad_norm_(net.parameters(), 0.1)',
    eventsOf: 5,
  },
  {
    title: 'gradients that pile up from an iteration on',
    optimizer: 'SGD(net.parameters(), lr=0.001)',
    zeroGrad: 'for p in net.parameters() if iteration < 90 else []: p.grad = None',
    eventsOf: 4,
  },
  { title: 'gradients that the script keeps', afterStep: 'seen.append(net[0].weight.grad)', eventsOf: 5 },
  {
    title: 'gradients that the script reads now and then',
    afterStep: 'if iteration % 40 == 39: print(round(sum(p.grad.norm().item() for p in net.parameters()), 3))',
    eventsOf: 5,
  },
  { title: 'a second step with the same gradients', afterStep: 'optimizer.step()', eventsOf: 6 },
];

for (const { title, eventsOf, ...loop } of loops) {
  test(`${title}: a running session has the numbers of a stepping one`, () => {
    const [running, stepping] = (['running', 'stepping'] as const).map((mode) =>
      play(training(loop), mode, (channel) => look(channel, eventsOf)),
    ) as [ScriptedChannel, ScriptedChannel];
    const expected = numbersOf(stepping);
    assert.ok(expected.length > 6 * (32 * 48 + 1 + 48));
    assertClose(numbersOf(running), expected);
    const printed = (channel: ScriptedChannel): string =>
      channel
        .of('output')
        .map(({ text }) => text)
        .join('');
    assert.equal(printed(running), printed(stepping));
    assert.equal(printed(running) !== '', title.includes('reads'));
  });
}

test('a training loop crosses fewer arrays, and looking costs a run but changes nothing later', (context) => {
  const counted = countRuns(context);
  play(training(), 'running', () => undefined);
  const { runs, arrays } = counted;
  assert.ok(runs <= iterations + 2);
  counted.runs = counted.arrays = 0;
  play(training({ afterStep: 'seen = net[0].weight.grad.sum()' }), 'running', () => undefined);
  assert.ok(arrays < 0.8 * counted.arrays, `${arrays} arrays instead of ${counted.arrays}`);
  counted.runs = counted.arrays = 0;
  play(training(), 'running', (channel) => {
    const [event, later] = [749, 899];
    for (const index of [event, later, event, later]) channel.ask('event', { index });
  });
  assert.equal(counted.runs, runs + 1, 'the last event has been shown already');
});
