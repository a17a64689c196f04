import { PythonError } from '../../../common/errors';
import { optional, required, withDefault } from '../../operation';
import type { Tensor } from '../../tensor/tensor';
import {
  celu,
  elu,
  gelu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  mish,
  prelu,
  relu,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softshrink,
  tanh,
} from '../functional/activations';
import { add, compare, divide, inPlace, subtract, unary, where } from '../tensorMath';
import { filledTensor, layer, type LayerRow } from './layerRow';

/** A layer of an input and numbers, which can work in place. */
function inPlaceLayer(
  name: string,
  numbers: Record<string, number>,
  run: (input: Tensor, ...values: number[]) => Tensor,
  options: { base?: 'Hardtanh'; silent?: boolean } = {},
): LayerRow {
  const names = Object.keys(numbers);
  return layer(
    name,
    {
      ...Object.fromEntries(names.map((number) => [number, withDefault('float', numbers[number]!)])),
      inplace: withDefault('truth', false),
    },
    {
      base: options.base ?? 'Module',
      forward: ({ args }, [input]) => {
        const values = names.map((number) => (args as unknown as Record<string, number>)[number]!);
        return args.inplace ? inPlace(input, (before) => run(before, ...values)) : run(input, ...values);
      },
      extraRepr: ({ args, text }) =>
        options.silent
          ? ''
          : [...names.map((number) => `${number}=${text(number)}`), ...(args.inplace ? ['inplace=True'] : [])].join(
              ', ',
            ),
    },
  );
}

function plainLayer(name: string, run: (input: Tensor) => Tensor): LayerRow {
  return layer(name, {}, { forward: (_call, [input]) => run(input) });
}

function shrinkLayer(name: string, run: (input: Tensor, lambda: number) => Tensor): LayerRow {
  return layer(
    name,
    { lambd: withDefault('float', 0.5) },
    { forward: ({ args }, [input]) => run(input, args.lambd), extraRepr: ({ text }) => text('lambd') },
  );
}

function softmaxLayer(name: string, functionName: string, op: 'Softmax' | 'LogSoftmax', negated = false): LayerRow {
  return layer(
    name,
    { dim: optional('int') },
    {
      forward: ({ args, context }, [input]) => {
        const rank = input.shape.length;
        if (args.dim === null) {
          context.warn(
            `Implicit dimension choice for ${functionName} has been deprecated. Change the call to include dim=X as an argument.`,
          );
        }
        const axis = args.dim ?? (rank === 0 || rank === 1 || rank === 3 ? 0 : 1);
        return softmax(op, negated ? unary('Neg', input, 'NegBackward0') : input, axis);
      },
      extraRepr: ({ text }) => `dim=${text('dim')}`,
    },
  );
}

const softmax2d = layer(
  'Softmax2d',
  {},
  {
    forward: (_call, [input]) => {
      const rank = input.shape.length;
      if (rank !== 3 && rank !== 4) {
        throw new PythonError('ValueError', `Softmax2d: expected input to be 3D or 4D, got ${rank}D instead`);
      }
      return softmax('Softmax', input, -3);
    },
  },
);

const hardtanhLayer = layer(
  'Hardtanh',
  { min_val: withDefault('float', -1), max_val: withDefault('float', 1), inplace: withDefault('truth', false) },
  {
    forward: ({ args: { min_val, max_val, inplace } }, [input]) => {
      const run = (x: Tensor): Tensor => hardtanh(x, min_val, max_val);
      return inplace ? inPlace(input, run) : run(input);
    },
    extraRepr: ({ args, text }) =>
      `min_val=${text('min_val')}, max_val=${text('max_val')}${args.inplace ? ', inplace=True' : ''}`,
  },
);

export const activationLayers: readonly LayerRow[] = [
  inPlaceLayer('ReLU', {}, relu),
  inPlaceLayer('LeakyReLU', { negative_slope: 0.01 }, leakyRelu as (input: Tensor, ...values: number[]) => Tensor),
  inPlaceLayer('ELU', { alpha: 1 }, (input, alpha) => elu(input, alpha!)),
  inPlaceLayer('SELU', {}, selu),
  inPlaceLayer('CELU', { alpha: 1 }, (input, alpha) => celu(input, alpha!)),
  inPlaceLayer('SiLU', {}, silu),
  inPlaceLayer('Mish', {}, mish),
  hardtanhLayer,
  inPlaceLayer('ReLU6', {}, (input) => hardtanh(input, 0, 6), { base: 'Hardtanh' }),
  inPlaceLayer('Hardswish', {}, hardswish, { silent: true }),
  inPlaceLayer('Hardsigmoid', {}, hardsigmoid, { silent: true }),
  layer(
    'GELU',
    { approximate: withDefault('string', 'none') },
    {
      forward: ({ args }, [input]) => gelu(input, args.approximate),
      extraRepr: ({ repr }) => `approximate=${repr('approximate')}`,
    },
  ),
  layer(
    'Softplus',
    { beta: withDefault('float', 1), threshold: withDefault('float', 20) },
    {
      forward: ({ args }, [input]) => softplus(input, args.beta, args.threshold),
      extraRepr: ({ text }) => `beta=${text('beta')}, threshold=${text('threshold')}`,
    },
  ),
  layer(
    'Threshold',
    { threshold: required('float'), value: required('float'), inplace: withDefault('truth', false) },
    {
      forward: ({ args: { threshold, value, inplace } }, [input]) => {
        const run = (x: Tensor): Tensor => where(compare('LessOrEqual', x, threshold), value, x, 'ThresholdBackward0');
        return inplace ? inPlace(input, run) : run(input);
      },
      extraRepr: ({ args, text }) =>
        `threshold=${text('threshold')}, value=${text('value')}${args.inplace ? ', inplace=True' : ''}`,
    },
  ),
  plainLayer('Sigmoid', sigmoid),
  plainLayer('Tanh', tanh),
  plainLayer('LogSigmoid', logSigmoid),
  plainLayer('Softsign', (input) => divide(input, add(unary('Abs', input), 1))),
  plainLayer('Tanhshrink', (input) => subtract(input, tanh(input))),
  shrinkLayer('Softshrink', softshrink),
  shrinkLayer('Hardshrink', hardshrink),
  softmaxLayer('Softmax', 'softmax', 'Softmax'),
  softmaxLayer('LogSoftmax', 'log_softmax', 'LogSoftmax'),
  softmaxLayer('Softmin', 'softmin', 'Softmax', true),
  softmax2d,
  layer(
    'PReLU',
    {
      num_parameters: withDefault('int', 1),
      init: withDefault('float', 0.25),
      device: optional('device'),
      dtype: optional('dtype'),
    },
    {
      tensors: ({ num_parameters, init, dtype }, context) => ({
        parameters: {
          weight: filledTensor(context, [num_parameters], dtype ?? context.defaultDtype, (data) => data.fill(init)),
        },
      }),
      forward: ({ tensor }, [input]) => prelu(input, tensor('weight')!),
      extraRepr: ({ text }) => `num_parameters=${text('num_parameters')}`,
    },
  ),
];
