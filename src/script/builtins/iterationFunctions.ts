import { PythonError } from '../../common/errors';
import { typeName } from '../objects/arguments';
import type { Arguments } from '../objects/arguments';
import { PyDict, PyList, PyTuple } from '../objects/containers';
import { PyIterator } from '../objects/functions';
import type { Interpreter } from '../objects/interpreter';
import type { FunctionBody } from '../objects/native';
import type { PyValue } from '../objects/value';
import { PyObject } from '../objects/value';
import { runtimeOf } from './access';
import { sortValues } from './sorting';

export type BuiltinRow = readonly [signature: string, body: FunctionBody];

function extreme(name: 'min' | 'max'): BuiltinRow {
  return [
    '*args, key=None, default=...',
    (args, interpreter) => {
      const given = args.rest();
      if (given.length === 0) throw new PythonError('TypeError', `${name} expected at least 1 argument, got 0`);
      const items = given.length === 1 ? interpreter.list(given[0]!) : given;
      if (items.length === 0) {
        if (args.given('default')) return args.value('default');
        throw new PythonError('ValueError', `${name}() arg is an empty sequence`);
      }
      const key = args.value('key');
      const rank = (item: PyValue): PyValue => (key === null ? item : interpreter.call(key, [item]));
      let best: PyValue = items[0] ?? null;
      let bestRank = rank(best);
      for (const item of items.slice(1)) {
        const own = rank(item);
        if (interpreter.isTrue(interpreter.compare(name === 'min' ? '<' : '>', own, bestRank))) {
          best = item;
          bestRank = own;
        }
      }
      return best;
    },
  ];
}

function* zipped(interpreter: Interpreter, sources: readonly PyValue[], strict: boolean): Generator<PyValue, null> {
  const iterators = sources.map((source) => interpreter.iterate(source));
  if (iterators.length === 0) return null;
  for (;;) {
    const row: PyValue[] = [];
    for (const [index, iterator] of iterators.entries()) {
      const step = iterator.next();
      if (step.done !== true) {
        row.push(step.value);
        continue;
      }
      if (strict && (index > 0 || iterators.slice(1).some((other) => other.next().done !== true))) {
        throw new PythonError(
          'ValueError',
          `zip() argument ${index + 1} is shorter than argument${index > 1 ? `s 1-${index}` : ' 1'}`,
        );
      }
      return null;
    }
    yield new PyTuple(row);
  }
}

function* mapped(interpreter: Interpreter, callee: PyValue, sources: readonly PyValue[]): Generator<PyValue, null> {
  const iterators = sources.map((source) => interpreter.iterate(source));
  for (;;) {
    const row: PyValue[] = [];
    for (const iterator of iterators) {
      const step = iterator.next();
      if (step.done === true) return null;
      row.push(step.value);
    }
    yield interpreter.call(callee, row);
  }
}

function* filtered(interpreter: Interpreter, callee: PyValue, source: PyValue): Generator<PyValue, null> {
  const iterator = interpreter.iterate(source);
  for (let step = iterator.next(); step.done !== true; step = iterator.next()) {
    if (interpreter.isTrue(callee === null ? step.value : interpreter.call(callee, [step.value]))) yield step.value;
  }
  return null;
}

function* enumerated(interpreter: Interpreter, source: PyValue, start: bigint): Generator<PyValue, null> {
  const iterator = interpreter.iterate(source);
  let index = start;
  for (let step = iterator.next(); step.done !== true; step = iterator.next()) yield new PyTuple([index++, step.value]);
  return null;
}

function every(interpreter: Interpreter, source: PyValue, wanted: boolean): boolean {
  const iterator = interpreter.iterate(source);
  for (let step = iterator.next(); step.done !== true; step = iterator.next()) {
    if (interpreter.isTrue(step.value) !== wanted) return false;
  }
  return true;
}

function* untilSentinel(interpreter: Interpreter, callee: PyValue, sentinel: PyValue): Generator<PyValue, null> {
  for (;;) {
    const value = interpreter.call(callee);
    if (interpreter.equals(value, sentinel)) return null;
    yield value;
  }
}

function sum(args: Arguments, interpreter: Interpreter): PyValue {
  let total = args.value('start');
  if (typeof total === 'string')
    throw new PythonError('TypeError', "sum() can't sum strings [use ''.join(seq) instead]");
  const iterator = interpreter.iterate(args.value('iterable'));
  for (let step = iterator.next(); step.done !== true; step = iterator.next()) {
    total = interpreter.binary('+', total, step.value);
  }
  return total;
}

function reversed(interpreter: Interpreter, value: PyValue): PyValue {
  const own = runtimeOf(interpreter).trySpecial(value, '__reversed__', []);
  if (own !== undefined) return own;
  const source = value instanceof PyDict ? new PyList(value.keys()) : value;
  if (
    typeof source !== 'string' &&
    runtimeOf(interpreter).special(source, '__len__') === undefined &&
    !(source instanceof PyList)
  ) {
    throw new PythonError('TypeError', `'${typeName(value)}' object is not reversible`);
  }
  return new PyIterator(interpreter.list(source).reverse()[Symbol.iterator](), 'list_reverseiterator');
}

/** The built-in functions that walk an iterable. */
export const iterationRows: Record<string, BuiltinRow> = {
  all: ['iterable, /', (args, interpreter) => every(interpreter, args.value('iterable'), true)],
  any: ['iterable, /', (args, interpreter) => !every(interpreter, args.value('iterable'), false)],
  enumerate: [
    'iterable, start=0',
    (args, interpreter) =>
      new PyIterator(enumerated(interpreter, args.value('iterable'), args.int('start')), 'enumerate'),
  ],
  filter: [
    'function, iterable, /',
    (args, interpreter) =>
      new PyIterator(filtered(interpreter, args.value('function'), args.value('iterable')), 'filter'),
  ],
  iter: [
    'object, sentinel=..., /',
    (args, interpreter) => {
      const value = args.value('object');
      if (args.given('sentinel'))
        return new PyIterator(untilSentinel(interpreter, value, args.value('sentinel')), 'callable_iterator');
      const own = value instanceof PyObject ? runtimeOf(interpreter).trySpecial(value, '__iter__', []) : undefined;
      return own ?? new PyIterator(interpreter.iterate(value), `${typeName(value)}_iterator`);
    },
  ],
  map: [
    'func, *iterables',
    (args, interpreter) => new PyIterator(mapped(interpreter, args.value('func'), args.rest()), 'map'),
  ],
  max: extreme('max'),
  min: extreme('min'),
  next: [
    'iterator, default=..., /',
    (args, interpreter) => {
      if (!args.given('default')) return runtimeOf(interpreter).nextItem(args.value('iterator'));
      try {
        return runtimeOf(interpreter).nextItem(args.value('iterator'));
      } catch (error) {
        if (runtimeOf(interpreter).isStopIteration(error)) return args.value('default');
        throw error;
      }
    },
  ],
  reversed: ['sequence, /', (args, interpreter) => reversed(interpreter, args.value('sequence'))],
  sorted: [
    'iterable, /, *, key=None, reverse=False',
    (args, interpreter) =>
      new PyList(
        sortValues(
          interpreter,
          interpreter.list(args.value('iterable')),
          args.value('key'),
          interpreter.isTrue(args.value('reverse')),
        ),
      ),
  ],
  sum: ['iterable, /, start=0', sum],
  zip: [
    '*iterables, strict=False',
    (args, interpreter) => new PyIterator(zipped(interpreter, args.rest(), args.bool('strict')), 'zip'),
  ],
};
