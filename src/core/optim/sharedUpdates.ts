import type { Value } from '../tensor/value';
import { isSet, numberOf, type Hyperparameters, type Update } from './optimizerRow';

/** The gradient, or its negative when maximizing: comes before weight decay. */
export function directedGradient(update: Update, settings: Hyperparameters): Value {
  return isSet(settings, 'maximize') ? update.emit('Neg', update.gradient) : update.gradient;
}

/** g + weight_decay * p, for a weight decay that is not 0. */
export function withL2(update: Update, settings: Hyperparameters, gradient: Value): Value {
  const weightDecay = numberOf(settings, 'weight_decay');
  if (weightDecay === 0) return gradient;
  return update.emit('Add', gradient, update.emit('Mul', update.parameter, update.number('weight_decay', weightDecay)));
}

/** `average.lerp_(value, weight)`: average + weight * (value - average), for a weight below one half. */
export function lerp(update: Update, average: Value, value: Value, weight: number): Value {
  const difference = update.emit('Sub', value, average);
  if (weight < 0.5)
    return update.emit('Add', average, update.emit('Mul', difference, update.number('1 - decay', weight)));
  return update.emit('Sub', value, update.emit('Mul', difference, update.number('decay', 1 - weight)));
}

/** `average.mul_(decay).addcmul_(value, value, value=1 - decay)`. */
export function decayedSquare(update: Update, average: Value, value: Value, decay: number): Value {
  const square = update.emit('Mul', update.emit('Mul', value, value), update.number('1 - squared decay', 1 - decay));
  return update.emit('Add', update.emit('Mul', average, update.number('squared decay', decay)), square);
}

/** `p.addcdiv_(numerator, denominator, value=-rate)`. */
export function stepByQuotient(
  update: Update,
  parameter: Value,
  numerator: Value,
  denominator: Value,
  rate: number,
): Value {
  const quotient = update.emit('Div', update.emit('Mul', numerator, update.number('step size', rate)), denominator);
  return update.emit('Sub', parameter, quotient);
}
