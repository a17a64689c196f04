import { PythonError } from '../../../common/errors';
import { optional, required, withDefault } from '../../operation';
import { fillNormal } from '../../random/distributions';
import type { Generator } from '../../random/generator';
import type { Tensor } from '../../tensor/tensor';
import { channelDropout, checkProbability, dropout, dropout2d } from '../functional/dropout';
import { embedding } from '../functional/embedding';
import { interpolate, listedNumbers } from '../functional/interpolation';
import { flatten, unflatten } from '../functional/flatten';
import { pad } from '../functional/padding';
import { cosineSimilarity, pairwiseDistance } from '../functional/similarity';
import { filledTensor, layer, type LayerRow } from './layerRow';

type Drop = (
  input: Tensor,
  p: number,
  training: boolean,
  inplace: boolean,
  generator: Generator,
  warn: (message: string) => void,
) => Tensor;

function dropoutLayer(name: string, run: Drop): LayerRow {
  return layer(
    name,
    { p: withDefault('scalar', 0.5), inplace: withDefault('bool', false) },
    {
      base: '_DropoutNd',
      tensors: ({ p }) => {
        checkProbability(p);
        return {};
      },
      forward: ({ args, training, context }, [input]) =>
        run(input, Number(args.p), training, args.inplace, context.generator, context.warn),
      extraRepr: ({ text }) => `p=${text('p')}, inplace=${text('inplace')}`,
    },
  );
}

function fourSides(padding: readonly number[]): readonly number[] {
  return padding.length === 1 ? [padding[0]!, padding[0]!, padding[0]!, padding[0]!] : padding;
}

function padLayer(name: string, mode: string): LayerRow {
  return layer(
    name,
    { padding: required('ints') },
    {
      attributes: ({ padding }) => ({ padding: fourSides(padding) }),
      forward: ({ args }, [input]) => pad(input, fourSides(args.padding), mode, null),
      extraRepr: ({ text }) => text('padding'),
    },
  );
}

export const structureLayers: readonly LayerRow[] = [
  dropoutLayer('Dropout', dropout),
  dropoutLayer('Dropout1d', channelDropout),
  dropoutLayer('Dropout2d', dropout2d),
  layer(
    'Flatten',
    { start_dim: withDefault('int', 1), end_dim: withDefault('int', -1) },
    {
      forward: ({ args }, [input]) => flatten(input, args.start_dim, args.end_dim),
      extraRepr: ({ text }) => `start_dim=${text('start_dim')}, end_dim=${text('end_dim')}`,
    },
  ),
  layer(
    'Unflatten',
    { dim: required('int'), unflattened_size: required('ints') },
    {
      forward: ({ args }, [input]) => unflatten(input, args.dim, args.unflattened_size),
      extraRepr: ({ text }) => `dim=${text('dim')}, unflattened_size=${text('unflattened_size')}`,
    },
  ),
  layer(
    'Embedding',
    {
      num_embeddings: required('int'),
      embedding_dim: required('int'),
      padding_idx: optional('int'),
      max_norm: optional('float'),
      norm_type: withDefault('float', 2),
      scale_grad_by_freq: withDefault('bool', false),
      sparse: withDefault('bool', false),
      _weight: optional('tensor'),
      _freeze: withDefault('bool', false),
      device: optional('device'),
      dtype: optional('dtype'),
    },
    {
      sizes: ['num_embeddings', 'embedding_dim'],
      attributes: ({ padding_idx, num_embeddings }) => ({
        padding_idx: padding_idx !== null && padding_idx < 0 ? num_embeddings + padding_idx : padding_idx,
      }),
      tensors: (args, context) => {
        const { num_embeddings, embedding_dim, padding_idx, max_norm, scale_grad_by_freq, _weight, dtype } = args;
        if (max_norm !== null || scale_grad_by_freq) {
          throw new PythonError('NotImplementedError', 'Gradstep has no embedding with max_norm or scale_grad_by_freq');
        }
        if (padding_idx !== null && (padding_idx >= num_embeddings || padding_idx < -num_embeddings)) {
          throw new PythonError('AssertionError', 'Padding_idx must be within num_embeddings');
        }
        if (_weight) return { parameters: { weight: _weight } };
        const shape = [num_embeddings, embedding_dim];
        const weight = filledTensor(context, shape, dtype ?? context.defaultDtype, (data) => {
          fillNormal(data, context.generator);
          if (padding_idx === null) return;
          const row = padding_idx < 0 ? num_embeddings + padding_idx : padding_idx;
          data.fill(0, row * embedding_dim, (row + 1) * embedding_dim);
        });
        return { parameters: { weight } };
      },
      forward: ({ args, tensor }, [input]) => embedding(input, tensor('weight')!, args.padding_idx),
      extraRepr: ({ text, repr }) => {
        let result = `${text('num_embeddings')}, ${text('embedding_dim')}`;
        if (repr('padding_idx') !== 'None') result += `, padding_idx=${text('padding_idx')}`;
        if (repr('norm_type') !== '2.0' && repr('norm_type') !== '2') result += `, norm_type=${text('norm_type')}`;
        if (repr('sparse') !== 'False') result += ', sparse=True';
        return result;
      },
    },
  ),
  padLayer('ZeroPad2d', 'constant'),
  padLayer('ReflectionPad2d', 'reflect'),
  padLayer('ReplicationPad2d', 'replicate'),
  padLayer('CircularPad2d', 'circular'),
  layer(
    'ConstantPad2d',
    { padding: required('ints'), value: required('float') },
    {
      attributes: ({ padding }) => ({ padding: fourSides(padding) }),
      forward: ({ args }, [input]) => pad(input, fourSides(args.padding), 'constant', args.value),
      extraRepr: ({ text }) => `padding=${text('padding')}, value=${text('value')}`,
    },
  ),
  layer(
    'Upsample',
    {
      size: optional('any'),
      scale_factor: optional('any'),
      mode: withDefault('string', 'nearest'),
      align_corners: optional('bool'),
      recompute_scale_factor: optional('bool'),
    },
    {
      forward: ({ args }, [input]) =>
        interpolate(input, {
          size: listedNumbers(args.size),
          scaleFactor: listedNumbers(args.scale_factor),
          mode: args.mode,
          alignCorners: args.align_corners,
        }),
      extraRepr: ({ args, repr }) => {
        const factors = listedNumbers(args.scale_factor)?.map((factor) =>
          Number.isInteger(factor) ? factor.toFixed(1) : String(factor),
        );
        const listed = factors && (factors.length === 1 ? factors[0]! : `(${factors.join(', ')})`);
        return `${listed ? `scale_factor=${listed}` : `size=${repr('size')}`}, mode=${repr('mode')}`;
      },
    },
  ),
  layer(
    'CosineSimilarity',
    { dim: withDefault('int', 1), eps: withDefault('float', 1e-8) },
    {
      inputs: ['x1', 'x2'],
      forward: ({ args }, [first, second]) => cosineSimilarity(first, second, args.dim, args.eps),
    },
  ),
  layer(
    'PairwiseDistance',
    { p: withDefault('float', 2), eps: withDefault('float', 1e-6), keepdim: withDefault('bool', false) },
    {
      inputs: ['x1', 'x2'],
      forward: ({ args }, [first, second]) => pairwiseDistance(first, second, args.p, args.eps, args.keepdim),
    },
  ),
];
