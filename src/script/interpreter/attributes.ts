import { PythonError } from '../../common/errors';
import { nearest } from '../../common/nearest';
import { typeName } from '../objects/arguments';
import { PyDict, PyTuple } from '../objects/containers';
import {
  boolClass,
  floatClass,
  intClass,
  noneClass,
  objectClass,
  strClass,
  superClass,
  typeClass,
} from '../objects/coreClasses';
import {
  NativeFunction,
  NativeProperty,
  PyBoundMethod,
  PyClassMethod,
  PyFunction,
  PyModule,
  PyProperty,
  PyStaticMethod,
} from '../objects/functions';
import type { PyValue } from '../objects/value';
import { PyClass, PyInstance, PyObject } from '../objects/value';
import { RuntimeBase } from './base';

/** `super()`: looks names up after a class in the order of an object's class. */
export class PySuper extends PyObject {
  pyClass = superClass;

  constructor(
    readonly after: PyClass,
    readonly self: PyValue,
  ) {
    super();
  }
}

/** Attribute look-up, as Python's data model has it. */
export abstract class AttributeLayer extends RuntimeBase {
  classOf(value: PyValue): PyClass {
    switch (typeof value) {
      case 'bigint':
        return intClass;
      case 'number':
        return floatClass;
      case 'boolean':
        return boolClass;
      case 'string':
        return strClass;
      default:
        return value === null ? noneClass : value.pyClass;
    }
  }

  /** A member of a value's class, for implicit calls of dunder methods. */
  special(value: PyValue, name: string): PyValue | undefined {
    return this.classOf(value).lookup(name);
  }

  /** Calls a class's member as a method of `self`. */
  callMember(member: PyValue, self: PyValue, args: readonly PyValue[]): PyValue {
    if (member instanceof PyFunction) return member.invoke([self, ...args], null);
    if (member instanceof NativeFunction && member.method) return member.body([self, ...args], null, this);
    return this.call(this.bind(member, self, this.classOf(self)), args);
  }

  /** Calls a dunder method if the class has it. */
  trySpecial(value: PyValue, name: string, args: readonly PyValue[]): PyValue | undefined {
    const member = this.classOf(value).lookup(name);
    return member === undefined || member === null ? undefined : this.callMember(member, value, args);
  }

  /** What a member of a class is when it is reached through an instance (`self`) or the class (undefined). */
  protected bind(member: PyValue, self: PyValue | undefined, owner: PyClass): PyValue {
    if (!(member instanceof PyObject)) return member;
    if (member instanceof PyFunction) return self === undefined ? member : new PyBoundMethod(member, self);
    if (member instanceof NativeFunction) {
      return self === undefined || !member.method ? member : new PyBoundMethod(member, self);
    }
    if (member instanceof PyStaticMethod) return member.callee;
    if (member instanceof PyClassMethod) return new PyBoundMethod(member.callee as PyObject, owner);
    if (self !== undefined) {
      if (member instanceof PyProperty) {
        if (member.getter === null) this.raise('AttributeError', 'unreadable attribute');
        return this.call(member.getter, [self]);
      }
      if (member instanceof NativeProperty) return member.get(self as PyObject, this);
    }
    if (member instanceof PyInstance) {
      const getter = member.pyClass.lookup('__get__');
      if (getter !== undefined) return this.callMember(getter, member, [self ?? null, owner]);
    }
    return member;
  }

  private isDataDescriptor(member: PyValue): boolean {
    if (member instanceof PyProperty || member instanceof NativeProperty) return true;
    return member instanceof PyInstance && member.pyClass.lookup('__set__') !== undefined;
  }

  findAttribute(target: PyValue, name: string): PyValue | undefined {
    if (target instanceof PyModule) return this.withoutAttributeError(() => this.moduleAttribute(target, name));
    if (target instanceof PyClass) return this.classAttribute(target, name);
    if (target instanceof PySuper) return this.superAttribute(target, name);
    const pyClass = this.classOf(target);
    const member = pyClass.lookup(name);
    if (member !== undefined && this.isDataDescriptor(member)) return this.bind(member, target, pyClass);
    const own = target instanceof PyObject ? target.attributes?.get(name) : undefined;
    if (own !== undefined) return own;
    if (member !== undefined) return this.bind(member, target, pyClass);
    const general = this.generalAttribute(target, pyClass, name);
    if (general !== undefined) return general;
    const fallback = pyClass.lookup('__getattr__');
    if (fallback === undefined) return undefined;
    return this.withoutAttributeError(() => this.callMember(fallback, target, [name]));
  }

  /** `undefined` for an AttributeError; other exceptions pass. */
  protected withoutAttributeError(read: () => PyValue | undefined): PyValue | undefined {
    const frame = this.frame;
    try {
      return read();
    } catch (error) {
      const exception = this.asPython(error);
      if (exception === null || exception.value.pyClass.name !== 'AttributeError') throw error;
      while (this.frame !== null && this.frame !== frame) this.leave(this.frame);
      return undefined;
    }
  }

