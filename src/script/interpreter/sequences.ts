import { PythonError } from '../../common/errors';
import { typeName, unwrap } from '../objects/arguments';
import { PyBytes, PyDict, PyList, PyRange, PySlice, PyTuple } from '../objects/containers';
import { exceptionClass, makeException, PyException } from '../objects/exceptions';
import { PyClassMethod } from '../objects/functions';
import type { PyValue } from '../objects/value';
import { PyClass, PyObject } from '../objects/value';
import { IterationLayer } from './iteration';
import { plainText } from './scalars';

/** A slice on a sequence of that length: first index, step and how many. */
export interface ResolvedSlice {
  start: number;
  stop: number;
  step: number;
  count: number;
}

/** Items and slices. */
export abstract class SequenceLayer extends IterationLayer {
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
          return isTuple ? target.derive(items) : new PyList(items);
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
}
