import { isSet, numberOf, type OptimizerRow } from './optimizerRow';
import { directedGradient, stepByQuotient, withL2 } from './sharedUpdates';
import { requireNonNegative } from './validation';

/** torch/optim/adagrad.py, `_single_tensor_adagrad`; Duchi, Hazan & Singer, 2011. */
export const adagrad: OptimizerRow = {
  name: 'Adagrad',
  hyperparameters: [
    { name: 'lr', defaultValue: 1e-2 },
    { name: 'lr_decay', defaultValue: 0n },
    { name: 'weight_decay', defaultValue: 0n },
    { name: 'initial_accumulator_value', defaultValue: 0n },
    { name: 'eps', defaultValue: 1e-10 },
    { name: 'foreach', defaultValue: null },
    { name: 'maximize', defaultValue: false, keywordOnly: true },
    { name: 'differentiable', defaultValue: false, keywordOnly: true },
    { name: 'fused', defaultValue: null, keywordOnly: true },
  ],
  groupOrder: [
    'lr',
    'lr_decay',
    'eps',
    'weight_decay',
    'initial_accumulator_value',
    'foreach',
    'maximize',
    'differentiable',
    'fused',
  ],
  stateSlots: [
    { name: 'step', initial: 'count', used: () => true },
    { name: 'sum', initial: { filledWith: 'initial_accumulator_value' }, used: () => true },
  ],
  validate: (settings) =>
    requireNonNegative(settings, 'lr', 'lr_decay', 'weight_decay', 'initial_accumulator_value', 'eps'),
  update: (update, settings) => {
    const gradient = withL2(update, settings, directedGradient(update, settings));
    const rate = numberOf(settings, 'lr') / (1 + (update.step - 1) * numberOf(settings, 'lr_decay'));
    const sum = update.emit('Add', update.state('sum')!, update.emit('Mul', gradient, gradient));
    update.setState('sum', sum);
    const root = update.emit('Add', update.emit('Sqrt', sum), update.number('eps', numberOf(settings, 'eps')));
    return stepByQuotient(update, update.parameter, gradient, root, rate);
  },
  symbols: { sum: 'state_sum' },
  formula: (settings) => [
    isSet(settings, 'maximize') ? 'g = -grad' : 'g = grad',
    ...(numberOf(settings, 'weight_decay') !== 0 ? ['g = g + weight_decay * p'] : []),
    'clr = lr / (1 + (t - 1) * lr_decay)',
    'state_sum = state_sum + g * g',
    'std = sqrt(state_sum) + eps',
    'p = p - clr * g / std',
  ],
};
