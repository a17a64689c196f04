import { generatorClass } from '../objects/coreClasses';
import { exceptionClass, makeException, PyException } from '../objects/exceptions';
import type { PyValue } from '../objects/value';
import { PyObject } from '../objects/value';
import type { Frame, RuntimeBase } from './base';

/** A running generator function of the script; it is a JavaScript iterator too. */
export class PyGenerator extends PyObject implements Iterator<PyValue> {
  pyClass = generatorClass;
  private started = false;
  private finished = false;
  private running = false;
  /** What `return` gave. */
  result: PyValue = null;

  constructor(
    private readonly runtime: RuntimeBase,
    private readonly frame: Frame,
    private readonly source: Generator<PyValue, PyValue | undefined, PyValue>,
  ) {
    super();
  }

  next(): IteratorResult<PyValue> {
    return this.advance(() => this.source.next(null));
  }

  send(value: PyValue): IteratorResult<PyValue> {
    if (!this.started && value !== null) {
      this.runtime.raise('TypeError', "can't send non-None value to a just-started generator");
    }
    return this.advance(() => this.source.next(value));
  }

  /** Raises inside the generator, at the `yield` where it waits. */
  throw(error: PyException): IteratorResult<PyValue> {
    if (!this.started) this.finished = true;
    if (this.finished) throw error;
    return this.advance(() => this.source.throw(error));
  }

  close(): void {
    if (!this.started) this.finished = true;
    if (this.finished) return;
    try {
      const step = this.throw(new PyException(makeException(exceptionClass('GeneratorExit'), [])));
      if (step.done !== true) this.runtime.raise('RuntimeError', 'generator ignored GeneratorExit');
    } catch (error) {
      const silent =
        error instanceof PyException && ['GeneratorExit', 'StopIteration'].includes(error.value.pyClass.name);
      if (!silent) throw error;
    }
  }

  private advance(resume: () => IteratorResult<PyValue, PyValue | undefined>): IteratorResult<PyValue> {
    if (this.finished) return { done: true, value: null };
    if (this.running) this.runtime.raise('ValueError', 'generator already executing');
    this.started = true;
    this.running = true;
    this.runtime.resume(this.frame);
    try {
      const step = resume();
      if (step.done !== true) return { done: false, value: step.value };
      this.finished = true;
      this.result = step.value ?? null;
      return { done: true, value: this.result };
    } catch (error) {
      this.finished = true;
      const seen = this.runtime.unwinding(error, this.frame);
      if (seen instanceof PyException && seen.value.pyClass.name === 'StopIteration') {
        const wrapped = makeException(exceptionClass('RuntimeError'), ['generator raised StopIteration']);
        wrapped.cause = seen.value;
        throw new PyException(wrapped);
      }
      throw seen;
    } finally {
      this.running = false;
      this.runtime.leave(this.frame);
    }
  }
}
