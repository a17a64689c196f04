import { GradstepError, PythonError } from '../../common/errors';
import { PyDict, PyList, PyTuple } from './containers';
import type { Signature } from './signature';
import type { PyValue, PyObject } from './value';
import { PyInstance } from './value';

/** The name of a value's class as error messages give it. */
export function typeName(value: PyValue): string {
  switch (typeof value) {
    case 'bigint':
      return 'int';
    case 'number':
      return 'float';
    case 'boolean':
      return 'bool';
    case 'string':
      return 'str';
    default:
      return value === null ? 'NoneType' : value.pyClass.name;
  }
}

/** A scalar, also where the script derived a class from int, float or str. */
export function unwrap(value: PyValue): PyValue {
  if (value instanceof PyInstance) {
    const { native } = value;
    if (typeof native === 'bigint' || typeof native === 'number' || typeof native === 'string') return native;
  }
  return value;
}

/** The arguments of one native call, by the names of its signature. */
export class Arguments {
  constructor(
    private readonly functionName: string,
    private readonly signature: Signature,
    private readonly values: readonly (PyValue | undefined)[],
  ) {}

  private at(name: string): number {
    const index = this.signature.index.get(name);
    if (index === undefined) {
      throw new GradstepError(`${this.functionName} has no parameter ${name}.`, {
        code: 'script.signature',
        audience: 'maintainer',
      });
    }
    return index;
  }

  /** True unless the parameter has the default `...` and was left out. */
  given(name: string): boolean {
    return this.values[this.at(name)] !== undefined;
  }

  /** The value, `null` for a `...` parameter that was left out. */
  value(name: string): PyValue {
    return this.values[this.at(name)] ?? null;
  }

  isNone(name: string): boolean {
    return this.value(name) === null;
  }

  /** An int (bool counts, as in Python). */
  int(name: string): bigint {
    const value = unwrap(this.value(name));
    if (typeof value === 'bigint') return value;
    if (typeof value === 'boolean') return value ? 1n : 0n;
    throw this.wrongType(name, 'int');
  }

  /** An int as a JavaScript number. */
  index(name: string): number {
    return Number(this.int(name));
  }

  /** An int or float as float64. */
  float(name: string): number {
    const value = unwrap(this.value(name));
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
    if (typeof value === 'boolean') return value ? 1 : 0;
    throw this.wrongType(name, 'float');
  }

  bool(name: string): boolean {
    const value = this.value(name);
    if (typeof value === 'boolean') return value;
    if (typeof value === 'bigint') return value !== 0n;
    throw this.wrongType(name, 'bool');
  }

  string(name: string): string {
    const value = unwrap(this.value(name));
    if (typeof value === 'string') return value;
    throw this.wrongType(name, 'str');
  }

  /** The items of a list or tuple. */
  sequence(name: string): readonly PyValue[] {
    const value = this.value(name);
    if (value instanceof PyList || value instanceof PyTuple) return value.items;
    throw this.wrongType(name, 'tuple of values');
  }

  /** The object when it is of that JavaScript class. */
  object<T extends PyObject>(name: string, kind: abstract new (...args: never[]) => T, pythonName: string): T {
    const value = this.value(name);
    if (value instanceof kind) return value;
    throw this.wrongType(name, pythonName);
  }

  /** `read(name)` unless the value is None: `args.optional('dim', 'int')`. */
  optional<K extends 'int' | 'index' | 'float' | 'bool' | 'string' | 'sequence'>(
    name: string,
    read: K,
  ): ReturnType<Arguments[K]> | null {
    return this.isNone(name) ? null : (this[read](name) as ReturnType<Arguments[K]>);
  }

  /** What `*args` took. */
  rest(): readonly PyValue[] {
    const value = this.values[this.signature.restIndex];
    return value instanceof PyTuple ? value.items : [];
  }

  /** What `**kwargs` took. */
  keywords(): Map<string, PyValue> {
    const value = this.values[this.signature.keywordsIndex];
    return value instanceof PyDict ? new Map(value.items().map(([key, item]) => [String(key), item])) : new Map();
  }

  /** PyTorch's words: `f(): argument 'p' (position 2) must be float, not str`. */
  wrongType(name: string, expected: string): PythonError {
    const position = this.at(name) + 1;
    return new PythonError(
      'TypeError',
      `${this.functionName}(): argument '${name}' (position ${position}) must be ${expected}, not ${typeName(this.value(name))}`,
    );
  }
}
