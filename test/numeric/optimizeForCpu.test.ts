import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { blockedDomain } from '../../src/core/onnx/blockedOps';
import { encodeModel } from '../../src/core/onnx/encodeModel';
import type { BlockedNode, Graph, GraphNode } from '../../src/core/onnx/graph';
import { optimizeForCpu } from '../../src/core/onnx/optimizeForCpu';
import { poolByWindows } from '../../src/core/onnx/poolWindows';
import { elementCount } from '../../src/core/tensor/dtype';
import { channelBlock } from '../../src/runtime/channelBlock';
import { iterationGraph } from '../support/iterationGraph';
import { relativeError, runtime } from './gradientChecker';

type AnyGraph = Graph<GraphNode | BlockedNode>;

/** A block that ONNX Runtime has on this machine; what is about blocks can't be tested where it has none. */
const block = runtime.channelBlock;
const skip = block === null ? 'no blocks of channels on this processor' : false;

interface Network {
  layers: string;
  /** (N, C, H, W). */
  image: readonly [number, number, number, number];
  /** The mean square of what the layers give, where left out. */
  loss?: readonly string[];
  /** How many of its convolutions, gradients included, are on blocks of 16 or 8 channels. */
  blocked: number;
}

/** A loop of SGD. */
function sourceOf({ layers, image, loss = ['loss = network(images).square().mean()'] }: Network): string {
  return [
    'import torch',
    'from torch import nn, optim',
    'torch.manual_seed(1)',
    `network = nn.Sequential(${layers})`,
    'optimizer = optim.SGD(network.parameters(), lr=0.1)',
    `images = torch.rand(${image.join(', ')})`,
    'while True:',
    ...loss.map((line) => `    ${line}`),
    '    optimizer.zero_grad()',
    '    loss.backward()',
    '    optimizer.step()',
    '',
  ].join('\n');
}

const wide = 'nn.Conv2d(3, 32, 3, padding=1)';

const networks: Readonly<Record<string, Network>> = {
  'one image': { layers: `${wide}, nn.ReLU(), nn.Conv2d(32, 16, 3)`, image: [1, 3, 8, 8], blocked: 5 },
  'a batch of whole blocks': { layers: `${wide}, nn.ReLU(), nn.Conv2d(32, 16, 3)`, image: [16, 3, 8, 8], blocked: 5 },
  'a batch that is filled up': { layers: `${wide}, nn.Conv2d(32, 16, (3, 5))`, image: [30, 3, 7, 9], blocked: 5 },
  'a batch that would be filled up too much': {
    layers: `${wide}, nn.Conv2d(32, 16, 3)`,
    image: [17, 3, 6, 6],
    blocked: 3,
  },
  'strides, dilations, kernels that are no squares': {
    layers: `nn.Conv2d(2, 16, (3, 1), stride=2), nn.Conv2d(16, 32, (1, 3), dilation=2, padding=(0, 2), bias=False)`,
    image: [3, 2, 12, 11],
    blocked: 5,
  },
  'kernels of one position': { layers: `${wide}, nn.Conv2d(32, 16, 1)`, image: [2, 3, 5, 5], blocked: 5 },
  'channels that are no whole blocks': {
    layers: `nn.Conv2d(3, 20, 3), nn.ReLU(), nn.Conv2d(20, 16, 3)`,
    image: [2, 3, 8, 8],
    blocked: 1,
  },
  'a pooling on blocks': { layers: `${wide}, nn.MaxPool2d(2), nn.Conv2d(32, 16, 3)`, image: [4, 3, 8, 8], blocked: 5 },
  'poolings on blocks, a batch of whole blocks': {
    layers: `${wide}, nn.MaxPool2d(2), nn.Conv2d(32, 16, 3, padding=1), nn.MaxPool2d(2), nn.Flatten()`,
    image: [16, 3, 8, 12],
    blocked: 5,
  },
  'a pooling behind a ReLU': {
    layers: `${wide}, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()`,
    image: [2, 3, 8, 6],
    blocked: 2,
  },
  'more rows than are listed': {
    layers: 'nn.Conv2d(3, 80, 3, padding=1), nn.MaxPool2d(2), nn.Flatten()',
    image: [1, 3, 512, 512],
    blocked: 2,
  },
  'a pooling of threes': { layers: `${wide}, nn.MaxPool2d(3), nn.Flatten()`, image: [2, 3, 9, 9], blocked: 2 },
  'a pooling without a convolution before it': {
    layers: `nn.BatchNorm2d(3), nn.MaxPool2d(2), ${wide}`,
    image: [2, 3, 8, 8],
    blocked: 2,
  },
  'poolings that do not tile the image': {
    layers: `${wide}, nn.MaxPool2d(3, 2), nn.MaxPool2d(2, 1), nn.MaxPool2d(2, padding=1), nn.MaxPool2d((1, 2)), nn.Flatten()`,
    image: [2, 3, 16, 16],
    blocked: 2,
  },
  'indices that something reads': {
    layers: wide,
    image: [2, 3, 8, 8],
    loss: [
      'mixed = nn.functional.conv2d(network(images), torch.ones(16, 32, 1, 1))',
      'pooled, indices = nn.functional.max_pool2d(mixed, 2, return_indices=True)',
      'loss = (pooled * indices.float()).mean()',
    ],
    blocked: 4,
  },
  'pads that differ': {
    layers: `${wide}, nn.Conv2d(32, 16, 4, padding='same')`,
    image: [2, 3, 8, 8],
    blocked: 4,
  },
  'a way around': {
    layers: `${wide}, nn.Sequential(nn.Conv2d(32, 32, 3, padding=1), nn.ReLU()), nn.MaxPool2d(2), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 4)`,
    image: [4, 3, 8, 8],
    blocked: 5,
  },
};

