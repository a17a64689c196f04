import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PyDict } from '../../../src/script/objects/containers';
import type { PyInstance } from '../../../src/script/objects/value';
import {
  modulesOfGlobals,
  namedBuffersOfGlobals,
  namedParametersOfGlobals,
} from '../../../src/script/torch/introspection';
import { childrenOf, parametersOf } from '../../../src/script/torch/nn/moduleState';
import { runNnScript } from './nnScript';

const model = `
import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3))
        self.inner_loss = nn.CrossEntropyLoss()

    def forward(self, x):
        return F.relu(self.model(x))

net = Net()
x = torch.ones(2, 1, 6, 6)
y = torch.tensor([0, 2])
`;

const lineOf = (source: string, text: string): number =>
  source.split('\n').findIndex((line) => line.includes(text)) + 1;

test('a training step makes its events, each on its line', () => {
  const source = `${model}
loss_fn = nn.CrossEntropyLoss()
output = net(x)
loss = loss_fn(output, y)
net.zero_grad()
loss.backward()
`;
  const { events } = runNnScript(source);
  assert.deepEqual(
    events.map(({ phase, line }) => [phase, line]),
    [
      ['forward', lineOf(source, 'output = net(x)')],
      ['loss', lineOf(source, 'loss = loss_fn')],
      ['zero_grad', lineOf(source, 'net.zero_grad()')],
      ['backward', lineOf(source, 'loss.backward()')],
    ],
  );
});

test('the event of a forward has the output, the inputs and each layer by its path', () => {
  const { events } = runNnScript(`${model}\nnet(x)\n`);
  const { output, inputs, layers } = events[0]!.details;
  assert.deepEqual([...output!.shape], [2, 3]);
  assert.equal(output!.value.keep, true);
  assert.deepEqual(
    inputs!.map(({ shape }) => [...shape]),
    [[2, 1, 6, 6]],
  );
  assert.deepEqual(
    layers!.map(({ path, type, output: { shape } }) => [path, type, [...shape]]),
    [
      ['model.0', 'Conv2d', [2, 2, 4, 4]],
      ['model.1', 'MaxPool2d', [2, 2, 2, 2]],
      ['model.2', 'Flatten', [2, 8]],
      ['model.3', 'Linear', [2, 3]],
      ['model', 'Sequential', [2, 3]],
    ],
  );
  assert.equal(layers![0]!.node?.op, 'Conv');
  assert.equal(layers![0]!.node?.provenance.modulePath, 'model.0');
  assert.equal(layers![0]!.node?.provenance.operation, 'conv2d');
  assert.equal(layers![3]!.node?.provenance.operation, 'linear');
});

test('layers without parameters, nested losses and functions within a forward make no events', () => {
  const { events } = runNnScript(`${model}
nn.ReLU()(x)
nn.Sequential(nn.Flatten(), nn.Tanh())(x)

class WithLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = net
    def forward(self, x, y):
        out = self.net(x)
        return F.cross_entropy(out, y) + self.net.inner_loss(out, y)

WithLoss()(x, y)
`);
  assert.deepEqual(
    events.map(({ phase }) => phase),
    ['forward'],
  );
});

test('the functions that are losses make events outside of modules; others do not', () => {
  const { events } = runNnScript(`${model}
a = torch.ones(3, requires_grad=True)
F.mse_loss(a, torch.zeros(3))
F.l1_loss(a, torch.zeros(3))
F.smooth_l1_loss(a, torch.zeros(3))
F.cross_entropy(torch.ones(2, 3), y)
F.nll_loss(torch.ones(2, 3), target=y)
nn.SmoothL1Loss()(a, torch.zeros(3))
`);
  assert.deepEqual(
    events.map(({ phase }) => phase),
    ['loss', 'loss', 'loss', 'loss', 'loss'],
  );
  assert.ok(events.every(({ details }) => details.loss?.shape.length === 0 && details.loss.value.keep));
  assert.deepEqual([...events[3]!.details.target!.data], [0n, 2n]);
});

test('a module that raises leaves no call open', () => {
  const { events } = runNnScript(`${model}
try:
    net(torch.ones(2, 3, 6, 6))
except RuntimeError as error:
    print(error)
net(x)
`);
  assert.deepEqual(
    events.map(({ phase }) => phase),
    ['forward'],
  );
});

test('parameters are named by their paths when the module is first called', () => {
  const { interpreter } = runNnScript(`${model}\nnet(x)\n`);
  assert.deepEqual(
    namedParametersOfGlobals(interpreter).map(([name, tensor]) => [name, tensor.name]),
    ['model.0.weight', 'model.0.bias', 'model.3.weight', 'model.3.bias'].map((name) => [name, name]),
  );
});

test('introspection finds the modules of the globals but no losses; the first parameter of a name wins', () => {
  const { interpreter } = runNnScript(`
import torch
import torch.nn as nn
criterion = nn.CrossEntropyLoss(weight=torch.ones(3))
first = nn.Linear(2, 3)
number = 3
second = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
third = nn.Linear(4, 3)
`);
  assert.deepEqual(
    modulesOfGlobals(interpreter).map(({ name }) => name),
    ['first', 'second', 'third'],
  );
  const parameters = namedParametersOfGlobals(interpreter);
  assert.deepEqual(
    parameters.map(([name]) => name),
    ['weight', 'bias', '0.weight', '0.bias', '1.weight', '1.bias'],
  );
  assert.deepEqual([...parameters[0]![1].shape], [3, 2]);
  assert.deepEqual(
    namedBuffersOfGlobals(interpreter).map(([name]) => name),
    ['1.running_mean', '1.running_var', '1.num_batches_tracked'],
  );
});

test('introspection sees what is written into a module behind its back', () => {
  const { interpreter } = runNnScript(`
import torch
import torch.nn as nn
net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
`);
  const seen = (): string =>
    namedParametersOfGlobals(interpreter)
      .map(([name]) => name)
      .join(' ');
  const net = interpreter.globals.get('net') as PyInstance;
  const linear = (childrenOf(net)!.get('1') ?? null) as PyInstance;
  assert.equal(seen(), '0.weight 0.bias 1.weight 1.bias');
  parametersOf(linear)!.delete('bias');
  assert.equal(seen(), '0.weight 0.bias 1.weight');
  childrenOf(net)!.delete('0');
  assert.equal(seen(), '1.weight');
  net.attributes.set('_modules', new PyDict());
  assert.equal(seen(), '');
});

test('every step after the first runs on graphs that are compiled already', () => {
  const { tape, output } = runNnScript(`${model}
optimizer_free = list(net.parameters())
for i in range(4):
    loss = F.cross_entropy(net(x * (i + 1)), torch.tensor([i % 3, 1]))
    net.zero_grad()
    loss.backward()
    with torch.no_grad():
        for p in optimizer_free:
            p -= 0.1 * p.grad
    print(loss.item())
`);
  assert.equal(output.trim().split('\n').length, 4);
  const { compiledGraphs } = tape.graphs;
  assert.ok(compiledGraphs <= 12, `${compiledGraphs} graphs for four steps`);
});
