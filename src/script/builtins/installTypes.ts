import type { PyGenerator } from '../interpreter/generators';
import { PyDict, PyList, PyRange, PySet, PySlice, PyTuple } from '../objects/containers';
import {
  classMethodClass,
  dictClass,
  frozenSetClass,
  functionClass,
  generatorClass,
  iteratorBase,
  listClass,
  methodClass,
  objectClass,
  propertyClass,
  rangeClass,
  setClass,
  sliceClass,
  staticMethodClass,
  superClass,
  tupleClass,
  typeClass,
} from '../objects/coreClasses';
import type { PyExceptionObject } from '../objects/exceptions';
import { baseExceptionClass, exceptionClass, makeException, PyException } from '../objects/exceptions';
import { PyBoundMethod, PyClassMethod, PyIterator, PyProperty, PyStaticMethod } from '../objects/functions';
import { addMembers } from '../objects/native';
import type { PyObject, PyValue, PyClass } from '../objects/value';
import { defaultHash } from '../objects/value';
import { PySuper } from '../interpreter/attributes';
import { PythonError } from '../../common/errors';
import { runtimeOf } from './access';
import { dictMethods, frozenSetMethods, listMethods, setMethods, tupleMethods } from './containerMethods';
import { installDictViews } from './dictView';
import { installScalarTypes } from './scalarTypes';
import { UnionType } from './unionType';

let installed = false;

/** Lays the tables of methods on the built-in classes; once per process. */
export function installTypes(): void {
  if (installed) return;
  installed = true;
  installObject();
  installScalarTypes();
  installContainers();
  installDictViews();
  installIterators();
  installDescriptors();
  installExceptions();
}

function installObject(): void {
  addMembers<PyObject>(objectClass, {
    methods: {
      __init__: ['*args, **kwargs', () => null],
      __setattr__: [
        'name, value, /',
        (self, args, interpreter) =>
          runtimeOf(interpreter).plainSetAttribute(self, args.string('name'), args.value('value')),
      ],
      __delattr__: [
        'name, /',
        (self, args, interpreter) => runtimeOf(interpreter).plainDeleteAttribute(self, args.string('name')),
      ],
      __repr__: ['', (self, _args, interpreter) => runtimeOf(interpreter).plainRepr(self)],
      __str__: ['', (self, _args, interpreter) => interpreter.repr(self)],
      __format__: [
        'specification, /',
        (self, args, interpreter) => interpreter.format(interpreter.str(self), args.string('specification')),
      ],
      __hash__: ['', (self) => self.id >> 4n],
      __dir__: ['', (self, _args, interpreter) => new PyList(runtimeOf(interpreter).attributeNames(self).sort())],
    },
    classMethods: { __init_subclass__: ['cls, **kwargs', () => null] },
    staticMethods: {
      __new__: [
        'cls, *args, **kwargs',
        (args, interpreter) => runtimeOf(interpreter).allocate(args.value('cls') as PyClass),
      ],
    },
  });
  defaultHash.method = objectClass.members.get('__hash__')!;
  addMembers<PyClass>(typeClass, {
    methods: {
      mro: ['', (self) => new PyList([...self.mro])],
      __or__: ['other, /', (self, args) => new UnionType([self, args.value('other')])],
      __subclasses__: ['', () => new PyList()],
    },
  });
}

