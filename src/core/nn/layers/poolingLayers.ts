import { optional, required, withDefault } from '../../operation';
import type { Tensor } from '../../tensor/tensor';
import { adaptiveAveragePool, adaptiveMaxPool } from '../functional/adaptivePooling';
import { averagePool, maxPool } from '../functional/pooling';
import { layer, type LayerRow, type LayerText } from './layerRow';

const zeros = { single: [0], pair: [0, 0] } as unknown as Record<'single' | 'pair', [number] & [number, number]>;
const ones = { single: [1], pair: [1, 1] } as unknown as Record<'single' | 'pair', [number] & [number, number]>;

type Kind = 'single' | 'pair';

function strideText({ text }: LayerText<unknown>): string {
  return `kernel_size=${text('kernel_size')}, stride=${text('stride')}, padding=${text('padding')}`;
}

function maxPoolLayer(name: string, kind: Kind): LayerRow {
  return layer(
    name,
    {
      kernel_size: required(kind),
      stride: optional(kind),
      padding: withDefault(kind, zeros[kind]),
      dilation: withDefault(kind, ones[kind]),
      return_indices: withDefault('bool', false),
      ceil_mode: withDefault('bool', false),
    },
    {
      base: '_MaxPoolNd',
      forward: ({ args }, [input]) => {
        const { kernel_size, stride, padding, dilation, return_indices, ceil_mode } = args;
        const options = { kernel: kernel_size, stride: stride ?? kernel_size, padding, dilation, ceilMode: ceil_mode };
        const { output, indices } = maxPool(input, options, return_indices);
        return indices ? [output, indices] : output;
      },
      extraRepr: (at) => `${strideText(at)}, dilation=${at.text('dilation')}, ceil_mode=${at.text('ceil_mode')}`,
    },
  );
}

function oneDimensional(args: { kernel_size: number[]; stride: number[] | null; padding: number[] }) {
  const { kernel_size, stride, padding } = args;
  return { kernel_size, stride: stride ?? kernel_size, padding };
}

function averagePoolLayer(name: string, kind: Kind): LayerRow {
  return layer(
    name,
    {
      kernel_size: required(kind),
      stride: optional(kind),
      padding: withDefault(kind, zeros[kind]),
      ceil_mode: withDefault('bool', false),
      count_include_pad: withDefault('bool', true),
      ...(kind === 'pair' ? { divisor_override: optional('int') } : {}),
    },
    {
      base: '_AvgPoolNd',
      // The one-dimensional layer keeps tuples, the two-dimensional one what it was given.
      ...(kind === 'single' ? { attributes: oneDimensional } : {}),
      forward: ({ args }, [input]) => {
        const { kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override } = args;
        const options = { kernel: kernel_size, stride: stride ?? kernel_size, padding, ceilMode: ceil_mode };
        return averagePool(input, options, count_include_pad, divisor_override ?? null);
      },
      extraRepr: strideText,
    },
  );
}

type Adaptive = (input: Tensor, requested: unknown, axes: 1 | 2) => Tensor;

function adaptiveLayer(name: string, pool: Adaptive, axes: 1 | 2, withIndices: boolean): LayerRow {
  return layer(
    name,
    {
      output_size: required('any'),
      ...(withIndices ? { return_indices: withDefault('bool', false) } : {}),
    },
    {
      base: withIndices ? '_AdaptiveMaxPoolNd' : '_AdaptiveAvgPoolNd',
      forward: ({ args }, [input]) => pool(input, args.output_size, axes),
      extraRepr: ({ text }) => `output_size=${text('output_size')}`,
    },
  );
}

export const poolingLayers: readonly LayerRow[] = [
  maxPoolLayer('MaxPool1d', 'single'),
  maxPoolLayer('MaxPool2d', 'pair'),
  averagePoolLayer('AvgPool1d', 'single'),
  averagePoolLayer('AvgPool2d', 'pair'),
  adaptiveLayer('AdaptiveAvgPool1d', adaptiveAveragePool, 1, false),
  adaptiveLayer('AdaptiveAvgPool2d', adaptiveAveragePool, 2, false),
  adaptiveLayer('AdaptiveMaxPool1d', adaptiveMaxPool, 1, true),
  adaptiveLayer('AdaptiveMaxPool2d', adaptiveMaxPool, 2, true),
];
