import type { HyperparameterValue, OptimizerRow } from '../../../core/optim/optimizerRow';
import { optimizerTable } from '../../../core/optim/optimizerTable';
import { initializeState, stepParameters, type ParameterState } from '../../../core/optim/parameterStep';
import type { Tensor } from '../../../core/tensor/tensor';
import { PyDict } from '../../objects/containers';
import type { Interpreter } from '../../objects/interpreter';
import { nativeClass } from '../../objects/native';
import type { PyInstance } from '../../objects/value';
import { type PyClass, type PyValue } from '../../objects/value';
import { PyTensor, wrapTensor } from '../tensorClass';
import { torchContext } from '../torchContext';
import { finishStep, initializeOptimizer, optimizerClass, parameterGroupsOf, tensorsOfGroup } from './optimizerClass';
import { settingFromPython, settingsOfGroup, settingToPython, signatureOf } from './settings';

/** `torch.optim.SGD` and the others: a Python class for each row of the table. */
export const optimizerClasses: readonly PyClass[] = optimizerTable.map((row) =>
  nativeClass<PyInstance>({
    name: row.name,
    module: `torch.optim.${row.name.toLowerCase()}`,
    bases: [optimizerClass],
    methods: {
      __init__: [
        signatureOf(row),
        (self, args, interpreter) => {
          const given = new Map<string, PyValue>();
          for (const { name, fixed, defaultValue } of row.hyperparameters) {
            given.set(name, fixed ? settingToPython(defaultValue) : args.value(name));
          }
          const settings: Record<string, HyperparameterValue> = {};
          given.forEach((value, name) => (settings[name] = settingFromPython(value)));
          row.validate(settings);
          const defaults = new PyDict(row.groupOrder.map((name) => [name, given.get(name) ?? null]));
          initializeOptimizer(self, args.value('params'), defaults, interpreter);
          initializeStates(self, row);
        },
      ],
      step: ['closure=None', (self, args, interpreter) => step(self, row, args.value('closure'), interpreter)],
    },
  }),
);

/** The row of an optimizer's instance; undefined for a class that the script wrote itself. */
export function optimizerRowOf(self: PyInstance): OptimizerRow | undefined {
  for (const pyClass of self.pyClass.mro) {
    const row = optimizerTable[optimizerClasses.indexOf(pyClass)];
    if (row) return row;
  }
  return undefined;
}

function initializeStates(self: PyInstance, row: OptimizerRow): void {
  for (const group of parameterGroupsOf(self)) {
    const settings = settingsOfGroup(group, row);
    for (const tensor of tensorsOfGroup(group)) {
      initializeState(tensor.tape, row, settings, tensor, stateOf(self, tensor));
    }
  }
}

function step(self: PyInstance, row: OptimizerRow, closure: PyValue, interpreter: Interpreter): PyValue {
  const { tape } = torchContext(interpreter);
  const loss = closure === null ? null : withGrad(interpreter, () => interpreter.call(closure));
  for (const group of parameterGroupsOf(self)) {
    const settings = settingsOfGroup(group, row);
    const stepped = tensorsOfGroup(group)
      .filter(({ grad }) => grad !== null)
      .map((parameter) => ({ parameter, state: stateOf(self, parameter) }));
    stepParameters(tape, row, settings, stepped);
  }
  // A class of the script that overrides `step` makes the event itself.
  const owner = self.pyClass.mro.find((pyClass) => pyClass.members.has('step'));
  if (owner && optimizerClasses.includes(owner)) finishStep(self, interpreter);
  return loss;
}

function withGrad<T>(interpreter: Interpreter, body: () => T): T {
  const { tape } = torchContext(interpreter);
  const before = tape.gradEnabled;
  tape.gradEnabled = true;
  try {
    return body();
  } finally {
    tape.gradEnabled = before;
  }
}

/** `optimizer.state[p]`: made when something is written to it. */
function stateOf(self: PyInstance, tensor: Tensor): ParameterState {
  const all = self.attributes.get('state') as PyDict;
  const key = wrapTensor(tensor);
  return {
    get: (name) => {
      const entry = all.get(key);
      const value = entry instanceof PyDict ? entry.get(name) : undefined;
      return value instanceof PyTensor ? value.tensor : undefined;
    },
    set: (name, value) => {
      const existing = all.get(key);
      const entry = existing instanceof PyDict ? existing : new PyDict();
      if (entry !== existing) all.set(key, entry);
      entry.set(name, wrapTensor(value));
    },
  };
}
