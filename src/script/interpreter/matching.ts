import { PythonError } from '../../common/errors';
import { PyDict, PyList, PyRange, PyTuple } from '../objects/containers';
import type { PyValue } from '../objects/value';
import { PyClass } from '../objects/value';
import { SequenceLayer } from './sequences';

/** What the patterns of `match` ask. */
export abstract class MatchLayer extends SequenceLayer {
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
