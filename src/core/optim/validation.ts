import { PythonError } from '../../common/errors';
import { pythonText, pythonTypeName } from '../tensor/pythonText';
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
  for (const name of names) {
    const value = settings[name]!;
    if (!isNumber(value)) refuseOrder('<', pythonTypeName(value), 'float');
    if (Number(value) < 0) refuse(name, value);
  }
}

/** `if not 0.0 <= x: raise ValueError`: NaN does not pass. */
export function requireNonNegative(settings: Hyperparameters, ...names: readonly string[]): void {
  for (const name of names) {
    const value = settings[name]!;
    if (!isNumber(value)) refuseOrder('<=', 'float', pythonTypeName(value));
    if (!(Number(value) >= 0)) refuse(name, value);
  }
}

/** `betas`: each in [0, 1). */
export function requireBetas(settings: Hyperparameters): void {
  const betas = settings['betas']!;
  if (betas === null || typeof betas !== 'object') {
    throw new PythonError('TypeError', `'${pythonTypeName(betas)}' object is not subscriptable`);
  }
  [0, 1].forEach((index) => {
    const beta = betas[index];
    if (beta === undefined) throw new PythonError('IndexError', 'tuple index out of range');
    if (!isNumber(beta)) refuseOrder('<=', 'float', pythonTypeName(beta));
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

function isNumber(value: HyperparameterValue): boolean {
  return value !== null && typeof value !== 'object' && typeof value !== 'string';
}

function refuseOrder(operator: string, left: string, right: string): never {
  throw new PythonError('TypeError', `'${operator}' not supported between instances of '${left}' and '${right}'`);
}

function refuse(name: string, value: HyperparameterValue): never {
  throw new PythonError('ValueError', `Invalid ${errorNames[name]}: ${pythonText(value as number | bigint)}`);
}
