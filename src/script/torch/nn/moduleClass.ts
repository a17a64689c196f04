import { PythonError } from '../../../common/errors';
import { PyDict, PyList } from '../../objects/containers';
import type { Interpreter } from '../../objects/interpreter';
import { nativeClass } from '../../objects/native';
import { PyInstance, type PyClass, type PyValue } from '../../objects/value';
import { makeParameter, PyTensor, wrapTensor } from '../tensorClass';
import { giveOwnMemory } from '../../../core/tensor/joining';
import { Tensor } from '../../../core/tensor/tensor';
import { deleteModuleAttribute, moduleAttribute, setModuleAttribute } from './moduleAttributes';
import { callModule } from './moduleCall';
import { moduleMethods } from './moduleMethods';
import { buffersOf, childrenOf, initializeModule, parametersOf } from './moduleState';

/** Lays two more spaces before every line but the first. */
export function indented(text: string): string {
  return text.replaceAll('\n', '\n  ');
}

/** `Module.__repr__`. */
export function moduleRepr(self: PyInstance, interpreter: Interpreter): string {
  const extra = interpreter.str(interpreter.callMethod(self, 'extra_repr'));
  const extraLines = extra === '' ? [] : extra.split('\n');
  const childLines = (childrenOf(self)?.items() ?? []).map(
    ([name, child]) => `(${String(name)}): ${indented(interpreter.repr(child))}`,
  );
  const name = interpreter.str(interpreter.callMethod(self, '_get_name'));
  if (extraLines.length === 1 && childLines.length === 0) return `${name}(${extraLines[0]!})`;
  const lines = [...extraLines, ...childLines];
  return lines.length === 0 ? `${name}()` : `${name}(\n  ${lines.join('\n  ')}\n)`;
}

/** A copy of a tensor with its own memory: no history, and no gradient, as `Parameter.__deepcopy__` has it. */
function copyTensor({ tensor }: PyTensor): PyTensor {
  giveOwnMemory(tensor.value);
  const copy = new Tensor(tensor.tape, tensor.value);
  if (!tensor.isParameter) return wrapTensor(copy);
  const parameter = makeParameter(copy, tensor.requiresGrad);
  parameter.name = tensor.name;
  return wrapTensor(parameter);
}

/** `copy.deepcopy(module)`: parameters and buffers that the module has twice stay shared in the copy. */
function deepCopy(self: PyInstance, memo: PyValue, interpreter: Interpreter): PyInstance {
  const seen = memo instanceof PyDict ? memo : new PyDict();
  const known = seen.get(self.id);
  if (known instanceof PyInstance) return known;
  const copy = new PyInstance(self.pyClass);
  seen.set(self.id, copy);
  copy.native = typeof self.native === 'object' && self.native !== null ? { ...self.native } : self.native;
  const deepcopy = interpreter.importModule('copy').attributes.get('deepcopy') ?? null;
  const copied = (value: PyValue): PyValue => {
    if (value instanceof PyTensor) {
      const before = seen.get(value.id);
      if (before !== undefined) return before;
      const tensor = copyTensor(value);
      seen.set(value.id, tensor);
      return tensor;
    }
    return interpreter.call(deepcopy, [value, seen]);
  };
  for (const [name, value] of self.attributes) {
    copy.attributes.set(
      name,
      value instanceof PyDict
        ? new PyDict(
            value.items().map(([key, item]) => [key, copied(item)] as const),
            value.pyClass,
          )
        : copied(value),
    );
  }
  return copy;
}

/** `torch.nn.Module`, which scripts derive their models from. */
export const moduleClass: PyClass = nativeClass<PyInstance>({
  name: 'Module',
  module: 'torch.nn.modules.module',
  identityHash: true,
  methods: {
    __init__: [
      '*args, **kwargs',
      (self, args, interpreter) => {
        if (args.rest().length > 0) {
          throw new PythonError(
            'TypeError',
            `${self.pyClass.name}.__init__() takes 1 positional argument but ${args.rest().length + 1} were given`,
          );
        }
        const [keyword] = args.keywords().keys();
        if (keyword !== undefined) {
          throw new PythonError(
            'TypeError',
            `${self.pyClass.name}.__init__() got an unexpected keyword argument '${keyword}'`,
          );
        }
        initializeModule(self, interpreter);
      },
    ],
    __call__: [
      '*args, **kwargs',
      (self, args, interpreter) => callModule(self, args.rest(), args.keywords(), lossClass, interpreter),
    ],
    __getattr__: ['name', (self, args) => moduleAttribute(self, args.string('name'))],
    __setattr__: [
      'name, value',
      (self, args, interpreter) =>
        setModuleAttribute(self, args.string('name'), args.value('value'), moduleClass, interpreter),
    ],
    __delattr__: ['name', (self, args) => deleteModuleAttribute(self, args.string('name'))],
    __repr__: ['', (self, _args, interpreter) => moduleRepr(self, interpreter)],
    __dir__: [
      '',
      (self) => {
        const names = new Set<string>(self.attributes.keys());
        for (const dict of [parametersOf(self), buffersOf(self), childrenOf(self)]) {
          for (const key of dict?.keys() ?? []) names.add(String(key));
        }
        for (const entry of self.pyClass.mro) for (const name of entry.members.keys()) names.add(name);
        return new PyList([...names].filter((name) => !/^\d/.test(name)).sort());
      },
    ],
    __deepcopy__: ['memo', (self, args, interpreter) => deepCopy(self, args.value('memo'), interpreter)],
    ...moduleMethods(() => moduleClass),
  },
});

/** The class of losses: their outermost call is an event of its own. */
export const lossClass: PyClass = nativeClass<PyInstance>({
  name: '_Loss',
  module: 'torch.nn.modules.loss',
  bases: [moduleClass],
});

export function isModule(value: PyValue): value is PyInstance {
  return value instanceof PyInstance && value.pyClass.isSubclassOf(moduleClass);
}
