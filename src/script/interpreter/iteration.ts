import { PythonError } from '../../common/errors';
import { typeName } from '../objects/arguments';
import { PyBytes, PyDict, PyList, PyRange, PySet, PySlice, PyTuple } from '../objects/containers';
import { exceptionClass, makeException, PyException } from '../objects/exceptions';
import { PyIterator } from '../objects/functions';
import type { PyValue } from '../objects/value';
import { PyClass, PyInstance, PyObject } from '../objects/value';
import type { Globals } from './base';
import { Frame } from './base';
import { PyGenerator } from './generators';
import { OperatorLayer } from './operators';
import { plainText } from './scalars';

/** Displays, generators and iteration. */
export abstract class IterationLayer extends OperatorLayer {
  tuple(items: PyValue[]): PyTuple {
    return new PyTuple(items);
  }

  list_(items: PyValue[]): PyList {
    return new PyList(items);
  }

  set_(items: PyValue[]): PySet {
    return new PySet(items);
  }

  /** A dict display; `**value` comes as a list of pairs. */
  dict_(parts: readonly (readonly PyValue[] | readonly (readonly [PyValue, PyValue])[])[]): PyDict {
    const result = new PyDict();
    for (const part of parts) {
      if (part.length > 0 && Array.isArray(part[0])) {
        for (const [key, value] of part as readonly (readonly [PyValue, PyValue])[]) result.set(key, value);
      } else if (part.length === 2) result.set(part[0] as PyValue, part[1] as PyValue);
    }
    return result;
  }

  bytes(data: readonly number[]): PyBytes {
    return new PyBytes(Uint8Array.from(data));
  }

  slice(start: PyValue, stop: PyValue, step: PyValue): PySlice {
    return new PySlice(start, stop, step);
  }

  generator(
    globals: Globals,
    name: string,
    line: number,
    view: () => Record<string, PyValue | undefined>,
    body: (frame: Frame) => Generator<PyValue, PyValue | undefined, PyValue>,
    setter?: (name: string, value: PyValue) => boolean,
  ): PyGenerator {
    const frame = new Frame(name, line, view, globals !== this.globals, setter);
    return new PyGenerator(this, frame, body(frame));
  }

  /** `yield from`. */
  *delegate(_frame: Frame, target: PyValue): Generator<PyValue, PyValue, PyValue> {
    const source = this.iterate(target);
    if (!(source instanceof PyGenerator)) {
      for (let step = source.next(); step.done !== true; step = source.next()) yield step.value;
      return null;
    }
    let step = source.next();
    while (step.done !== true) {
      let sent: PyValue;
      try {
        sent = yield step.value;
      } catch (error) {
        const exception = this.asPython(error);
        if (exception === null) throw error;
        step = source.throw(exception);
        continue;
      }
      step = source.send(sent);
    }
    return source.result;
  }

  /** An instance of a class derived from str that leaves the method to str. */
  protected isPlainText(target: PyValue, name: string): boolean {
    return target instanceof PyInstance && plainText(target) !== target && target.pyClass.lookup(name) === undefined;
  }

  iterate(target: PyValue): Iterator<PyValue> {
    if (this.guard !== null) this.guard.iterate(target);
    if (typeof target === 'string') return target[Symbol.iterator]();
    if (this.isPlainText(target, '__iter__')) return this.iterate(plainText(target));
    if (target instanceof PyGenerator) return target;
    if (target instanceof PyIterator) return target.source;
    const pyClass = this.classOf(target);
    const isPlain = pyClass.owner === null;
    if (isPlain || pyClass.lookup('__iter__') === undefined) {
      const direct = this.builtinIterator(target);
      if (direct !== null) return direct;
    }
    const member = pyClass.lookup('__iter__');
    if (member !== undefined && member !== null) {
      const made = this.callMember(member, target, []);
      if (made === target && !(made instanceof PyGenerator)) return this.nextIterator(made);
      return made instanceof PyGenerator || made instanceof PyIterator ? this.iterate(made) : this.nextIterator(made);
    }
    if (pyClass.lookup('__getitem__') !== undefined && !(target instanceof PyClass)) return this.indexIterator(target);
    throw new PythonError('TypeError', `'${typeName(target)}' object is not iterable`);
  }

  private builtinIterator(target: PyValue): Iterator<PyValue> | null {
    if (target instanceof PyList) {
      let index = 0;
      return {
        next: () =>
          index < target.items.length ? { done: false, value: target.items[index++]! } : { done: true, value: null },
      };
    }
    if (target instanceof PyTuple) return target.items[Symbol.iterator]();
    if (target instanceof PyRange) return rangeIterator(target);
    if (target instanceof PyDict) return keyIterator(target);
    if (target instanceof PySet) return target.items()[Symbol.iterator]();
    if (target instanceof PyBytes) return Array.from(target.data, (byte) => BigInt(byte))[Symbol.iterator]();
    return null;
  }

  /** Over an object that has `__next__`. */
  private nextIterator(target: PyValue): Iterator<PyValue> {
    const member = this.special(target, '__next__');
    if (member === undefined) {
      throw new PythonError('TypeError', `iter() returned non-iterator of type '${typeName(target)}'`);
    }
    return {
      next: () => {
        try {
          return { done: false, value: this.callMember(member, target, []) };
        } catch (error) {
          const exception = this.asPython(error);
          if (exception?.value.pyClass.isSubclassOf(exceptionClass('StopIteration')) !== true) throw error;
          return { done: true, value: null };
        }
      },
    };
  }

