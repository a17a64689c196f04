import { PythonError } from '../../../common/errors';
import { optional, required, withDefault, type Arguments } from '../../operation';
import { initializeLayer } from '../../random/initialization';
import { elementCount } from '../../tensor/dtype';
import { dtypeTable } from '../../tensor/dtype';
import { checkSize } from '../../tensor/operations/creation';
import { Tensor } from '../../tensor/tensor';
import type { FloatArray } from '../../random/distributions';
import { convolution, singlePadding } from '../functional/convolution';
import { linear } from '../functional/linear';
import { pad } from '../functional/padding';
import { transposedConvolution } from '../functional/transposedConvolution';
import type { OperationContext } from '../../operation';
import { layer, type LayerTensors, type LayerText } from './layerRow';

const modes = ['zeros', 'reflect', 'replicate', 'circular'];

interface ConvolutionArguments {
  in_channels: number;
  out_channels: number;
  kernel_size: readonly number[];
  stride: readonly number[];
  padding: readonly number[] | string;
  dilation: readonly number[];
  groups: number;
  padding_mode: string;
}

function checkConvolution(args: ConvolutionArguments): void {
  const { in_channels, out_channels, groups, padding, stride, padding_mode } = args;
  const fail = (message: string): never => {
    throw new PythonError('ValueError', message);
  };
  if (groups <= 0) fail('groups must be a positive integer');
  if (in_channels % groups !== 0) fail('in_channels must be divisible by groups');
  if (out_channels % groups !== 0) fail('out_channels must be divisible by groups');
  if (padding === 'same' && stride.some((step) => step !== 1)) {
    fail("padding='same' is not supported for strided convolutions");
  }
  if (!modes.includes(padding_mode)) {
    fail(
      `padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, but got padding_mode='${padding_mode}'`,
    );
  }
}

function drawn(
  context: OperationContext,
  shape: readonly number[],
  biasSize: number | null,
  dtype: 'float32' | 'float64',
) {
  checkSize(shape);
  const allocate = (size: readonly number[]) => ({
    data: dtypeTable[dtype].allocate(elementCount(size)) as FloatArray,
    shape: size,
  });
  const weight = allocate(shape);
  const bias = biasSize === null ? null : allocate([biasSize]);
  initializeLayer(weight, bias, context.generator);
  return {
    weight: Tensor.fromData(context.tape, weight.data, shape, dtype),
    bias: bias && Tensor.fromData(context.tape, bias.data, bias.shape, dtype),
  };
}

function floating(context: OperationContext, dtype: string | null): 'float32' | 'float64' {
  return (dtype ?? context.defaultDtype) === 'float64' ? 'float64' : 'float32';
}

function convolutionTensors(
  args: ConvolutionArguments & { bias: boolean; dtype: string | null },
  context: OperationContext,
): LayerTensors {
  checkConvolution(args);
  const shape = [args.out_channels, args.in_channels / args.groups, ...args.kernel_size];
  return { parameters: drawn(context, shape, args.bias ? args.out_channels : null, floating(context, args.dtype)) };
}

/** What the layer's attributes hold beyond the arguments. */
function convolutionAttributes(args: ConvolutionArguments) {
  const { kernel_size, stride, padding, dilation } = args;
  return {
    kernel_size,
    stride,
    padding,
    dilation,
    transposed: false,
    output_padding: kernel_size.map(() => 0),
  };
}

function forward(
  args: ConvolutionArguments,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  context: OperationContext,
): Tensor {
  const { stride, padding, dilation, groups, padding_mode } = args;
  if (padding_mode === 'zeros') return convolution(input, weight, bias, { stride, padding, dilation, groups }, context);
  const padded = pad(input, reversedPadding(args), padding_mode, null);
  return convolution(padded, weight, bias, { stride, padding: stride.map(() => 0), dilation, groups }, context);
}

/** The widths for `pad`: the last axis first, begin and end. */
function reversedPadding({ kernel_size, padding, dilation }: ConvolutionArguments): number[] {
  const widths = kernel_size.map((size, axis) => {
    if (padding === 'valid') return [0, 0];
    if (typeof padding !== 'string') return [padding[axis]!, padding[axis]!];
    const total = dilation[axis]! * (size - 1);
    const begin = Math.floor(total / 2);
    return [begin, total - begin];
  });
  return widths.reverse().flat();
}

