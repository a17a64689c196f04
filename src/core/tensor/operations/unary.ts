import { PythonError } from '../../../common/errors';
import { optional, required, withDefault, type OperationContext, type Scalar } from '../../operation';
import type { OpName } from '../../onnx/opTable';
import type { AttributeValues } from '../../onnx/opRow';
import { isFloating, type DType } from '../dtype';
import { apply, Tensor } from '../tensor';
import { renamed, truncate } from './arithmetic';
import { arithmeticType, castTo, fedScalar, resultType } from './promotion';
import { functionAndMethod, type TensorOperation } from './tensorOperation';

/** The input in a floating type: integers become the default one. */
export function floatingInput(input: Tensor, context: OperationContext): Tensor {
  return isFloating(input.dtype) ? input : castTo(input, context.defaultDtype);
}

const input = { input: required('tensor') };
const inPlace = { inPlace: true };

/** A function of real numbers: integers become floating. */
function floatingRow(name: string, op: OpName, gradientName: string, attributes?: AttributeValues): TensorOperation {
  return functionAndMethod(
    name,
    input,
    ({ input: x }, context) => apply(context.tape, op, [floatingInput(x, context)], attributes, gradientName),
    inPlace,
  );
}

/** A function that keeps the type; on integers it changes nothing (`round`, `floor`). */
function roundingRow(name: string, op: OpName, gradientName: string): TensorOperation {
  return functionAndMethod(
    name,
    input,
    ({ input: x }) =>
      isFloating(x.dtype) ? apply(x.tape, op, [x], undefined, gradientName) : apply(x.tape, 'Identity', [x]),
    inPlace,
  );
}

/** A function that keeps the type, with arithmetic kernels for integers. */
function keepingRow(name: string, op: OpName, gradientName: string, aliases: readonly string[] = []): TensorOperation {
  return functionAndMethod(
    name,
    input,
    ({ input: x }) => castTo(apply(x.tape, op, [castTo(x, arithmeticType(x.dtype))], undefined, gradientName), x.dtype),
    { ...inPlace, aliases },
  );
}

/** erf has a float32 kernel alone. */
function errorFunction(x: Tensor): Tensor {
  const name = 'ErfBackward0';
  return renamed(castTo(apply(x.tape, 'Erf', [castTo(x, 'float32')], undefined, name), x.dtype), name);
}

function constant(x: Tensor, value: number): ReturnType<Tensor['tape']['scalar']> {
  return x.tape.scalar(value, x.dtype);
}

/** Values outside [min, max] become the bound; PyTorch's gradient lets the bounds through. */
export function clamp(
  x: Tensor,
  min: Tensor | Scalar | null,
  max: Tensor | Scalar | null,
  context: OperationContext,
  gradientName = 'ClampBackward1',
): Tensor {
  if (min === null && max === null) {
    throw new PythonError('RuntimeError', "torch.clamp: At least one of 'min' or 'max' must not be None");
  }
  const bounds = [min, max].filter((bound) => bound !== null);
  const dtype = resultType([x, ...bounds], context.defaultDtype);
  const computed: DType = isFloating(dtype) ? dtype : 'int64';
  const cast = castTo(x, computed);
  if (min instanceof Tensor || max instanceof Tensor) {
    let result = cast;
    const bound = (operand: Tensor | Scalar): Tensor =>
      operand instanceof Tensor ? castTo(operand, computed) : new Tensor(x.tape, fedScalar(operand, computed));
    if (min !== null) result = apply(x.tape, 'Max', [result, bound(min)], undefined, 'ClampBackward0');
    if (max !== null) result = apply(x.tape, 'Min', [result, bound(max)], undefined, 'ClampBackward0');
    return castTo(result, dtype);
  }
  const limits = [min, max].map((bound) => (bound === null ? null : fedScalar(bound, computed)));
  return castTo(apply(x.tape, 'Clip', [cast, ...limits], undefined, gradientName), dtype);
}

