import { PythonError } from '../../common/errors';
import { Arguments, typeName } from './arguments';
import { objectClass } from './coreClasses';
import { NativeFunction, NativeProperty, PyClassMethod, PyStaticMethod } from './functions';
import type { Interpreter } from './interpreter';
import { Signature } from './signature';
import type { PyValue, PyObject } from './value';
import { PyClass } from './value';

export type NativeResult = PyValue | void;
export type FunctionBody = (args: Arguments, interpreter: Interpreter) => NativeResult;
export type MethodBody<Self> = (self: Self, args: Arguments, interpreter: Interpreter) => NativeResult;
/** A method's parameters without `self`, and its body. */
export type MethodRow<Self> = readonly [signature: string, body: MethodBody<Self>];
export type PropertyRow<Self> =
  | ((self: Self, interpreter: Interpreter) => PyValue)
  | {
      get: (self: Self, interpreter: Interpreter) => PyValue;
      set: (self: Self, value: PyValue, interpreter: Interpreter) => void;
    };

/** A function the script can call; the signature is Python's, the body gets its arguments by name. */
export function nativeFunction(name: string, signature: string, body: FunctionBody): NativeFunction {
  const parsed = Signature.parse(signature);
  return new NativeFunction(
    name,
    (args, keywords, interpreter) =>
      body(new Arguments(name, parsed, parsed.bind(name, args, keywords)), interpreter) ?? null,
    parsed,
  );
}

function boundBody<Self>(
  qualifiedName: string,
  parsed: Signature,
  body: MethodBody<Self>,
): (self: Self, args: readonly PyValue[], keywords: ReadonlyMap<string, PyValue> | null, at: Interpreter) => PyValue {
  const withSelf = new Signature([{ name: 'self', kind: 'positional', defaultValue: undefined }, ...parsed.parameters]);
  return (self, args, keywords, interpreter) => {
    // Counting `self` first gives CPython's numbers in the errors.
    const bound = withSelf.bind(qualifiedName, [null, ...args], keywords);
    return body(self, new Arguments(qualifiedName, withSelf, bound), interpreter) ?? null;
  };
}

/** A method for instances of `owner`: `self` is checked and handed over apart from the arguments. */
export function nativeMethod<Self>(owner: PyClass, name: string, [signature, body]: MethodRow<Self>): NativeFunction {
  const parsed = Signature.parse(signature);
  const qualifiedName = `${owner.name}.${name}`;
  const run = boundBody(qualifiedName, parsed, body);
  const method = new NativeFunction(
    name,
    (args, keywords, interpreter) => {
      const self = args[0];
      if (self === undefined) {
        throw new PythonError('TypeError', `unbound method ${qualifiedName}() needs an argument`);
      }
      if (!interpreter.isInstance(self, owner)) {
        throw new PythonError(
          'TypeError',
          `descriptor '${name}' for '${owner.name}' objects doesn't apply to a '${typeName(self)}' object`,
        );
      }
      return run(self as Self, args.slice(1), keywords, interpreter);
    },
    parsed,
    true,
  );
  method.owner = owner;
  return method;
}

export interface NativeClassRow<Self> {
  name: string;
  /** As `repr(cls)` and `cls.__module__` give it. */
  module?: string;
  bases?: readonly PyClass[];
  /** Makes an empty instance (also for classes derived in the script); default: a PyInstance. Then `__init__` runs. */
  allocate?: (pyClass: PyClass) => PyObject;
  /** By name, dunders included: `__init__`, `__call__`, `__add__`, `__getitem__`, `__getattr__`, `__repr__`, ... */
  methods?: Record<string, MethodRow<Self>>;
  properties?: Record<string, PropertyRow<Self>>;
  /** Called with the arguments only; `__new__` belongs here and gets the class first. */
  staticMethods?: Record<string, readonly [signature: string, body: FunctionBody]>;
  /** Called with the class as `cls`, which must be the signature's first parameter. */
  classMethods?: Record<string, readonly [signature: string, body: FunctionBody]>;
  constants?: Record<string, PyValue>;
  documentation?: string;
  identityHash?: boolean;
}

/** Adds rows to a class that exists already (how the tables of the built-in types are laid on them). */
export function addMembers<Self>(pyClass: PyClass, row: Omit<NativeClassRow<Self>, 'name'>): void {
  for (const [name, method] of Object.entries(row.methods ?? {})) {
    pyClass.setMember(name, nativeMethod(pyClass, name, method));
  }
  for (const [name, property] of Object.entries(row.properties ?? {})) {
    const get = typeof property === 'function' ? property : property.get;
    const set = typeof property === 'function' ? null : property.set;
    pyClass.setMember(
      name,
      new NativeProperty(
        name,
        (self, interpreter) => get(self as Self, interpreter),
        set === null ? null : (self, value, interpreter) => set(self as Self, value, interpreter),
      ),
    );
  }
  for (const [name, [signature, body]] of Object.entries(row.staticMethods ?? {})) {
    pyClass.setMember(name, new PyStaticMethod(nativeFunction(name, signature, body)));
  }
  for (const [name, [signature, body]] of Object.entries(row.classMethods ?? {})) {
    pyClass.setMember(name, new PyClassMethod(nativeFunction(`${pyClass.name}.${name}`, signature, body)));
  }
  for (const [name, value] of Object.entries(row.constants ?? {})) pyClass.setMember(name, value);
}

/**
 * A class of ours that scripts can use and derive from. `Self` is what `allocate` makes: a PyObject subclass of
 * your own, or PyInstance with its state in `native`.
 */
export function nativeClass<Self = PyObject>(row: NativeClassRow<Self>): PyClass {
  const pyClass = new PyClass(row.name, row.bases ?? [objectClass]);
  pyClass.module = row.module ?? 'builtins';
  pyClass.allocate = row.allocate ?? null;
  pyClass.documentation = row.documentation ?? null;
  if (row.identityHash !== undefined) pyClass.identityHash = row.identityHash;
  addMembers(pyClass, row);
  return pyClass;
}
