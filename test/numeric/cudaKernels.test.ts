import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loweringTable } from '../../src/core/onnx/lowering';
import { opTable, type OpName } from '../../src/core/onnx/opTable';
import type { DType } from '../../src/core/tensor/dtype';
import { kernelTypes } from '../../src/runtime/executionProviders';
import { forwardCases } from './cases/forward';
import { gradientCases } from './gradientCases';

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

/** What stays on the CPU, and is said in the panel when a script needs it. */
const staysOnCpu = ['Tan float32'];

test('every operator has a CUDA kernel at opset 18 for what its cases compute with, but for these', () => {
  const left = [...gradientCases, ...forwardCases].flatMap(({ op, inputs }) => {
    const { dtype } = inputs[typedInput[op] ?? 0]!;
    const isReplaced = loweringTable[op]?.where === 'lacking' && kernelTypes.cuda[op]?.includes(dtype) === false;
    return isReplaced || cudaKernels[op].includes(dtype) ? [] : [`${op} ${dtype}`];
  });
  assert.deepEqual([...new Set(left)].sort(), staysOnCpu);
});

test('operators that CUDA lacks altogether', () => {
  const names = Object.keys(opTable) as OpName[];
  assert.deepEqual(
    names.filter((name) => cudaKernels[name].length === 0),
    ['MaxUnpool', 'Tan'],
  );
});
