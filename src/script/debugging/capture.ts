import type { Tensor } from '../../core/tensor/tensor';
import type { Value } from '../../core/tensor/value';
import type { Frame } from '../interpreter/base';
import type { Runtime } from '../interpreter/runtime';
import { PyDict, PyList, PySet, PyTuple, type DictEntries, type SetEntries } from '../objects/containers';
import { PyInstance, PyObject, type PyValue } from '../objects/value';
import { PyTensor } from '../torch/tensorClass';

/** A function of the script as it was. */
export interface CapturedFrame {
  readonly functionName: string;
  /** 1-based. */
  readonly line: number;
  readonly names: ReadonlyMap<string, PyValue>;
}

/** What was in an object that can change. */
abstract class Content {
  /** The last capture that it is part of. */
  capture = 0;
  /** The objects inside that can change themselves. */
  inner: readonly PyObject[] = noObjects;

  /** Whether the object still has this content. */
  abstract isCurrent(): boolean;
  /** Puts the content in the object's place; returns what was there. */
  abstract exchange(): Content;
}

const noObjects: readonly PyObject[] = [];
/** Longer containers are not looked into: a statement must not take longer for what it does not touch. */
const mostItems = 100;
/** A list in a dict in an object that a variable holds. */
const deepest = 2;

/** The script's variables at one moment, and what was in the objects that they hold. */
export class Capture {
  /** @param frames innermost first */
  constructor(
    readonly frames: readonly CapturedFrame[],
    private readonly globals: ReadonlyMap<string, PyValue>,
    private readonly contents: readonly Content[],
  ) {}

  /** Runs `body` with the script's globals as they were. */
  withGlobals<T>({ globals }: Runtime, body: () => T): T {
    const present = new Map(globals);
    replaceEntries(globals, this.globals);
    try {
      return body();
    } finally {
      replaceEntries(globals, present);
    }
  }

  /** Runs `body` with the objects' contents as they were. */
  withContents<T>(body: () => T): T {
    const present = this.contents.map((content) => content.exchange());
    try {
      return body();
    } finally {
      for (const content of present.reverse()) content.exchange();
    }
  }
}

/**
 * Captures the script's variables, moment after moment. It computes nothing; what has not changed since the moment
 * before is shared with it, so that a moment costs little time and less memory.
 */
export class FrameCapturer {
  private readonly known = new WeakMap<object, Content>();
  private globals: ReadonlyMap<string, PyValue> = new Map();
  private contents: readonly Content[] = [];
  private collected: Content[] = [];
  private number = 0;

  constructor(private readonly runtime: Runtime) {}

  /** @param tensors those that are captured besides what the variables hold */
  capture(tensors: Iterable<Tensor> = []): Capture {
    this.number++;
    this.collected = [];
    this.globals = sharedMap(this.globals, this.runtime.globals);
    this.visitAll(this.globals.values());
    const frames: CapturedFrame[] = [];
    for (const frame of this.runtime.frames() as Frame[]) {
      const { functionName, line } = frame;
      const isModule = functionName === '<module>';
      const names = isModule ? this.globals : frame.locals();
      frames.push({ functionName, line, names });
      if (!isModule) this.visitAll(names.values());
    }
    for (const tensor of tensors) this.visitTensor(tensor);
    if (!isSameList(this.collected, this.contents)) this.contents = this.collected;
    return new Capture(frames, this.globals, this.contents);
  }

  private visitAll(values: Iterable<PyValue>): void {
    for (const value of values) if (value instanceof PyObject && isChangeable(value)) this.visit(value, 0);
  }

  private visit(object: PyObject, depth: number): void {
    if (object instanceof PyTensor) {
      this.visitTensor(object.tensor);
      return;
    }
    const content = this.contentOf(object);
    if (!content || content.capture === this.number) return;
    content.capture = this.number;
    this.collected.push(content);
    if (depth < deepest) for (const inner of content.inner) this.visit(inner, depth + 1);
  }

  private visitTensor(tensor: Tensor): void {
    let content = this.known.get(tensor);
    if (!content?.isCurrent()) {
      content = new TensorContent(tensor, tensor.storage.value, tensor.grad);
      this.known.set(tensor, content);
    }
    if (content.capture === this.number) return;
    content.capture = this.number;
    this.collected.push(content);
    if (tensor.grad) this.visitTensor(tensor.grad);
  }

  /** Null for what is too long, or can't change. */
  private contentOf(object: PyObject): Content | null {
    const known = this.known.get(object);
    if (known?.isCurrent()) return known;
    const content = makeContent(object);
    if (content) this.known.set(object, content);
    return content;
  }
}

function makeContent(object: PyObject): Content | null {
  if (object instanceof PyList) return object.items.length > mostItems ? null : new ListContent(object);
  if (object instanceof PyDict) return object.size > mostItems ? null : new DictContent(object);
  if (object instanceof PyInstance) return new AttributesContent(object);
  if (object instanceof PyTuple) return new TupleContent(object);
  if (object instanceof PySet) return object.size > mostItems || object.frozen ? null : new SetContent(object);
  return null;
}

function isChangeable(value: PyValue): value is PyObject {
  return (
    value instanceof PyTensor ||
    value instanceof PyInstance ||
    value instanceof PyList ||
    value instanceof PyDict ||
    value instanceof PyTuple ||
    value instanceof PySet
  );
}

