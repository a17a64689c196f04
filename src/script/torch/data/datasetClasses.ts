import { PythonError } from '../../../common/errors';
import { dtypeTable } from '../../../core/tensor/dtype';
import type { TensorData } from '../../../core/tensor/dtype';
import { Tensor } from '../../../core/tensor/tensor';
import { PyList, PyRange, PyTuple } from '../../objects/containers';
import { PyIterator } from '../../objects/functions';
import type { Interpreter } from '../../objects/interpreter';
import { nativeClass } from '../../objects/native';
import type { PyClass, PyInstance, PyValue } from '../../objects/value';
import { PyTensor, wrapTensor } from '../tensorClass';
import { torchContext } from '../torchContext';
import { DatasetState, findBatchMaker } from './datasetState';
import type { BatchMaker } from './datasetState';

const moduleName = 'torch.utils.data.dataset';

/** The attribute of one of our instances, `null` when the script deleted it. */
export function attribute(self: PyInstance, name: string): PyValue {
  return self.attributes.get(name) ?? null;
}

function items(self: PyInstance, name: string): readonly PyValue[] {
  const value = attribute(self, name);
  return value instanceof PyList || value instanceof PyTuple ? value.items : [];
}

/** `Dataset[int]` in a script's annotations is the class itself. */
const subscriptable = {
  __class_getitem__: ['cls, item', (args: { value(name: string): PyValue }) => args.value('cls')],
} as const;

/** `torch.utils.data.Dataset`. */
export const datasetClass: PyClass = nativeClass<PyInstance>({
  name: 'Dataset',
  module: moduleName,
  methods: {
    __getitem__: [
      'index',
      () => {
        throw new PythonError('NotImplementedError', 'Subclasses of Dataset should implement __getitem__.');
      },
    ],
    __add__: [
      'other',
      (self, args, interpreter) => interpreter.call(concatDatasetClass, [new PyList([self, args.value('other')])]),
    ],
  },
  classMethods: subscriptable,
});

/** `torch.utils.data.IterableDataset`. */
export const iterableDatasetClass: PyClass = nativeClass<PyInstance>({
  name: 'IterableDataset',
  module: moduleName,
  bases: [datasetClass],
  methods: {
    __add__: [
      'other',
      (self, args, interpreter) => interpreter.call(chainDatasetClass, [new PyList([self, args.value('other')])]),
    ],
  },
});

/** Whole rows of tensors: what indexing one after the other and stacking gives. */
class TensorDatasetState extends DatasetState {
  batchMaker(self: PyInstance, interpreter: Interpreter): BatchMaker | null {
    if (self.pyClass !== tensorDatasetClass) return null;
    const tensors: Tensor[] = [];
    for (const item of items(self, 'tensors')) {
      if (!(item instanceof PyTensor) || item.tensor.requiresGrad) return null;
      tensors.push(item.tensor);
    }
    const { tape } = torchContext(interpreter);
    return (indices) => {
      const length = tensors[0]!.shape[0]!;
      if (indices.some((index) => index < 0 || index >= length)) return null;
      return new PyList(tensors.map((tensor) => wrapTensor(gatherRows(tensor, indices, tape))));
    };
  }
}

function gatherRows(tensor: Tensor, indices: readonly number[], tape: Tensor['tape']): Tensor {
  const shape = tensor.shape.slice(1);
  const size = shape.reduce((product, length) => product * length, 1);
  const data = dtypeTable[tensor.dtype].allocate(indices.length * size);
  const from = tensor.data;
  indices.forEach((index, position) => {
    copyElements(data, position * size, from, index * size, size);
  });
  return Tensor.fromData(tape, data, [indices.length, ...shape], tensor.dtype);
}

/** Copies elements between arrays of the same kind. */
export function copyElements(target: TensorData, at: number, from: TensorData, start: number, count: number): void {
  if (target instanceof BigInt64Array) target.set((from as BigInt64Array).subarray(start, start + count), at);
  else target.set((from as Float32Array).subarray(start, start + count), at);
}

