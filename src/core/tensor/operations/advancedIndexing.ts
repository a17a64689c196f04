import { PythonError } from '../../../common/errors';
import type { Scalar } from '../../operation';
import { isFloating, type Shape } from '../dtype';
import { apply, Tensor } from '../tensor';
import type { Value } from '../value';
import { range } from './axes';
import { fedIntegers, selectChecked, sliceBounds, sliceOf } from './basicIndexing';
import { broadcastShape, castTo, fedScalar } from './promotion';
import { alias, expand, unsqueeze } from './views';

/** One item between the brackets of `x[...]`. */
export type IndexItem =
  | { kind: 'integer'; index: number }
  | { kind: 'slice'; start: number | null; stop: number | null; step: number }
  | { kind: 'newAxis' }
  | { kind: 'ellipsis' }
  | { kind: 'tensor'; tensor: Tensor };

/** A tensor index and the axis that it indexes, after the basic items have been applied. */
interface AxisIndex {
  axis: number;
  indices: Tensor;
}

/** What basic indexing leaves, and the tensor indices that are still to be applied. */
interface Located {
  view: Tensor;
  indices: AxisIndex[];
}

/** The flat positions of the true elements, one list for each axis. Reads the mask. */
export function nonZeroPositions(mask: Tensor): number[][] {
  const { data, shape } = mask;
  const lists: number[][] = shape.map(() => []);
  for (let flat = 0; flat < data.length; flat++) {
    if (Number(data[flat]) === 0) continue;
    let rest = flat;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      lists[axis]!.push(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
  }
  return lists;
}

function dimensionsOf(item: IndexItem): number {
  if (item.kind === 'newAxis' || item.kind === 'ellipsis') return 0;
  if (item.kind === 'tensor' && isMask(item.tensor)) return item.tensor.shape.length;
  return 1;
}

function isMask(tensor: Tensor): boolean {
  return tensor.dtype === 'bool';
}

function locate(x: Tensor, items: readonly IndexItem[]): Located {
  const used = items.reduce((total, item) => total + dimensionsOf(item), 0);
  const rank = x.shape.length;
  if (used > rank) {
    if (rank === 0 && items.length === 1 && items[0]!.kind === 'integer') {
      throw new PythonError(
        'IndexError',
        'invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number',
      );
    }
    if (rank === 0 && items.length === 1 && items[0]!.kind === 'slice') {
      throw new PythonError('IndexError', 'slice() cannot be applied to a 0-dim tensor.');
    }
    throw new PythonError('IndexError', `too many indices for tensor of dimension ${rank}`);
  }
  let view = x;
  let axis = 0;
  const indices: AxisIndex[] = [];
  for (const item of items) {
    switch (item.kind) {
      case 'integer':
        view = selectWithOriginalAxis(view, axis, item.index, x);
        break;
      case 'slice': {
        const size = view.shape[axis]!;
        const [start, stop] = sliceBounds(size, item.start, item.stop);
        // PyTorch leaves a slice of everything out only where it is one of several items.
        const whole = items.length > 1 && start === 0 && stop === size && item.step === 1;
        if (!whole) view = sliceOf(view, axis, start, stop, item.step);
        axis++;
        break;
      }
      case 'newAxis':
        view = unsqueeze(view, axis);
        axis++;
        break;
      case 'ellipsis':
        axis += rank - used;
        break;
      case 'tensor':
        axis = addTensorIndex(view, axis, item.tensor, indices);
    }
  }
  return { view, indices };
}

/** PyTorch names the axis of the tensor being indexed at that moment. */
function selectWithOriginalAxis(view: Tensor, axis: number, index: number, x: Tensor): Tensor {
  const size = view.shape[axis]!;
  if (index < -size || index >= size) {
    const original = axis + x.shape.length - view.shape.length;
    throw new PythonError('IndexError', `index ${index} is out of bounds for dimension ${original} with size ${size}`);
  }
  return selectChecked(view, axis, index);
}

function addTensorIndex(view: Tensor, axis: number, index: Tensor, indices: AxisIndex[]): number {
  if (!isMask(index)) {
    if (isFloating(index.dtype)) {
      throw new PythonError('IndexError', 'tensors used as indices must be long, int, byte or bool tensors');
    }
    const indexTensor = castTo(index, 'int64');
    checkRange(indexTensor, view.shape[axis]!, indices.length);
    indices.push({ axis, indices: indexTensor });
    return axis + 1;
  }
  index.shape.forEach((size, i) => {
    if (size === view.shape[axis + i]) return;
    throw new PythonError(
      'IndexError',
      `The shape of the mask [${index.shape.join(', ')}] at index ${i} does not match the shape of the indexed tensor [${view.shape.join(', ')}] at index ${axis + i}`,
    );
  });
  nonZeroPositions(index).forEach((positions, i) => {
    indices.push({ axis: axis + i, indices: new Tensor(view.tape, fedIntegers(positions)) });
  });
  return axis + index.shape.length;
}

/** Reads the indices: a kernel's own refusal would come later, at another line and in other words. PyTorch counts index tensors, not axes. */
function checkRange(index: Tensor, size: number, place: number): void {
  for (const element of index.data) {
    const position = Number(element);
    if (position < -size || position >= size) {
      throw new PythonError(
        'IndexError',
        `index ${position} is out of bounds for dimension ${place} with size ${size}`,
      );
    }
  }
}

/** `x[items]`. Basic indexing gives a view, tensor indices a copy. */
export function getItem(x: Tensor, items: readonly IndexItem[]): Tensor {
  const { view, indices } = locate(x, items);
  if (indices.length === 0) return view === x ? alias(x) : view;
  if (indices.length === 1) {
    const { axis, indices: index } = indices[0]!;
    return apply(x.tape, 'Gather', [view, index.value], { axis }, 'IndexBackward0');
  }
  const plan = gatherPlan(view, indices);
  const moved = transposed(view, plan.order);
  const gathered = apply(x.tape, 'GatherND', [moved, plan.stacked], undefined, 'IndexBackward0');
  return transposed(gathered, plan.resultOrder, 'IndexBackward0');
}

/** `x[items] = value`. */
export function setItem(x: Tensor, items: readonly IndexItem[], value: Tensor | Scalar): void {
  const mask = maskOf(x, items);
  if (mask && (!(value instanceof Tensor) || value.shape.length === 0)) {
    const source = value instanceof Tensor ? castTo(value, x.dtype) : fedScalar(value, x.dtype);
    x.assign(fillWhere(x, mask, source, 'IndexPutBackward0'));
    return;
  }
  const { view, indices } = locate(x, items);
  const target = view === x ? alias(x) : view;
  const source = value instanceof Tensor ? castTo(value, x.dtype) : new Tensor(x.tape, fedScalar(value, x.dtype));
  if (indices.length === 0) {
    target.assign(broadcastValue(source, target.shape, 'expand'));
    return;
  }
  target.assign(putItems(target, indices, source, 'none'));
}

function maskOf(x: Tensor, items: readonly IndexItem[]): Tensor | null {
  const [item] = items;
  if (items.length !== 1 || item?.kind !== 'tensor' || !isMask(item.tensor)) return null;
  return item.tensor.shape.join() === x.shape.join() ? item.tensor : null;
}

/** Where the mask is true: the number; elsewhere the tensor. */
export function fillWhere(x: Tensor, mask: Tensor, source: Tensor | Value, name: string): Tensor {
  const type = x.dtype === 'bool' ? 'uint8' : x.dtype === 'int16' || x.dtype === 'int8' ? 'int32' : x.dtype;
  const { tape } = x;
  const fill =
    source instanceof Tensor ? castTo(source, type) : source.dtype === type ? source : castValue(source, type, tape);
  return castTo(apply(tape, 'Where', [mask.value, fill, castTo(x, type)], undefined, name), x.dtype);
}

function castValue(value: Value, type: Tensor['dtype'], tape: Tensor['tape']): Value {
  return castTo(new Tensor(tape, value), type).value;
}

/** The base with the elements at tensor indices replaced (`none`) or added to (`add`). */
function putItems(target: Tensor, indices: readonly AxisIndex[], source: Tensor, reduction: 'none' | 'add'): Tensor {
  const plan = gatherPlan(target, indices);
  const moved = transposed(target, plan.order);
  const values = transposed(broadcastValue(source, plan.resultShape), inverseOf(plan.resultOrder));
  const scattered = apply(target.tape, 'ScatterND', [moved, plan.stacked, values], { reduction }, 'IndexPutBackward0');
  return transposed(scattered, inverseOf(plan.order), 'IndexPutBackward0');
}

interface GatherPlan {
  /** Moves the indexed axes to the front. */
  order: number[];
  /** Indices of shape [..., number of indexed axes], non-negative. */
  stacked: Value;
  /** Moves the index's own axes from the front to where NumPy's rule has them. */
  resultOrder: number[];
  resultShape: number[];
}

function gatherPlan(view: Tensor, indices: readonly AxisIndex[]): GatherPlan {
  const { tape } = view;
  const axes = indices.map(({ axis }) => axis);
  const rest = range(view.shape.length).filter((axis) => !axes.includes(axis));
  let shape: readonly number[] = [];
  for (const { indices: index } of indices) {
    try {
      shape = broadcastShape(shape, index.shape);
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      const shapes = indices.map(({ indices: entry }) => `[${entry.shape.join(', ')}]`).join(', ');
      throw new PythonError(
        'IndexError',
        `shape mismatch: indexing tensors could not be broadcast together with shapes ${shapes}`,
      );
    }
  }
  const columns = indices.map(({ indices: index, axis }) => {
    const negative = tape.emitOne('Less', [index.value, tape.scalar(0, 'int64')]);
    const wrapped = tape.emitOne('Add', [index.value, tape.scalar(view.shape[axis]!, 'int64')]);
    const known = index.value.data;
    const needsWrap = known === null || (known as BigInt64Array).some((element) => element < 0n);
    const position = needsWrap ? tape.emitOne('Where', [negative, wrapped, index.value]) : index.value;
    const expanded = tape.emitOne('Expand', [position, tape.ints(shape)]);
    return tape.emitOne('Unsqueeze', [expanded, tape.ints([shape.length])]);
  });
  const stacked = columns.length === 1 ? columns[0]! : tape.emitOne('Concat', columns, { axis: shape.length });
  const adjacent = axes.every((axis, i) => i === 0 || axis === axes[i - 1]! + 1);
  const before = adjacent ? axes[0]! : 0;
  const indexAxes = range(shape.length);
  const restAxes = range(rest.length).map((i) => i + shape.length);
  const resultOrder = [...restAxes.slice(0, before), ...indexAxes, ...restAxes.slice(before)];
  const gathered: Shape = [...shape, ...rest.map((axis) => view.shape[axis]!)];
  return { order: [...axes, ...rest], stacked, resultOrder, resultShape: resultOrder.map((axis) => gathered[axis]!) };
}

function transposed(x: Tensor, order: readonly number[], name = 'PermuteBackward0'): Tensor {
  if (order.every((axis, i) => axis === i)) return x;
  return apply(x.tape, 'Transpose', [x], { perm: order }, name);
}

function inverseOf(order: readonly number[]): number[] {
  return range(order.length).map((axis) => order.indexOf(axis));
}

/**
 * A value spread over the shape that it is written to.
 * @throws PythonError in PyTorch's words when it doesn't fit
 */
export function broadcastValue(source: Tensor, shape: Shape, words: 'expand' | 'index' = 'index'): Tensor {
  let trimmed = source.shape;
  while (trimmed.length > shape.length && trimmed[0] === 1) trimmed = trimmed.slice(1);
  const fits =
    trimmed.length <= shape.length &&
    trimmed.every((size, i) => size === 1 || size === shape[i + shape.length - trimmed.length]);
  if (!fits && words === 'expand') expand(source, shape);
  if (!fits) {
    throw new PythonError(
      'RuntimeError',
      `shape mismatch: value tensor of shape [${source.shape.join(', ')}] cannot be broadcast to indexing result of shape [${shape.join(', ')}]`,
    );
  }
  const { tape } = source;
  const plain =
    trimmed.length === source.shape.length
      ? source
      : apply(tape, 'Reshape', [source, tape.ints(trimmed)], { allowzero: 1 });
  if (plain.shape.length === shape.length && plain.shape.every((size, i) => size === shape[i])) return plain;
  return apply(tape, 'Expand', [plain, tape.ints(shape)], undefined, 'ExpandBackward0');
}