function blockedConvolutions(graph: AnyGraph): number {
  return graph.nodes.filter(({ op, domain }) => op === 'Conv' && domain === blockedDomain).length;
}

/** Elements that repeat, so that windows of a pooling have more than one largest. */
function feedsOf(graph: AnyGraph, mixed = false): Record<string, Tensor> {
  let state = 7;
  const next = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
  return Object.fromEntries(
    graph.inputs.map(({ name, shape }) => {
      // A scalar is a learning rate or the exponent of the square.
      const element = (): number => (shape.length === 0 ? 2 : Math.round(8 * next() - 4) / 8 + 0);
      const data = Float32Array.from({ length: elementCount(shape) }, element);
      if (mixed && shape.length === 4) data.forEach((_, i) => i % 11 === 3 && (data[i] = Number.NaN));
      return [name, new Tensor('float32', data, [...shape])];
    }),
  );
}

async function resultsOf(graph: AnyGraph, feeds: Record<string, Tensor>): Promise<Map<string, ArrayLike<number>>> {
  const session = await InferenceSession.create(encodeModel(graph), { logSeverityLevel: 4, intraOpNumThreads: 2 });
  const results = await session.run(feeds);
  await session.release();
  return new Map(graph.outputs.map(({ name }) => [name, Array.from(results[name]!.data as Float32Array, Number)]));
}

for (const [name, network] of Object.entries(networks)) {
  test(`an iteration gives the same on blocks of channels: ${name}`, { skip }, async () => {
    const graph = iterationGraph(sourceOf(network), runtime);
    const optimized = optimizeForCpu(graph, block);
    assert.equal(blockedConvolutions(optimized), network.blocked);
    const feeds = feedsOf(graph);
    const [expected, got] = [await resultsOf(graph, feeds), await resultsOf(optimized, feeds)];
    assert.ok(expected.size >= 3);
    for (const [output, elements] of expected) {
      assert.ok(relativeError(got.get(output)!, elements) <= 1e-5, `${output} differs`);
    }
  });
}

test('a gradient behind a pooling that only kernels and a bias need is never put together', { skip }, () => {
  const layers = `${wide}, nn.MaxPool2d(2), nn.Flatten()`;
  for (const batch of [2, 16]) {
    const graph = iterationGraph(sourceOf({ layers, image: [batch, 3, 8, 8], blocked: 2 }), runtime);
    const { nodes } = optimizeForCpu(graph, block);
    const [sum] = nodes.filter(({ op, outputs }) => op === 'ReduceSum' && outputs[0]!.includes('bias'));
    const summed = graph.valueInfo!.find(({ name }) => name === sum!.inputs[0]);
    assert.deepEqual(summed!.shape, [batch, 32, 4, 4]);
    // Into the four places of the windows, and from their gradients into a kernel: nothing between.
    const moved = nodes.filter(({ op, name }) => op === 'Gather' && name.includes(':order'));
    assert.deepEqual(
      moved.map(({ attributes }) => attributes['axis']),
      [1, 1, 1, 1, 0],
    );
  }
});

test('convolutions of an empty batch stay as they are', { skip }, () => {
  const graph = iterationGraph(sourceOf({ layers: wide, image: [0, 3, 8, 8], blocked: 0 }), runtime);
  assert.ok(graph.nodes.some(({ op }) => op === 'Conv'));
  assert.equal(blockedConvolutions(optimizeForCpu(graph, block)), 0);
});

