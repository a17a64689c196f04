import { PythonError } from '../../common/errors';
import { pythonText } from '../tensor/pythonText';
import type { HyperparameterValue, Hyperparameters } from './optimizerRow';

/** What PyTorch calls a hyperparameter in its error. */
const errorNames: Readonly<Record<string, string>> = {
  lr: 'learning rate',
  momentum: 'momentum value',
  weight_decay: 'weight_decay value',
  eps: 'epsilon value',
  alpha: 'alpha value',
  lr_decay: 'lr_decay value',
  initial_accumulator_value: 'initial_accumulator_value value',
};

/** `if x < 0.0: raise ValueError`: NaN passes. */
export function refuseNegative(settings: Hyperparameters, ...names: readonly string[]): void {
  for (const name of names) if (Number(settings[name]) < 0) refuse(name, settings[name]!);
}

/** `if not 0.0 <= x: raise ValueError`: NaN does not pass. */
export function requireNonNegative(settings: Hyperparameters, ...names: readonly string[]): void {
  for (const name of names) if (!(Number(settings[name]) >= 0)) refuse(name, settings[name]!);
}

/** `betas`: each in [0, 1). */
export function requireBetas(settings: Hyperparameters): void {
  const betas = settings['betas'] as readonly (number | bigint | boolean)[];
  betas.forEach((beta, index) => {
    if (!(Number(beta) >= 0 && Number(beta) < 1)) {
      throw new PythonError('ValueError', `Invalid beta parameter at index ${index}: ${pythonText(beta)}`);
    }
  });
}

export function requireFloatBetas(settings: Hyperparameters): void {
  const betas = settings['betas'] as readonly unknown[];
  if (betas.some((beta) => typeof beta !== 'number')) {
    throw new PythonError('ValueError', 'betas must be either both floats or both Tensors');
  }
}

function refuse(name: string, value: HyperparameterValue): never {
  throw new PythonError('ValueError', `Invalid ${errorNames[name]}: ${pythonText(value as number | bigint)}`);
}
