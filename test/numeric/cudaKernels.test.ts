import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loweringTable } from '../../src/core/onnx/lowering';
import { opTable, type OpName } from '../../src/core/onnx/opTable';
import { numbersFromData, type DType } from '../../src/core/tensor/dtype';
import { Tape } from '../../src/core/tensor/tape';
import { kernelTypes } from '../../src/runtime/executionProviders';
import { OrtRuntime } from '../../src/runtime/ortRuntime';
import { forwardCases } from './cases/forward';
import { gradientCases } from './gradientCases';
import { record, relativeError, runtime, type GradientCase } from './gradientChecker';

const floats = ['float32', 'float64'] as const;
const numbers = [...floats, 'int32', 'int64'] as const;
const signed = [...numbers, 'int16', 'int8'] as const;
const arithmetic = [...signed, 'uint8'] as const;
const any = [...arithmetic, 'bool'] as const;
const bool = ['bool'] as const;

/**
 * The element types that the CUDA provider has a kernel for at opset 18, of the type that an operator computes with:
 * onnxruntime, docs/OperatorKernels.md, CUDAExecutionProvider. A new operator does not compile without its row.
 */
const cudaKernels: Readonly<Record<OpName, readonly DType[]>> = {
  Abs: arithmetic,
  Add: arithmetic,
  And: bool,
  ArgMax: floats,
  ArgMin: floats,
  AveragePool: floats,
  Cast: any,
  Ceil: floats,
  Clip: [...floats, 'int64', 'int8', 'uint8'],
  Concat: any,
  ConstantOfShape: ['int64'],
  Conv: floats,
  ConvTranspose: floats,
  Cos: floats,
  CumSum: numbers,
  DepthToSpace: floats,
  Div: arithmetic,
  Elu: floats,
  Equal: [...numbers, 'bool'],
  Erf: floats,
  Exp: floats,
  Expand: any,
  Floor: floats,
  Gather: any,
  GatherElements: any,
  GatherND: [...floats, 'int64', 'bool'],
  Gemm: floats,
  GlobalAveragePool: floats,
  Greater: numbers,
  GreaterOrEqual: numbers,
  Identity: any,
  IsInf: floats,
  IsNaN: floats,
  LeakyRelu: floats,
  Less: numbers,
  LessOrEqual: numbers,
  Log: floats,
  LogSoftmax: floats,
  MatMul: floats,
  Max: numbers,
  MaxPool: [...floats, 'int8', 'uint8'],
  MaxUnpool: [],
  Min: numbers,
  Mod: numbers,
  Mul: arithmetic,
  Neg: signed,
  Not: bool,
  OneHot: ['float32', 'int64'],
  Or: bool,
  Pad: [...floats, 'bool'],
  Pow: numbers,
  Reciprocal: floats,
  ReduceMax: numbers,
  ReduceMean: [...floats, 'int32'],
  ReduceMin: [...numbers, 'int8', 'uint8'],
  ReduceProd: [...floats, 'int32'],
  ReduceSum: numbers,
  Relu: floats,
  Reshape: any,
  Round: floats,
  ScatterElements: any,
  ScatterND: any,
  Sigmoid: floats,
  Sign: arithmetic,
  Sin: floats,
  Slice: any,
  Softmax: floats,
  Softplus: floats,
  SpaceToDepth: floats,
  Split: any,
  Sqrt: floats,
  Squeeze: any,
  Sub: arithmetic,
  Sum: floats,
  Tan: [],
  Tanh: floats,
  Tile: numbers,
  TopK: numbers,
  Transpose: any,
  Trilu: any,
  Unsqueeze: any,
  Where: [...numbers, 'uint8'],
  Xor: bool,
};

/** Which input has the type that the kernels go by, where it is not the first. */
const typedInput: Partial<Record<OpName, number>> = { Where: 1, OneHot: 2 };

test('every operator has a CUDA kernel at opset 18 for what its cases compute with, or others stand in', () => {
  const left = [...gradientCases, ...forwardCases].flatMap(({ op, inputs }) => {
    const { dtype } = inputs[typedInput[op] ?? 0]!;
    const isReplaced = loweringTable[op]?.where === 'lacking' && kernelTypes.cuda[op]?.includes(dtype) === false;
    return isReplaced || cudaKernels[op].includes(dtype) ? [] : [`${op} ${dtype}`];
  });
  assert.deepEqual(left, []);
});

function outputsOn(runtime: OrtRuntime, gradientCase: GradientCase): number[][] {
  const tape = new Tape(runtime);
  const outputs = [...record(tape, gradientCase, 'float32').outputs];
  tape.readAll(outputs, 'forward');
  return outputs.map((output) => Array.from(numbersFromData(output.data!)));
}

for (const op of Object.keys(kernelTypes.cuda) as OpName[]) {
  test(`what stands in for ${op} on CUDA gives its numbers`, () => {
    const cases = [...gradientCases, ...forwardCases].filter((gradientCase) => gradientCase.op === op);
    assert.ok(cases.length > 0);
    for (const gradientCase of cases) {
      // Graphs as CUDA gets them, on the CPU.
      const asOnCuda = new OrtRuntime({ device: 'cuda', providers: [], threads: 1 });
      const expected = outputsOn(runtime, gradientCase);
      outputsOn(asOnCuda, gradientCase).forEach((actual, i) => {
        assert.ok(relativeError(actual, expected[i]!) <= 1e-6, `${op} (${gradientCase.name})`);
      });
    }
  });
}

test('operators that CUDA lacks altogether', () => {
  const names = Object.keys(opTable) as OpName[];
  assert.deepEqual(
    names.filter((name) => cudaKernels[name].length === 0),
    ['MaxUnpool', 'Tan'],
  );
});
