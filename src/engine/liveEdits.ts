import type { EditTarget } from '../common/engineContract';
import { GradstepError } from '../common/errors';
import { dataFromNumbers, elementCount, numbersFromData } from '../core/tensor/dtype';
import type { Tape } from '../core/tensor/tape';
import type { Tensor } from '../core/tensor/tensor';
import { concreteValue } from '../core/tensor/value';
import type { TrainingState } from '../core/training/trainingState';

/**
 * Applies a person's change to the live objects of the script.
 * @throws GradstepError `edit.target` when there is no such thing, `edit.value` when the value doesn't fit, and
 * whatever the optimizer refuses
 */
export function applyEdit(target: EditTarget, state: TrainingState, tape: Tape): void {
  switch (target.kind) {
    case 'hyperparameter': {
      const optimizer = state.optimizers().find(({ name }) => name === target.optimizer);
      const group = optimizer?.groups[target.group];
      if (!optimizer || !group) throw noTarget(`parameter group ${target.group} of "${target.optimizer}"`);
      if (!(target.name in group.hyperparameters())) throw noTarget(`${target.name} in ${optimizer.type}`);
      group.setHyperparameter(target.name, target.value);
      return;
    }
    case 'element': {
      const parameter = findParameter(state, target.parameter);
      const values = Array.from(numbersFromData(tape.read(parameter.value)));
      if (!Number.isInteger(target.index) || target.index < 0 || target.index >= values.length) {
        throw new GradstepError(`${target.parameter} has no element ${target.index}: it has ${values.length}`, {
          code: 'edit.value',
        });
      }
      values[target.index] = target.value;
      replace(parameter, values);
      return;
    }
    case 'parameter': {
      const parameter = findParameter(state, target.parameter);
      const count = elementCount(parameter.shape);
      if (target.values.length !== count) {
        throw new GradstepError(`${target.parameter} has ${count} elements, not ${target.values.length}`, {
          code: 'edit.value',
        });
      }
      replace(parameter, target.values);
    }
  }
}

function findParameter(state: TrainingState, name: string): Tensor {
  const named = state.parameters().find(([known]) => known === name)?.[1];
  if (named) return named;
  for (const optimizer of state.optimizers()) {
    let unnamed = 0;
    for (const parameter of optimizer.groups.flatMap((group) => group.parameters)) {
      const own = state.nameOf(parameter) ?? `${optimizer.name}[${unnamed++}]`;
      if (own === name) return parameter;
    }
  }
  throw noTarget(`parameter "${name}"`);
}

/** Not an in-place operation of the script: a backward that saved the old value still works, with that value. */
function replace(parameter: Tensor, values: readonly number[]): void {
  const value = concreteValue(dataFromNumbers(values, parameter.dtype), parameter.shape, parameter.dtype);
  value.label = parameter.name;
  parameter.storage.value = value;
}

function noTarget(what: string): GradstepError {
  return new GradstepError(`there is no ${what} to change`, { code: 'edit.target' });
}
