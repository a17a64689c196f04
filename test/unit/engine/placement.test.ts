import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { GradstepError } from '../../../src/common/errors';
import type { Graph } from '../../../src/core/onnx/graph';
import { OrtRuntime } from '../../../src/runtime/ortRuntime';

function graphOf(name: string, op: 'Exp' | 'Neg'): Graph {
  return {
    name,
    inputs: [{ name: 'x', dtype: 'float32', shape: [2] }],
    initializers: [],
    nodes: [{ name: op, op, inputs: ['x'], outputs: ['y'], attributes: {}, description: op }],
    outputs: [{ name: 'y', dtype: 'float32', shape: [2] }],
  };
}

const feeds = [{ dtype: 'float32', shape: [2], data: Float32Array.of(0, 1) }] as const;
const profiles = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('gradstep-profile-'));

test('a graph with nodes on the CPU runs all the same, and is remembered with its operators', () => {
  const before = profiles();
  // ONNX Runtime's CPU stands for a device that takes no node: its refusal is the real one.
  const runtime = new OrtRuntime({ device: 'cuda', providers: [], threads: 1 });
  const forward = runtime.compile(graphOf('forward', 'Exp'));
  const backward = runtime.compile(graphOf('backward', 'Neg'));
  const second = runtime.compile(graphOf('forward', 'Neg'));
  assert.deepEqual(runtime.onCpu, [
    { graph: 'forward', graphs: 2, operators: [] },
    { graph: 'backward', graphs: 1, operators: [] },
  ]);
  const [values] = forward.run(feeds);
  assert.deepEqual(Array.from(values as Float32Array), [1, Math.fround(Math.E)]);
  second.run(feeds);
  second.run(feeds);
  assert.deepEqual(runtime.onCpu[0], { graph: 'forward', graphs: 2, operators: ['Exp', 'Neg'] });
  backward.dispose();
  assert.deepEqual(profiles(), before);
});

test('on the CPU nothing counts as left behind', () => {
  const runtime = new OrtRuntime({ device: 'cpu', threads: 1 });
  runtime.compile(graphOf('forward', 'Exp')).run(feeds);
  assert.deepEqual(runtime.onCpu, []);
});

test('another error of ONNX Runtime is no reason to take the CPU', () => {
  const runtime = new OrtRuntime({ device: 'cuda', providers: [], threads: 1 });
  const graph = graphOf('forward', 'Exp');
  const broken: Graph = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, inputs: ['nowhere'] })) };
  assert.throws(
    () => runtime.compile(broken),
    (error) => error instanceof GradstepError && error.code === 'runtime.compile',
  );
  assert.deepEqual(runtime.onCpu, []);
});
