import { PythonError } from '../../../common/errors';
import { PyDict, PyList, PySlice, PyTuple } from '../../objects/containers';
import { PyIterator } from '../../objects/functions';
import type { Interpreter } from '../../objects/interpreter';
import { nativeClass } from '../../objects/native';
import type { PyInstance } from '../../objects/value';
import { type PyClass, type PyValue } from '../../objects/value';
import { indented, isModule, moduleClass, moduleRepr } from './moduleClass';
import { addModule, childrenOf, initializeModule } from './moduleState';
import { orderedDict } from './stateDict';

const containerModule = 'torch.nn.modules.container';

export function children(self: PyInstance): PyDict {
  return childrenOf(self) ?? new PyDict();
}

function iteratorOver(values: readonly PyValue[]): PyIterator {
  return new PyIterator(values[Symbol.iterator](), 'odict_iterator');
}

/** A position from the start. */
function position(self: PyInstance, index: PyValue): number {
  const size = children(self).size;
  if (typeof index !== 'bigint') {
    throw new PythonError(
      'TypeError',
      `'${typeof index === 'string' ? 'str' : 'float'}' object cannot be interpreted as an integer`,
    );
  }
  const at = Number(index);
  if (at < -size || at >= size) throw new PythonError('IndexError', `index ${at} is out of range`);
  return at < 0 ? at + size : at;
}

/** The part of a list that Python's slice takes. */
function sliced<T>(items: readonly T[], slice: PySlice, interpreter: Interpreter): T[] {
  const positions = new PyList(items.map((_, i) => BigInt(i)));
  return interpreter.list(interpreter.getItem(positions, slice)).map((i) => items[Number(i)]!);
}

/** Numbers the children anew, in their order. */
function renumber(self: PyInstance, modules: readonly PyValue[]): void {
  const dict = children(self);
  dict.clear();
  modules.forEach((module, i) => dict.set(String(i), module));
}

function append(self: PyInstance, module: PyValue, interpreter: Interpreter): PyInstance {
  addModule(self, String(children(self).size), module, moduleClass, interpreter);
  return self;
}

function extend(self: PyInstance, modules: PyValue, interpreter: Interpreter): PyInstance {
  for (const module of interpreter.list(modules)) append(self, module, interpreter);
  return self;
}

function insert(self: PyInstance, index: number, module: PyValue): void {
  const modules = children(self).values();
  modules.splice(index < 0 ? Math.max(0, index + modules.length) : index, 0, module);
  renumber(self, modules);
}

function remove(self: PyInstance, index: PyValue, interpreter: Interpreter): void {
  const modules = children(self).values();
  const dropped = new Set(
    index instanceof PySlice ? sliced([...modules.keys()], index, interpreter) : [position(self, index)],
  );
  renumber(
    self,
    modules.filter((_, i) => !dropped.has(i)),
  );
}

function replace(self: PyInstance, index: PyValue, module: PyValue, interpreter: Interpreter): void {
  const key = children(self).keys()[position(self, index)]!;
  interpreter.setAttribute(self, String(key), module);
}

function requireSequential(other: PyValue, interpreter: Interpreter): void {
  if (interpreter.isInstance(other, sequentialClass)) return;
  throw new PythonError(
    'ValueError',
    `add operator supports only objects of Sequential class, but ${interpreter.repr(interpreter.classOf(other))} is given.`,
  );
}