/** `torch.utils.data.TensorDataset`. */
export const tensorDatasetClass: PyClass = nativeClass<PyInstance>({
  name: 'TensorDataset',
  module: moduleName,
  bases: [datasetClass],
  methods: {
    __init__: [
      '*tensors',
      (self, args, interpreter) => {
        const tensors = args.rest();
        if (tensors.length === 0) throw new PythonError('IndexError', 'tuple index out of range');
        const lengths = tensors.map((tensor) => interpreter.callMethod(tensor, 'size', [0n]));
        if (lengths.some((length) => !interpreter.equals(length, lengths[0]!))) {
          throw new PythonError('AssertionError', 'Size mismatch between tensors');
        }
        self.attributes.set('tensors', new PyTuple(tensors));
        self.native = new TensorDatasetState();
      },
    ],
    __getitem__: [
      'index',
      (self, args, interpreter) =>
        new PyTuple(items(self, 'tensors').map((tensor) => interpreter.getItem(tensor, args.value('index')))),
    ],
    __len__: ['', (self, _args, interpreter) => BigInt(interpreter.length(items(self, 'tensors')[0] ?? null))],
  },
});

/** Reads an int out of `indices[at]`. */
function indexAt(indices: PyValue, at: PyValue, interpreter: Interpreter): PyValue {
  if (typeof at === 'bigint' && at >= 0n) {
    if (indices instanceof PyList && at < indices.items.length) return indices.items[Number(at)]!;
    if (indices instanceof PyRange && at < indices.length) return indices.start + at * indices.step;
  }
  return interpreter.getItem(indices, at);
}

/** The items of a map-style data set, as DataLoader's fetcher gets them. */
export function fetchItems(dataset: PyValue, indices: readonly PyValue[], interpreter: Interpreter): PyValue[] {
  const together = interpreter.findAttribute(dataset, '__getitems__') ?? null;
  if (together !== null) return interpreter.list(interpreter.call(together, [new PyList([...indices])]));
  return indices.map((index) => interpreter.getItem(dataset, index));
}

class SubsetState extends DatasetState {
  batchMaker(self: PyInstance, interpreter: Interpreter): BatchMaker | null {
    if (self.pyClass !== subsetClass) return null;
    const make = findBatchMaker(attribute(self, 'dataset'), interpreter);
    if (make === null) return null;
    const indices = attribute(self, 'indices');
    return (positions) => {
      const mapped: number[] = [];
      for (const position of positions) {
        const index = indexAt(indices, BigInt(position), interpreter);
        if (typeof index !== 'bigint') return null;
        mapped.push(Number(index));
      }
      return make(mapped);
    };
  }
}

/** `torch.utils.data.Subset`. */
export const subsetClass: PyClass = nativeClass<PyInstance>({
  name: 'Subset',
  module: moduleName,
  bases: [datasetClass],
  methods: {
    __init__: [
      'dataset, indices',
      (self, args) => {
        const { pyClass } = self;
        const overrides = (name: string) => pyClass.lookup(name) !== subsetClass.lookup(name);
        if (overrides('__getitem__') && !overrides('__getitems__')) {
          throw new PythonError(
            'NotImplementedError',
            `${pyClass.name} overrides __getitem__ but not __getitems__. ` +
              'When subclassing Subset and overriding __getitem__, you must also override ' +
              '__getitems__ to ensure DataLoader works correctly with your custom logic. ' +
              'A simple implementation:\n\ndef __getitems__(self, indices):\n' +
              '    return [self.__getitem__(idx) for idx in indices]',
          );
        }
        self.attributes.set('dataset', args.value('dataset'));
        self.attributes.set('indices', args.value('indices'));
        self.native = new SubsetState();
      },
    ],
    __getitem__: [
      'idx',
      (self, args, interpreter) => {
        const index = args.value('idx');
        const indices = attribute(self, 'indices');
        const mapped =
          index instanceof PyList
            ? new PyList(index.items.map((item) => indexAt(indices, item, interpreter)))
            : indexAt(indices, index, interpreter);
        return interpreter.getItem(attribute(self, 'dataset'), mapped);
      },
    ],
    __getitems__: [
      'indices',
      (self, args, interpreter) => {
        const indices = attribute(self, 'indices');
        const mapped = interpreter.list(args.value('indices')).map((item) => indexAt(indices, item, interpreter));
        return new PyList(fetchItems(attribute(self, 'dataset'), mapped, interpreter));
      },
    ],
    __len__: ['', (self, _args, interpreter) => BigInt(interpreter.length(attribute(self, 'indices')))],
  },
});

