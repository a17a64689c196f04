import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Generator } from '../../../src/core/random/generator';
import { Tape } from '../../../src/core/tensor/tape';
import type { Tensor } from '../../../src/core/tensor/tensor';
import { OrtRuntime } from '../../../src/runtime/ortRuntime';
import type { PyList } from '../../../src/script/objects/containers';
import { nnModules } from '../../../src/script/torch/nn/nnModules';
import { optimModules } from '../../../src/script/torch/optim/optimModule';
import type { PyTensor } from '../../../src/script/torch/tensorClass';
import { attachTorchContext } from '../../../src/script/torch/torchContext';
import { torchModules } from '../../../src/script/torch/torchModules';
import { scriptOf } from '../../support/scriptHost';

const script = `
import copy
import torch
from torch import nn, optim

model = nn.Sequential(nn.Linear(3, 8), nn.Linear(8, 2))
optimizer = optim.Adam(model.parameters())
held = []
copies = []
for i in range(3):
    optimizer.zero_grad()
    model(torch.ones(4, 3)).sum().backward()
    if i < 2:
        held.append(model[0].bias.grad)
    optimizer.step()
    if i == 2:
        held.append(model[0].bias.grad)
    if i < 2:
        copies.append(copy.deepcopy(model[1].bias))
        copies.append(copy.deepcopy(model)[1].bias)
weight = model[0].weight
`;

/** Runs the script as running mode does, and gives what its globals hold. */
function globalsOf(source: string): ReadonlyMap<string, unknown> {
  const tape = new Tape(new OrtRuntime({ device: 'cpu', threads: 1 }));
  tape.mode = 'running';
  const interpreter = scriptOf(source, undefined, [...torchModules, ...nnModules, ...optimModules]);
  attachTorchContext({
    tape,
    generator: new Generator(0),
    defaultDtype: 'float32',
    warn: () => undefined,
    interpreter: interpreter.runtime,
    recorder: { record: (phase) => phase === 'step' && tape.flush(phase) },
    runtimeDevice: 'cpu',
  });
  interpreter.run();
  return interpreter.runtime.globals;
}

function bytesHeld({ data }: Tensor): number {
  return data.buffer.byteLength;
}

test('a gradient or a copy that the script keeps holds its own memory, not that of all small parameters', () => {
  const globals = globalsOf(script);
  const tensors = (name: string): Tensor[] =>
    (globals.get(name) as PyList).items.map((item) => (item as PyTensor).tensor);
  assert.deepEqual(tensors('held').map(bytesHeld), [32, 32, 32]);
  assert.deepEqual(tensors('copies').map(bytesHeld), [8, 8, 8, 8]);
  const { tensor } = globals.get('weight') as PyTensor;
  // The parameters themselves, and gradients that nobody asked for, are parts of one vector.
  const together = 4 * (3 * 8 + 8 + 8 * 2 + 2);
  assert.equal(bytesHeld(tensor), together);
  assert.equal(bytesHeld(tensor.grad!), together);
});
