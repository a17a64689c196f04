import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../../src/core/onnx/encodeModel';
import type { Graph } from '../../../src/core/onnx/graph';

function linearGraph(): Graph {
  return {
    name: 'forward',
    inputs: [{ name: 'x', dtype: 'float32', shape: [2, 3] }],
    outputs: [{ name: 'head/Relu', dtype: 'float32', shape: [2, 2] }],
    initializers: [
      { name: 'weight', dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, 0, -1, 0.5, 2, 0) },
      { name: 'bias', dtype: 'float32', shape: [2], data: Float32Array.of(0.25, -1) },
    ],
    nodes: [
      {
        name: 'head/Gemm',
        op: 'Gemm',
        inputs: ['x', 'weight', 'bias'],
        outputs: ['head/Gemm'],
        attributes: { transB: 1, alpha: 1, beta: undefined },
        description: 'line 3 · forward · größer',
      },
      { name: 'head/Relu', op: 'Relu', inputs: ['head/Gemm'], outputs: ['head/Relu'], attributes: {}, description: '' },
    ],
  };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

test('the same graph makes the same bytes', () => {
  assert.deepEqual(encodeModel(linearGraph()), encodeModel(linearGraph()));
});

test('the order in which attributes were written does not matter', () => {
  const reordered = linearGraph();
  const [first, ...others] = reordered.nodes;
  const nodes = [{ ...first!, attributes: { alpha: 1, transB: 1 } }, ...others];
  assert.deepEqual(encodeModel({ ...reordered, nodes }), encodeModel(linearGraph()));
});

test('another weight makes other bytes', () => {
  const changed = linearGraph();
  const [weight, bias] = changed.initializers;
  const initializers = [{ ...weight!, data: Float32Array.of(1, 0, -1, 0.5, 2, 1) }, bias!];
  assert.notDeepEqual(encodeModel({ ...changed, initializers }), encodeModel(linearGraph()));
});

test('names and descriptions stand in the file', () => {
  const text = Buffer.from(encodeModel(linearGraph())).toString('utf8');
  for (const name of [
    'forward',
    'x',
    'weight',
    'bias',
    'head/Gemm',
    'head/Relu',
    'transB',
    'line 3 · forward · größer',
  ]) {
    assert.ok(text.includes(name), name);
  }
  assert.ok(!latin1(encodeModel(linearGraph())).includes('beta'), 'attributes that are undefined are left out');
});

test('the header says IR version 8, gradstep and opset 18', () => {
  const bytes = encodeModel(linearGraph());
  assert.deepEqual([...bytes.subarray(0, 4)], [0x08, 8, 0x12, 8]);
  assert.equal(latin1(bytes.subarray(4, 12)), 'gradstep');
  assert.deepEqual([...bytes.subarray(-6)], [0x42, 4, 0x0a, 0, 0x10, 18]);
});

test('onnxruntime loads and runs it', async () => {
  const session = await InferenceSession.create(encodeModel(linearGraph()));
  assert.deepEqual(session.inputNames, ['x']);
  assert.deepEqual(session.outputNames, ['head/Relu']);
  const x = new Tensor('float32', Float32Array.of(1, 2, 3, -1, 0, 1), [2, 3]);
  const result = (await session.run({ x }))['head/Relu']!;
  assert.deepEqual([...result.dims], [2, 2]);
  assert.deepEqual([...(result.data as Float32Array)], [0, 3.5, 0, 0]);
});

test('onnxruntime reads the types of what nodes hand to each other', async () => {
  const said = (dtype: 'float32' | 'int64'): Uint8Array =>
    encodeModel({ ...linearGraph(), valueInfo: [{ name: 'head/Gemm', dtype, shape: [2, 2] }] });
  const session = await InferenceSession.create(said('float32'));
  await session.release();
  await assert.rejects(InferenceSession.create(said('int64')), /tensor\(int64\).*head\/Gemm/);
});

test('onnxruntime reads every element type and attribute kind', async () => {
  const int64s = BigInt64Array.of(-(2n ** 63n), -1n, 2n ** 40n);
  const graph: Graph = {
    name: 'types',
    inputs: [],
    initializers: [
      { name: 'doubles', dtype: 'float64', shape: [2], data: Float64Array.of(1 / 3, -2e300) },
      { name: 'longs', dtype: 'int64', shape: [3], data: int64s },
      { name: 'flags', dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
      { name: 'bytes', dtype: 'int8', shape: [2], data: Int8Array.of(-128, 127) },
      { name: 'shape', dtype: 'int64', shape: [1], data: BigInt64Array.of(300n) },
      { name: 'matrix', dtype: 'float32', shape: [1, 2], data: Float32Array.of(5, 6) },
      { name: 'pads', dtype: 'int64', shape: [4], data: BigInt64Array.of(0n, 1n, 0n, 0n) },
    ],
    nodes: [
      ...['doubles', 'longs', 'flags', 'bytes'].map((name) => ({
        name,
        op: 'Identity' as const,
        inputs: [name],
        outputs: [`${name}Out`],
        attributes: {},
        description: '',
      })),
      {
        name: 'filled',
        op: 'ConstantOfShape',
        inputs: ['shape'],
        outputs: ['filled'],
        attributes: { value: { dtype: 'int32', shape: [1], data: Int32Array.of(-7) } },
        description: '',
      },
      {
        name: 'padded',
        op: 'Pad',
        inputs: ['matrix', 'pads', ''],
        outputs: ['padded'],
        attributes: { mode: 'edge' },
        description: '',
      },
      {
        name: 'turned',
        op: 'Transpose',
        inputs: ['matrix'],
        outputs: ['turned'],
        attributes: { perm: [1, 0] },
        description: '',
      },
    ],
    outputs: [
      { name: 'doublesOut', dtype: 'float64', shape: [2] },
      { name: 'longsOut', dtype: 'int64', shape: [3] },
      { name: 'flagsOut', dtype: 'bool', shape: [2] },
      { name: 'bytesOut', dtype: 'int8', shape: [2] },
      { name: 'filled', dtype: 'int32', shape: [300] },
      { name: 'padded', dtype: 'float32', shape: [1, 3] },
      { name: 'turned', dtype: 'float32', shape: [2, 1] },
    ],
  };
  const session = await InferenceSession.create(encodeModel(graph));
  const results = await session.run({});
  const elements = (name: string): unknown[] => [...(results[name]!.data as Iterable<unknown>)];
  assert.deepEqual(elements('doublesOut'), [1 / 3, -2e300]);
  assert.deepEqual(elements('longsOut'), [...int64s]);
  assert.deepEqual(elements('flagsOut').map(Number), [1, 0]);
  assert.deepEqual(elements('bytesOut'), [-128, 127]);
  assert.deepEqual(elements('filled'), new Array(300).fill(-7));
  assert.deepEqual(elements('padded'), [5, 5, 6]);
  assert.deepEqual([...results['turned']!.dims], [2, 1]);
});

test('an attribute that the op does not have is refused', () => {
  const graph = linearGraph();
  const nodes = [graph.nodes[0]!, { ...graph.nodes[1]!, attributes: { alpha: 1 } }];
  assert.throws(() => encodeModel({ ...graph, nodes }), /Relu has no attribute alpha/);
});