/** `torch.utils.data.ConcatDataset`. */
export const concatDatasetClass: PyClass = nativeClass<PyInstance>({
  name: 'ConcatDataset',
  module: moduleName,
  bases: [datasetClass],
  methods: {
    __init__: [
      'datasets',
      (self, args, interpreter) => {
        const datasets = interpreter.list(args.value('datasets'));
        if (datasets.length === 0) {
          throw new PythonError('AssertionError', 'datasets should not be an empty iterable');
        }
        if (datasets.some((dataset) => interpreter.isInstance(dataset, iterableDatasetClass))) {
          throw new PythonError('AssertionError', 'ConcatDataset does not support IterableDataset');
        }
        let sum = 0;
        const sizes = datasets.map((dataset) => BigInt((sum += interpreter.length(dataset))));
        self.attributes.set('datasets', new PyList(datasets));
        self.attributes.set('cumulative_sizes', new PyList(sizes));
      },
    ],
    __len__: ['', (self) => items(self, 'cumulative_sizes').at(-1) ?? 0n],
    __getitem__: [
      'idx',
      (self, args, interpreter) => {
        const sizes = items(self, 'cumulative_sizes').map(Number);
        let index = args.index('idx');
        if (index < 0) {
          index += sizes.at(-1)!;
          if (index < 0) {
            throw new PythonError('ValueError', 'absolute value of index should not exceed dataset length');
          }
        }
        const part = sizes.findIndex((size) => index < size);
        if (part < 0) throw new PythonError('IndexError', 'list index out of range');
        return interpreter.getItem(items(self, 'datasets')[part]!, BigInt(index - (sizes[part - 1] ?? 0)));
      },
    ],
  },
});

function checkIterable(datasets: readonly PyValue[], interpreter: Interpreter): void {
  if (datasets.some((dataset) => !interpreter.isInstance(dataset, iterableDatasetClass))) {
    throw new PythonError('AssertionError', 'ChainDataset only supports IterableDataset');
  }
}

function* chained(datasets: readonly PyValue[], interpreter: Interpreter): Generator<PyValue> {
  for (const dataset of datasets) {
    checkIterable([dataset], interpreter);
    const iterator = interpreter.iterate(dataset);
    for (let step = iterator.next(); step.done !== true; step = iterator.next()) yield step.value;
  }
}

/** `torch.utils.data.ChainDataset`. */
export const chainDatasetClass: PyClass = nativeClass<PyInstance>({
  name: 'ChainDataset',
  module: moduleName,
  bases: [iterableDatasetClass],
  methods: {
    __init__: [
      'datasets',
      (self, args) => {
        self.attributes.set('datasets', args.value('datasets'));
      },
    ],
    __iter__: [
      '',
      (self, _args, interpreter) =>
        new PyIterator(chained(interpreter.list(attribute(self, 'datasets')), interpreter), 'generator'),
    ],
    __len__: [
      '',
      (self, _args, interpreter) => {
        const datasets = interpreter.list(attribute(self, 'datasets'));
        checkIterable(datasets, interpreter);
        return BigInt(datasets.reduce<number>((sum, dataset) => sum + interpreter.length(dataset), 0));
      },
    ],
  },
});
