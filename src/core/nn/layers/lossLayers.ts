import { crossEntropy, nllLoss } from '../../loss/crossEntropy';
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  huberLoss,
  klDivergence,
  l1Loss,
  mseLoss,
  smoothL1Loss,
} from '../../loss/elementwiseLosses';
import { legacyReduction, reductionOf, type Reduction } from '../../loss/reduction';
import { optional, withDefault, type OperationContext } from '../../operation';
import { layer, type LayerRow } from './layerRow';

const legacy = { size_average: optional('truth'), reduce: optional('truth') } as const;
const reduced = { ...legacy, reduction: withDefault('string', 'mean') } as const;

interface Reduced {
  size_average: boolean | null;
  reduce: boolean | null;
  reduction: string;
}

/** The constructor's old arguments decide once; the script may set `reduction` later. */
function attributes(args: Reduced) {
  return { reduction: legacyReduction(args.size_average, args.reduce, () => undefined) ?? args.reduction };
}

function chosen(args: Reduced, context: OperationContext): Reduction {
  return legacyReduction(args.size_average, args.reduce, context.warn) ?? reductionOf(args.reduction);
}

const inputs = ['input', 'target'];

const byClass = {
  weight: optional('tensor'),
  size_average: optional('truth'),
  ignore_index: withDefault('int', -100),
  reduce: optional('truth'),
  reduction: withDefault('string', 'mean'),
} as const;

/** Losses: layers whose outermost call is a training event of its own. */
export const lossLayers: readonly LayerRow[] = [
  layer(
    'CrossEntropyLoss',
    { ...byClass, label_smoothing: withDefault('float', 0) },
    {
      base: '_WeightedLoss',
      inputs,
      attributes,
      tensors: ({ weight }) => ({ buffers: { weight } }),
      forward: ({ args, tensor, context }, [input, target]) =>
        crossEntropy(input, target, {
          weight: tensor('weight'),
          ignoreIndex: args.ignore_index,
          reduction: chosen(args, context),
          labelSmoothing: args.label_smoothing,
        }),
    },
  ),
  layer('NLLLoss', byClass, {
    base: '_WeightedLoss',
    inputs,
    attributes,
    tensors: ({ weight }) => ({ buffers: { weight } }),
    forward: ({ args, tensor, context }, [input, target]) =>
      nllLoss(input, target, tensor('weight'), args.ignore_index, chosen(args, context)),
  }),
  layer('MSELoss', reduced, {
    base: '_Loss',
    inputs,
    attributes,
    forward: ({ args, context }, [input, target]) => mseLoss(input, target, chosen(args, context), context.warn),
  }),
  layer('L1Loss', reduced, {
    base: '_Loss',
    inputs,
    attributes,
    forward: ({ args, context }, [input, target]) => l1Loss(input, target, chosen(args, context), context.warn),
  }),
  layer(
    'SmoothL1Loss',
    { ...reduced, beta: withDefault('float', 1) },
    {
      base: '_Loss',
      inputs,
      attributes,
      forward: ({ args, context }, [input, target]) =>
        smoothL1Loss(input, target, chosen(args, context), args.beta, context.warn),
    },
  ),
  layer(
    'HuberLoss',
    { reduction: withDefault('string', 'mean'), delta: withDefault('float', 1) },
    {
      base: '_Loss',
      inputs,
      forward: ({ args, context }, [input, target]) =>
        huberLoss(input, target, reductionOf(args.reduction), args.delta, context.warn),
    },
  ),
  layer(
    'BCELoss',
    { weight: optional('tensor'), ...reduced },
    {
      base: '_WeightedLoss',
      inputs,
      attributes,
      tensors: ({ weight }) => ({ buffers: { weight } }),
      forward: ({ args, tensor, context }, [input, target]) =>
        binaryCrossEntropy(input, target, tensor('weight'), chosen(args, context)),
    },
  ),
  layer(
    'BCEWithLogitsLoss',
    { weight: optional('tensor'), ...reduced, pos_weight: optional('tensor') },
    {
      base: '_Loss',
      inputs,
      attributes,
      tensors: ({ weight, pos_weight }) => ({ buffers: { weight, pos_weight } }),
      forward: ({ args, tensor, context }, [input, target]) =>
        binaryCrossEntropyWithLogits(input, target, tensor('weight'), chosen(args, context), tensor('pos_weight')),
    },
  ),
  layer(
    'KLDivLoss',
    { ...reduced, log_target: withDefault('bool', false) },
    {
      base: '_Loss',
      inputs,
      attributes,
      forward: ({ args, context }, [input, target]) =>
        klDivergence(
          input,
          target,
          args.reduction === 'batchmean' ? 'batchmean' : chosen(args, context),
          args.log_target,
          context.warn,
        ),
    },
  ),
];