function classify(x: Tensor, kind: 'nan' | 'infinite' | 'finite'): Tensor {
  const { tape } = x;
  const value = castTo(x, isFloating(x.dtype) ? x.dtype : 'float64').value;
  if (kind === 'nan') return new Tensor(tape, tape.emitOne('IsNaN', [value]));
  if (kind === 'infinite') return new Tensor(tape, tape.emitOne('IsInf', [value]));
  const strange = tape.emitOne('Or', [tape.emitOne('IsNaN', [value]), tape.emitOne('IsInf', [value])]);
  return new Tensor(tape, tape.emitOne('Not', [strange]));
}

const largest: Readonly<Record<string, number>> = { float32: 3.4028234663852886e38, float64: Number.MAX_VALUE };

function replaceNonFinite(x: Tensor, nan: number, positive: number | null, negative: number | null): Tensor {
  if (!isFloating(x.dtype)) return x;
  const { tape } = x;
  const number = (value: number): ReturnType<typeof constant> => tape.feedScalar(value, x.dtype);
  const limit = largest[x.dtype]!;
  const infinite = tape.emitOne('IsInf', [x.value]);
  const isPositive = tape.emitOne('Greater', [x.value, tape.scalar(0, x.dtype)]);
  const bound = tape.emitOne('Where', [isPositive, number(positive ?? limit), number(negative ?? -limit)]);
  const finite = apply(tape, 'Where', [infinite, bound, x]);
  return apply(tape, 'Where', [tape.emitOne('IsNaN', [x.value]), number(nan), finite], undefined, 'NanToNumBackward0');
}

function logarithm(x: Tensor, base: number, gradientName: string): Tensor {
  return apply(x.tape, 'Div', [apply(x.tape, 'Log', [x]), constant(x, Math.log(base))], undefined, gradientName);
}

/** log(1 + x), also for small x: Kahan's correction of the rounding of 1 + x. */
function log1p(x: Tensor): Tensor {
  const { tape } = x;
  const one = constant(x, 1);
  const sum = apply(tape, 'Add', [x, one]);
  const rounded = tape.emitOne('Sub', [sum.value, one]);
  const exact = tape.emitOne('Equal', [rounded, tape.scalar(0, x.dtype)]);
  const safe = tape.emitOne('Where', [exact, one, rounded]);
  const infinite = tape.emitOne('IsInf', [sum.value]);
  const correction = tape.emitOne('Where', [
    tape.emitOne('Or', [exact, infinite]),
    one,
    tape.emitOne('Div', [tape.emitOne('Where', [exact, one, x.value]), safe]),
  ]);
  // Where 1 + x rounds to 1 the logarithm is x itself.
  const scaled = apply(tape, 'Mul', [apply(tape, 'Log', [sum]), correction]);
  return apply(tape, 'Where', [exact, x, scaled], undefined, 'Log1PBackward0');
}

