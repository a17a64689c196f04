import { Generator } from '../../../core/random/generator';
import { drawLoaderSeed } from '../../../core/random/integers';
import { PyList } from '../../objects/containers';
import type { Interpreter } from '../../objects/interpreter';
import type { PyInstance, PyValue } from '../../objects/value';
import { torchContext, type TorchContext } from '../torchContext';
import { defaultCollate } from './collate';
import { attribute, fetchItems, iterableDatasetClass } from './datasetClasses';
import { findBatchMaker, type BatchMaker } from './datasetState';
import { generatorOf } from './samplerClasses';

const noAccelerator =
  "'pin_memory' argument is set as true but no accelerator is found, then device pinned memory won't be used.";

const finished: IteratorResult<PyValue> = { done: true, value: null };

/** The indices as numbers when every one is a plain int. */
function plainIndices(batch: PyValue): number[] | null {
  if (!(batch instanceof PyList)) return null;
  const indices: number[] = [];
  for (const index of batch.items) {
    if (typeof index !== 'bigint') return null;
    indices.push(Number(index));
  }
  return indices;
}

/**
 * One pass over a DataLoader. The base seed is drawn when it is made and the sampler's when the first batch is asked
 * for, as in torch/utils/data/dataloader.py. With `num_workers` the batches are made here, one after the other, with the
 * random numbers that each worker process would have.
 */
export class LoaderIterator implements Iterator<PyValue> {
  private readonly context: TorchContext;
  private indices!: Iterator<PyValue>;
  private stream: Iterator<PyValue> | null = null;
  private maker: BatchMaker | null = null;
  private yielded = 0;
  private ended = false;
  private readonly workers: Generator[] = [];
  private readonly workerCount: number;
  private readonly iterable: boolean;
  private readonly batched: boolean;
  private readonly dataset: PyValue;
  private readonly collateFunction: PyValue;

  constructor(
    private readonly loader: PyInstance,
    private readonly interpreter: Interpreter,
  ) {
    this.context = torchContext(interpreter);
    this.dataset = attribute(loader, 'dataset');
    this.iterable = interpreter.isInstance(this.dataset, iterableDatasetClass);
    this.batched = attribute(loader, 'batch_sampler') !== null;
    this.collateFunction = attribute(loader, 'collate_fn');
    this.workerCount = this.iterable ? 0 : Number(attribute(loader, 'num_workers'));
    if (interpreter.isTrue(attribute(loader, 'pin_memory')) && this.context.runtimeDevice === 'cpu') {
      this.context.warn(noAccelerator);
    }
    this.reset();
    const seed = drawLoaderSeed(generatorOf(attribute(loader, 'generator'), interpreter));
    for (let worker = 0; worker < this.workerCount; worker++) {
      this.workers.push(new Generator(seed + BigInt(worker)));
    }
  }

  /** Starts over; persistent workers keep their random numbers and draw no new seed. */
  reset(): void {
    const { loader, interpreter } = this;
    this.indices = interpreter.iterate(attribute(loader, this.batched ? 'batch_sampler' : 'sampler'));
    this.stream = this.iterable ? interpreter.iterate(this.dataset) : null;
    this.yielded = 0;
    this.ended = false;
    const plain = this.batched && !this.iterable && this.collateFunction === defaultCollate;
    this.maker = plain ? findBatchMaker(this.dataset, interpreter) : null;
  }

  next(): IteratorResult<PyValue> {
    if (this.ended) return finished;
    const step = this.indices.next();
    const batch = step.done === true ? undefined : this.fetch(step.value);
    if (batch === undefined) {
      this.ended = true;
      this.context.onEpochEnd?.();
      return finished;
    }
    this.yielded++;
    return { done: false, value: batch };
  }

  private fetch(index: PyValue): PyValue | undefined {
    if (this.stream !== null) return this.fetchStream(index, this.stream);
    const worker = this.workers[this.yielded % Math.max(1, this.workerCount)];
    return worker === undefined ? this.fetchItem(index) : this.asWorker(worker, () => this.fetchItem(index));
  }

  /** Runs `body` with torch's generator in the state of a worker's. */
  private asWorker<T>(worker: Generator, body: () => T): T {
    const { generator } = this.context;
    const state = generator.getState();
    generator.setState(worker.getState());
    try {
      return body();
    } finally {
      worker.setState(generator.getState());
      generator.setState(state);
    }
  }

  private fetchItem(index: PyValue): PyValue {
    const { interpreter, dataset } = this;
    if (this.maker !== null) {
      const indices = plainIndices(index);
      const batch = indices === null ? null : this.maker(indices);
      if (batch !== null) return batch;
    }
    const data = this.batched
      ? new PyList(fetchItems(dataset, interpreter.list(index), interpreter))
      : interpreter.getItem(dataset, index);
    return interpreter.call(this.collateFunction, [data]);
  }

  private fetchStream(indices: PyValue, stream: Iterator<PyValue>): PyValue | undefined {
    if (!this.batched) {
      const step = stream.next();
      return step.done === true ? undefined : this.interpreter.call(this.collateFunction, [step.value]);
    }
    const wanted = this.interpreter.length(indices);
    const items: PyValue[] = [];
    while (items.length < wanted) {
      const step = stream.next();
      if (step.done === true) break;
      items.push(step.value);
    }
    const short = items.length < wanted && attribute(this.loader, 'drop_last') === true;
    if (items.length === 0 || short) return undefined;
    return this.interpreter.call(this.collateFunction, [new PyList(items)]);
  }
}
