import { PythonError } from '../../../common/errors';
import { PyIterator } from '../../objects/functions';
import type { Interpreter } from '../../objects/interpreter';
import { nativeClass } from '../../objects/native';
import type { PyClass, PyInstance, PyValue } from '../../objects/value';
import type { Arguments } from '../../objects/arguments';
import { defaultCollate, defaultConvert } from './collate';
import { attribute, iterableDatasetClass } from './datasetClasses';
import { LoaderIterator } from './loaderIterator';
import { batchSamplerClass, randomSamplerClass, samplerClass, sequentialSamplerClass } from './samplerClasses';

/** What can't be set once the loader is made. */
const fixed = ['batch_size', 'batch_sampler', 'sampler', 'drop_last', 'dataset', 'persistent_workers'];

/** What a loader keeps besides its attributes. */
interface LoaderState {
  iterator: PyIterator | null;
}

function* endless(): Generator<PyValue> {
  for (;;) yield null;
}

/** The sampler of streams: it says None for ever. */
const constantSamplerClass = nativeClass<PyInstance>({
  name: '_InfiniteConstantSampler',
  module: 'torch.utils.data.dataloader',
  bases: [samplerClass],
  methods: { __iter__: ['', () => new PyIterator(endless(), 'generator')] },
});

function valueError(message: string): PythonError {
  return new PythonError('ValueError', message);
}

/** Checks of the arguments about worker processes, which are not used here. */
function checkWorkers(args: Arguments): { prefetchFactor: PyValue } {
  const workers = args.index('num_workers');
  if (workers < 0) {
    throw valueError('num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.');
  }
  if (args.float('timeout') < 0) throw valueError('timeout option should be non-negative');
  const prefetch = args.optional('prefetch_factor', 'index');
  if (workers === 0 && prefetch !== null) {
    throw valueError(
      'prefetch_factor option could only be specified in multiprocessing.' +
        'let num_workers > 0 to enable multiprocessing, otherwise set prefetch_factor to None.',
    );
  }
  if (prefetch !== null && prefetch < 0) throw valueError('prefetch_factor option should be non-negative');
  if (interpreterTruth(args.value('persistent_workers')) && workers === 0) {
    throw valueError('persistent_workers option needs num_workers > 0');
  }
  return { prefetchFactor: workers > 0 && prefetch === null ? 2n : args.value('prefetch_factor') };
}

function interpreterTruth(value: PyValue): boolean {
  return value === true || (typeof value === 'bigint' && value !== 0n);
}

function checkStream(args: Arguments, interpreter: Interpreter): void {
  const shuffle = args.value('shuffle');
  const refuse = (option: string, name: string, value: PyValue) => {
    const shown = `${name}=${interpreter.str(value)}`;
    throw valueError(`DataLoader with IterableDataset: expected unspecified ${option} option, but got ${shown}`);
  };
  if (shuffle !== null && shuffle !== false) refuse('shuffle', 'shuffle', shuffle);
  for (const name of ['sampler', 'batch_sampler']) {
    if (!args.isNone(name)) refuse(name, name, args.value(name));
  }
}

function chooseSamplers(args: Arguments, iterable: boolean, interpreter: Interpreter): Record<string, PyValue> {
  const dataset = args.value('dataset');
  const shuffle = !iterable && interpreter.isTrue(args.value('shuffle'));
  const dropLast = args.value('drop_last');
  let batchSize = args.value('batch_size');
  let sampler = args.value('sampler');
  let batchSampler = args.value('batch_sampler');
  if (sampler !== null && shuffle) throw valueError('sampler option is mutually exclusive with shuffle');
  if (batchSampler !== null) {
    if (batchSize !== 1n || shuffle || sampler !== null || interpreter.isTrue(dropLast)) {
      throw valueError('batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last');
    }
    batchSize = null;
  } else if (batchSize === null && interpreter.isTrue(dropLast)) {
    throw valueError('batch_size=None option disables auto-batching and is mutually exclusive with drop_last');
  }
  if (sampler === null) {
    if (iterable) sampler = interpreter.call(constantSamplerClass);
    else if (shuffle) {
      sampler = interpreter.call(randomSamplerClass, [dataset], new Map([['generator', args.value('generator')]]));
    } else sampler = interpreter.call(sequentialSamplerClass, [dataset]);
  }
  if (batchSize !== null && batchSampler === null) {
    batchSampler = interpreter.call(batchSamplerClass, [sampler, batchSize, dropLast]);
  }
  return { batch_size: batchSize, drop_last: dropLast, sampler, batch_sampler: batchSampler };
}

