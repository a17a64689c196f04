import { PythonError } from '../../../common/errors';
import { dtypeNames } from '../../../core/nn/dtypeNames';
import { elementCount, dtypeTable } from '../../../core/tensor/dtype';
import { concreteValue } from '../../../core/tensor/value';
import { PyDict, PyList, PySet, PyTuple } from '../../objects/containers';
import { NativeFunction, type NativeBody } from '../../objects/functions';
import type { Interpreter } from '../../objects/interpreter';
import { nativeClass } from '../../objects/native';
import { typeName } from '../../objects/arguments';
import type { PyInstance } from '../../objects/value';
import { type PyClass, type PyValue } from '../../objects/value';
import { torchTypeName } from '../nn/moduleState';
import { PyTensor, wrapTensor } from '../tensorClass';
import { newParameterStates } from './parameterStates';
import { torchContext } from '../torchContext';
import { Tensor } from '../../../core/tensor/tensor';

/** What an optimizer's instance keeps beside its Python attributes. */
export class OptimizerState {
  /** Set by the first scheduler. */
  stepTracked = false;
  stepCalled = false;
}

/** `torch.optim.Optimizer`: parameter groups and state, as torch/optim/optimizer.py keeps them. */
export const optimizerClass: PyClass = nativeClass<PyInstance>({
  name: 'Optimizer',
  module: 'torch.optim.optimizer',
  methods: {
    __init__: [
      'params, defaults',
      (self, args, interpreter) => {
        initializeOptimizer(self, args.value('params'), args.value('defaults') as PyDict, interpreter);
      },
    ],
    __repr__: ['', (self, _args, interpreter) => describeOptimizer(self, interpreter)],
    add_param_group: [
      'param_group',
      (self, args, interpreter) => addParameterGroup(self, args.value('param_group'), interpreter),
    ],
    zero_grad: [
      'set_to_none=True',
      (self, args, interpreter) => {
        for (const tensor of optimizedTensors(self)) clearGradient(tensor, args.bool('set_to_none'));
        torchContext(interpreter).recorder.record('zero_grad', { subject: self });
      },
    ],
    state_dict: ['', (self) => stateDictOf(self)],
    load_state_dict: ['state_dict', (self, args) => loadStateDict(self, args.value('state_dict'))],
    step: [
      'closure=None',
      () => {
        throw new PythonError('NotImplementedError', '');
      },
    ],
  },
});

/** @throws PythonError as `Optimizer.__init__` raises it */
export function initializeOptimizer(
  self: PyInstance,
  parameters: PyValue,
  defaults: PyDict,
  interpreter: Interpreter,
): void {
  if (parameters instanceof PyTensor) {
    throw new PythonError(
      'TypeError',
      `params argument given to the optimizer should be an iterable of Tensors or dicts, but got ${dtypeNames[parameters.tensor.dtype].tensor}`,
    );
  }
  self.native = new OptimizerState();
  self.attributes.set('defaults', defaults);
  self.attributes.set('state', newParameterStates());
  self.attributes.set('param_groups', new PyList([]));
  recordStepsOf(self.pyClass);
  const given = interpreter.list(parameters);
  if (given.length === 0) throw new PythonError('ValueError', 'optimizer got an empty parameter list');
  const groups = given[0] instanceof PyDict ? given : [new PyDict([['params', new PyList(given)]])];
  for (const group of groups) addParameterGroup(self, group, interpreter);
}

function addParameterGroup(self: PyInstance, group: PyValue, interpreter: Interpreter): void {
  if (!(group instanceof PyDict)) {
    throw new PythonError('TypeError', `param_group must be a dict, but got <class '${typeName(group)}'>`);
  }
  const given = group.get('params');
  if (given === undefined) throw new PythonError('KeyError', 'params');
  if (given instanceof PySet) {
    throw new PythonError(
      'TypeError',
      'optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets will change between runs. Please use a list instead.',
    );
  }
  const named = given instanceof PyTensor ? [given] : interpreter.list(given);
  const parameters = named.map((entry) => (entry instanceof PyTuple ? (entry.items[1] ?? null) : entry));
  const names = named.flatMap((entry) => (entry instanceof PyTuple ? [entry.items[0] ?? null] : []));
  if (names.length > 0) {
    if (names.length !== parameters.length) {
      throw new PythonError(
        'ValueError',
        'all optimizer params should be with/without names. Some param names are missing',
      );
    }
    group.set('param_names', new PyList(names));
  }
  group.set('params', new PyList(parameters));
  const tensors = parameters.map(optimizable);
  const defaults = self.attributes.get('defaults') as PyDict;
  for (const [name, value] of defaults.items()) if (!group.has(name)) group.set(name, value);
  if (new Set(tensors).size !== tensors.length) {
    torchContext(interpreter).warn(
      'optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; see github.com/pytorch/pytorch/issues/40967 for more information',
    );
  }
  const known = new Set(optimizedTensors(self));
  if (tensors.some((tensor) => known.has(tensor))) {
    throw new PythonError('ValueError', 'some parameters appear in more than one parameter group');
  }
  (self.attributes.get('param_groups') as PyList).items.push(group);
}

