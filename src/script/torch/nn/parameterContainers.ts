import { PythonError } from '../../../common/errors';
import { PyDict, PyList, PyTuple } from '../../objects/containers';
import { PyIterator } from '../../objects/functions';
import type { Interpreter } from '../../objects/interpreter';
import { nativeClass } from '../../objects/native';
import type { PyClass, PyInstance, PyValue } from '../../objects/value';
import { makeParameter, PyTensor, wrapTensor } from '../tensorClass';
import { moduleClass } from './moduleClass';
import { initializeModule, parametersOf, torchTypeName } from './moduleState';

const containerModule = 'torch.nn.modules.container';

function asParameter(value: PyValue): PyValue {
  if (!(value instanceof PyTensor) || value.tensor.isParameter) return value;
  return wrapTensor(makeParameter(value.tensor, true));
}

function iteratorOver(values: readonly PyValue[]): PyIterator {
  return new PyIterator(values[Symbol.iterator](), 'generator');
}

function members(self: PyInstance): PyDict {
  return parametersOf(self)!;
}

function append(self: PyInstance, value: PyValue, interpreter: Interpreter): PyInstance {
  interpreter.setAttribute(self, String(members(self).size), asParameter(value));
  return self;
}

/** The lines that a container of parameters shows of itself. */
function describe(self: PyInstance, typeOf: (value: PyTensor) => string): string {
  return members(self)
    .items()
    .map(([key, value]) => {
      const tensor = (value as PyTensor).tensor;
      return `  (${String(key)}): Parameter containing: [${typeOf(value as PyTensor)} of size ${tensor.shape.join('x')}]`;
    })
    .join('\n');
}

export const parameterListClass: PyClass = nativeClass<PyInstance>({
  name: 'ParameterList',
  module: containerModule,
  bases: [moduleClass],
  methods: {
    __init__: [
      'values=None',
      (self, args, interpreter) => {
        initializeModule(self, interpreter);
        if (args.isNone('values')) return;
        for (const value of interpreter.list(args.value('values'))) append(self, value, interpreter);
      },
    ],
    __len__: ['', (self) => BigInt(members(self).size)],
    __iter__: ['', (self) => iteratorOver(members(self).values())],
    __getitem__: [
      'idx',
      (self, args, interpreter) => interpreter.getItem(new PyList(members(self).values()), args.value('idx')),
    ],
    __setitem__: [
      'idx, value',
      (self, args, interpreter) => {
        const size = members(self).size;
        const index = args.index('idx');
        if (index < -size || index >= size) throw new PythonError('IndexError', `index ${index} is out of range`);
        interpreter.setAttribute(self, String(index < 0 ? index + size : index), asParameter(args.value('value')));
      },
    ],
    append: ['value', (self, args, interpreter) => append(self, args.value('value'), interpreter)],
    extend: [
      'values',
      (self, args, interpreter) => {
        for (const value of interpreter.list(args.value('values'))) append(self, value, interpreter);
        return self;
      },
    ],
    extra_repr: ['', (self) => describe(self, ({ tensor }) => `torch.${tensor.dtype}`)],
  },
});

export const parameterDictClass: PyClass = nativeClass<PyInstance>({
  name: 'ParameterDict',
  module: containerModule,
  bases: [moduleClass],
  methods: {
    __init__: [
      'parameters=None',
      (self, args, interpreter) => {
        initializeModule(self, interpreter);
        const given = args.value('parameters');
        if (!(given instanceof PyDict)) return;
        for (const [key, value] of given.items()) interpreter.setAttribute(self, String(key), asParameter(value));
      },
    ],
    __len__: ['', (self) => BigInt(members(self).size)],
    __iter__: ['', (self) => iteratorOver(members(self).keys())],
    __contains__: ['key', (self, args) => members(self).has(args.value('key'))],
    __getitem__: [
      'key',
      (self, args, interpreter) => {
        const found = members(self).get(args.value('key'));
        if (found === undefined) throw new PythonError('KeyError', interpreter.str(args.value('key')));
        return found;
      },
    ],
    __setitem__: [
      'key, value',
      (self, args, interpreter) => {
        interpreter.setAttribute(self, args.string('key'), asParameter(args.value('value')));
      },
    ],
    keys: ['', (self) => new PyList(members(self).keys())],
    values: ['', (self) => new PyList(members(self).values())],
    items: [
      '',
      (self) =>
        new PyList(
          members(self)
            .items()
            .map((entry) => new PyTuple(entry)),
        ),
    ],
    extra_repr: ['', (self) => describe(self, torchTypeName)],
  },
});
