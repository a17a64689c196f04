import { isSet, numberOf, type OptimizerRow } from './optimizerRow';
import { decayedSquare, directedGradient, lerp, stepByQuotient, withL2 } from './sharedUpdates';
import { requireNonNegative } from './validation';

/** torch/optim/rmsprop.py, `_single_tensor_rmsprop`. */
export const rmsprop: OptimizerRow = {
  name: 'RMSprop',
  hyperparameters: [
    { name: 'lr', defaultValue: 1e-2 },
    { name: 'alpha', defaultValue: 0.99 },
    { name: 'eps', defaultValue: 1e-8 },
    { name: 'weight_decay', defaultValue: 0n },
    { name: 'momentum', defaultValue: 0n },
    { name: 'centered', defaultValue: false },
    { name: 'capturable', defaultValue: false },
    { name: 'foreach', defaultValue: null },
    { name: 'maximize', defaultValue: false },
    { name: 'differentiable', defaultValue: false },
  ],
  groupOrder: [
    'lr',
    'momentum',
    'alpha',
    'eps',
    'centered',
    'weight_decay',
    'capturable',
    'foreach',
    'maximize',
    'differentiable',
  ],
  stateSlots: [
    { name: 'step', initial: 'count', used: () => true },
    { name: 'square_avg', initial: 'zeros', used: () => true },
    { name: 'momentum_buffer', initial: 'zeros', used: (settings) => numberOf(settings, 'momentum') > 0 },
    { name: 'grad_avg', initial: 'zeros', used: (settings) => isSet(settings, 'centered') },
  ],
  validate: (settings) => requireNonNegative(settings, 'lr', 'eps', 'momentum', 'weight_decay', 'alpha'),
  update: (update, settings) => {
    const lr = numberOf(settings, 'lr');
    const alpha = numberOf(settings, 'alpha');
    const gradient = withL2(update, settings, directedGradient(update, settings));
    const square = decayedSquare(update, update.state('square_avg')!, gradient, alpha);
    update.setState('square_avg', square);
    let variance = square;
    if (isSet(settings, 'centered')) {
      const mean = lerp(update, update.state('grad_avg')!, gradient, 1 - alpha);
      update.setState('grad_avg', mean);
      variance = update.emit('Sub', square, update.emit('Mul', mean, mean));
    }
    const average = update.emit('Add', update.emit('Sqrt', variance), update.number('eps', numberOf(settings, 'eps')));
    if (numberOf(settings, 'momentum') <= 0) return stepByQuotient(update, update.parameter, gradient, average, lr);
    const buffer = update.emit(
      'Add',
      update.emit('Mul', update.state('momentum_buffer')!, update.number('momentum', numberOf(settings, 'momentum'))),
      update.emit('Div', gradient, average),
    );
    update.setState('momentum_buffer', buffer);
    return update.emit('Sub', update.parameter, update.emit('Mul', buffer, update.number('lr', lr)));
  },
  symbols: { momentum_buffer: 'buf' },
  formula: (settings) => [
    isSet(settings, 'maximize') ? 'g = -grad' : 'g = grad',
    ...(numberOf(settings, 'weight_decay') !== 0 ? ['g = g + weight_decay * p'] : []),
    'square_avg = alpha * square_avg + (1 - alpha) * g * g',
    ...(isSet(settings, 'centered')
      ? ['grad_avg = grad_avg + (1 - alpha) * (g - grad_avg)', 'avg = sqrt(square_avg - grad_avg * grad_avg) + eps']
      : ['avg = sqrt(square_avg) + eps']),
    ...(numberOf(settings, 'momentum') > 0
      ? ['buf = momentum * buf + g / avg', 'p = p - lr * buf']
      : ['p = p - lr * g / avg']),
  ],
};
