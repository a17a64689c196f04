import { betasOf, isSet, numberOf, type HyperparameterRow, type OptimizerRow } from './optimizerRow';
import { decayedSquare, directedGradient, lerp, stepByQuotient, withL2 } from './sharedUpdates';
import { requireBetas, requireFloatBetas, requireNonNegative } from './validation';

const flags: readonly HyperparameterRow[] = [
  { name: 'foreach', defaultValue: null, keywordOnly: true },
  { name: 'maximize', defaultValue: false, keywordOnly: true },
  { name: 'capturable', defaultValue: false, keywordOnly: true },
  { name: 'differentiable', defaultValue: false, keywordOnly: true },
  { name: 'fused', defaultValue: null, keywordOnly: true },
];

function adamRow(name: string, weightDecay: number | bigint, decoupled: HyperparameterRow): OptimizerRow {
  return {
    name,
    hyperparameters: [
      { name: 'lr', defaultValue: 1e-3 },
      { name: 'betas', defaultValue: [0.9, 0.999] },
      { name: 'eps', defaultValue: 1e-8 },
      { name: 'weight_decay', defaultValue: weightDecay },
      { name: 'amsgrad', defaultValue: false },
      ...flags,
      decoupled,
    ],
    groupOrder: [
      'lr',
      'betas',
      'eps',
      'weight_decay',
      'amsgrad',
      'maximize',
      'foreach',
      'capturable',
      'differentiable',
      'fused',
      'decoupled_weight_decay',
    ],
    stateSlots: [
      { name: 'step', initial: 'count', used: () => true },
      { name: 'exp_avg', initial: 'zeros', used: () => true },
      { name: 'exp_avg_sq', initial: 'zeros', used: () => true },
      { name: 'max_exp_avg_sq', initial: 'zeros', used: (settings) => isSet(settings, 'amsgrad') },
    ],
    validate: (settings) => {
      requireNonNegative(settings, 'lr', 'eps');
      requireBetas(settings);
      requireNonNegative(settings, 'weight_decay');
      requireFloatBetas(settings);
    },
    update,
    symbols: {},
    formula: (settings) => [
      isSet(settings, 'maximize') ? 'g = -grad' : 'g = grad',
      ...(numberOf(settings, 'weight_decay') === 0
        ? []
        : [isSet(settings, 'decoupled_weight_decay') ? 'p = p * (1 - lr * weight_decay)' : 'g = g + weight_decay * p']),
      'exp_avg = exp_avg + (1 - beta1) * (g - exp_avg)',
      'exp_avg_sq = beta2 * exp_avg_sq + (1 - beta2) * g * g',
      ...(isSet(settings, 'amsgrad') ? ['max_exp_avg_sq = max(max_exp_avg_sq, exp_avg_sq)'] : []),
      'bias_correction1 = 1 - beta1^t',
      'bias_correction2 = 1 - beta2^t',
      'step_size = lr / bias_correction1',
      `denom = sqrt(${isSet(settings, 'amsgrad') ? 'max_exp_avg_sq' : 'exp_avg_sq'}) / sqrt(bias_correction2) + eps`,
      'p = p - step_size * exp_avg / denom',
    ],
  };
}

/** torch/optim/adam.py, `_single_tensor_adam`; Kingma & Ba, "Adam", 2015; Loshchilov & Hutter, 2019 (decoupled). */
const update: OptimizerRow['update'] = (context, settings) => {
  const lr = numberOf(settings, 'lr');
  const [beta1, beta2] = betasOf(settings);
  let gradient = directedGradient(context, settings);
  let parameter = context.parameter;
  if (!isSet(settings, 'decoupled_weight_decay')) gradient = withL2(context, settings, gradient);
  else if (numberOf(settings, 'weight_decay') !== 0) {
    parameter = context.emit(
      'Mul',
      parameter,
      context.number('1 - lr * weight_decay', 1 - lr * numberOf(settings, 'weight_decay')),
    );
  }
  const average = lerp(context, context.state('exp_avg')!, gradient, 1 - beta1);
  const square = decayedSquare(context, context.state('exp_avg_sq')!, gradient, beta2);
  context.setState('exp_avg', average);
  context.setState('exp_avg_sq', square);
  let largest = square;
  if (isSet(settings, 'amsgrad')) {
    largest = context.emit('Max', context.state('max_exp_avg_sq')!, square);
    context.setState('max_exp_avg_sq', largest);
  }
  const correction2 = Math.sqrt(1 - context.powerOfStep(beta2));
  const root = context.emit('Div', context.emit('Sqrt', largest), context.number('sqrt(1 - beta2^t)', correction2));
  const denominator = context.emit('Add', root, context.number('eps', numberOf(settings, 'eps')));
  return stepByQuotient(context, parameter, average, denominator, lr / (1 - context.powerOfStep(beta1)));
};

export const adam = adamRow('Adam', 0n, { name: 'decoupled_weight_decay', defaultValue: false, keywordOnly: true });

export const adamW = adamRow('AdamW', 1e-2, { name: 'decoupled_weight_decay', defaultValue: true, fixed: true });
