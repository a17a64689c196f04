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

/** An object whose content is put back to what it was, and then to what it is. */
interface Content {
  /** Puts the content in the object's place; returns what was there. */
  exchange(): Content;
}

/** Longer containers are not looked into: a statement must not take longer for what it does not touch. */
const mostItems = 100;
/** A list in a dict in an object that a variable holds. */
const deepest = 4;

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

/** What the script's frames hold now. It copies, and computes nothing. */
export function captureFrames(runtime: Runtime): Capture {
  const collector = new ContentCollector();
  const globals = new Map(runtime.globals);
  const frames: CapturedFrame[] = [];
  for (const frame of runtime.frames() as Frame[]) {
    const { functionName, line } = frame;
    const names = functionName === '<module>' ? globals : frame.locals();
    frames.push({ functionName, line, names });
    for (const value of names.values()) if (value instanceof PyObject) collector.visit(value, 0);
  }
  return new Capture(frames, globals, collector.contents);
}

function replaceEntries(target: Map<string, PyValue>, entries: ReadonlyMap<string, PyValue>): void {
  target.clear();
  for (const [name, value] of entries) target.set(name, value);
}

class ContentCollector {
  readonly contents: Content[] = [];
  private readonly seen = new Set<object>();

  visit(value: PyObject, depth: number): void {
    if (value instanceof PyTensor) this.tensor(value.tensor);
    else if (value instanceof PyList) this.list(value, depth);
    else if (value instanceof PyDict) this.dict(value, depth);
    else if (value instanceof PyInstance) this.instance(value, depth);
    else if (value instanceof PyTuple) this.visitAll(value.items, depth);
    else if (value instanceof PySet) this.set(value);
  }

  private visitAll(values: Iterable<PyValue>, depth: number): void {
    if (depth >= deepest) return;
    for (const value of values) if (value instanceof PyObject) this.visit(value, depth + 1);
  }

  private isNew(value: object): boolean {
    if (this.seen.has(value)) return false;
    this.seen.add(value);
    return true;
  }

  private tensor(tensor: Tensor): void {
    if (!this.isNew(tensor)) return;
    const { grad } = tensor;
    this.contents.push(new TensorContent(tensor, tensor.storage.value, grad));
    if (grad) this.tensor(grad);
  }

  private list(list: PyList, depth: number): void {
    if (list.items.length > mostItems || !this.isNew(list)) return;
    this.contents.push(new ListContent(list, [...list.items]));
    this.visitAll(list.items, depth);
  }

  private dict(dict: PyDict, depth: number): void {
    if (dict.size > mostItems || !this.isNew(dict)) return;
    this.contents.push(new DictContent(dict, dict.copyEntries()));
    for (const [, value] of dict.liveEntries())
      if (value instanceof PyObject && depth < deepest) this.visit(value, depth + 1);
  }

  private set(set: PySet): void {
    if (set.size > mostItems || set.frozen || !this.isNew(set)) return;
    this.contents.push(new SetContent(set, set.copyEntries()));
  }

  /** A module's tensors are known of every event: its tree is not gone through at every statement. */
  private instance(instance: PyInstance, depth: number): void {
    if (!this.isNew(instance)) return;
    const { attributes } = instance;
    this.contents.push(new AttributesContent(instance, new Map(attributes)));
    if (!attributes.has('_modules')) this.visitAll(attributes.values(), depth);
  }
}

class TensorContent implements Content {
  constructor(
    private readonly tensor: Tensor,
    private readonly value: Value,
    private readonly grad: Tensor | null,
  ) {}

  exchange(): Content {
    const { tensor } = this;
    const before = new TensorContent(tensor, tensor.storage.value, tensor.grad);
    tensor.storage.value = this.value;
    tensor.grad = this.grad;
    return before;
  }
}

class ListContent implements Content {
  constructor(
    private readonly list: PyList,
    private readonly items: PyValue[],
  ) {}

  exchange(): Content {
    const before = new ListContent(this.list, this.list.items);
    this.list.items = this.items;
    return before;
  }
}

class DictContent implements Content {
  constructor(
    private readonly dict: PyDict,
    private readonly entries: DictEntries,
  ) {}

  exchange(): Content {
    return new DictContent(this.dict, this.dict.exchangeEntries(this.entries));
  }
}

class SetContent implements Content {
  constructor(
    private readonly set: PySet,
    private readonly entries: SetEntries,
  ) {}

  exchange(): Content {
    return new SetContent(this.set, this.set.exchangeEntries(this.entries));
  }
}

class AttributesContent implements Content {
  constructor(
    private readonly instance: PyInstance,
    private readonly attributes: Map<string, PyValue>,
  ) {}

  exchange(): Content {
    const before = new AttributesContent(this.instance, this.instance.attributes);
    this.instance.attributes = this.attributes;
    return before;
  }
}
