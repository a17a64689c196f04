import { readFileSync } from 'node:fs';
import type { OpName } from '../../../src/core/onnx/opTable';
import type { AttributeValues } from '../../../src/core/onnx/opRow';
import { awayFromZero, distinct, given, indices, ints, positive, uniform } from '../caseInputs';
import type { CaseInput, GradientCase } from '../gradientChecker';

interface WindowCase {
  x: number[];
  w?: number[];
  k?: number[];
  strides?: number[];
  pads?: number[];
  dilations?: number[];
  count_include_pad?: number;
}

interface GemmCase {
  A: number[];
  B: number[];
  C?: number[];
  transA?: number;
  transB?: number;
  alpha?: number;
  beta?: number;
}

interface Published {
  conv: { cases: WindowCase[] };
  maxpool: { cases: WindowCase[] };
  averagepool: { cases: WindowCase[] };
  globalaveragepool: { cases: WindowCase[] };
  gemm: { cases: GemmCase[] };
  matmul: { cases: [number[], number[]][] };
  broadcast_binary: { cases: [number[], number[]][] };
  unary: { shape: number[] };
  pow: { cases: { exp: number }[] };
  flatten: { x: number[]; axis_to_shape: Record<string, number[]> };
  reduce: { x: number[]; axes_keepdims: [number[] | null, number][] };
  softmax: { x: number[]; axis: ('default' | number)[] };
  transpose: { x: number[]; perms: ('default' | number[])[] };
  concat: { cases: { xs: number[][]; axis: number }[] };
  split: { x: number[]; outs: number[][]; axis: number };
  gather: { x: number[] };
}

const table = JSON.parse(readFileSync('test/fixtures/ortGradientCases.json', 'utf8')) as Published;

function windowAttributes({ k, strides, pads, dilations, count_include_pad }: WindowCase): AttributeValues {
  return {
    ...(k ? { kernel_shape: k } : {}),
    ...(strides ? { strides } : {}),
    ...(pads ? { pads } : {}),
    ...(dilations ? { dilations } : {}),
    ...(count_include_pad ? { count_include_pad } : {}),
  };
}

function windowCase(op: OpName, input: (...shape: number[]) => CaseInput, entry: WindowCase): GradientCase {
  return {
    op,
    name: `published: ${JSON.stringify(entry)}`,
    inputs: [input(...entry.x), ...(entry.w ? [uniform(...entry.w), uniform(entry.w[0]!)] : [])],
    attributes: windowAttributes(entry),
  };
}

function gemmCase(entry: GemmCase): GradientCase {
  const { A, B, C, ...attributes } = entry;
  const inputs = [uniform(...A), uniform(...B), ...(C ? [uniform(...C)] : [])];
  return { op: 'Gemm', name: `published: ${JSON.stringify(entry)}`, inputs, attributes };
}

const unaryInputs: Readonly<Partial<Record<OpName, (...shape: number[]) => CaseInput>>> = {
  Abs: awayFromZero,
  Cos: uniform,
  Erf: uniform,
  Exp: uniform,
  Log: positive,
  Neg: uniform,
  Relu: awayFromZero,
  Sigmoid: uniform,
  Sin: uniform,
  Sqrt: positive,
  Tanh: uniform,
};

const broadcastOps = { Add: uniform, Sub: uniform, Mul: uniform, Div: awayFromZero } as const;

/** The shapes of ONNX Runtime's own gradient tests, whose parameters the fixture gives. */
export const publishedCases: readonly GradientCase[] = [
  ...table.conv.cases.map((entry) => windowCase('Conv', uniform, entry)),
  ...table.maxpool.cases.map((entry) => windowCase('MaxPool', distinct, entry)),
  ...table.averagepool.cases.map((entry) => windowCase('AveragePool', uniform, entry)),
  ...table.globalaveragepool.cases.map((entry) => windowCase('GlobalAveragePool', uniform, entry)),
  ...table.gemm.cases.map(gemmCase),
  ...table.matmul.cases.map(([a, b]): GradientCase => ({
    op: 'MatMul',
    name: `published: [${a.join()}] [${b.join()}]`,
    inputs: [uniform(...a), uniform(...b)],
  })),
  ...Object.entries(broadcastOps).flatMap(([op, input]) =>
    table.broadcast_binary.cases.map(([a, b]): GradientCase => ({
      op: op as keyof typeof broadcastOps,
      name: `published: [${a.join()}] [${b.join()}]`,
      inputs: [input(...a), input(...b)],
    })),
  ),
  ...Object.entries(unaryInputs).map(([op, input]): GradientCase => ({
    op: op as OpName,
    name: 'published',
    inputs: [input(...table.unary.shape)],
  })),
  ...table.pow.cases.map(({ exp }): GradientCase => ({
    op: 'Pow',
    name: `published: ${exp}`,
    inputs: [uniform(2, 3, 4), given([], [exp])],
    skip: ['B'],
  })),
  ...Object.values(table.flatten.axis_to_shape).map((shape): GradientCase => ({
    op: 'Reshape',
    name: `published: ${shape.join()}`,
    inputs: [uniform(...table.flatten.x), ints(...shape)],
  })),
  ...(['ReduceMean', 'ReduceSum'] as const).flatMap((op) =>
    table.reduce.axes_keepdims.map(([axes, keepdims]): GradientCase => ({
      op,
      name: `published: ${JSON.stringify(axes)} ${keepdims}`,
      inputs: [uniform(...table.reduce.x), axes ? ints(...axes) : null],
      attributes: { keepdims },
    })),
  ),
  ...(['Softmax', 'LogSoftmax'] as const).flatMap((op) =>
    table.softmax.axis.map((axis): GradientCase => ({
      op,
      name: `published: axis ${axis}`,
      inputs: [uniform(...table.softmax.x)],
      attributes: typeof axis === 'number' ? { axis } : {},
    })),
  ),
  ...table.transpose.perms.map((perm): GradientCase => ({
    op: 'Transpose',
    name: `published: ${String(perm)}`,
    inputs: [uniform(...table.transpose.x)],
    attributes: typeof perm === 'string' ? {} : { perm },
  })),
  ...table.concat.cases.map(({ xs, axis }): GradientCase => ({
    op: 'Concat',
    name: `published: ${JSON.stringify(xs)}`,
    inputs: xs.map((shape) => uniform(...shape)),
    attributes: { axis },
  })),
  {
    op: 'Split',
    name: 'published',
    inputs: [uniform(...table.split.x), ints(...table.split.outs.map(([size]) => size!))],
    attributes: { axis: table.split.axis },
  },
  ...[0, 1].map((axis): GradientCase => ({
    op: 'Gather',
    name: `published: axis ${axis}`,
    inputs: [uniform(...table.gather.x), indices([2, 3], [0, 1, 1, -1, 0, -2])],
    attributes: { axis },
  })),
];
