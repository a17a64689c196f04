import { PythonError } from '../../../common/errors';
import { optional, required, withDefault, type OperationContext } from '../../operation';
import type { DType } from '../../tensor/dtype';
import { Tensor } from '../../tensor/tensor';
import { batchNorm, countBatch, groupNorm, instanceNorm, layerNorm } from '../functional/normalization';
import { squeeze, unsqueeze } from '../tensorMath';
import { filledTensor, layer, type LayerRow, type LayerTensors } from './layerRow';

/** Ones and zeros: what every normalization starts with. */
function affineTensors(
  context: OperationContext,
  shape: readonly number[],
  given: DType | null,
  weight: boolean,
  bias: boolean,
): LayerTensors {
  const dtype = given ?? context.defaultDtype;
  return {
    parameters: {
      weight: weight ? filledTensor(context, shape, dtype, (data) => data.fill(1)) : null,
      bias: weight && bias ? filledTensor(context, shape, dtype, () => undefined) : null,
    },
  };
}

/** running_mean, running_var and num_batches_tracked. */
function statistics(context: OperationContext, count: number, given: DType | null, tracked: boolean) {
  if (!tracked) return { running_mean: null, running_var: null, num_batches_tracked: null };
  const dtype = given ?? context.defaultDtype;
  return {
    running_mean: filledTensor(context, [count], dtype, () => undefined),
    running_var: filledTensor(context, [count], dtype, (data) => data.fill(1)),
    num_batches_tracked: Tensor.fromData(context.tape, new BigInt64Array(1), [], 'int64'),
  };
}

const affineParameters = (affine: boolean, tracked: boolean) =>
  ({
    num_features: required('int'),
    eps: withDefault('float', 1e-5),
    momentum: { ...optional('float'), defaultValue: 0.1 },
    affine: withDefault('bool', affine),
    track_running_stats: withDefault('bool', tracked),
    device: optional('device'),
    dtype: optional('dtype'),
    bias: withDefault('bool', true),
  }) as const;

function checkRank(input: Tensor, ranks: readonly number[]): void {
  const rank = input.shape.length;
  if (ranks.includes(rank)) return;
  const expected = ranks.map((accepted) => `${accepted}D`).join(' or ');
  throw new PythonError('ValueError', `expected ${expected} input (got ${rank}D input)`);
}

function normText({ text, has }: { text: (name: string) => string; has: (name: string) => boolean }): string {
  return `${text('num_features')}, eps=${text('eps')}, momentum=${text('momentum')}, affine=${text('affine')}, bias=${has('bias') ? 'True' : 'False'}, track_running_stats=${text('track_running_stats')}`;
}

function batchNormLayer(name: string, axes: 1 | 2): LayerRow {
  return layer(name, affineParameters(true, true), {
    base: '_BatchNorm',
    sizes: ['num_features'],
    tensors: ({ num_features, affine, track_running_stats, bias, dtype }, context) => ({
      ...affineTensors(context, [num_features], dtype, affine, bias),
      buffers: statistics(context, num_features, dtype, track_running_stats),
    }),
    forward: ({ args: { momentum, eps, track_running_stats }, tensor, training }, [input]) => {
      checkRank(input, axes === 1 ? [2, 3] : [4]);
      const mean = tensor('running_mean');
      const variance = tensor('running_var');
      const batches = tensor('num_batches_tracked');
      const running = mean && variance ? { mean, variance } : null;
      const seen = training && track_running_stats && batches ? countBatch(batches) : 0;
      return batchNorm(input, {
        running: !training || track_running_stats ? running : null,
        weight: tensor('weight'),
        bias: tensor('bias'),
        training: training || !running,
        momentum: momentum ?? (seen > 0 ? 1 / seen : 0),
        momentumVaries: momentum === null,
        eps,
      });
    },
    extraRepr: normText,
  });
}

function instanceNormLayer(name: string, axes: 1 | 2): LayerRow {
  return layer(name, affineParameters(false, false), {
    base: '_InstanceNorm',
    tensors: ({ num_features, affine, track_running_stats, bias, dtype }, context) => {
      if (track_running_stats) {
        throw new PythonError('NotImplementedError', `Gradstep has no ${name} with track_running_stats=True`);
      }
      return {
        ...affineTensors(context, [num_features], dtype, affine, bias),
        buffers: statistics(context, num_features, dtype, false),
      };
    },
    forward: ({ args: { eps, affine, num_features }, tensor, context }, [input]) => {
      checkRank(input, [axes + 1, axes + 2]);
      const unbatched = input.shape.length === axes + 1;
      const channelAxis = unbatched ? 0 : 1;
      const channels = input.shape[channelAxis]!;
      if (channels !== num_features && affine) {
        throw new PythonError(
          'ValueError',
          `expected input's size at dim=${channelAxis} to match num_features (${num_features}), but got: ${channels}.`,
        );
      }
      if (channels !== num_features) {
        context.warn(
          `input's size at dim=${channelAxis} does not match num_features. You can silence this warning by not passing in num_features, which is not used because affine=False`,
        );
      }
      const normed = instanceNorm(unbatched ? unsqueeze(input, 0) : input, tensor('weight'), tensor('bias'), eps);
      return unbatched ? squeeze(normed, 0) : normed;
    },
    extraRepr: normText,
  });
}

export const normalizationLayers: readonly LayerRow[] = [
  batchNormLayer('BatchNorm1d', 1),
  batchNormLayer('BatchNorm2d', 2),
  instanceNormLayer('InstanceNorm2d', 2),
  layer(
    'LayerNorm',
    {
      normalized_shape: required('ints'),
      eps: withDefault('float', 1e-5),
      elementwise_affine: withDefault('bool', true),
      bias: withDefault('bool', true),
      device: optional('device'),
      dtype: optional('dtype'),
    },
    {
      attributes: ({ normalized_shape }) => ({ normalized_shape }),
      tensors: ({ normalized_shape, elementwise_affine, bias, dtype }, context) =>
        affineTensors(context, normalized_shape, dtype, elementwise_affine, bias),
      forward: ({ args, tensor }, [input]) =>
        layerNorm(input, args.normalized_shape, tensor('weight'), tensor('bias'), args.eps),
      extraRepr: ({ text, has }) =>
        `${text('normalized_shape')}, eps=${text('eps')}, elementwise_affine=${text('elementwise_affine')}, bias=${has('bias') ? 'True' : 'False'}`,
    },
  ),
  layer(
    'GroupNorm',
    {
      num_groups: required('int'),
      num_channels: required('int'),
      eps: withDefault('float', 1e-5),
      affine: withDefault('bool', true),
      device: optional('device'),
      dtype: optional('dtype'),
      bias: withDefault('bool', true),
    },
    {
      tensors: ({ num_groups, num_channels, affine, bias, dtype }, context) => {
        if (num_channels % num_groups !== 0) {
          throw new PythonError(
            'ValueError',
            `num_channels (${num_channels}) must be divisible by num_groups (${num_groups})`,
          );
        }
        return affineTensors(context, [num_channels], dtype, affine, bias);
      },
      forward: ({ args, tensor }, [input]) =>
        groupNorm(input, args.num_groups, tensor('weight'), tensor('bias'), args.eps),
      extraRepr: ({ text, has }) =>
        `${text('num_groups')}, ${text('num_channels')}, eps=${text('eps')}, affine=${text('affine')}, bias=${has('bias') ? 'True' : 'False'}`,
    },
  ),
];
