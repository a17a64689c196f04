import type { DType } from '../../tensor/dtype';
import type { AttributeKind, InferenceInput, OpRow } from '../opRow';
import { broadcastShapes, required } from '../shapes';

function unary(attributes: Record<string, AttributeKind> = {}, outputType?: DType): OpRow {
  return {
    inputs: ['X'],
    outputs: ['Y'],
    attributes,
    infer: (inputs) => {
      const input = required(inputs, 0);
      return [{ dtype: outputType ?? input.dtype, shape: input.shape }];
    },
  };
}

function broadcasting(outputType?: DType): OpRow {
  return {
    inputs: ['A', 'B'],
    outputs: ['C'],
    attributes: {},
    infer: (inputs) => {
      const a = required(inputs, 0);
      const b = required(inputs, 1);
      return [{ dtype: outputType ?? a.dtype, shape: broadcastShapes(a.shape, b.shape) }];
    },
  };
}

const variadic: OpRow = {
  inputs: ['data_0...'],
  outputs: ['result'],
  attributes: {},
  infer: (inputs) => {
    const present = inputs.filter((input): input is InferenceInput => input !== null);
    return [{ dtype: required(inputs, 0).dtype, shape: broadcastShapes(...present.map((input) => input.shape)) }];
  },
};

const cast: OpRow = {
  inputs: ['input'],
  outputs: ['output'],
  attributes: { to: 'int' },
  infer: (inputs, attributes) => {
    const dtype = castTargets[attributes['to'] as number];
    if (dtype === undefined) throw new Error(`Cast to ONNX type ${String(attributes['to'])}`);
    return [{ dtype, shape: required(inputs, 0).shape }];
  },
};

/** ONNX TensorProto.DataType to our names. */
const castTargets: Readonly<Record<number, DType>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  11: 'float64',
};

const where: OpRow = {
  inputs: ['condition', 'X', 'Y'],
  outputs: ['output'],
  attributes: {},
  infer: (inputs) => {
    const [condition, x, y] = [required(inputs, 0), required(inputs, 1), required(inputs, 2)];
    return [{ dtype: x.dtype, shape: broadcastShapes(condition.shape, x.shape, y.shape) }];
  },
};

const clip: OpRow = {
  inputs: ['input', 'min?', 'max?'],
  outputs: ['output'],
  attributes: {},
  infer: (inputs) => [{ dtype: required(inputs, 0).dtype, shape: required(inputs, 0).shape }],
};

/** Ops that work element by element. */
export const elementwiseOps = {
  Abs: unary(),
  Add: broadcasting(),
  And: broadcasting('bool'),
  Cast: cast,
  Ceil: unary(),
  Clip: clip,
  Cos: unary(),
  Div: broadcasting(),
  Elu: unary({ alpha: 'float' }),
  Equal: broadcasting('bool'),
  Erf: unary(),
  Exp: unary(),
  Floor: unary(),
  Greater: broadcasting('bool'),
  GreaterOrEqual: broadcasting('bool'),
  Identity: unary(),
  IsInf: unary({}, 'bool'),
  IsNaN: unary({}, 'bool'),
  LeakyRelu: unary({ alpha: 'float' }),
  Less: broadcasting('bool'),
  LessOrEqual: broadcasting('bool'),
  Log: unary(),
  Max: variadic,
  Min: variadic,
  Mod: { ...broadcasting(), attributes: { fmod: 'int' } } satisfies OpRow,
  Mul: broadcasting(),
  Neg: unary(),
  Not: unary({}, 'bool'),
  Or: broadcasting('bool'),
  Pow: broadcasting(),
  Reciprocal: unary(),
  Relu: unary(),
  Round: unary(),
  Sigmoid: unary(),
  Sign: unary(),
  Sin: unary(),
  Softplus: unary(),
  Sqrt: unary(),
  Sub: broadcasting(),
  Sum: variadic,
  Tan: unary(),
  Tanh: unary(),
  Where: where,
  Xor: broadcasting('bool'),
} satisfies Record<string, OpRow>;
