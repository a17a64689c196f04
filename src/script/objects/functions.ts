import {
  classMethodClass,
  functionClass,
  iteratorClass,
  methodClass,
  moduleClass,
  nativeFunctionClass,
  propertyClass,
  staticMethodClass,
} from './coreClasses';
import type { Interpreter } from './interpreter';
import type { Signature } from './signature';
import type { HashKey, PyClass, PyValue } from './value';
import { PyObject } from './value';

export type Keywords = ReadonlyMap<string, PyValue> | null;
/** The compiled body of a script's function; it binds its own arguments. */
export type CompiledBody = (args: readonly PyValue[], keywords: Keywords) => PyValue;
export type NativeBody = (args: readonly PyValue[], keywords: Keywords, interpreter: Interpreter) => PyValue;

/** A function of the script. */
export class PyFunction extends PyObject {
  pyClass = functionClass;
  documentation: PyValue = null;

  constructor(
    public name: string,
    public qualifiedName: string,
    readonly signature: Signature,
    readonly invoke: CompiledBody,
    readonly line: number,
    /** It only computes: it may be called to look ahead. */
    readonly pure: boolean,
  ) {
    super();
    this.attributes = new Map();
  }
}

/** A function of ours. `method` ones bind `self` when they are looked up on an instance. */
export class NativeFunction extends PyObject {
  pyClass = nativeFunctionClass;
  /** The class whose instances it takes as its first argument. */
  owner: PyClass | null = null;

  constructor(
    readonly name: string,
    readonly body: NativeBody,
    /** `null` when the body looks at its arguments itself. */
    readonly signature: Signature | null = null,
    readonly method = false,
  ) {
    super();
    this.attributes = new Map();
  }
}

/** A function with its `self`. */
export class PyBoundMethod extends PyObject {
  pyClass = methodClass;

  constructor(
    readonly callee: PyFunction | NativeFunction | PyObject,
    readonly self: PyValue,
  ) {
    super();
  }

  override hashKey(): HashKey {
    return this;
  }
}

export class PyProperty extends PyObject {
  pyClass = propertyClass;

  constructor(
    readonly getter: PyValue,
    readonly setter: PyValue = null,
    readonly deleter: PyValue = null,
  ) {
    super();
  }
}

/** An attribute that native code computes. */
export class NativeProperty extends PyObject {
  pyClass = propertyClass;

  constructor(
    readonly name: string,
    readonly get: (self: PyObject, interpreter: Interpreter) => PyValue,
    readonly set: ((self: PyObject, value: PyValue, interpreter: Interpreter) => void) | null = null,
  ) {
    super();
  }
}

export class PyStaticMethod extends PyObject {
  pyClass = staticMethodClass;

  constructor(readonly callee: PyValue) {
    super();
  }
}

export class PyClassMethod extends PyObject {
  pyClass = classMethodClass;

  constructor(readonly callee: PyValue) {
    super();
  }
}

export class PyModule extends PyObject {
  pyClass = moduleClass;
  override attributes: Map<string, PyValue>;
  /** Asked when `attributes` has no such name (PEP 562). */
  missing: ((name: string) => PyValue | undefined) | null = null;

  constructor(
    readonly name: string,
    members: Record<string, PyValue> = {},
  ) {
    super();
    this.attributes = new Map(Object.entries(members));
  }
}

/** A Python iterator over a JavaScript one. */
export class PyIterator extends PyObject {
  pyClass: PyClass;

  constructor(
    readonly source: Iterator<PyValue>,
    typeName = 'iterator',
  ) {
    super();
    this.pyClass = iteratorClass(typeName);
  }
}
