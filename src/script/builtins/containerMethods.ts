import { PythonError } from '../../common/errors';
import type { Arguments } from '../objects/arguments';
import { PyDict, PyList, PySet, PyTuple } from '../objects/containers';
import { exceptionClass, makeException, PyException } from '../objects/exceptions';
import { PyIterator } from '../objects/functions';
import type { Interpreter } from '../objects/interpreter';
import type { MethodRow } from '../objects/native';
import type { PyValue } from '../objects/value';
import { runtimeOf } from './access';
import { DictView } from './dictView';
import { sortValues } from './sorting';

function keyError(key: PyValue): PyException {
  return new PyException(makeException(exceptionClass('KeyError'), [key]));
}

function indexOf(items: readonly PyValue[], args: Arguments, interpreter: Interpreter): number {
  const start = args.isNone('start') ? 0 : args.index('start');
  const from = start < 0 ? Math.max(0, start + items.length) : start;
  const value = args.value('value');
  return items.findIndex((item, index) => index >= from && interpreter.equals(item, value));
}

/** What list and tuple share. */
const sequenceMethods: Record<string, MethodRow<PyList | PyTuple>> = {
  count: [
    'value, /',
    (self, args, interpreter) =>
      BigInt(self.items.filter((item) => interpreter.equals(item, args.value('value'))).length),
  ],
  index: [
    'value, start=None, stop=None, /',
    (self, args, interpreter) => {
      const found = indexOf(self.items, args, interpreter);
      if (found >= 0) return BigInt(found);
      const what =
        self instanceof PyTuple
          ? 'tuple.index(x): x not in tuple'
          : `${interpreter.repr(args.value('value'))} is not in list`;
      throw new PythonError('ValueError', what);
    },
  ],
  __len__: ['', (self) => BigInt(self.items.length)],
  __iter__: [
    '',
    (self) =>
      new PyIterator(self.items[Symbol.iterator](), self instanceof PyList ? 'list_iterator' : 'tuple_iterator'),
  ],
  __contains__: [
    'item, /',
    (self, args, interpreter) => self.items.some((item) => interpreter.equals(item, args.value('item'))),
  ],
};

export const tupleMethods = sequenceMethods as Record<string, MethodRow<PyTuple>>;

export const listMethods: Record<string, MethodRow<PyList>> = {
  ...(sequenceMethods as Record<string, MethodRow<PyList>>),
  append: ['object, /', (self, args) => void self.items.push(args.value('object'))],
  clear: ['', (self) => void (self.items = [])],
  copy: ['', (self) => new PyList([...self.items])],
  extend: [
    'iterable, /',
    (self, args, interpreter) => {
      for (const item of interpreter.list(args.value('iterable'))) self.items.push(item);
    },
  ],
  insert: [
    'index, object, /',
    (self, args) => {
      const index = args.index('index');
      self.items.splice(index < 0 ? Math.max(0, index + self.items.length) : index, 0, args.value('object'));
    },
  ],
  pop: [
    'index=-1, /',
    (self, args) => {
      if (self.items.length === 0) throw new PythonError('IndexError', 'pop from empty list');
      const given = args.index('index');
      const index = given < 0 ? given + self.items.length : given;
      if (index < 0 || index >= self.items.length) throw new PythonError('IndexError', 'pop index out of range');
      return self.items.splice(index, 1)[0]!;
    },
  ],
  remove: [
    'value, /',
    (self, args, interpreter) => {
      const found = self.items.findIndex((item) => interpreter.equals(item, args.value('value')));
      if (found < 0) throw new PythonError('ValueError', 'list.remove(x): x not in list');
      self.items.splice(found, 1);
    },
  ],
  reverse: ['', (self) => void self.items.reverse()],
  sort: [
    '*, key=None, reverse=False',
    (self, args, interpreter) => {
      self.items = sortValues(interpreter, self.items, args.value('key'), interpreter.isTrue(args.value('reverse')));
    },
  ],
  __getitem__: ['index, /', (self, args, interpreter) => plainList(self, args.value('index'), interpreter)],
  __setitem__: [
    'index, value, /',
    (self, args, interpreter) => runtimeOf(interpreter).plainSetItem(self, args.value('index'), args.value('value')),
  ],
  __delitem__: [
    'index, /',
    (self, args, interpreter) => runtimeOf(interpreter).plainDeleteItem(self, args.value('index')),
  ],
  __init__: [
    'iterable=(), /',
    (self, args, interpreter) => void (self.items = interpreter.list(args.value('iterable'))),
  ],
};

function plainList(self: PyList, key: PyValue, interpreter: Interpreter): PyValue {
  return interpreter.getItem(new PyList(self.items), key);
}

/** The pairs that `dict(...)` and `update` take. */
export function pairsOf(source: PyValue, interpreter: Interpreter): (readonly [PyValue, PyValue])[] {
  if (source instanceof PyDict) return source.items();
  if (interpreter.findAttribute(source, 'keys') !== undefined) {
    return interpreter
      .list(interpreter.callMethod(source, 'keys'))
      .map((key) => [key, interpreter.getItem(source, key)]);
  }
  return interpreter.list(source).map((pair, index) => {
    if (typeof pair !== 'string' && interpreter.findAttribute(pair, '__iter__') === undefined) {
      throw new PythonError('TypeError', `cannot convert dictionary update sequence element #${index} to a sequence`);
    }
    const items = interpreter.list(pair);
    if (items.length !== 2) {
      throw new PythonError(
        'ValueError',
        `dictionary update sequence element #${index} has length ${items.length}; 2 is required`,
      );
    }
    return [items[0]!, items[1]!];
  });
}