export const sequentialClass: PyClass = nativeClass<PyInstance>({
  name: 'Sequential',
  module: containerModule,
  bases: [moduleClass],
  methods: {
    __init__: [
      '*args',
      (self, args, interpreter) => {
        initializeModule(self, interpreter);
        const modules = args.rest();
        const [first] = modules;
        if (modules.length === 1 && first instanceof PyDict && first.pyClass.name === 'OrderedDict') {
          for (const [key, module] of first.items()) addModule(self, key, module, moduleClass, interpreter);
        } else {
          modules.forEach((module, i) => addModule(self, String(i), module, moduleClass, interpreter));
        }
      },
    ],
    forward: [
      'input',
      (self, args, interpreter) =>
        children(self)
          .values()
          .reduce((input: PyValue, module) => interpreter.call(module, [input]), args.value('input')),
    ],
    __len__: ['', (self) => BigInt(children(self).size)],
    __iter__: ['', (self) => iteratorOver(children(self).values())],
    __getitem__: [
      'idx',
      (self, args, interpreter) => {
        const index = args.value('idx');
        if (!(index instanceof PySlice)) return children(self).values()[position(self, index)]!;
        const taken = orderedDict(interpreter);
        for (const [key, module] of sliced(children(self).items(), index, interpreter)) taken.set(key, module);
        return interpreter.call(self.pyClass, [taken]);
      },
    ],
    __setitem__: [
      'idx, module',
      (self, args, interpreter) => replace(self, args.value('idx'), args.value('module'), interpreter),
    ],
    __delitem__: ['idx', (self, args, interpreter) => remove(self, args.value('idx'), interpreter)],
    __add__: [
      'other',
      (self, args, interpreter) => {
        const other = args.value('other');
        requireSequential(other, interpreter);
        const joined = interpreter.call(sequentialClass) as PyInstance;
        return extend(extend(joined, self, interpreter), other, interpreter);
      },
    ],
    __iadd__: [
      'other',
      (self, args, interpreter) => {
        requireSequential(args.value('other'), interpreter);
        return extend(self, args.value('other'), interpreter);
      },
    ],
    append: ['module', (self, args, interpreter) => append(self, args.value('module'), interpreter)],
    extend: ['sequential', (self, args, interpreter) => extend(self, args.value('sequential'), interpreter)],
    insert: [
      'index, module',
      (self, args) => {
        const index = args.index('index');
        const size = children(self).size;
        if (index < -size || index > size) throw new PythonError('IndexError', `Index out of range: ${index}`);
        insert(self, index, args.value('module'));
        return self;
      },
    ],
    pop: [
      'key',
      (self, args, interpreter) => {
        const module = children(self).values()[position(self, args.value('key'))]!;
        remove(self, args.value('key'), interpreter);
        return module;
      },
    ],
  },
});

/** `ModuleList.__repr__`: equal neighbours are shown once. */
function listRepr(self: PyInstance, interpreter: Interpreter): string {
  const blocks: { start: number; end: number; text: string }[] = [];
  children(self)
    .values()
    .forEach((module, i) => {
      const text = interpreter.repr(module);
      const last = blocks.at(-1);
      if (last?.text === text) last.end = i;
      else blocks.push({ start: i, end: i, text });
    });
  if (blocks.length === 0) return `${self.pyClass.name}()`;
  const lines = blocks.map(({ start, end, text }) =>
    indented(start === end ? `(${start}): ${text}` : `(${start}-${end}): ${end - start + 1} x ${text}`),
  );
  return `${self.pyClass.name}(\n  ${lines.join('\n  ')}\n)`;
}