function convolutionRepr({ text, repr, has }: LayerText<unknown>): string {
  const isAll = (value: string, digit: string): boolean =>
    value.startsWith('(') && value.replace(/[(), ]/g, '').replaceAll(digit, '') === '';
  let result = `${text('in_channels')}, ${text('out_channels')}, kernel_size=${text('kernel_size')}, stride=${text('stride')}`;
  if (!isAll(text('padding'), '0')) result += `, padding=${text('padding')}`;
  if (!isAll(text('dilation'), '1')) result += `, dilation=${text('dilation')}`;
  if (!isAll(text('output_padding'), '0')) result += `, output_padding=${text('output_padding')}`;
  if (repr('groups') !== '1') result += `, groups=${text('groups')}`;
  if (!has('bias')) result += ', bias=False';
  if (text('padding_mode') !== 'zeros') result += `, padding_mode=${text('padding_mode')}`;
  return result;
}

const shared = {
  groups: withDefault('int', 1),
  bias: withDefault('bool', true),
  padding_mode: withDefault('string', 'zeros'),
  device: optional('device'),
  dtype: optional('dtype'),
} as const;

const oneAxis = {
  in_channels: required('int'),
  out_channels: required('int'),
  kernel_size: required('single'),
  stride: withDefault('single', [1]),
  padding: withDefault('any', 0n),
  dilation: withDefault('single', [1]),
  ...shared,
} as const;

function withSinglePadding(args: Arguments<typeof oneAxis>) {
  return { ...args, padding: singlePadding(args.padding) };
}

/** Layers with a weight that is drawn from U(-1/√fan in, 1/√fan in). */
export const convolutionLayers = [
  layer('Conv1d', oneAxis, {
    base: '_ConvNd',
    sizes: ['out_channels', 'in_channels', 'kernel_size'],
    attributes: (args) => convolutionAttributes(withSinglePadding(args)),
    tensors: (args, context) => convolutionTensors(withSinglePadding(args), context),
    forward: ({ args, tensor, context }, [input]) =>
      forward(withSinglePadding(args), input, tensor('weight')!, tensor('bias'), context),
    extraRepr: convolutionRepr,
  }),
  layer(
    'Conv2d',
    {
      in_channels: required('int'),
      out_channels: required('int'),
      kernel_size: required('pair'),
      stride: withDefault('pair', [1, 1]),
      padding: withDefault('padding', [0, 0]),
      dilation: withDefault('pair', [1, 1]),
      ...shared,
    },
    {
      base: '_ConvNd',
      sizes: ['out_channels', 'in_channels', 'kernel_size'],
      attributes: convolutionAttributes,
      tensors: convolutionTensors,
      forward: ({ args, tensor, context }, [input]) => forward(args, input, tensor('weight')!, tensor('bias'), context),
      extraRepr: convolutionRepr,
    },
  ),
  layer(
    'ConvTranspose2d',
    {
      in_channels: required('int'),
      out_channels: required('int'),
      kernel_size: required('pair'),
      stride: withDefault('pair', [1, 1]),
      padding: withDefault('pair', [0, 0]),
      output_padding: withDefault('pair', [0, 0]),
      groups: withDefault('int', 1),
      bias: withDefault('bool', true),
      dilation: withDefault('pair', [1, 1]),
      padding_mode: withDefault('string', 'zeros'),
      device: optional('device'),
      dtype: optional('dtype'),
    },
    {
      base: '_ConvNd',
      sizes: ['in_channels', 'out_channels', 'kernel_size'],
      attributes: (args) => ({
        ...convolutionAttributes(args),
        transposed: true,
        output_padding: args.output_padding,
      }),
      tensors: (args, context) => {
        checkConvolution(args);
        if (args.padding_mode !== 'zeros') {
          throw new PythonError('ValueError', 'Only "zeros" padding mode is supported for ConvTranspose2d');
        }
        const { in_channels, out_channels, groups, kernel_size, bias, dtype } = args;
        const shape = [in_channels, out_channels / groups, ...kernel_size];
        return { parameters: drawn(context, shape, bias ? out_channels : null, floating(context, dtype)) };
      },
      forward: ({ args, tensor }, [input]) =>
        transposedConvolution(input, tensor('weight')!, tensor('bias'), {
          stride: args.stride,
          padding: args.padding,
          outputPadding: args.output_padding,
          dilation: args.dilation,
          groups: args.groups,
        }),
      extraRepr: convolutionRepr,
    },
  ),
  layer(
    'Linear',
    {
      in_features: required('int'),
      out_features: required('int'),
      bias: withDefault('bool', true),
      device: optional('device'),
      dtype: optional('dtype'),
    },
    {
      sizes: ['out_features', 'in_features'],
      tensors: ({ in_features, out_features, bias, dtype }, context) => ({
        parameters: drawn(context, [out_features, in_features], bias ? out_features : null, floating(context, dtype)),
      }),
      forward: ({ tensor }, [input]) => linear(input, tensor('weight')!, tensor('bias')),
      extraRepr: ({ text, has }) =>
        `in_features=${text('in_features')}, out_features=${text('out_features')}, bias=${has('bias') ? 'True' : 'False'}`,
    },
  ),
];
