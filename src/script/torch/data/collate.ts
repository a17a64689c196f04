import { PythonError } from '../../../common/errors';
import { dtypeTable, elementCount } from '../../../core/tensor/dtype';
import { Tensor } from '../../../core/tensor/tensor';
import { PyDict, PyList, PyRange, PyTuple } from '../../objects/containers';
import type { Interpreter } from '../../objects/interpreter';
import { nativeFunction } from '../../objects/native';
import type { PyValue } from '../../objects/value';
import { PyTensor, wrapTensor } from '../tensorClass';
import { torchContext } from '../torchContext';
import { copyElements } from './datasetClasses';

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/**
 * `torch.stack(batch, 0)`. Tensors without gradients become one new array and leave nothing on the tape.
 * @throws PythonError in the words of torch.stack
 */
function stackTensors(batch: readonly PyValue[], interpreter: Interpreter): PyValue {
  const tensors = batch.map((item) => {
    if (item instanceof PyTensor) return item.tensor;
    throw new PythonError(
      'TypeError',
      `expected Tensor as element ${batch.indexOf(item)} in argument 0, but got ${interpreter.classOf(item).name}`,
    );
  });
  const first = tensors[0]!;
  tensors.forEach((tensor, i) => {
    if (
      tensor.shape.length === first.shape.length &&
      tensor.shape.every((length, axis) => length === first.shape[axis])
    )
      return;
    throw new PythonError(
      'RuntimeError',
      `stack expects each tensor to be equal size, but got ${shapeText(first.shape)} at entry 0 and ${shapeText(tensor.shape)} at entry ${i}`,
      { hint: 'The items of a batch differ in size: bring them to one size, or give the DataLoader a collate_fn.' },
    );
  });
  if (tensors.some((tensor) => tensor.requiresGrad || tensor.dtype !== first.dtype)) {
    return interpreter.call(interpreter.getAttribute(interpreter.importModule('torch'), 'stack'), [
      new PyList([...batch]),
    ]);
  }
  const size = elementCount(first.shape);
  const data = dtypeTable[first.dtype].allocate(size * tensors.length);
  tensors.forEach((tensor, i) => {
    copyElements(data, i * size, tensor.data, 0, size);
  });
  return wrapTensor(Tensor.fromData(first.tape, data, [tensors.length, ...first.shape], first.dtype));
}

/** `torch.tensor(batch)` of ints and bools, by PyTorch's inference: int64 unless all are bools. */
function integerTensor(batch: readonly PyValue[], interpreter: Interpreter): PyValue {
  if (!batch.every((item) => typeof item === 'bigint')) {
    return interpreter.call(interpreter.getAttribute(interpreter.importModule('torch'), 'tensor'), [
      new PyList([...batch]),
    ]);
  }
  const { tape } = torchContext(interpreter);
  return wrapTensor(Tensor.fromData(tape, BigInt64Array.from(batch), [batch.length], 'int64'));
}

function namedFields(value: PyValue, interpreter: Interpreter): boolean {
  return value instanceof PyTuple && interpreter.findAttribute(value, '_fields') !== undefined;
}

/** The items of a list, tuple or range; null for anything else. */
function sequence(value: PyValue, interpreter: Interpreter): readonly PyValue[] | null {
  if (value instanceof PyList || value instanceof PyTuple) return value.items;
  return value instanceof PyRange ? interpreter.list(value) : null;
}

/**
 * PyTorch's default_collate: tensors are stacked, ints become int64 and floats float64, strings stay a list, and lists,
 * tuples, dicts and named tuples are collated item by item. Source: torch/utils/data/_utils/collate.py.
 * @param inner whether the batch is a column of sequences, whose strings PyTorch leaves in a tuple
 * @throws PythonError in PyTorch's words for what can't be collated
 */
export function collate(batch: readonly PyValue[], interpreter: Interpreter, inner = false): PyValue {
  const first = batch[0];
  if (first === undefined) throw new PythonError('IndexError', 'list index out of range');
  if (first instanceof PyTensor) return stackTensors(batch, interpreter);
  if (typeof first === 'number') {
    const data = Float64Array.from(batch, (item) => Number(item instanceof PyTensor ? item.tensor.data[0] : item));
    return wrapTensor(Tensor.fromData(torchContext(interpreter).tape, data, [batch.length], 'float64'));
  }
  if (typeof first === 'bigint' || typeof first === 'boolean') return integerTensor(batch, interpreter);
  if (typeof first === 'string') return inner ? new PyTuple(batch) : new PyList([...batch]);
  if (first instanceof PyDict) {
    const entries = first.keys().map((key): [PyValue, PyValue] => [
      key,
      collate(
        batch.map((item) => interpreter.getItem(item, key)),
        interpreter,
      ),
    ]);
    return new PyDict(entries, first.pyClass);
  }
  const firstItems = sequence(first, interpreter);
  if (firstItems === null) {
    throw new PythonError(
      'TypeError',
      `default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found ${interpreter.repr(interpreter.classOf(first))}`,
      foundHint(interpreter.classOf(first).name),
    );
  }
  return collateSequences(batch, first, firstItems.length, interpreter);
}

function foundHint(name: string): { hint?: string } {
  return name === 'Image' ? { hint: 'Give the data set transform=transforms.ToTensor().' } : {};
}

function collateSequences(batch: readonly PyValue[], first: PyValue, size: number, interpreter: Interpreter): PyValue {
  const rows = batch.map((item) => sequence(item, interpreter) ?? interpreter.list(item));
  const named = namedFields(first, interpreter);
  if (!named && rows.some((row) => row.length !== size)) {
    throw new PythonError('RuntimeError', 'each element in list of batch should be of equal size');
  }
  const columns = Array.from({ length: size }, (_, column) =>
    collate(
      rows.map((row) => row[column]!),
      interpreter,
      true,
    ),
  );
  return named ? interpreter.call((first as PyTuple).pyClass, columns) : new PyList(columns);
}

/** PyTorch's default_convert: what a DataLoader without batches makes of an item. Scalars and strings stay. */
export function convert(value: PyValue, interpreter: Interpreter): PyValue {
  if (value instanceof PyDict) {
    return new PyDict(
      value.items().map(([key, item]): [PyValue, PyValue] => [key, convert(item, interpreter)]),
      value.pyClass,
    );
  }
  const items = sequence(value, interpreter);
  if (items === null) return value;
  const converted = items.map((item) => convert(item, interpreter));
  return namedFields(value, interpreter)
    ? interpreter.call((value as PyTuple).pyClass, converted)
    : new PyList(converted);
}

/** `torch.utils.data.default_collate`. */
export const defaultCollate = nativeFunction('default_collate', 'batch', (args, interpreter) => {
  const batch = args.value('batch');
  return collate(sequence(batch, interpreter) ?? interpreter.list(batch), interpreter);
});

/** `torch.utils.data.default_convert`. */
export const defaultConvert = nativeFunction('default_convert', 'data', (args, interpreter) =>
  convert(args.value('data'), interpreter),
);