/** Functions of one tensor, element by element. */
export const unaryOperations: readonly TensorOperation[] = [
  keepingRow('abs', 'Abs', 'AbsBackward0', ['absolute']),
  functionAndMethod(
    'neg',
    input,
    ({ input: x }) => {
      if (x.dtype === 'bool') {
        throw new PythonError(
          'RuntimeError',
          'Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.',
        );
      }
      const computed = x.dtype === 'uint8' ? 'int32' : x.dtype;
      return castTo(apply(x.tape, 'Neg', [castTo(x, computed)], undefined, 'NegBackward0'), x.dtype);
    },
    { ...inPlace, aliases: ['negative'] },
  ),
  functionAndMethod('positive', input, ({ input: x }) => x),
  keepingRow('sign', 'Sign', 'SignBackward0', ['sgn']),
  floatingRow('exp', 'Exp', 'ExpBackward0'),
  functionAndMethod(
    'expm1',
    input,
    ({ input: x }, context) => {
      const y = floatingInput(x, context);
      return apply(y.tape, 'Sub', [apply(y.tape, 'Exp', [y]), constant(y, 1)], undefined, 'Expm1Backward0');
    },
    inPlace,
  ),
  floatingRow('log', 'Log', 'LogBackward0'),
  functionAndMethod(
    'log2',
    input,
    ({ input: x }, context) => logarithm(floatingInput(x, context), 2, 'Log2Backward0'),
    inPlace,
  ),
  functionAndMethod(
    'log10',
    input,
    ({ input: x }, context) => logarithm(floatingInput(x, context), 10, 'Log10Backward0'),
    inPlace,
  ),
  functionAndMethod('log1p', input, ({ input: x }, context) => log1p(floatingInput(x, context)), inPlace),
  floatingRow('sqrt', 'Sqrt', 'SqrtBackward0'),
  functionAndMethod(
    'rsqrt',
    input,
    ({ input: x }, context) => {
      const y = floatingInput(x, context);
      return apply(y.tape, 'Reciprocal', [apply(y.tape, 'Sqrt', [y])], undefined, 'RsqrtBackward0');
    },
    inPlace,
  ),
  floatingRow('reciprocal', 'Reciprocal', 'ReciprocalBackward0'),
  floatingRow('sin', 'Sin', 'SinBackward0'),
  floatingRow('cos', 'Cos', 'CosBackward0'),
  floatingRow('tan', 'Tan', 'TanBackward0'),
  floatingRow('tanh', 'Tanh', 'TanhBackward0'),
  floatingRow('sigmoid', 'Sigmoid', 'SigmoidBackward0'),
  functionAndMethod('erf', input, ({ input: x }, context) => errorFunction(floatingInput(x, context)), inPlace),
  functionAndMethod(
    'relu',
    input,
    ({ input: x }) => {
      if (isFloating(x.dtype)) return apply(x.tape, 'Relu', [x], undefined, 'ReluBackward0');
      if (x.dtype === 'bool') throw new PythonError('RuntimeError', 'Boolean inputs not supported for relu');
      return castTo(apply(x.tape, 'Relu', [castTo(x, 'int32')]), x.dtype);
    },
    inPlace,
  ),
  roundingRow('floor', 'Floor', 'FloorBackward0'),
  roundingRow('ceil', 'Ceil', 'CeilBackward0'),
  functionAndMethod(
    'round',
    { ...input, decimals: withDefault('int', 0) },
    ({ input: x, decimals }) => {
      if (!isFloating(x.dtype)) return apply(x.tape, 'Identity', [x]);
      if (decimals === 0) return apply(x.tape, 'Round', [x], undefined, 'RoundBackward0');
      const scale = x.tape.feedScalar(10 ** Math.abs(decimals), x.dtype);
      const [first, second] = decimals > 0 ? (['Mul', 'Div'] as const) : (['Div', 'Mul'] as const);
      const rounded = apply(x.tape, 'Round', [apply(x.tape, first, [x, scale])]);
      return apply(x.tape, second, [rounded, scale], undefined, 'RoundBackward1');
    },
    inPlace,
  ),
  functionAndMethod('trunc', input, ({ input: x }) => (isFloating(x.dtype) ? truncate(x) : x), {
    ...inPlace,
    aliases: ['fix'],
  }),
  functionAndMethod(
    'frac',
    input,
    ({ input: x }) => apply(x.tape, 'Sub', [x, truncate(x).detach()], undefined, 'FracBackward0'),
    inPlace,
  ),
  functionAndMethod(
    'clamp',
    { ...input, min: optional('operand'), max: optional('operand') },
    ({ input: x, min, max }, context) => clamp(x, min, max, context),
    { ...inPlace, aliases: ['clip'] },
  ),
  functionAndMethod(
    'clamp_min',
    { ...input, min: required('operand') },
    ({ input: x, min }, context) => clamp(x, min, null, context, 'ClampMinBackward0'),
    inPlace,
  ),
  functionAndMethod(
    'clamp_max',
    { ...input, max: required('operand') },
    ({ input: x, max }, context) => clamp(x, null, max, context, 'ClampMaxBackward0'),
    inPlace,
  ),
  functionAndMethod('isnan', input, ({ input: x }) => classify(x, 'nan')),
  functionAndMethod('isinf', input, ({ input: x }) => classify(x, 'infinite')),
  functionAndMethod('isfinite', input, ({ input: x }) => classify(x, 'finite')),
  functionAndMethod(
    'nan_to_num',
    { ...input, nan: optional('float'), posinf: optional('float'), neginf: optional('float') },
    ({ input: x, nan, posinf, neginf }) => replaceNonFinite(x, nan ?? 0, posinf, neginf),
    inPlace,
  ),
];
