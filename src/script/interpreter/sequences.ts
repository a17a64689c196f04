import { PythonError } from '../../common/errors';
import { typeName, unwrap } from '../objects/arguments';
import { PyBytes, PyDict, PyList, PyRange, PySet, PySlice, PyTuple } from '../objects/containers';
import { exceptionClass, makeException, PyException } from '../objects/exceptions';
import { PyClassMethod, PyIterator } from '../objects/functions';
import type { PyValue } from '../objects/value';
import { PyClass, PyInstance, PyObject } from '../objects/value';
import type { Globals } from './base';
import { Frame } from './base';
import { PyGenerator } from './generators';
import { OperatorLayer, plainText } from './operators';

/** A slice on a sequence of that length: first index, step and how many. */
export interface ResolvedSlice {
  start: number;
  stop: number;
  step: number;
  count: number;
}

/** Iteration, items and slices. */
export abstract class SequenceLayer extends OperatorLayer {
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
  ): PyGenerator {
    const frame = new Frame(name, line, view, globals !== this.globals);
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
  private isPlainText(target: PyValue, name: string): boolean {
    return target instanceof PyInstance && plainText(target) !== target && target.pyClass.lookup(name) === undefined;
  }

  iterate(target: PyValue): Iterator<PyValue> {
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

  /** An int index within a sequence, counted from the end when negative. */
  indexIn(key: PyValue, length: number, kind: string, action = ''): number {
    const index = this.toIndex(key);
    if (index === undefined) {
      throw new PythonError('TypeError', `${kind} indices must be integers or slices, not ${typeName(key)}`);
    }
    const number = Number(index < 0n ? index + BigInt(length) : index);
    if (number < 0 || number >= length) throw new PythonError('IndexError', `${kind}${action} index out of range`);
    return number;
  }

  /** An int, also of an object with `__index__`. */
  toIndex(value: PyValue): bigint | undefined {
    const plain = unwrap(value);
    if (typeof plain === 'bigint') return plain;
    if (typeof plain === 'boolean') return plain ? 1n : 0n;
    if (!(plain instanceof PyObject)) return undefined;
    const result = this.trySpecial(plain, '__index__', []);
    return typeof result === 'bigint' ? result : undefined;
  }

  resolveSlice(slice: PySlice, length: number): ResolvedSlice {
    const bound = (value: PyValue): number | null => {
      if (value === null) return null;
      const index = this.toIndex(value);
      if (index === undefined) {
        throw new PythonError('TypeError', 'slice indices must be integers or None or have an __index__ method');
      }
      return Number(index);
    };
    const step = bound(slice.step) ?? 1;
    if (step === 0) throw new PythonError('ValueError', 'slice step cannot be zero');
    const low = step > 0 ? 0 : -1;
    const high = step > 0 ? length : length - 1;
    const clamp = (value: number): number => Math.min(high, Math.max(low, value < 0 ? value + length : value));
    const startBound = bound(slice.start);
    const stopBound = bound(slice.stop);
    const start = startBound === null ? (step > 0 ? low : high) : clamp(startBound);
    const stop = stopBound === null ? (step > 0 ? high : low) : clamp(stopBound);
    const count = Math.max(0, Math.ceil((stop - start) / step));
    return { start, stop, step, count };
  }

  pick<T>(items: ArrayLike<T>, slice: PySlice): T[] {
    const { start, step, count } = this.resolveSlice(slice, items.length);
    return Array.from({ length: count }, (_, i) => items[start + i * step]!);
  }

  item(target: PyValue, key: PyValue): PyValue {
    return this.getItem(target, key);
  }

  getItem(target: PyValue, key: PyValue): PyValue {
    if (typeof target === 'string') return this.characterAt(target, key);
    if (this.isPlainText(target, '__getitem__')) return this.getItem(plainText(target), key);
    if (target instanceof PyObject && (target.pyClass.owner === null || !this.hasOwnItem(target))) {
      if (target instanceof PyList || target instanceof PyTuple) {
        const isTuple = target instanceof PyTuple;
        if (key instanceof PySlice) {
          const items = this.pick(target.items, key);
          return isTuple ? new PyTuple(items) : new PyList(items);
        }
        return target.items[this.indexIn(key, target.items.length, isTuple ? 'tuple' : 'list')]!;
      }
      if (target instanceof PyDict) return this.dictItem(target, key);
      if (target instanceof PyRange) return this.rangeItem(target, key);
      if (target instanceof PyBytes) {
        if (key instanceof PySlice) return new PyBytes(Uint8Array.from(this.pick(target.data, key)));
        return BigInt(target.data[this.indexIn(key, target.data.length, 'index')]!);
      }
    }
    if (target instanceof PyClass) {
      const member = target.lookup('__class_getitem__');
      if (member instanceof PyClassMethod) return this.call(member.callee, [target, key]);
      const meta = target.pyClass.lookup('__getitem__');
      if (meta !== undefined) return this.callMember(meta, target, [key]);
      if (target.owner === null || member !== undefined) return target;
      throw new PythonError('TypeError', `type '${target.name}' is not subscriptable`);
    }
    const result = this.trySpecial(target, '__getitem__', [key]);
    if (result === undefined) throw new PythonError('TypeError', `'${typeName(target)}' object is not subscriptable`);
    return result;
  }

  private hasOwnItem(target: PyObject): boolean {
    return target.pyClass.lookup('__getitem__') !== undefined;
  }

  private characterAt(text: string, key: PyValue): PyValue {
    const wide = /[\ud800-\udfff]/.test(text);
    const characters: ArrayLike<string> = wide ? [...text] : text;
    if (key instanceof PySlice) {
      const { start, step, count } = this.resolveSlice(key, characters.length);
      if (step === 1 && !wide) return text.slice(start, start + count);
      return this.pick(characters, key).join('');
    }
    if (this.toIndex(key) === undefined) {
      throw new PythonError('TypeError', `string indices must be integers, not '${typeName(key)}'`);
    }
    return characters[this.indexIn(key, characters.length, 'string')]!;
  }

  private dictItem(target: PyDict, key: PyValue): PyValue {
    const found = target.get(key);
    if (found !== undefined) return found;
    const missing = target.pyClass.lookup('__missing__');
    if (missing !== undefined) return this.callMember(missing, target, [key]);
    throw new PyException(makeException(exceptionClass('KeyError'), [key]));
  }

  private rangeItem(target: PyRange, key: PyValue): PyValue {
    const length = Number(target.length);
    if (key instanceof PySlice) {
      const { start, stop, step } = this.resolveSlice(key, length);
      const at = (index: number): bigint => target.start + BigInt(index) * target.step;
      return new PyRange(at(start), at(stop), target.step * BigInt(step));
    }
    return target.start + BigInt(this.indexIn(key, length, 'range object')) * target.step;
  }

  setItem(target: PyValue, key: PyValue, value: PyValue): void {
    if ((target instanceof PyDict || target instanceof PyList) && target.pyClass.owner === null) {
      this.plainSetItem(target, key, value);
      return;
    }
    const custom = this.special(target, '__setitem__');
    if (custom !== undefined) {
      this.callMember(custom, target, [key, value]);
      return;
    }
    this.plainSetItem(target, key, value);
  }

  /** `list.__setitem__` and `dict.__setitem__`. */
  plainSetItem(target: PyValue, key: PyValue, value: PyValue): void {
    if (target instanceof PyDict) {
      target.set(key, value);
    } else if (target instanceof PyList) {
      if (key instanceof PySlice) this.setSlice(target, key, this.list(value));
      else target.items[this.indexIn(key, target.items.length, 'list', ' assignment')] = value;
    } else throw new PythonError('TypeError', `'${typeName(target)}' object does not support item assignment`);
  }

  private setSlice(target: PyList, slice: PySlice, values: PyValue[]): void {
    const { start, step, count } = this.resolveSlice(slice, target.items.length);
    if (step === 1) {
      target.items.splice(start, count, ...values);
      return;
    }
    if (values.length !== count) {
      throw new PythonError(
        'ValueError',
        `attempt to assign sequence of size ${values.length} to extended slice of size ${count}`,
      );
    }
    values.forEach((value, i) => (target.items[start + i * step] = value));
  }

  deleteItem(target: PyValue, key: PyValue): void {
    const custom = this.special(target, '__delitem__');
    if (custom !== undefined) this.callMember(custom, target, [key]);
    else this.plainDeleteItem(target, key);
  }

  plainDeleteItem(target: PyValue, key: PyValue): void {
    if (target instanceof PyDict) {
      if (!target.delete(key)) throw new PyException(makeException(exceptionClass('KeyError'), [key]));
    } else if (target instanceof PyList) {
      if (key instanceof PySlice) {
        const { start, step, count } = this.resolveSlice(key, target.items.length);
        const gone = new Set(Array.from({ length: count }, (_, i) => start + i * step));
        target.items = target.items.filter((_, index) => !gone.has(index));
      } else target.items.splice(this.indexIn(key, target.items.length, 'list', ' assignment'), 1);
    } else throw new PythonError('TypeError', `'${typeName(target)}' object doesn't support item deletion`);
  }

  matchSequence(subject: PyValue, count: number, star: number): PyValue[] | null {
    if (!(subject instanceof PyList || subject instanceof PyTuple || subject instanceof PyRange)) return null;
    const items = this.list(subject);
    if (star < 0 ? items.length !== count : items.length < count - 1) return null;
    return this.unpack(subject, count, star);
  }

  /** The values of the keys and then, as a dict, the rest. */
  matchMapping(subject: PyValue, keys: readonly PyValue[]): PyValue[] | null {
    if (!(subject instanceof PyDict)) return null;
    const values: PyValue[] = [];
    for (const key of keys) {
      const value = subject.get(key);
      if (value === undefined) return null;
      values.push(value);
    }
    const rest = new PyDict(subject.items());
    for (const key of keys) rest.delete(key);
    return [...values, rest];
  }

  matchClass(subject: PyValue, type: PyValue, positional: number, names: readonly string[]): PyValue[] | null {
    if (!(type instanceof PyClass)) throw new PythonError('TypeError', 'called match pattern must be a class');
    if (!this.isInstance(subject, type)) return null;
    const all: string[] = [];
    if (positional > 0) {
      const match = type.lookup('__match_args__');
      if (match instanceof PyTuple) all.push(...match.items.slice(0, positional).map(String));
      else if (positional === 1 && type.owner === null) return [subject, ...this.named(subject, names)];
      if (all.length < positional) {
        throw new PythonError(
          'TypeError',
          `${type.name}() accepts ${all.length} positional sub-patterns (${positional} given)`,
        );
      }
    }
    const values = this.named(subject, [...all, ...names]);
    return values.length === all.length + names.length ? values : null;
  }

  private named(subject: PyValue, names: readonly string[]): PyValue[] {
    const values = names.map((name) => this.findAttribute(subject, name));
    return values.filter((value) => value !== undefined);
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