  getAttribute(target: PyValue, name: string): PyValue {
    if (target instanceof PyInstance) {
      // `__getattr__` writes its own message, so its AttributeError must pass.
      const pyClass = target.pyClass;
      const member = pyClass.lookup(name);
      if (member === undefined) {
        const own = target.attributes.get(name);
        if (own !== undefined) return own;
        const general = this.generalAttribute(target, pyClass, name);
        if (general !== undefined) return general;
        const fallback = pyClass.lookup('__getattr__');
        if (fallback !== undefined) return this.callMember(fallback, target, [name]);
      }
    } else if (target instanceof PyObject && !(target instanceof PyClass) && !(target instanceof PyModule)) {
      const fallback = target.pyClass.lookup('__getattr__');
      const plain = target.pyClass.lookup(name) ?? target.attributes?.get(name);
      if (fallback !== undefined && plain === undefined) {
        const general = this.generalAttribute(target, target.pyClass, name);
        return general === undefined ? this.callMember(fallback, target, [name]) : general;
      }
    }
    const found = target instanceof PyModule ? this.moduleAttribute(target, name) : this.findAttribute(target, name);
    if (found !== undefined) return found;
    const fallback = target instanceof PyClass ? target.pyClass.lookup('__getattr__') : undefined;
    if (fallback !== undefined) return this.callMember(fallback, target, [name]);
    throw this.noAttribute(target, name);
  }

  attribute(target: PyValue, name: string): PyValue {
    return this.getAttribute(target, name);
  }

  private noAttribute(target: PyValue, name: string): PythonError {
    const suggestion = nearest(name, this.attributeNames(target));
    const hint = suggestion === null ? undefined : `Did you mean: '${suggestion}'?`;
    if (target instanceof PyModule) {
      return new PythonError('AttributeError', `module '${target.name}' has no attribute '${name}'`, { hint });
    }
    if (target instanceof PyClass) {
      return new PythonError('AttributeError', `type object '${target.name}' has no attribute '${name}'`, { hint });
    }
    const owner = target instanceof PySuper ? 'super' : typeName(target);
    return new PythonError('AttributeError', `'${owner}' object has no attribute '${name}'`, { hint });
  }

  /** Every name that `dir` would list, unsorted. */
  attributeNames(target: PyValue): string[] {
    const names = new Set<string>();
    if (target instanceof PyObject) for (const name of target.attributes?.keys() ?? []) names.add(name);
    if (!(target instanceof PyModule)) {
      const pyClass = target instanceof PyClass ? target : this.classOf(target);
      for (const entry of pyClass.mro) for (const name of entry.members.keys()) names.add(name);
    }
    return [...names];
  }

  private moduleAttribute(module: PyModule, name: string): PyValue | undefined {
    const found = module.attributes.get(name) ?? module.missing?.(name);
    if (found !== undefined) return found;
    if (name === '__name__') return module.name;
    if (name === '__dict__') return new PyDict(module.attributes);
    if (name === '__class__') return module.pyClass;
    return name === '__file__' ? this.fileName : undefined;
  }

  private classAttribute(pyClass: PyClass, name: string): PyValue | undefined {
    switch (name) {
      case '__name__':
        return pyClass.name;
      case '__qualname__':
        return pyClass.qualifiedName;
      case '__module__':
        return pyClass.module;
      case '__mro__':
        return new PyTuple(pyClass.mro);
      case '__bases__':
        return new PyTuple(pyClass.bases);
      case '__dict__':
        return new PyDict(pyClass.members);
      case '__class__':
        return pyClass.pyClass;
      case '__doc__':
        return pyClass.documentation;
      default:
    }
    const own = pyClass.lookup(name);
    if (own !== undefined && (pyClass.pyClass === typeClass || !pyClass.pyClass.members.has(name))) {
      return this.bind(own, undefined, pyClass);
    }
    const meta = pyClass.pyClass.lookup(name);
    if (meta !== undefined) return this.bind(meta, pyClass, pyClass.pyClass);
    return undefined;
  }

  private superAttribute(target: PySuper, name: string): PyValue | undefined {
    const { self } = target;
    const start = self instanceof PyClass && self.isSubclassOf(target.after) ? self : this.classOf(self);
    const at = start.mro.indexOf(target.after);
    for (const entry of start.mro.slice(at + 1)) {
      const member = entry.members.get(name);
      if (member !== undefined) return this.bind(member, self === start ? undefined : self, start);
    }
    return name === '__class__' ? target.pyClass : undefined;
  }