export const moduleListClass: PyClass = nativeClass<PyInstance>({
  name: 'ModuleList',
  module: containerModule,
  bases: [moduleClass],
  methods: {
    __init__: [
      'modules=None',
      (self, args, interpreter) => {
        initializeModule(self, interpreter);
        if (!args.isNone('modules')) extend(self, args.value('modules'), interpreter);
      },
    ],
    __len__: ['', (self) => BigInt(children(self).size)],
    __iter__: ['', (self) => iteratorOver(children(self).values())],
    __getitem__: [
      'idx',
      (self, args, interpreter) => {
        const index = args.value('idx');
        if (!(index instanceof PySlice)) return children(self).values()[position(self, index)]!;
        return interpreter.call(self.pyClass, [new PyList(sliced(children(self).values(), index, interpreter))]);
      },
    ],
    __setitem__: [
      'idx, module',
      (self, args, interpreter) => replace(self, args.value('idx'), args.value('module'), interpreter),
    ],
    __delitem__: ['idx', (self, args, interpreter) => remove(self, args.value('idx'), interpreter)],
    __iadd__: ['modules', (self, args, interpreter) => extend(self, args.value('modules'), interpreter)],
    __add__: [
      'other',
      (self, args, interpreter) => {
        const joined = interpreter.call(moduleListClass) as PyInstance;
        return extend(extend(joined, self, interpreter), args.value('other'), interpreter);
      },
    ],
    append: ['module', (self, args, interpreter) => append(self, args.value('module'), interpreter)],
    extend: ['modules', (self, args, interpreter) => extend(self, args.value('modules'), interpreter)],
    insert: ['index, module', (self, args) => insert(self, args.index('index'), args.value('module'))],
    pop: [
      'key',
      (self, args, interpreter) => {
        const module = children(self).values()[position(self, args.value('key'))]!;
        remove(self, args.value('key'), interpreter);
        return module;
      },
    ],
    __repr__: ['', (self, _args, interpreter) => listRepr(self, interpreter)],
  },
});

function updateDict(self: PyInstance, modules: PyValue, interpreter: Interpreter): void {
  const entries = modules instanceof PyDict ? modules.items() : moduleEntries(modules, interpreter);
  for (const [key, module] of entries) addModule(self, key, module, moduleClass, interpreter);
}

function moduleEntries(modules: PyValue, interpreter: Interpreter): [PyValue, PyValue][] {
  if (isModule(modules)) return children(modules).items();
  return interpreter.list(modules).map((entry) => interpreter.list(entry) as [PyValue, PyValue]);
}

export const moduleDictClass: PyClass = nativeClass<PyInstance>({
  name: 'ModuleDict',
  module: containerModule,
  bases: [moduleClass],
  methods: {
    __init__: [
      'modules=None',
      (self, args, interpreter) => {
        initializeModule(self, interpreter);
        if (!args.isNone('modules')) updateDict(self, args.value('modules'), interpreter);
      },
    ],
    __len__: ['', (self) => BigInt(children(self).size)],
    __iter__: ['', (self) => iteratorOver(children(self).keys())],
    __contains__: ['key', (self, args) => children(self).has(args.value('key'))],
    __getitem__: [
      'key',
      (self, args, interpreter) => {
        const found = children(self).get(args.value('key'));
        if (found === undefined) throw new PythonError('KeyError', interpreter.str(args.value('key')));
        return found;
      },
    ],
    __setitem__: [
      'key, module',
      (self, args, interpreter) => addModule(self, args.value('key'), args.value('module'), moduleClass, interpreter),
    ],
    __delitem__: [
      'key',
      (self, args) => {
        children(self).delete(args.value('key'));
      },
    ],
    keys: ['', (self) => new PyList(children(self).keys())],
    values: ['', (self) => new PyList(children(self).values())],
    items: [
      '',
      (self) =>
        new PyList(
          children(self)
            .items()
            .map((entry) => new PyTuple(entry)),
        ),
    ],
    update: ['modules', (self, args, interpreter) => updateDict(self, args.value('modules'), interpreter)],
    clear: [
      '',
      (self) => {
        children(self).clear();
      },
    ],
    pop: [
      'key',
      (self, args) => {
        const found = children(self).get(args.value('key')) ?? null;
        children(self).delete(args.value('key'));
        return found;
      },
    ],
    __repr__: ['', (self, _args, interpreter) => moduleRepr(self, interpreter)],
  },
});

/** `nn.Identity`: takes any arguments and gives its input. */
export const identityClass: PyClass = nativeClass<PyInstance>({
  name: 'Identity',
  module: 'torch.nn.modules.linear',
  bases: [moduleClass],
  methods: {
    __init__: ['*args, **kwargs', (self, _args, interpreter) => initializeModule(self, interpreter)],
    forward: ['input', (_self, args) => args.value('input')],
  },
});