function update(self: PyDict, args: Arguments, interpreter: Interpreter): void {
  if (!args.isNone('other')) for (const [key, value] of pairsOf(args.value('other'), interpreter)) self.set(key, value);
  for (const [key, value] of args.keywords()) self.set(key, value);
}

export const dictMethods: Record<string, MethodRow<PyDict>> = {
  clear: ['', (self) => self.clear()],
  copy: ['', (self) => new PyDict(self.items(), self.pyClass)],
  get: [
    'key, default=None, /',
    (self, args) => {
      const found = self.get(args.value('key'));
      return found === undefined ? args.value('default') : found;
    },
  ],
  items: ['', (self) => new DictView(self, 'items')],
  keys: ['', (self) => new DictView(self, 'keys')],
  pop: [
    'key, default=..., /',
    (self, args) => {
      const key = args.value('key');
      const found = self.get(key);
      if (found === undefined && !self.has(key)) {
        if (args.given('default')) return args.value('default');
        throw keyError(key);
      }
      self.delete(key);
      return found ?? null;
    },
  ],
  popitem: [
    '',
    (self) => {
      const last = self.items().pop();
      if (last === undefined) throw keyError('popitem(): dictionary is empty');
      self.delete(last[0]);
      return new PyTuple(last);
    },
  ],
  setdefault: [
    'key, default=None, /',
    (self, args) => {
      const found = self.get(args.value('key'));
      if (found !== undefined) return found;
      self.set(args.value('key'), args.value('default'));
      return args.value('default');
    },
  ],
  update: ['other=None, /, **kwargs', update],
  values: ['', (self) => new DictView(self, 'values')],
  __len__: ['', (self) => BigInt(self.size)],
  __iter__: ['', (self) => new PyIterator(self.keys()[Symbol.iterator](), 'dict_keyiterator')],
  __contains__: ['key, /', (self, args) => self.has(args.value('key'))],
  __getitem__: [
    'key, /',
    (self, args, interpreter) => {
      const key = args.value('key');
      const found = self.get(key);
      if (found !== undefined) return found;
      const missing = self.pyClass.lookup('__missing__');
      if (missing !== undefined) return runtimeOf(interpreter).callMember(missing, self, [key]);
      throw keyError(key);
    },
  ],
  __setitem__: ['key, value, /', (self, args) => self.set(args.value('key'), args.value('value'))],
  __delitem__: ['key, /', (self, args, interpreter) => runtimeOf(interpreter).plainDeleteItem(self, args.value('key'))],
  __init__: ['other=None, /, **kwargs', update],
};

function others(args: Arguments, interpreter: Interpreter): PySet[] {
  return args.rest().map((other) => (other instanceof PySet ? other : new PySet(interpreter.list(other))));
}

const setReading: Record<string, MethodRow<PySet>> = {
  copy: ['', (self) => new PySet(self.items(), self.pyClass)],
  union: [
    '*others',
    (self, args, interpreter) =>
      new PySet([...self.items(), ...others(args, interpreter).flatMap((other) => other.items())], self.pyClass),
  ],
  intersection: [
    '*others',
    (self, args, interpreter) => {
      const sets = others(args, interpreter);
      return new PySet(
        self.items().filter((item) => sets.every((set) => set.has(item))),
        self.pyClass,
      );
    },
  ],
  difference: [
    '*others',
    (self, args, interpreter) => {
      const sets = others(args, interpreter);
      return new PySet(
        self.items().filter((item) => !sets.some((set) => set.has(item))),
        self.pyClass,
      );
    },
  ],
  symmetric_difference: [
    '*others',
    (self, args, interpreter) => interpreter.binary('^', self, others(args, interpreter)[0]!),
  ],
  issubset: ['*others', (self, args, interpreter) => interpreter.compare('<=', self, others(args, interpreter)[0]!)],
  issuperset: ['*others', (self, args, interpreter) => interpreter.compare('>=', self, others(args, interpreter)[0]!)],
  isdisjoint: [
    '*others',
    (self, args, interpreter) =>
      !others(args, interpreter)[0]!
        .items()
        .some((item) => self.has(item)),
  ],
  __len__: ['', (self) => BigInt(self.size)],
  __iter__: ['', (self) => new PyIterator(self.items()[Symbol.iterator](), 'set_iterator')],
  __contains__: ['item, /', (self, args) => self.has(args.value('item'))],
};

export const frozenSetMethods = setReading;

export const setMethods: Record<string, MethodRow<PySet>> = {
  ...setReading,
  add: ['item, /', (self, args) => self.add(args.value('item'))],
  clear: ['', (self) => self.clear()],
  discard: ['item, /', (self, args) => void self.delete(args.value('item'))],
  remove: [
    'item, /',
    (self, args) => {
      if (!self.delete(args.value('item'))) throw keyError(args.value('item'));
    },
  ],
  pop: [
    '',
    (self) => {
      const [first] = self.items();
      if (first === undefined) throw keyError('pop from an empty set');
      self.delete(first);
      return first;
    },
  ],
  update: [
    '*others',
    (self, args, interpreter) => {
      for (const other of others(args, interpreter)) for (const item of other.items()) self.add(item);
    },
  ],
  difference_update: [
    '*others',
    (self, args, interpreter) => {
      for (const other of others(args, interpreter)) for (const item of other.items()) self.delete(item);
    },
  ],
  intersection_update: [
    '*others',
    (self, args, interpreter) => {
      for (const other of others(args, interpreter))
        for (const item of self.items()) if (!other.has(item)) self.delete(item);
    },
  ],
  __init__: [
    'iterable=(), /',
    (self, args, interpreter) => {
      self.clear();
      for (const item of interpreter.list(args.value('iterable'))) self.add(item);
    },
  ],
};