  private indexIterator(target: PyValue): Iterator<PyValue> {
    let index = 0n;
    return {
      next: () => {
        try {
          return { done: false, value: this.getItem(target, index++) };
        } catch (error) {
          const exception = this.asPython(error);
          if (exception?.value.pyClass.isSubclassOf(exceptionClass('IndexError')) !== true) throw error;
          return { done: true, value: null };
        }
      },
    };
  }

  /** `next(target)`, StopIteration as an exception. */
  nextItem(target: PyValue): PyValue {
    if (target instanceof PyGenerator || target instanceof PyIterator) {
      const source: Iterator<PyValue> = target instanceof PyIterator ? target.source : target;
      const step = source.next();
      if (step.done !== true) return step.value;
      const result = target instanceof PyGenerator ? target.result : null;
      throw new PyException(makeException(exceptionClass('StopIteration'), result === null ? [] : [result]));
    }
    const result = this.trySpecial(target, '__next__', []);
    if (result === undefined) throw new PythonError('TypeError', `'${typeName(target)}' object is not an iterator`);
    return result;
  }

  list(target: PyValue): PyValue[] {
    if ((target instanceof PyList || target instanceof PyTuple) && target.pyClass.owner === null)
      return [...target.items];
    const result: PyValue[] = [];
    const iterator = this.iterate(target);
    for (let step = iterator.next(); step.done !== true; step = iterator.next()) result.push(step.value);
    return result;
  }

  length(target: PyValue): number {
    if (typeof target === 'string') return /[\ud800-\udfff]/.test(target) ? [...target].length : target.length;
    if (this.isPlainText(target, '__len__')) return this.length(plainText(target));
    const member = this.special(target, '__len__');
    if (member !== undefined && this.classOf(target).owner !== null) return this.customLength(target, member);
    if (target instanceof PyList || target instanceof PyTuple) return target.items.length;
    if (target instanceof PyDict || target instanceof PySet) return target.size;
    if (target instanceof PyRange) return Number(target.length);
    if (target instanceof PyBytes) return target.data.length;
    if (member === undefined) throw new PythonError('TypeError', `object of type '${typeName(target)}' has no len()`);
    return this.customLength(target, member);
  }

  private customLength(target: PyValue, member: PyValue): number {
    const result = this.callMember(member, target, []);
    if (typeof result !== 'bigint') {
      throw new PythonError('TypeError', `'${typeName(result)}' object cannot be interpreted as an integer`);
    }
    if (result < 0n) throw new PythonError('ValueError', '__len__() should return >= 0');
    return Number(result);
  }

  unpack(value: PyValue, count: number, star: number): PyValue[] {
    if (typeof value !== 'string' && !(value instanceof PyObject)) {
      throw new PythonError('TypeError', `cannot unpack non-iterable ${typeName(value)} object`);
    }
    let items: PyValue[];
    if (star < 0 && !(value instanceof PyList || value instanceof PyTuple)) {
      items = [];
      const iterator = this.unpackable(value);
      for (let step = iterator.next(); step.done !== true; step = iterator.next()) {
        items.push(step.value);
        if (items.length > count) break;
      }
      if (items.length > count) throw new PythonError('ValueError', `too many values to unpack (expected ${count})`);
    } else items = this.list(value);
    if (star < 0) {
      if (items.length > count) throw new PythonError('ValueError', `too many values to unpack (expected ${count})`);
      if (items.length < count) {
        throw new PythonError('ValueError', `not enough values to unpack (expected ${count}, got ${items.length})`);
      }
      return items;
    }
    const fixed = count - 1;
    if (items.length < fixed) {
      throw new PythonError(
        'ValueError',
        `not enough values to unpack (expected at least ${fixed}, got ${items.length})`,
      );
    }
    const after = count - star - 1;
    const middle = items.slice(star, items.length - after);
    return [...items.slice(0, star), new PyList(middle), ...items.slice(items.length - after)];
  }

  private unpackable(value: PyValue): Iterator<PyValue> {
    if (
      value instanceof PyInstance &&
      this.special(value, '__iter__') === undefined &&
      this.special(value, '__getitem__') === undefined
    ) {
      throw new PythonError('TypeError', `cannot unpack non-iterable ${typeName(value)} object`);
    }
    return this.iterate(value);
  }
}

function rangeIterator(range: PyRange): Iterator<PyValue> {
  let next = range.start;
  const { stop, step } = range;
  return {
    next: () => {
      if (step > 0n ? next >= stop : next <= stop) return { done: true, value: null };
      const value = next;
      next += step;
      return { done: false, value };
    },
  };
}

function keyIterator(dict: PyDict): Iterator<PyValue> {
  const entries = dict.liveEntries();
  const { size } = dict;
  return {
    next: () => {
      if (dict.size !== size) throw new PythonError('RuntimeError', 'dictionary changed size during iteration');
      const step = entries.next();
      return step.done === true ? { done: true, value: null } : { done: false, value: step.value[0] };
    },
  };
}