function installContainers(): void {
  const withAttributes = <T extends PyObject>(made: T): T => {
    if (made.pyClass.owner !== null) made.attributes = new Map();
    return made;
  };
  listClass.allocate = (pyClass) => withAttributes(new PyList([], pyClass));
  dictClass.allocate = (pyClass) => withAttributes(new PyDict([], pyClass));
  setClass.allocate = (pyClass) => withAttributes(new PySet([], pyClass));
  addMembers<PyList>(listClass, { methods: listMethods });
  addMembers<PyDict>(dictClass, {
    methods: dictMethods,
    classMethods: {
      fromkeys: [
        'cls, iterable, value=None, /',
        (args, interpreter) => {
          const made = interpreter.call(args.value('cls'));
          for (const key of interpreter.list(args.value('iterable')))
            interpreter.setItem(made, key, args.value('value'));
          return made;
        },
      ],
    },
  });
  addMembers<PySet>(setClass, { methods: setMethods });
  const items = 'cls, iterable=(), /';
  addMembers<PySet>(frozenSetClass, {
    methods: frozenSetMethods,
    staticMethods: {
      __new__: [
        items,
        (args, interpreter) => new PySet(interpreter.list(args.value('iterable')), args.value('cls') as PyClass),
      ],
    },
  });
  addMembers<PyTuple>(tupleClass, {
    methods: tupleMethods,
    staticMethods: {
      __new__: [
        items,
        (args, interpreter) => {
          const cls = args.value('cls') as PyClass;
          const tuple = new PyTuple(interpreter.list(args.value('iterable')), cls);
          if (cls.owner !== null) tuple.attributes = new Map();
          return tuple;
        },
      ],
    },
  });
  const bounds = (values: readonly PyValue[]): [PyValue, PyValue, PyValue] =>
    values.length === 1 ? [null, values[0]!, null] : [values[0]!, values[1]!, values[2] ?? null];
  addMembers<PySlice>(sliceClass, {
    staticMethods: { __new__: ['cls, *args', (args) => new PySlice(...bounds(args.rest()))] },
    properties: { start: (self) => self.start, stop: (self) => self.stop, step: (self) => self.step },
    methods: {
      indices: [
        'length, /',
        (self, args, interpreter) => {
          const { start, stop, step } = runtimeOf(interpreter).resolveSlice(self, args.index('length'));
          return new PyTuple([BigInt(start), BigInt(stop), BigInt(step)]);
        },
      ],
    },
  });
  addMembers<PyRange>(rangeClass, {
    staticMethods: {
      __new__: [
        'cls, *args',
        (args, interpreter) => {
          const given = args.rest();
          if (given.length === 0 || given.length > 3) {
            throw new PythonError(
              'TypeError',
              `range expected ${given.length === 0 ? 'at least 1 argument' : 'at most 3 arguments'}, got ${given.length}`,
            );
          }
          const [start, stop, step] = bounds(given).map((value) => {
            if (value === null) return null;
            const index = runtimeOf(interpreter).toIndex(value);
            if (index !== undefined) return index;
            throw new PythonError(
              'TypeError',
              `'${interpreter.classOf(value).name}' object cannot be interpreted as an integer`,
            );
          });
          if (step === 0n) throw new PythonError('ValueError', 'range() arg 3 must not be zero');
          return new PyRange(start ?? 0n, stop ?? 0n, step ?? 1n);
        },
      ],
    },
    properties: { start: (self) => self.start, stop: (self) => self.stop, step: (self) => self.step },
    methods: {
      __len__: ['', (self) => self.length],
      __iter__: ['', (self, _args, interpreter) => new PyIterator(interpreter.iterate(self), 'range_iterator')],
      index: [
        'value, /',
        (self, args, interpreter) => {
          const found = interpreter.list(self).indexOf(args.value('value'));
          if (found < 0)
            throw new PythonError('ValueError', `${interpreter.repr(args.value('value'))} is not in range`);
          return BigInt(found);
        },
      ],
      count: [
        'value, /',
        (self, args, interpreter) => (interpreter.list(self).includes(args.value('value')) ? 1n : 0n),
      ],
    },
  });
}

function installIterators(): void {
  addMembers<PyIterator>(iteratorBase, {
    methods: {
      __iter__: ['', (self) => self],
      __next__: ['', (self, _args, interpreter) => runtimeOf(interpreter).nextItem(self)],
    },
  });
  const stop = (result: PyValue): never => {
    throw new PyException(makeException(exceptionClass('StopIteration'), result === null ? [] : [result]));
  };
  addMembers<PyGenerator>(generatorClass, {
    methods: {
      __iter__: ['', (self) => self],
      __next__: ['', (self, _args, interpreter) => runtimeOf(interpreter).nextItem(self)],
      send: [
        'value, /',
        (self, args) => {
          const step = self.send(args.value('value'));
          return step.done === true ? stop(self.result) : step.value;
        },
      ],
      throw: [
        'type, value=None, traceback=None, /',
        (self, args, interpreter) => {
          const given = args.isNone('value') ? args.value('type') : args.value('value');
          const step = self.throw(runtimeOf(interpreter).raised(given, undefined));
          return step.done === true ? stop(self.result) : step.value;
        },
      ],
      close: ['', (self) => self.close()],
    },
  });
}

