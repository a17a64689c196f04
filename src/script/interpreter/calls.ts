import { typeName } from '../objects/arguments';
import { PyDict, PyTuple } from '../objects/containers';
import { objectClass, typeClass } from '../objects/coreClasses';
import type { Keywords } from '../objects/functions';
import {
  NativeFunction,
  PyBoundMethod,
  PyClassMethod,
  PyFunction,
  PyProperty,
  PyStaticMethod,
} from '../objects/functions';
import type { Parameter } from '../objects/signature';
import { Signature } from '../objects/signature';
import type { PyValue } from '../objects/value';
import { PyClass, PyInstance, PyObject } from '../objects/value';
import { AttributeLayer, PySuper } from './attributes';
import type { Frame, Globals } from './base';

type Slots = readonly (PyValue | undefined)[];

/** Calls, functions and classes. */
export abstract class CallLayer extends AttributeLayer {
  call(callee: PyValue, args: readonly PyValue[] = [], keywords: Keywords = null): PyValue {
    if (this.guard !== null) this.guard.call(callee);
    if (callee instanceof PyFunction) return callee.invoke(args, keywords);
    if (callee instanceof NativeFunction) return callee.body(args, keywords, this);
    if (callee instanceof PyBoundMethod) return this.call(callee.callee, [callee.self, ...args], keywords);
    if (callee instanceof PyClass) return this.instantiate(callee, args, keywords);
    if (callee instanceof PyStaticMethod) return this.call(callee.callee, args, keywords);
    const member = this.special(callee, '__call__');
    if (member === undefined) return this.raise('TypeError', `'${typeName(callee)}' object is not callable`);
    if (member instanceof PyFunction) return member.invoke([callee, ...args], keywords);
    if (member instanceof NativeFunction && member.method) return member.body([callee, ...args], keywords, this);
    return this.call(this.bind(member, callee, this.classOf(callee)), args, keywords);
  }

  callMethod(target: PyValue, name: string, args: readonly PyValue[] = [], keywords: Keywords = null): PyValue {
    const member = this.directMethod(target, name);
    if (this.guard !== null && member !== undefined) this.guard.call(member);
    if (member instanceof PyFunction) return member.invoke([target, ...args], keywords);
    if (member instanceof NativeFunction) return member.body([target, ...args], keywords, this);
    return this.call(this.getAttribute(target, name), args, keywords);
  }

  /** A plain method of the target's class that nothing on the instance hides: called without making it a bound one. */
  private directMethod(target: PyValue, name: string): PyFunction | NativeFunction | undefined {
    if (target instanceof PyObject) {
      if (target instanceof PyClass || target instanceof PySuper || target.attributes?.has(name) === true)
        return undefined;
    }
    const member = this.classOf(target).lookup(name);
    if (member instanceof PyFunction) return member;
    return member instanceof NativeFunction && member.method ? member : undefined;
  }

  callAt(frame: Frame, line: number, callee: PyValue, args: readonly PyValue[], keywords: Keywords): PyValue {
    frame.line = line;
    return this.call(callee, args, keywords);
  }

  callMethodAt(
    frame: Frame,
    line: number,
    target: PyValue,
    name: string,
    args: readonly PyValue[],
    keywords: Keywords,
  ): PyValue {
    frame.line = line;
    return this.callMethod(target, name, args, keywords);
  }

  /** The items of `*value` in a call. */
  starArguments(value: PyValue): PyValue[] {
    if (
      typeof value !== 'string' &&
      this.special(value, '__iter__') === undefined &&
      this.special(value, '__getitem__') === undefined
    ) {
      this.raise('TypeError', `argument after * must be an iterable, not ${typeName(value)}`);
    }
    return this.list(value);
  }

  /** `name=value` pairs and `**mapping`s of a call as one map. */
  keywords(parts: readonly (PyValue | readonly [string, PyValue])[]): Map<string, PyValue> {
    const result = new Map<string, PyValue>();
    const add = (name: string, value: PyValue): void => {
      if (result.has(name)) this.raise('TypeError', `got multiple values for keyword argument '${name}'`);
      result.set(name, value);
    };
    for (const part of parts) {
      if (Array.isArray(part)) {
        add(part[0] as string, part[1] as PyValue);
        continue;
      }
      for (const [key, value] of this.mappingItems(part as PyValue)) {
        if (typeof key !== 'string') this.raise('TypeError', 'keywords must be strings');
        add(key, value);
      }
    }
    return result;
  }

