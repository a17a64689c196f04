import { GradstepError } from '../../src/common/errors';
import type { GradientRule, RuleContext } from '../../src/core/autodiff/gradientRule';
import { ruleTable } from '../../src/core/autodiff/ruleTable';
import { unbroadcast } from '../../src/core/autodiff/unbroadcast';
import type { AttributeValues } from '../../src/core/onnx/opRow';
import { opRow, type OpName } from '../../src/core/onnx/opTable';
import { sameShape } from '../../src/core/onnx/shapes';
import {
  dataFromNumbers,
  elementCount,
  isFloating,
  numbersFromData,
  type DType,
  type Shape,
} from '../../src/core/tensor/dtype';
import { Tape } from '../../src/core/tensor/tape';
import { concreteValue, type TapeNode, type Value } from '../../src/core/tensor/value';
import { OrtRuntime } from '../../src/runtime/ortRuntime';
import { references, type Reference, type ReferenceInput } from './references';

/** An input of a case. Constants are embedded in the graph, as axes and shapes are. */
export interface CaseInput {
  dtype: DType;
  shape: Shape;
  values: readonly number[];
  constant: boolean;
}

/** One op with one set of inputs and attributes. */
export interface GradientCase {
  op: OpName;
  name: string;
  inputs: readonly (CaseInput | null)[];
  attributes?: AttributeValues;
  /** Inputs that are left at their values: kinks that a difference would step over. */
  skip?: readonly string[];
}

/** How far a gradient is from central differences, relative to the largest. */
export interface InputCheck {
  input: string;
  error: number;
}

const step = 1e-5;

export const runtime = new OrtRuntime({ device: 'cpu', threads: 1 });

/** Pseudo-random numbers in [-1, 1), the same for a seed (mulberry32). */
export function randomNumbers(count: number, seed: number): number[] {
  let state = seed >>> 0;
  return Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * 2 - 1;
  });
}

/** Appends the case's op to a tape; floating inputs are of `floating`. */
export function record(tape: Tape, gradientCase: GradientCase, floating: 'float32' | 'float64'): TapeNode {
  const inputs = gradientCase.inputs.map((input) => {
    if (input === null) return null;
    const dtype = isFloating(input.dtype) ? floating : input.dtype;
    const data = dataFromNumbers(input.values, dtype);
    return input.constant ? tape.constant(data, input.shape, dtype) : concreteValue(data, input.shape, dtype);
  });
  return tape.emit(gradientCase.op, inputs, gradientCase.attributes)[0]!.node!;
}

function cotangentOf(output: Value, index: number): number[] {
  return randomNumbers(elementCount(output.shape), 977 + index);
}

/** What is handed to a node's backward: a gradient of each floating output. */
export function cotangentsOf(node: TapeNode): (Value | null)[] {
  return node.outputs.map((output, i) =>
    isFloating(output.dtype)
      ? concreteValue(dataFromNumbers(cotangentOf(output, i), output.dtype), output.shape, output.dtype)
      : null,
  );
}

/** The forward pass in float64: ONNX Runtime's kernel, or the reference of an op that has none. */
function forward64(gradientCase: GradientCase): Reference {
  const reference = references[gradientCase.op];
  if (reference) return reference;
  const tape = new Tape(runtime);
  return (inputs, attributes) => {
    const cases = gradientCase.inputs.map((input, i) =>
      input === null ? null : { ...input, values: inputs[i]!.values },
    );
    const node = record(tape, { ...gradientCase, inputs: cases, attributes }, 'float64');
    const outputs = [...node.outputs];
    tape.readAll(outputs, 'forward64');
    tape.discardPending();
    return outputs.map((output) => numbersFromData(output.data!));
  };
}

/** Central differences of the contraction of all floating outputs with their cotangents. */
function differences(gradientCase: GradientCase, forward: Reference, node: TapeNode, index: number): number[] {
  const inputs: (ReferenceInput | null)[] = gradientCase.inputs.map(
    (input) => input && { shape: input.shape, values: [...input.values] },
  );
  const cotangents = node.outputs.map((output, i) => (isFloating(output.dtype) ? cotangentOf(output, i) : null));
  const values = inputs[index]!.values as number[];
  const contracted = (): number =>
    forward(inputs, gradientCase.attributes ?? {}).reduce(
      (total, output, i) => total + (cotangents[i]?.reduce((sum, c, j) => sum + c * output[j]!, 0) ?? 0),
      0,
    );
  return values.map((value, i) => {
    const own = step * Math.max(1, Math.abs(value));
    values[i] = value + own;
    const above = contracted();
    values[i] = value - own;
    const below = contracted();
    values[i] = value;
    return (above - below) / (2 * own);
  });
}

/** The rule's gradient of one input in float32, run on ONNX Runtime. */
export function ruleGradient(
  tape: Tape,
  node: TapeNode,
  index: number,
  rule: GradientRule,
  cotangents: readonly (Value | null)[],
): ArrayLike<number> {
  const emitGradient = rule.inputs[inputNameAt(node.op, index)];
  if (emitGradient === undefined || emitGradient === 'nonDifferentiable') {
    throw new GradstepError(`${node.op} has no gradient for input ${index}`, { code: 'test.gradient' });
  }
  const context: RuleContext = {
    tape,
    inputs: node.inputs,
    outputs: node.outputs,
    attributes: node.attributes,
    outputGradient: cotangents[0]!,
    outputGradientAt: (i) => cotangents[i]!,
    input: (i) => node.inputs[i]!,
    emit: (op, inputs, attributes) => tape.emitOne(op, inputs, attributes),
  };
  const { shape } = node.inputs[index]!;
  const gradient = unbroadcast(tape, emitGradient(context, index), shape);
  if (!sameShape(gradient.shape, shape)) {
    throw new GradstepError(`${node.op}: gradient of shape [${gradient.shape.join()}] for [${shape.join()}]`, {
      code: 'test.gradient',
    });
  }
  return numbersFromData(tape.read(gradient));
}

export function inputNameAt(op: OpName, index: number): string {
  const names = opRow(op).inputs;
  return names[Math.min(index, names.length - 1)]!.replace(/\?$|\.\.\.$/, '');
}

/** Compares every differentiable input's gradient with central differences. A wrong shape counts as infinitely far. */
export function checkGradients(
  gradientCase: GradientCase,
  rule: GradientRule = ruleTable[gradientCase.op],
): InputCheck[] {
  const tape = new Tape(runtime);
  const node = record(tape, gradientCase, 'float32');
  const forward = forward64(gradientCase);
  const cotangents = cotangentsOf(node);
  const checks: InputCheck[] = [];
  gradientCase.inputs.forEach((input, index) => {
    const name = inputNameAt(gradientCase.op, index);
    if (
      !input ||
      !isFloating(input.dtype) ||
      rule.inputs[name] === 'nonDifferentiable' ||
      gradientCase.skip?.includes(name)
    ) {
      return;
    }
    const expected = differences(gradientCase, forward, node, index);
    let actual: ArrayLike<number>;
    try {
      actual = ruleGradient(tape, node, index, rule, cotangents);
    } catch (error) {
      if (!(error instanceof GradstepError) || error.code === 'runtime.compile') throw error;
      checks.push({ input: name, error: Infinity });
      return;
    }
    checks.push({ input: name, error: relativeError(actual, expected) });
  });
  return checks;
}

/** The largest difference relative to the largest expected value. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    const own = Math.abs(actual[i]! - expected[i]!);
    difference = Number.isNaN(own) ? Infinity : Math.max(difference, own);
  }
  return difference === 0 ? 0 : difference / Math.max(largest, Number.MIN_VALUE);
}