function installDescriptors(): void {
  const wrap = (property: PyProperty, change: Partial<Pick<PyProperty, 'getter' | 'setter' | 'deleter'>>): PyProperty =>
    new PyProperty(
      change.getter ?? property.getter,
      change.setter ?? property.setter,
      change.deleter ?? property.deleter,
    );
  addMembers<PyProperty>(propertyClass, {
    staticMethods: {
      __new__: [
        'cls, fget=None, fset=None, fdel=None, doc=None',
        (args) => new PyProperty(args.value('fget'), args.value('fset'), args.value('fdel')),
      ],
    },
    methods: {
      getter: ['function, /', (self, args) => wrap(self, { getter: args.value('function') })],
      setter: ['function, /', (self, args) => wrap(self, { setter: args.value('function') })],
      deleter: ['function, /', (self, args) => wrap(self, { deleter: args.value('function') })],
    },
  });
  addMembers(staticMethodClass, {
    staticMethods: { __new__: ['cls, function, /', (args) => new PyStaticMethod(args.value('function'))] },
  });
  addMembers(classMethodClass, {
    staticMethods: { __new__: ['cls, function, /', (args) => new PyClassMethod(args.value('function'))] },
  });
  addMembers(superClass, {
    staticMethods: {
      __new__: [
        'cls, type, object=None, /',
        (args) => new PySuper(args.value('type') as PyClass, args.value('object')),
      ],
    },
  });
  const bind = [
    'instance, owner=None, /',
    (self: PyObject, args: { value(name: string): PyValue }) =>
      args.value('instance') === null ? self : new PyBoundMethod(self, args.value('instance')),
  ] as const;
  addMembers<PyObject>(functionClass, { methods: { __get__: bind } });
  addMembers<PyObject>(methodClass, { methods: { __get__: ['instance, owner=None, /', (self) => self] } });
}

function installExceptions(): void {
  addMembers<PyExceptionObject>(baseExceptionClass, {
    staticMethods: {
      __new__: ['cls, *args, **kwargs', (args) => makeException(args.value('cls') as PyClass, args.rest())],
    },
    methods: {
      __init__: ['*args, **kwargs', (self, args) => void (self.args = new PyTuple(args.rest()))],
      with_traceback: ['traceback, /', (self) => self],
      add_note: ['note, /', () => null],
      __str__: ['', (self, _args, interpreter) => runtimeOf(interpreter).exceptionText(self)],
      __repr__: ['', (self, _args, interpreter) => runtimeOf(interpreter).plainRepr(self)],
    },
    properties: {
      args: {
        get: (self) => self.args,
        set: (self, value, interpreter) => void (self.args = new PyTuple(interpreter.list(value))),
      },
      __cause__: {
        get: (self) => self.cause,
        set: (self, value) => void (self.cause = value as PyExceptionObject | null),
      },
      __context__: {
        get: (self) => self.context,
        set: (self, value) => void (self.context = value as PyExceptionObject | null),
      },
      __traceback__: { get: () => null, set: () => undefined },
      __suppress_context__: {
        get: (self) => self.suppressContext,
        set: (self, value) => void (self.suppressContext = value === true),
      },
    },
  });
  addMembers<PyExceptionObject>(exceptionClass('StopIteration'), {
    properties: { value: (self) => self.args.items[0] ?? null },
  });
  addMembers<PyExceptionObject>(exceptionClass('SystemExit'), {
    properties: { code: (self) => self.args.items[0] ?? null },
  });
}