  protected mappingItems(mapping: PyValue): (readonly [PyValue, PyValue])[] {
    if (mapping instanceof PyDict) return mapping.items();
    if (this.findAttribute(mapping, 'keys') === undefined) {
      this.raise('TypeError', `argument after ** must be a mapping, not ${typeName(mapping)}`);
    }
    return this.list(this.callMethod(mapping, 'keys')).map((key) => [key, this.getItem(mapping, key)] as const);
  }

  /** The entries of `**value` in a dict display. */
  spread(value: PyValue): (readonly [PyValue, PyValue])[] {
    return this.mappingItems(value);
  }

  superOf(owner: PyClass | undefined, self: PyValue): PyValue {
    if (owner === undefined) this.raise('RuntimeError', 'super(): empty __class__ cell');
    if (!this.isInstance(self, owner) && !(self instanceof PyClass && self.isSubclassOf(owner))) {
      this.raise('TypeError', 'super(type, obj): obj must be an instance or subtype of type');
    }
    return new PySuper(owner, self);
  }

  /** A `def` or `lambda`: `body` takes the values of the parameters, in order. */
  function_(
    name: string,
    qualifiedName: string,
    parameters: readonly Parameter[],
    line: number,
    documentation: string | null,
    pure: boolean,
    body: (values: Slots) => PyValue,
  ): PyFunction {
    const signature = new Signature(parameters);
    const made: PyFunction = new PyFunction(
      name,
      qualifiedName,
      signature,
      (args, keywords) => body(signature.bind(made.qualifiedName, args, keywords)),
      line,
      pure,
    );
    made.documentation = documentation;
    return made;
  }

  /** `cls(...)`. */
  protected instantiate(pyClass: PyClass, args: readonly PyValue[], keywords: Keywords): PyValue {
    if (pyClass === typeClass) return this.makeType(args);
    const metaCall = pyClass.pyClass === typeClass ? undefined : pyClass.pyClass.lookup('__call__');
    if (metaCall !== undefined) return this.call(this.bind(metaCall, pyClass, pyClass.pyClass), args, keywords);
    return this.construct(pyClass, args, keywords);
  }

  /** `type(value)` or `type(name, bases, namespace)`. */
  private makeType(args: readonly PyValue[]): PyValue {
    const [first, bases, namespace] = args;
    if (first !== undefined && args.length === 1) return this.classOf(first);
    if (typeof first !== 'string' || bases === undefined || !(namespace instanceof PyDict)) {
      return this.raise('TypeError', 'type() takes 1 or 3 arguments');
    }
    const members = new Map(namespace.items().map(([key, value]) => [String(key), value]));
    return this.class_(this.globals, first, first, this.list(bases), null, members, null);
  }

  /** Allocation and `__init__`, whatever the metaclass says. */
  construct(pyClass: PyClass, args: readonly PyValue[], keywords: Keywords): PyValue {
    if (pyClass.abstractMethods.length > 0) {
      const names = pyClass.abstractMethods;
      const list = names.map((name) => name).join(', ');
      const plural = names.length === 1 ? '' : 's';
      this.raise('TypeError', `Can't instantiate abstract class ${pyClass.name} with abstract method${plural} ${list}`);
    }
    const found = pyClass.lookup('__new__');
    const maker = found === objectClass.members.get('__new__') ? undefined : found;
    const initializer = pyClass.lookup('__init__');
    let instance: PyValue;
    if (maker !== undefined) {
      const callee = maker instanceof PyStaticMethod ? maker.callee : maker;
      instance = this.call(callee, [pyClass, ...args], keywords);
      if (!this.isInstance(instance, pyClass)) return instance;
    } else {
      instance = this.allocate(pyClass);
    }
    if (initializer === undefined || this.isObjectMember(initializer)) {
      const given = args.length + (keywords?.size ?? 0);
      if (maker === undefined && given > 0) this.raise('TypeError', `${pyClass.name}() takes no arguments`);
      return instance;
    }
    const result =
      initializer instanceof PyFunction
        ? initializer.invoke([instance, ...args], keywords)
        : this.call(this.bind(initializer, instance, pyClass), args, keywords);
    if (result !== null) {
      this.raise('TypeError', `__init__() should return None, not '${typeName(result)}'`);
    }
    return instance;
  }

