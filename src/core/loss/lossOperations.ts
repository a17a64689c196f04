import { operation, optional, required, withDefault, type OperationContext } from '../operation';
import { crossEntropy, nllLoss } from './crossEntropy';
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  huberLoss,
  klDivergence,
  l1Loss,
  mseLoss,
  smoothL1Loss,
} from './elementwiseLosses';
import { legacyReduction, reductionOf, type Reduction } from './reduction';

const legacy = { size_average: optional('truth'), reduce: optional('truth') } as const;

interface Reduced {
  size_average: boolean | null;
  reduce: boolean | null;
  reduction: string;
}

function chosen({ size_average, reduce, reduction }: Reduced, context: OperationContext): Reduction {
  return legacyReduction(size_average, reduce, context.warn) ?? reductionOf(reduction);
}

const compared = {
  input: required('tensor'),
  target: required('tensor'),
  ...legacy,
  reduction: withDefault('string', 'mean'),
} as const;

const byClass = {
  input: required('tensor'),
  target: required('tensor'),
  weight: optional('tensor'),
  size_average: optional('truth'),
  ignore_index: withDefault('int', -100),
  reduce: optional('truth'),
  reduction: withDefault('string', 'mean'),
} as const;

const binary = {
  input: required('tensor'),
  target: required('tensor'),
  weight: optional('tensor'),
  ...legacy,
  reduction: withDefault('string', 'mean'),
} as const;

/** The losses of torch.nn.functional. */
export const lossOperations = [
  operation('cross_entropy', { ...byClass, label_smoothing: withDefault('float', 0) }, (args, context) =>
    crossEntropy(args.input, args.target, {
      weight: args.weight,
      ignoreIndex: args.ignore_index,
      reduction: chosen(args, context),
      labelSmoothing: args.label_smoothing,
    }),
  ),
  operation('nll_loss', byClass, (args, context) =>
    nllLoss(args.input, args.target, args.weight, args.ignore_index, chosen(args, context)),
  ),
  operation('mse_loss', compared, (args, context) =>
    mseLoss(args.input, args.target, chosen(args, context), context.warn),
  ),
  operation('l1_loss', compared, (args, context) =>
    l1Loss(args.input, args.target, chosen(args, context), context.warn),
  ),
  operation('smooth_l1_loss', { ...compared, beta: withDefault('float', 1) }, (args, context) =>
    smoothL1Loss(args.input, args.target, chosen(args, context), args.beta, context.warn),
  ),
  operation(
    'huber_loss',
    {
      input: required('tensor'),
      target: required('tensor'),
      reduction: withDefault('string', 'mean'),
      delta: withDefault('float', 1),
    },
    (args, context) => huberLoss(args.input, args.target, reductionOf(args.reduction), args.delta, context.warn),
  ),
  operation('binary_cross_entropy', binary, (args, context) =>
    binaryCrossEntropy(args.input, args.target, args.weight, chosen(args, context)),
  ),
  operation('binary_cross_entropy_with_logits', { ...binary, pos_weight: optional('tensor') }, (args, context) =>
    binaryCrossEntropyWithLogits(args.input, args.target, args.weight, chosen(args, context), args.pos_weight),
  ),
  operation('kl_div', { ...compared, log_target: withDefault('bool', false) }, (args, context) =>
    klDivergence(
      args.input,
      args.target,
      args.reduction === 'batchmean' ? 'batchmean' : chosen(args, context),
      args.log_target,
      context.warn,
    ),
  ),
];
