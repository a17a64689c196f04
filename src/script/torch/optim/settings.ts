import type {
  HyperparameterRow,
  HyperparameterValue,
  Hyperparameters,
  OptimizerRow,
} from '../../../core/optim/optimizerRow';
import { pythonText } from '../../../core/tensor/pythonText';
import type { PyDict } from '../../objects/containers';
import { PyList, PyTuple } from '../../objects/containers';
import type { PyValue } from '../../objects/value';
import { PyTensor } from '../tensorClass';

/** A hyperparameter as Python has it. */
export function settingToPython(value: HyperparameterValue): PyValue {
  return Array.isArray(value) ? new PyTuple(value.slice()) : (value as PyValue);
}

/** A hyperparameter as the optimizers read it; a one-element tensor counts as its number. */
export function settingFromPython(value: PyValue): HyperparameterValue {
  if (value instanceof PyTuple || value instanceof PyList)
    return value.items.map((item) => settingFromPython(item) as number);
  if (value instanceof PyTensor) return Number(value.tensor.data[0]);
  if (typeof value === 'object' && value !== null) return null;
  return value;
}

/** The hyperparameters of a group as they stand now: the script and the schedulers may have changed them. */
export function settingsOfGroup(group: PyDict, row: OptimizerRow): Hyperparameters {
  return Object.fromEntries(row.groupOrder.map((name) => [name, settingFromPython(group.get(name) ?? null)]));
}

/** The constructor's signature in Python's notation, `params` first. */
export function signatureOf(row: OptimizerRow): string {
  const parts = ['params'];
  let keywordOnly = false;
  for (const parameter of row.hyperparameters) {
    if (parameter.fixed) continue;
    if (parameter.keywordOnly && !keywordOnly) {
      parts.push('*');
      keywordOnly = true;
    }
    parts.push(`${parameter.name}=${literal(parameter)}`);
  }
  return parts.join(', ');
}

function literal({ defaultValue }: HyperparameterRow): string {
  if (defaultValue === null) return 'None';
  if (typeof defaultValue === 'object') return `(${defaultValue.map(pythonText).join(', ')})`;
  return pythonText(defaultValue);
}
