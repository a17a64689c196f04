import { PythonError } from '../../common/errors';
import {
  bytesClass,
  dictClass,
  ellipsisClass,
  frozenSetClass,
  listClass,
  notImplementedClass,
  rangeClass,
  setClass,
  sliceClass,
  tupleClass,
} from './coreClasses';
import type { HashKey, PyClass, PyValue } from './value';
import { PyObject } from './value';

export class PyList extends PyObject {
  constructor(
    public items: PyValue[] = [],
    public pyClass: PyClass = listClass,
  ) {
    super();
  }

  override hashKey(): HashKey {
    throw unhashable(this.pyClass.name);
  }
}

export class PyTuple extends PyObject {
  private key: HashKey | undefined;

  constructor(
    readonly items: readonly PyValue[] = [],
    public pyClass: PyClass = tupleClass,
  ) {
    super();
  }

  /** What slicing, joining and repeating give: a plain tuple, even from a derived class. */
  derive(items: readonly PyValue[]): PyTuple {
    return new PyTuple(items);
  }

  override hashKey(): HashKey {
    this.key ??= `\0t(${this.items.map((item) => keyText(hashKey(item))).join(',')})`;
    return this.key;
  }
}

function keyText(key: HashKey): string {
  if (key instanceof PyObject) return `o${key.id}`;
  if (typeof key === 'string') return JSON.stringify(key);
  return typeof key === 'bigint' ? `${key}` : typeof key === 'number' ? `f${key}` : 'n';
}

function unhashable(typeName: string): PythonError {
  return new PythonError('TypeError', `unhashable type: '${typeName}'`);
}

/**
 * The key of a value in dicts and sets. Raises TypeError for what Python can't hash.
 */
export function hashKey(value: PyValue): HashKey {
  switch (typeof value) {
    case 'string':
      return value.startsWith('\0') ? `\0s${value}` : value;
    case 'bigint':
      return value;
    case 'boolean':
      return value ? 1n : 0n;
    case 'number':
      return Number.isInteger(value) ? BigInt(value) : value;
    default:
      return value === null ? null : value.hashKey();
  }
}

export type DictEntries = Map<HashKey, [key: PyValue, value: PyValue]>;
export type SetEntries = Map<HashKey, PyValue>;

/** A dict in insertion order. */
export class PyDict extends PyObject {
  protected entries: DictEntries = new Map();
  /** Rises whenever a key comes, goes or gets another value. */
  revision = 0;

  constructor(
    entries: Iterable<readonly [PyValue, PyValue]> = [],
    public pyClass: PyClass = dictClass,
  ) {
    super();
    for (const [key, value] of entries) this.set(key, value);
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: PyValue): PyValue | undefined {
    return this.entries.get(hashKey(key))?.[1];
  }

  has(key: PyValue): boolean {
    return this.entries.has(hashKey(key));
  }

  set(key: PyValue, value: PyValue): void {
    const hash = hashKey(key);
    const entry = this.entries.get(hash);
    if (entry?.[1] === value) return;
    this.revision++;
    if (entry === undefined) this.entries.set(hash, [key, value]);
    else entry[1] = value;
  }

  delete(key: PyValue): boolean {
    this.revision++;
    return this.entries.delete(hashKey(key));
  }

  clear(): void {
    this.revision++;
    this.entries.clear();
  }

  keys(): PyValue[] {
    return Array.from(this.entries.values(), (entry) => entry[0]);
  }

  values(): PyValue[] {
    return Array.from(this.entries.values(), (entry) => entry[1]);
  }

  items(): [PyValue, PyValue][] {
    return Array.from(this.entries.values(), ([key, value]) => [key, value]);
  }

  /** The entries as they are: later changes leave the copy alone. */
  copyEntries(): DictEntries {
    return new Map(Array.from(this.entries, ([hash, [key, value]]) => [hash, [key, value]]));
  }

  /** Puts other entries in the place of the present ones, which it returns. */
  exchangeEntries(entries: DictEntries): DictEntries {
    const before = this.entries;
    this.entries = entries;
    this.revision++;
    return before;
  }

  /** The live entries, for iteration that follows changes. */
  liveEntries(): IterableIterator<[PyValue, PyValue]> {
    return this.entries.values();
  }

  override hashKey(): HashKey {
    throw unhashable(this.pyClass.name);
  }
}

/** A set or frozenset; iterates in insertion order, which CPython does not promise. */
export class PySet extends PyObject {
  protected entries: SetEntries = new Map();

  constructor(
    items: Iterable<PyValue> = [],
    public pyClass: PyClass = setClass,
  ) {
    super();
    for (const item of items) this.add(item);
  }

  get size(): number {
    return this.entries.size;
  }

  has(item: PyValue): boolean {
    return this.entries.has(hashKey(item));
  }

  add(item: PyValue): void {
    const key = hashKey(item);
    if (!this.entries.has(key)) this.entries.set(key, item);
  }

  delete(item: PyValue): boolean {
    return this.entries.delete(hashKey(item));
  }

  clear(): void {
    this.entries.clear();
  }

  copyEntries(): SetEntries {
    return new Map(this.entries);
  }

  /** Puts other entries in the place of the present ones, which it returns. */
  exchangeEntries(entries: SetEntries): SetEntries {
    const before = this.entries;
    this.entries = entries;
    return before;
  }

  /** The items, copied. */
  items(): PyValue[] {
    return [...this.entries.values()];
  }

  get frozen(): boolean {
    return this.pyClass.isSubclassOf(frozenSetClass);
  }

  override hashKey(): HashKey {
    if (!this.frozen) throw unhashable(this.pyClass.name);
    return `\0f(${this.items()
      .map((item) => keyText(hashKey(item)))
      .sort()
      .join(',')})`;
  }
}

export class PyBytes extends PyObject {
  pyClass = bytesClass;

  constructor(readonly data: Uint8Array) {
    super();
  }

  override hashKey(): HashKey {
    return `\0b${this.data.join(',')}`;
  }
}

export class PySlice extends PyObject {
  pyClass = sliceClass;

  constructor(
    readonly start: PyValue,
    readonly stop: PyValue,
    readonly step: PyValue,
  ) {
    super();
  }

  override hashKey(): HashKey {
    throw unhashable('slice');
  }
}

export class PyRange extends PyObject {
  pyClass = rangeClass;

  constructor(
    readonly start: bigint,
    readonly stop: bigint,
    readonly step: bigint,
  ) {
    super();
  }

  get length(): bigint {
    const span = this.step > 0n ? this.stop - this.start : this.start - this.stop;
    const stride = this.step > 0n ? this.step : -this.step;
    return span <= 0n ? 0n : (span + stride - 1n) / stride;
  }

  override hashKey(): HashKey {
    const { length } = this;
    const last = length > 1n ? this.step : 0n;
    return `\0r${length},${length > 0n ? this.start : 0n},${last}`;
  }
}

class PySingleton extends PyObject {
  constructor(
    readonly name: string,
    public pyClass: PyClass,
  ) {
    super();
  }
}

/** `...` */
export const ellipsis: PyObject = new PySingleton('Ellipsis', ellipsisClass);
/** What a binary dunder returns when it doesn't know the other operand. */
export const notImplemented: PyObject = new PySingleton('NotImplemented', notImplementedClass);