  allocate(pyClass: PyClass): PyObject {
    const allocator = pyClass.allocator();
    return allocator === null ? new PyInstance(pyClass) : allocator(pyClass);
  }

  /** A `class` statement. */
  class_(
    globals: Globals,
    name: string,
    qualifiedName: string,
    bases: readonly PyValue[],
    keywords: Keywords,
    namespace: Map<string, PyValue>,
    documentation: string | null,
  ): PyClass {
    const classes = bases.flatMap((base) => this.baseClasses(base));
    if (classes.length === 0) classes.push(objectClass);
    const unique = classes.filter((base, index) => classes.indexOf(base) === index);
    const pyClass = new PyClass(name, unique, namespace);
    pyClass.qualifiedName = qualifiedName;
    pyClass.module = String(globals.get('__name__') ?? '__main__');
    pyClass.owner = this;
    pyClass.documentation = documentation;
    const metaclass = keywords?.get('metaclass');
    const isAbstract =
      (metaclass instanceof PyClass && metaclass.name === 'ABCMeta') ||
      pyClass.mro.some((entry) => entry.module === 'abc' || entry.abstractMethods.length > 0);
    if (isAbstract) pyClass.abstractMethods = this.abstractNames(pyClass);
    if (namespace.has('__eq__') && !namespace.has('__hash__')) pyClass.setMember('__hash__', null);
    for (const [member, value] of namespace) {
      const setName = value instanceof PyInstance ? value.pyClass.lookup('__set_name__') : undefined;
      if (setName !== undefined) this.callMember(setName, value, [pyClass, member]);
    }
    const hook = pyClass.mro.slice(1).find((entry) => entry.subclassHook !== null)?.subclassHook;
    hook?.(pyClass, this);
    this.initSubclass(pyClass, keywords);
    return pyClass;
  }

  private initSubclass(pyClass: PyClass, keywords: Keywords): void {
    for (const entry of pyClass.mro.slice(1)) {
      const member = entry.members.get('__init_subclass__');
      if (member === undefined) continue;
      const callee = member instanceof PyClassMethod ? member.callee : member;
      const rest = new Map([...(keywords ?? [])].filter(([name]) => name !== 'metaclass'));
      this.call(callee, [pyClass], rest);
      return;
    }
  }

  private baseClasses(base: PyValue): PyClass[] {
    if (base instanceof PyClass) return [base];
    const entries = base instanceof PyObject ? this.findAttribute(base, '__mro_entries__') : undefined;
    if (entries !== undefined) {
      return this.list(this.call(entries, [new PyTuple([base])])).flatMap((entry) => this.baseClasses(entry));
    }
    return this.raise('TypeError', `bases must be types, not '${typeName(base)}'`);
  }

  private abstractNames(pyClass: PyClass): string[] {
    const names = new Set<string>();
    for (const entry of pyClass.mro) for (const name of entry.members.keys()) names.add(name);
    return [...names]
      .filter((name) => {
        const member = pyClass.lookup(name);
        const inner = member instanceof PyProperty ? member.getter : member;
        const callee = inner instanceof PyStaticMethod || inner instanceof PyClassMethod ? inner.callee : inner;
        return callee instanceof PyFunction && callee.attributes?.get('__isabstractmethod__') === true;
      })
      .sort();
  }

  /** Notes an annotated name of a class body, for dataclasses and named tuples. */
  annotate(namespace: Map<string, PyValue>, name: string): void {
    let annotations = namespace.get('__annotations__');
    if (!(annotations instanceof PyDict)) {
      annotations = new PyDict();
      namespace.set('__annotations__', annotations);
    }
    (annotations as PyDict).set(name, null);
  }
}