/** A pooling whose indices are fetched, and the gradient that they lead back. */
function pooling(size: number, fetchIndices: boolean): Graph {
  const image = { name: 'image', dtype: 'float32', shape: [2, 3, 2 * size, 3 * size] } as const;
  const pooled = { dtype: 'float32', shape: [2, 3, 2, 3] } as const;
  const node = (name: string, op: GraphNode['op'], inputs: string[], outputs: string[]): GraphNode => ({
    ...{ name, op, inputs, outputs, description: '' },
    attributes: { kernel_shape: [size, size], strides: [size, size] },
  });
  const shape = { name: 'shape', dtype: 'int64', shape: [4], data: BigInt64Array.from(image.shape, BigInt) } as const;
  return {
    name: 'pooling',
    inputs: [image, { ...pooled, name: 'gradient' }],
    initializers: [shape],
    nodes: [
      node('pool', 'MaxPool', ['image'], ['largest', 'indices']),
      node('unpool', 'MaxUnpool', ['gradient', 'indices', 'shape'], ['back']),
    ],
    outputs: [
      { ...pooled, name: 'largest' },
      { ...image, name: 'back' },
      ...(fetchIndices ? [{ ...pooled, name: 'indices', dtype: 'int64' as const }] : []),
    ],
  };
}

for (const size of [2, 3]) {
  for (const goesBack of [false, true]) {
    test(`windows of ${size} give the same as the kernel with indices, ties too${goesBack ? ', without indices' : ''}`, async () => {
      const graph = pooling(size, !goesBack);
      // Behind a ReLU of a convolution the gradient goes back without them.
      const optimized = poolByWindows(graph, () => goesBack);
      assert.equal(
        optimized.nodes.some(({ op }) => op === 'MaxPool'),
        false,
      );
      assert.equal(
        optimized.nodes.some(({ op }) => op === 'MaxUnpool'),
        !goesBack,
      );
      const feeds = feedsOf(graph);
      const results = await resultsOf(optimized, feeds);
      for (const [name, elements] of await resultsOf(graph, feeds)) assert.deepEqual(results.get(name), elements, name);
    });
  }
}

test('a window with NaN is NaN, as in PyTorch, and its gradient goes to one of its elements', async () => {
  const graph = pooling(2, false);
  const feeds = feedsOf(graph, true);
  const image = feeds['image']!.data as Float32Array;
  feeds['gradient'] = new Tensor('float32', new Float32Array(36).fill(1), [2, 3, 2, 3]);
  const results = await resultsOf(optimizeForCpu(graph, null), feeds);
  const { back, largest } = Object.fromEntries(results) as Record<'back' | 'largest', number[]>;
  for (let window = 0; window < 36; window++) {
    const corner = Math.floor(window / 3) * 12 + (window % 3) * 2;
    const places = [corner, corner + 1, corner + 6, corner + 7];
    const elements = places.map((place) => image[place]!);
    assert.equal(largest[window], elements.some(Number.isNaN) ? Number.NaN : Math.max(...elements));
    assert.equal(
      places.reduce((sum, place) => sum + back[place]!, 0),
      1,
    );
  }
});

test('the processor tells how large its blocks are', () => {
  const ofBlock = (size: number): number[] => Array.from({ length: 64 }, (_, i) => Math.floor(i / size) % 2);
  assert.equal(
    channelBlock(() => ofBlock(16)),
    16,
  );
  assert.equal(
    channelBlock(() => ofBlock(8)),
    8,
  );
  assert.equal(
    channelBlock(() => ofBlock(1)),
    null,
  );
});

test('a processor without blocks has no kernel for them, which ONNX Runtime says in the words that are looked for', () => {
  const [x, i, y] = (['x', 'i', 'y'] as const).map((name) => ({
    name,
    dtype: 'float64' as const,
    shape: [1, 1, 2, 2],
  }));
  const indices = { ...i!, dtype: 'int64' as const };
  const shape = { name: 'shape', dtype: 'int64', shape: [4], data: BigInt64Array.of(1n, 1n, 4n, 4n) } as const;
  const unpool = { op: 'MaxUnpool', inputs: ['x', 'i', 'shape'], outputs: ['y'] } as const;
  const withoutKernel: Graph = {
    name: 'without a kernel',
    inputs: [x!, indices],
    initializers: [shape],
    nodes: [{ ...unpool, name: 'unpool', attributes: { kernel_shape: [2, 2], strides: [2, 2] }, description: '' }],
    outputs: [{ ...y!, shape: [1, 1, 4, 4] }],
  };
  let tried = false;
  const refused = (): never => {
    tried = true;
    runtime.compile(withoutKernel);
    throw new Error('ONNX Runtime has a kernel of it');
  };
  assert.equal(channelBlock(refused), null);
  assert.ok(tried);
  assert.throws(
    () =>
      channelBlock(() => {
        throw new Error('out of memory');
      }),
    /out of memory/,
  );
});