function optimizable(parameter: PyValue): Tensor {
  if (!(parameter instanceof PyTensor)) {
    throw new PythonError(
      'TypeError',
      `optimizer can only optimize Tensors, but one of the params is ${torchTypeName(parameter)}`,
    );
  }
  if (!parameter.tensor.isLeaf) throw new PythonError('ValueError', "can't optimize a non-leaf Tensor");
  return parameter.tensor;
}

export function parameterGroupsOf(self: PyInstance): PyDict[] {
  const groups = self.attributes.get('param_groups');
  return groups instanceof PyList ? (groups.items as PyDict[]) : [];
}

export function tensorsOfGroup(group: PyDict): Tensor[] {
  const parameters = group.get('params');
  if (!(parameters instanceof PyList)) return [];
  return parameters.items.flatMap((entry) => (entry instanceof PyTensor ? [entry.tensor] : []));
}

function optimizedTensors(self: PyInstance): Tensor[] {
  return parameterGroupsOf(self).flatMap(tensorsOfGroup);
}

/** What `zero_grad` does to one tensor. */
export function clearGradient(tensor: Tensor, setToNone: boolean): void {
  if (tensor.grad === null) return;
  if (setToNone) {
    tensor.grad = null;
    return;
  }
  const { shape, dtype } = tensor.grad;
  tensor.grad.overwrite(concreteValue(dtypeTable[dtype].allocate(elementCount(shape)), shape, dtype));
  tensor.grad.storage.backwards = 0;
}

function describeOptimizer(self: PyInstance, interpreter: Interpreter): string {
  let text = `${self.pyClass.name} (`;
  parameterGroupsOf(self).forEach((group, index) => {
    text += `\nParameter Group ${index}\n`;
    const names = group
      .keys()
      .map(String)
      .filter((name) => name !== 'params');
    for (const name of names.sort()) text += `    ${name}: ${interpreter.str(group.get(name) ?? null)}\n`;
  });
  return `${text})`;
}

/** The script's classes whose `step` makes the event already. */
const stepsRecorded = new WeakSet<PyClass>();

/** A class of the script with a `step` of its own makes the event when that step has run. */
function recordStepsOf(pyClass: PyClass): void {
  const definedBy = pyClass.mro.find((entry) => entry.members.has('step'));
  // The classes of the script have an owner; ours record the event themselves.
  if (!definedBy?.owner || stepsRecorded.has(definedBy)) return;
  stepsRecorded.add(definedBy);
  const own = definedBy.members.get('step')!;
  const recorded: NativeBody = (args, keywords, interpreter) => {
    const result = interpreter.call(own, args, keywords);
    finishStep(args[0] as PyInstance, interpreter);
    return result;
  };
  definedBy.setMember('step', new NativeFunction('step', recorded, null, true));
}

/** What follows every `step`: the scheduler's order check is told, and the event is made. */
export function finishStep(self: PyInstance, interpreter: Interpreter): void {
  const state = self.native as OptimizerState;
  if (state.stepTracked) state.stepCalled = true;
  torchContext(interpreter).recorder.record('step', { subject: self });
}

function stateDictOf(self: PyInstance): PyDict {
  const indices = new Map<PyValue, bigint>();
  const groups = parameterGroupsOf(self).map((group) => {
    const packed = new PyDict(group.items().filter(([name]) => name !== 'params'));
    const parameters = (group.get('params') as PyList).items;
    for (const parameter of parameters) if (!indices.has(parameter)) indices.set(parameter, BigInt(indices.size));
    packed.set('params', new PyList(parameters.map((parameter) => indices.get(parameter)!)));
    return packed;
  });
  const state = (self.attributes.get('state') as PyDict).items();
  return new PyDict([
    ['state', new PyDict(state.map(([key, value]) => [indices.get(key) ?? key, value]))],
    ['param_groups', new PyList(groups)],
  ]);
}

/** @throws PythonError ValueError when the groups don't match */
function loadStateDict(self: PyInstance, stateDict: PyValue): void {
  if (!(stateDict instanceof PyDict)) throw new PythonError('TypeError', 'state_dict must be a dict');
  const saved = (stateDict.get('param_groups') as PyList).items as PyDict[];
  const groups = parameterGroupsOf(self);
  if (saved.length !== groups.length) {
    throw new PythonError('ValueError', 'loaded state dict has a different number of parameter groups');
  }
  const parameters = new Map<PyValue, PyValue>();
  groups.forEach((group, index) => {
    const current = (group.get('params') as PyList).items;
    const ids = (saved[index]!.get('params') as PyList).items;
    if (ids.length !== current.length) {
      throw new PythonError(
        'ValueError',
        "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
      );
    }
    ids.forEach((id, position) => parameters.set(id, current[position]!));
    for (const [name, value] of saved[index]!.items()) if (name !== 'params') group.set(name, value);
  });
  const state = newParameterStates();
  for (const [id, entry] of (stateDict.get('state') as PyDict).items()) {
    state.set(parameters.get(id) ?? id, entry instanceof PyDict ? copyState(entry) : entry);
  }
  self.attributes.set('state', state);
}

function copyState(entry: PyDict): PyDict {
  return new PyDict(
    entry.items().map(([name, value]): [PyValue, PyValue] => {
      if (!(value instanceof PyTensor)) return [name, value];
      const copy = new Tensor(value.tensor.tape, value.tensor.value);
      copy.name = value.tensor.name;
      return [name, wrapTensor(copy)];
    }),
  );
}