function iterator(self: PyInstance, interpreter: Interpreter): PyIterator {
  const state = self.native as LoaderState;
  const workers = attribute(self, 'num_workers') !== 0n;
  const name = workers ? '_MultiProcessingDataLoaderIter' : '_SingleProcessDataLoaderIter';
  if (state.iterator !== null) {
    (state.iterator.source as LoaderIterator).reset();
    return state.iterator;
  }
  const made = new PyIterator(new LoaderIterator(self, interpreter), name);
  if (workers && interpreter.isTrue(attribute(self, 'persistent_workers'))) state.iterator = made;
  return made;
}

/**
 * `torch.utils.data.DataLoader`. Batches are made in the script's own thread: `num_workers`, `pin_memory`, `timeout` and
 * `worker_init_fn` are taken and set aside. Source: torch/utils/data/dataloader.py of PyTorch 2.13.0.
 */
export const dataLoaderClass: PyClass = nativeClass<PyInstance>({
  name: 'DataLoader',
  module: 'torch.utils.data.dataloader',
  methods: {
    __init__: [
      'dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None, num_workers=0, collate_fn=None, ' +
        'pin_memory=False, drop_last=False, timeout=0, worker_init_fn=None, multiprocessing_context=None, generator=None, ' +
        "*, prefetch_factor=None, persistent_workers=False, pin_memory_device='', in_order=True",
      (self, args, interpreter) => {
        const { prefetchFactor } = checkWorkers(args);
        const dataset = args.value('dataset');
        const iterable = interpreter.isInstance(dataset, iterableDatasetClass);
        if (iterable) checkStream(args, interpreter);
        const samplers = chooseSamplers(args, iterable, interpreter);
        const collateFunction =
          args.value('collate_fn') ?? (samplers['batch_sampler'] === null ? defaultConvert : defaultCollate);
        for (const name of [
          'dataset',
          'num_workers',
          'pin_memory',
          'pin_memory_device',
          'timeout',
          'worker_init_fn',
          'multiprocessing_context',
          'in_order',
          'generator',
          'persistent_workers',
        ]) {
          self.attributes.set(name, args.value(name));
        }
        for (const [name, value] of Object.entries(samplers)) self.attributes.set(name, value);
        self.attributes.set('prefetch_factor', prefetchFactor);
        self.attributes.set('collate_fn', collateFunction);
        self.native = { iterator: null } satisfies LoaderState;
      },
    ],
    __setattr__: [
      'name, value',
      (self, args) => {
        const name = args.string('name');
        if (self.native !== undefined && fixed.includes(name)) {
          throw valueError(`${name} attribute should not be set after ${self.pyClass.name} is initialized`);
        }
        self.attributes.set(name, args.value('value'));
      },
    ],
    __iter__: ['', (self, _args, interpreter) => iterator(self, interpreter)],
    __len__: [
      '',
      (self, _args, interpreter) => {
        const dataset = attribute(self, 'dataset');
        if (!interpreter.isInstance(dataset, iterableDatasetClass)) {
          const sampler = attribute(self, 'batch_sampler') ?? attribute(self, 'sampler');
          return BigInt(interpreter.length(sampler));
        }
        const length = interpreter.length(dataset);
        const size = attribute(self, 'batch_size');
        if (size === null) return BigInt(length);
        const exact = length / Number(size);
        return BigInt(interpreter.isTrue(attribute(self, 'drop_last')) ? Math.floor(exact) : Math.ceil(exact));
      },
    ],
  },
  classMethods: { __class_getitem__: ['cls, item', (args) => args.value('cls')] },
});