  private generalAttribute(target: PyValue, pyClass: PyClass, name: string): PyValue | undefined {
    switch (name) {
      case '__class__':
        return pyClass;
      case '__dict__':
        return target instanceof PyObject && target.attributes !== null ? attributeDict(target) : undefined;
      case '__doc__':
        if (target instanceof PyFunction) return target.documentation;
        if (target instanceof PyBoundMethod) return this.findAttribute(target.callee, name);
        return pyClass.documentation;
      case '__module__':
        return target instanceof PyFunction ? '__main__' : pyClass.module;
      default:
    }
    if (target instanceof PyFunction) {
      if (name === '__name__') return target.name;
      if (name === '__qualname__') return target.qualifiedName;
      if (name === '__annotations__') return new PyDict();
    }
    if (target instanceof NativeFunction && (name === '__name__' || name === '__qualname__')) return target.name;
    if (target instanceof PyBoundMethod) {
      if (name === '__self__') return target.self;
      if (name === '__func__') return target.callee;
      if (name !== '__get__') return this.findAttribute(target.callee, name);
    }
    if (target instanceof PyProperty) {
      if (name === 'fget') return target.getter;
      if (name === 'fset') return target.setter;
    }
    return undefined;
  }

  setAttribute(target: PyValue, name: string, value: PyValue): void {
    if (target instanceof PyModule) {
      target.attributes.set(name, value);
      return;
    }
    if (target instanceof PyClass) {
      if (target.owner === null) {
        this.raise('TypeError', `cannot set '${name}' attribute of immutable type '${target.name}'`);
      }
      target.setMember(name, value);
      return;
    }
    const custom = this.classOf(target).lookup('__setattr__');
    if (custom !== undefined && !this.isObjectMember(custom)) {
      this.callMember(custom, target, [name, value]);
      return;
    }
    this.plainSetAttribute(target, name, value);
  }

  protected isObjectMember(member: PyValue): boolean {
    return member instanceof NativeFunction && member.owner === objectClass;
  }

  /** `object.__setattr__`. */
  plainSetAttribute(target: PyValue, name: string, value: PyValue): void {
    const pyClass = this.classOf(target);
    const member = pyClass.lookup(name);
    if (member instanceof PyProperty) {
      if (member.setter === null) {
        this.raise('AttributeError', `property '${name}' of '${pyClass.qualifiedName}' object has no setter`);
      }
      this.call(member.setter, [target, value]);
      return;
    }
    if (member instanceof NativeProperty) {
      if (member.set === null) {
        this.raise('AttributeError', `attribute '${name}' of '${pyClass.name}' objects is not writable`);
      }
      member.set(target as PyObject, value, this);
      return;
    }
    if (member instanceof PyInstance) {
      const setter = member.pyClass.lookup('__set__');
      if (setter !== undefined) {
        this.callMember(setter, member, [target, value]);
        return;
      }
    }
    if (target instanceof PyFunction && (name === '__name__' || name === '__qualname__')) {
      if (name === '__name__') target.name = String(value);
      else target.qualifiedName = String(value);
      return;
    }
    if (target instanceof PyFunction && name === '__doc__') {
      target.documentation = value;
      return;
    }
    if (!(target instanceof PyObject) || target.attributes === null) {
      if (member !== undefined) {
        this.raise('AttributeError', `'${pyClass.name}' object attribute '${name}' is read-only`);
      }
      throw this.noAttribute(target, name);
    }
    target.attributes.set(name, value);
  }

  deleteAttribute(target: PyValue, name: string): void {
    const custom = this.special(target, '__delattr__');
    if (custom !== undefined && !this.isObjectMember(custom)) {
      this.callMember(custom, target, [name]);
      return;
    }
    this.plainDeleteAttribute(target, name);
  }

  /** `object.__delattr__`. */
  plainDeleteAttribute(target: PyValue, name: string): void {
    const member = this.classOf(target).lookup(name);
    if (member instanceof PyProperty && member.deleter !== null) {
      this.call(member.deleter, [target]);
      return;
    }
    if (target instanceof PyClass && target.owner !== null && target.members.has(name)) {
      target.setMember(name, undefined);
      return;
    }
    if (target instanceof PyObject && target.attributes?.delete(name) === true) return;
    throw this.noAttribute(target, name);
  }
}

/** `obj.__dict__`: a dict that writes through to the attributes. */
class AttributeDict extends PyDict {
  constructor(private readonly target: PyObject) {
    super(target.attributes ?? []);
  }

  override set(key: PyValue, value: PyValue): void {
    super.set(key, value);
    // The base constructor fills the dict before `target` is known.
    if ((this.target as PyObject | undefined) !== undefined) this.target.attributes?.set(String(key), value);
  }

  override delete(key: PyValue): boolean {
    this.target.attributes?.delete(String(key));
    return super.delete(key);
  }
}

function attributeDict(target: PyObject): PyDict {
  return new AttributeDict(target);
}
