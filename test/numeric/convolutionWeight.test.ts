import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  byBlockedConvolution,
  byConvolution,
  byOneProduct,
  byRows,
  byShiftedGradients,
  convolutionWeightGradient,
  type WeightGradient,
} from '../../src/core/autodiff/rules/convolutionWeight';
import type { RuleContext } from '../../src/core/autodiff/gradientRule';
import { ruleTable } from '../../src/core/autodiff/ruleTable';
import { windowOf } from '../../src/core/onnx/ops/convolution';
import { intAttribute } from '../../src/core/onnx/shapes';
import { dataFromNumbers, numbersFromData } from '../../src/core/tensor/dtype';
import type { GraphRuntime } from '../../src/core/tensor/graphRuntime';
import { Tape } from '../../src/core/tensor/tape';
import { concreteValue, type Value } from '../../src/core/tensor/value';
import { uniform } from './caseInputs';
import { gradientCases } from './gradientCases';
import { checkGradients, relativeError, runtime, type CaseInput } from './gradientChecker';

type Formulation = (context: RuleContext, convolution: WeightGradient) => Value;

/** The batches of the cases are no whole blocks: with blocks of 2 they are filled up. */
function byBlocksOfTwo(context: RuleContext, convolution: WeightGradient): Value {
  return byBlockedConvolution(context, convolution, 2);
}

const cases = gradientCases.filter(({ op }) => op === 'Conv');
const groupOf = (context: Pick<RuleContext, 'attributes'>): number => intAttribute(context.attributes, 'group', 1);

/** What a formulation is for. */
function takes(formulation: Formulation, { inputs, attributes = {} }: (typeof cases)[number]): boolean {
  if (formulation === byConvolution) return true;
  if (groupOf({ attributes }) !== 1) return false;
  const kernel = inputs[1]!.shape.slice(2);
  if (formulation === byBlocksOfTwo) return kernel.length === 2;
  return formulation !== byShiftedGradients || (kernel.length === 2 && windowOf(attributes, kernel).strides[0] === 1);
}

for (const formulation of [byOneProduct, byRows, byShiftedGradients, byConvolution, byBlocksOfTwo] as Formulation[]) {
  test(`the weight's gradient ${formulation.name}`, () => {
    const rule = {
      ...ruleTable.Conv,
      inputs: {
        ...ruleTable.Conv.inputs,
        W: (context: RuleContext) =>
          formulation(context, {
            image: context.input(0),
            gradient: context.outputGradient,
            window: windowOf(context.attributes, context.input(1).shape.slice(2)),
            group: groupOf(context),
          }),
      },
    };
    const own = cases.filter((gradientCase) => takes(formulation, gradientCase));
    assert.ok(own.length >= 8);
    for (const gradientCase of own) {
      for (const { input, error } of checkGradients(gradientCase, rule)) {
        assert.ok(error <= 1e-5, `${gradientCase.name}: ${input} is ${error} off`);
      }
    }
  });
}

/** Emits a formulation for 3 x 3 kernels with pads of 1 and gives its elements and how many convolutions it took. */
function run(
  formulation: Formulation,
  image: CaseInput,
  gradient: CaseInput,
  on: GraphRuntime = runtime,
): { elements: ArrayLike<number>; convolutions: number } {
  const tape = new Tape(on);
  const value = ({ values, shape, dtype }: CaseInput): Value =>
    concreteValue(dataFromNumbers(values, dtype), shape, dtype);
  let convolutions = 0;
  tape.graphs.listener = (graph) => (convolutions += graph.nodes.filter(({ op }) => op === 'Conv').length);
  const context: RuleContext = {
    tape,
    inputs: [],
    outputs: [],
    attributes: {},
    get outputGradient(): Value {
      throw new Error('not read');
    },
    outputGradientAt: () => {
      throw new Error('not read');
    },
    input: () => {
      throw new Error('not read');
    },
    emit: (op, inputs, attributes) => tape.emitOne(op, inputs, attributes),
  };
  const window = windowOf({ pads: [1, 1, 1, 1] }, [3, 3]);
  const result = formulation(context, { image: value(image), gradient: value(gradient), window, group: 1 });
  assert.deepEqual(result.shape, [16, 16, 3, 3]);
  return { elements: numbersFromData(tape.read(result)), convolutions };
}

/** A device whose convolutions don't work on blocks of channels. */
const withoutBlocks: GraphRuntime = { compile: (graph) => runtime.compile(graph) };

test('all formulations agree where the batch is large', () => {
  const [image, gradient] = [uniform(8, 16, 32, 32), uniform(8, 16, 32, 32)];
  const expected = run(byConvolution, image, gradient);
  assert.equal(expected.convolutions, 1);
  for (const formulation of [byOneProduct, byRows, byShiftedGradients, byBlocksOfTwo]) {
    const { elements, convolutions } = run(formulation, image, gradient);
    assert.equal(convolutions, formulation === byBlocksOfTwo ? 1 : 0);
    assert.ok(relativeError(elements, expected.elements) <= 1e-5, formulation.name);
  }
});

test('a convolution is chosen where it works on blocks of channels', () => {
  const [image, gradient] = [uniform(8, 16, 32, 32), uniform(8, 16, 32, 32)];
  const blocked = { ...withoutBlocks, channelBlock: 16 };
  assert.equal(run(convolutionWeightGradient, image, gradient, blocked).convolutions, 1);
  assert.equal(run(convolutionWeightGradient, image, gradient, withoutBlocks).convolutions, 0);
  const [large, largeGradient] = [uniform(4, 16, 257, 257), uniform(4, 16, 257, 257)];
  assert.equal(run(convolutionWeightGradient, large, largeGradient, blocked).convolutions, 0);
});
