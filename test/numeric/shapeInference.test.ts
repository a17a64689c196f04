import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../src/core/onnx/encodeModel';
import type { Graph } from '../../src/core/onnx/graph';
import { opRow, opTable, type OpName } from '../../src/core/onnx/opTable';
import { dataFromNumbers, elementCount, isFloating } from '../../src/core/tensor/dtype';
import { concreteValue } from '../../src/core/tensor/value';
import { forwardCases } from './cases/forward';
import { gradientCases } from './gradientCases';
import type { GradientCase } from './gradientChecker';

/** The graph of one op, built without the tape: what is inferred is compared with what ONNX Runtime returns. */
function graphOf({ op, inputs, attributes = {} }: GradientCase): Graph {
  const present = inputs.flatMap((input, i) =>
    input ? [{ ...input, name: `input${i}`, data: dataFromNumbers(input.values, input.dtype) }] : [],
  );
  const inferred = opRow(op).infer(
    inputs.map((input) => input && concreteValue(dataFromNumbers(input.values, input.dtype), input.shape, input.dtype)),
    attributes,
  );
  const outputs = inferred.map((type, i) => ({ ...type, name: `output${i}` }));
  return {
    name: 'inference',
    inputs: present.filter((input) => !input.constant),
    initializers: present.filter((input) => input.constant),
    nodes: [
      {
        name: 'node',
        op,
        inputs: inputs.map((input, i) => (input ? `input${i}` : '')),
        outputs: outputs.map(({ name }) => name),
        attributes,
        description: '',
      },
    ],
    outputs,
  };
}

async function assertInference(gradientCase: GradientCase): Promise<void> {
  const graph = graphOf(gradientCase);
  const session = await InferenceSession.create(encodeModel(graph), { logSeverityLevel: 4, intraOpNumThreads: 1 });
  const feeds = Object.fromEntries(
    graph.inputs.map((input) => {
      const { values } = gradientCase.inputs[Number(input.name.slice(5))]!;
      return [input.name, new Tensor(input.dtype, dataFromNumbers(values, input.dtype), [...input.shape])];
    }),
  );
  const results = await session.run(feeds);
  const what = `${gradientCase.op} (${gradientCase.name})`;
  for (const { name, dtype, shape } of graph.outputs) {
    assert.deepEqual([...results[name]!.dims], [...shape], what);
    assert.equal(results[name]!.type, dtype, what);
    assert.equal(results[name]!.data.length, elementCount(shape), what);
  }
  await session.release();
}

const cases = [...gradientCases, ...forwardCases];

for (const op of Object.keys(opTable) as OpName[]) {
  test(`shapes and types of ${op}`, async () => {
    const own = cases.filter((gradientCase) => gradientCase.op === op);
    assert.ok(own.length > 0, `${op} has no case`);
    for (const gradientCase of own) await assertInference(gradientCase);
  });
}

test('floating ops keep float64', () => {
  for (const { op, inputs, attributes } of gradientCases) {
    if (op === 'Cast') continue;
    const doubles = inputs.map((input) => {
      if (!input) return null;
      const dtype = isFloating(input.dtype) ? 'float64' : input.dtype;
      return concreteValue(dataFromNumbers(input.values, dtype), input.shape, dtype);
    });
    assert.equal(opRow(op).infer(doubles, attributes ?? {})[0]!.dtype, 'float64', op);
  }
});
