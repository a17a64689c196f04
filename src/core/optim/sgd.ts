import { PythonError } from '../../common/errors';
import { isSet, numberOf, type Hyperparameters, type OptimizerRow } from './optimizerRow';
import { directedGradient, withL2 } from './sharedUpdates';
import { refuseNegative } from './validation';

/** torch/optim/sgd.py, `_single_tensor_sgd`. */
export const sgd: OptimizerRow = {
  name: 'SGD',
  hyperparameters: [
    { name: 'lr', defaultValue: 1e-3 },
    { name: 'momentum', defaultValue: 0n },
    { name: 'dampening', defaultValue: 0n },
    { name: 'weight_decay', defaultValue: 0n },
    { name: 'nesterov', defaultValue: false },
    { name: 'maximize', defaultValue: false, keywordOnly: true },
    { name: 'foreach', defaultValue: null, keywordOnly: true },
    { name: 'differentiable', defaultValue: false, keywordOnly: true },
    { name: 'fused', defaultValue: null, keywordOnly: true },
  ],
  groupOrder: [
    'lr',
    'momentum',
    'dampening',
    'weight_decay',
    'nesterov',
    'maximize',
    'foreach',
    'differentiable',
    'fused',
  ],
  stateSlots: [{ name: 'momentum_buffer', initial: 'gradient', used: usesMomentum }],
  validate: (settings) => {
    refuseNegative(settings, 'lr', 'momentum', 'weight_decay');
    if (isSet(settings, 'nesterov') && (numberOf(settings, 'momentum') <= 0 || numberOf(settings, 'dampening') !== 0)) {
      throw new PythonError('ValueError', 'Nesterov momentum requires a momentum and zero dampening');
    }
  },
  update: (update, settings) => {
    let gradient = withL2(update, settings, directedGradient(update, settings));
    if (usesMomentum(settings)) {
      const momentum = update.number('momentum', numberOf(settings, 'momentum'));
      const before = update.state('momentum_buffer');
      const buffer = before
        ? update.emit('Add', update.emit('Mul', before, momentum), scaled(1 - numberOf(settings, 'dampening')))
        : gradient;
      update.setState('momentum_buffer', buffer);
      gradient = isSet(settings, 'nesterov')
        ? update.emit('Add', gradient, update.emit('Mul', buffer, momentum))
        : buffer;
    }
    const change = update.emit('Mul', gradient, update.number('lr', numberOf(settings, 'lr')));
    return update.emit('Sub', update.parameter, change);

    function scaled(factor: number): typeof gradient {
      return factor === 1 ? gradient : update.emit('Mul', gradient, update.number('1 - dampening', factor));
    }
  },
  symbols: { momentum_buffer: 'buf' },
  formula: (settings, firstUpdate) => [
    isSet(settings, 'maximize') ? 'g = -grad' : 'g = grad',
    ...(numberOf(settings, 'weight_decay') !== 0 ? ['g = g + weight_decay * p'] : []),
    ...(usesMomentum(settings)
      ? [
          firstUpdate ? 'buf = g' : 'buf = momentum * buf + (1 - dampening) * g',
          isSet(settings, 'nesterov') ? 'g = g + momentum * buf' : 'g = buf',
        ]
      : []),
    'p = p - lr * g',
  ],
};

function usesMomentum(settings: Hyperparameters): boolean {
  return numberOf(settings, 'momentum') !== 0;
}
