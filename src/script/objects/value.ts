import { PythonError } from '../../common/errors';
import type { Interpreter } from './interpreter';

/** Any Python value: None is `null`, int is `bigint`, float is `number`, bool and str are JavaScript's. */
export type PyValue = null | boolean | bigint | number | string | PyObject;

/** What a dict stores a value under: equal Python keys (1 == 1.0 == True) have the same key. */
export type HashKey = null | bigint | number | string | PyObject;

/**
 * Every name that native code has given to a member or a parameter. Instances keep many of their parameters as
 * attributes, so a name that is not among these is one that hardly any native object has.
 */
export const nativeNames = new Set<string>();

let nextIdentity = 1n;

/** Everything in Python that is not None, bool, int, float or str. */
export abstract class PyObject {
  /** The attributes set on this object; `null` when its class keeps none. */
  attributes: Map<string, PyValue> | null = null;
  private identity: bigint | undefined;

  abstract pyClass: PyClass;

  /** A number that no other object has, as `id()` gives. */
  get id(): bigint {
    this.identity ??= 0x7f0000000000n + nextIdentity++ * 16n;
    return this.identity;
  }

  /** The key of this object in dicts and sets; itself where equality is identity. */
  hashKey(): HashKey {
    return this;
  }
}

let classVersion = 0;

/** A class: built in, native or of the script. */
export class PyClass extends PyObject {
  readonly mro: readonly PyClass[];
  /** The class of this class (`type`, or what a native enum uses). */
  pyClass: PyClass;
  /** The module the class says it is from; `__main__` for the script's. */
  module = 'builtins';
  qualifiedName: string;
  /** The interpreter whose script defined the class; `null` for built-in and native classes. */
  owner: Interpreter | null = null;
  /** Makes an empty instance for a class (this one or one derived from it); inherited. */
  allocate: ((pyClass: PyClass) => PyObject) | null = null;
  /** True where instances compare by value in `==` but are keys by identity (tensors). */
  identityHash = false;
  documentation: string | null = null;
  /** The abstract methods an instance would lack; empty when the class can be instantiated. */
  abstractMethods: readonly string[] = [];
  /** Called with every class that a script derives from this one, once it is made; inherited. */
  subclassHook: ((derived: PyClass, interpreter: Interpreter) => void) | null = null;
  private readonly cache = new Map<string, PyValue | undefined>();
  private cacheVersion = -1;

  constructor(
    readonly name: string,
    readonly bases: readonly PyClass[],
    readonly members: Map<string, PyValue> = new Map(),
    metaclass?: PyClass,
  ) {
    super();
    this.qualifiedName = name;
    this.pyClass = metaclass ?? bases[0]?.pyClass ?? this;
    this.mro = [this, ...linearize(name, bases)];
    this.identityHash = bases.some((base) => base.identityHash);
  }

  /** The attribute of that name in the first class of the method resolution order that has it. */
  lookup(name: string): PyValue | undefined {
    if (this.cacheVersion !== classVersion) {
      this.cache.clear();
      this.cacheVersion = classVersion;
    }
    const known = this.cache.get(name);
    if (known !== undefined || this.cache.has(name)) return known;
    let found: PyValue | undefined;
    for (const entry of this.mro) {
      found = entry.members.get(name);
      if (found !== undefined) break;
    }
    this.cache.set(name, found);
    return found;
  }

  /** Sets or (with `undefined`) deletes a member, and forgets every cached look-up. */
  setMember(name: string, value: PyValue | undefined): void {
    if (this.owner === null) nativeNames.add(name);
    if (value === undefined) this.members.delete(name);
    else this.members.set(name, value);
    classVersion++;
  }

  isSubclassOf(other: PyClass): boolean {
    return this === other || this.mro.includes(other);
  }

  /** The nearest `allocate` of the method resolution order. */
  allocator(): ((pyClass: PyClass) => PyObject) | null {
    for (const entry of this.mro) if (entry.allocate !== null) return entry.allocate;
    return null;
  }
}

/** C3 linearization of the bases. */
function linearize(name: string, bases: readonly PyClass[]): PyClass[] {
  const sequences = [...bases.map((base) => [...base.mro]), [...bases]].filter((sequence) => sequence.length > 0);
  const result: PyClass[] = [];
  while (sequences.some((sequence) => sequence.length > 0)) {
    const head = sequences
      .map((sequence) => sequence[0])
      .find((candidate) => candidate !== undefined && !sequences.some((sequence) => sequence.indexOf(candidate) > 0));
    if (head === undefined) {
      throw new PythonError(
        'TypeError',
        `Cannot create a consistent method resolution\norder (MRO) for bases ${bases.map((base) => base.name).join(', ')}`,
        { hint: `The bases of class ${name} are in an order that contradicts their own.` },
      );
    }
    result.push(head);
    for (const sequence of sequences) if (sequence[0] === head) sequence.shift();
  }
  return result;
}

/** An instance of a script's class, or of a native class that keeps its own state in `native`. */
export class PyInstance extends PyObject {
  override attributes: Map<string, PyValue> = new Map();
  /** The state of a native class that this instance is of or derives from. */
  native: unknown = undefined;

  constructor(public pyClass: PyClass) {
    super();
  }

  override hashKey(): HashKey {
    const own = customHashKey(this);
    return own === this && isScalar(this) ? (this.native as HashKey) : own;
  }
}

/** A key by the class's own `__hash__`; the dict then asks `__eq__`. Native classes are keys by identity. */
export class CustomKey {
  constructor(
    readonly value: PyObject,
    readonly hash: bigint,
    readonly owner: Interpreter,
  ) {}
}

/** True for an instance of a class derived from int, float or str, which has the scalar in `native`. */
function isScalar({ native, pyClass }: PyInstance): boolean {
  if (typeof native !== 'string' && typeof native !== 'bigint' && typeof native !== 'number') return false;
  return pyClass.mro.some(({ name, module }) => module === 'builtins' && ['str', 'int', 'float'].includes(name));
}

const customKeys = new WeakMap<Interpreter, Map<bigint, PyObject[]>>();

function customHashKey(value: PyInstance): HashKey {
  const { pyClass } = value;
  const owner = pyClass.owner;
  if (owner === null || pyClass.identityHash) return value;
  const hash = pyClass.lookup('__hash__');
  if (hash === null) throw new PythonError('TypeError', `unhashable type: '${pyClass.name}'`);
  if (hash === undefined || !(hash instanceof PyObject) || hash === defaultHash.method) return value;
  const number = owner.call(hash, [value]);
  if (typeof number !== 'bigint') throw new PythonError('TypeError', '__hash__ method should return an integer');
  let buckets = customKeys.get(owner);
  if (buckets === undefined) {
    buckets = new Map();
    customKeys.set(owner, buckets);
  }
  const bucket = buckets.get(number);
  if (bucket === undefined) {
    buckets.set(number, [value]);
    return value;
  }
  const representative = bucket.find((candidate) => candidate === value || owner.equals(candidate, value));
  if (representative !== undefined) return representative;
  bucket.push(value);
  return value;
}

/** `object.__hash__`, told apart from a class's own; set where `object` gets its methods. */
export const defaultHash: { method: PyValue } = { method: null };