function changeable(values: Iterable<PyValue>): readonly PyObject[] {
  const found: PyObject[] = [];
  for (const value of values) if (isChangeable(value)) found.push(value);
  return found.length === 0 ? noObjects : found;
}

class TensorContent extends Content {
  constructor(
    private readonly tensor: Tensor,
    private readonly value: Value,
    private readonly grad: Tensor | null,
  ) {
    super();
  }

  isCurrent(): boolean {
    return this.tensor.storage.value === this.value && this.tensor.grad === this.grad;
  }

  exchange(): Content {
    const { tensor } = this;
    const before = new TensorContent(tensor, tensor.storage.value, tensor.grad);
    tensor.storage.value = this.value;
    tensor.grad = this.grad;
    return before;
  }
}

class ListContent extends Content {
  private readonly items: readonly PyValue[];

  constructor(private readonly list: PyList) {
    super();
    this.items = [...list.items];
    this.inner = changeable(this.items);
  }

  isCurrent(): boolean {
    return isSameList(this.list.items, this.items);
  }

  exchange(): Content {
    return exchanged(this.list, 'items', [...this.items]);
  }
}

/** A tuple can't change, but what it holds can. */
class TupleContent extends Content {
  constructor({ items }: PyTuple) {
    super();
    this.inner = items.length > mostItems ? noObjects : changeable(items);
  }

  isCurrent(): boolean {
    return true;
  }

  exchange(): Content {
    return this;
  }
}

class DictContent extends Content {
  private readonly entries: DictEntries;
  private readonly revision: number;

  constructor(private readonly dict: PyDict) {
    super();
    this.entries = dict.copyEntries();
    this.revision = dict.revision;
    // What is kept for objects, as an optimizer's state for its parameters, changes with events: they are recorded.
    const isKeyedByObjects = dict.keys().some((key) => key instanceof PyObject);
    this.inner = isKeyedByObjects ? noObjects : changeable(dict.values());
  }

  isCurrent(): boolean {
    return this.dict.revision === this.revision;
  }

  exchange(): Content {
    return new ExchangedEntries(this.dict, this.dict.exchangeEntries(new Map(this.entries)));
  }
}

class SetContent extends Content {
  private readonly entries: SetEntries;

  constructor(private readonly set: PySet) {
    super();
    this.entries = set.copyEntries();
  }

  isCurrent(): boolean {
    return isSameList(this.set.items(), [...this.entries.values()]);
  }

  exchange(): Content {
    return new ExchangedEntries(this.set, this.set.exchangeEntries(new Map(this.entries)));
  }
}

/** A module's tensors are known of every event, and what is ours changes by events: only the script's own is followed. */
class AttributesContent extends Content {
  private readonly attributes: ReadonlyMap<string, PyValue>;

  constructor(private readonly instance: PyInstance) {
    super();
    const { attributes, pyClass } = instance;
    this.attributes = new Map(attributes);
    const isFollowed = (name: string): boolean =>
      name === 'param_groups' || name === 'state' || (pyClass.owner !== null && !name.startsWith('_'));
    this.inner = changeable([...attributes].filter(([name]) => isFollowed(name)).map(([, value]) => value));
  }

  isCurrent(): boolean {
    return isSameMap(this.instance.attributes, this.attributes);
  }

  exchange(): Content {
    return exchanged(this.instance, 'attributes', new Map(this.attributes));
  }
}

/** What is put back at the end. */
class ExchangedField<K extends string, O extends Record<K, unknown>> extends Content {
  constructor(
    private readonly object: O,
    private readonly field: K,
    private readonly content: O[K],
  ) {
    super();
  }

  isCurrent(): boolean {
    return this.object[this.field] === this.content;
  }

  exchange(): Content {
    return exchanged(this.object, this.field, this.content);
  }
}

class ExchangedEntries<E> extends Content {
  constructor(
    private readonly container: { exchangeEntries(entries: E): E },
    private readonly entries: E,
  ) {
    super();
  }

  isCurrent(): boolean {
    return true;
  }

  exchange(): Content {
    return new ExchangedEntries(this.container, this.container.exchangeEntries(this.entries));
  }
}

/** Puts another value into an object's field. @returns what puts the former one back */
function exchanged<K extends string, O extends Record<K, unknown>>(object: O, field: K, content: O[K]): Content {
  const before = new ExchangedField(object, field, object[field]);
  object[field] = content;
  return before;
}

function replaceEntries(target: Map<string, PyValue>, entries: ReadonlyMap<string, PyValue>): void {
  target.clear();
  for (const [name, value] of entries) target.set(name, value);
}

/** The map of before where it has the same entries. */
function sharedMap(before: ReadonlyMap<string, PyValue>, now: Map<string, PyValue>): ReadonlyMap<string, PyValue> {
  return isSameMap(before, now) ? before : new Map(now);
}

function isSameMap(a: ReadonlyMap<string, PyValue>, b: ReadonlyMap<string, PyValue>): boolean {
  if (a.size !== b.size) return false;
  for (const [name, value] of a)
    if (!Object.is(b.get(name), value) || (value === undefined && !b.has(name))) return false;
  return true;
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
