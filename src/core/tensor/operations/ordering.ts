import { PythonError } from '../../../common/errors';
import { optional, required, withDefault, type NamedResult, type OperationResult } from '../../operation';
import { dataFromNumbers, elementCount } from '../dtype';
import { apply, applyAll, Tensor } from '../tensor';
import { concreteValue } from '../value';
import { axisOf } from './axes';
import { fedIntegers } from './basicIndexing';
import { castTo } from './promotion';
import { takeAlong } from './reductions';
import { functionAndMethod, type TensorOperation } from './tensorOperation';
import { reshape } from './views';

/** The k largest or smallest along an axis, in order; equal elements keep their order. */
function topK(x: Tensor, k: number, dim: number, largest: boolean, name: string): { values: Tensor; indices: Tensor } {
  const { tape } = x;
  if (x.shape.length === 0) {
    return { values: apply(tape, 'Identity', [x], undefined, name), indices: new Tensor(tape, fedIntegers([0], [])) };
  }
  const axis = axisOf(dim, x.shape.length);
  if (k < 0 || k > x.shape[axis]!) throw new PythonError('RuntimeError', 'selected index k out of range');
  const computed = x.dtype === 'bool' ? castTo(x, 'uint8') : x;
  const attributes = { axis, largest: largest ? 1 : 0, sorted: 1 };
  const [values, indices] = applyAll(tape, 'TopK', [computed, tape.ints([k])], attributes, name);
  return { values: castTo(values!, x.dtype), indices: indices! };
}

function sorted(x: Tensor, dim: number, descending: boolean): { values: Tensor; indices: Tensor } {
  return topK(x, x.shape.length === 0 ? 1 : x.shape[axisOf(dim, x.shape.length)]!, dim, descending, 'SortBackward0');
}

/** The element of rank `position` (0-based, ascending) along an axis. */
function orderStatistic(
  x: Tensor,
  axis: number,
  position: number,
  keepdim: boolean,
  name: string,
): NamedResult['fields'] {
  const { tape } = x;
  if (x.shape.length === 0) return { values: x, indices: new Tensor(tape, fedIntegers([0], [])) };
  const { indices } = sorted(x.detach(), axis, false);
  const at = [tape.ints([position]), tape.ints([position + 1]), tape.ints([axis])];
  const kept = new Tensor(tape, tape.emitOne('Slice', [indices.value, ...at]));
  const values = takeAlong(x, kept, axis, name);
  if (keepdim) return { values, indices: kept };
  const axes = tape.ints([axis]);
  return {
    values: apply(tape, 'Squeeze', [values, axes], undefined, name),
    indices: new Tensor(tape, tape.emitOne('Squeeze', [kept.value, axes])),
  };
}

function median(x: Tensor, dim: number | null, keepdim: boolean): OperationResult {
  if (dim === null) {
    const count = elementCount(x.shape);
    return orderStatistic(reshape(x, [count]), 0, Math.floor((count - 1) / 2), false, 'MedianBackward0')['values']!;
  }
  const axis = axisOf(dim, x.shape.length);
  const position = Math.floor(((x.shape[axis] ?? 1) - 1) / 2);
  return { typeName: 'median', fields: orderStatistic(x, axis, position, keepdim, 'MedianBackward1') };
}

/** The most frequent element along an axis, the smallest of several, and the last place it has. Reads the data. */
function mode(x: Tensor, dim: number, keepdim: boolean): OperationResult {
  const axis = axisOf(dim, x.shape.length);
  const size = x.shape[axis] ?? 1;
  const inner = elementCount(x.shape.slice(axis + 1));
  const elements = x.data as ArrayLike<number | bigint>;
  const places: bigint[] = [];
  for (let outer = 0; outer < elementCount(x.shape); outer += size * inner) {
    for (let i = outer; i < outer + inner; i++) places.push(BigInt(modePlace(size, (at) => elements[i + at * inner]!)));
  }
  const kept = x.shape.map((count, i) => (i === axis ? 1 : count));
  const indices = new Tensor(x.tape, concreteValue(BigInt64Array.from(places), kept, 'int64'));
  const values = takeAlong(x, indices, axis, 'ModeBackward0');
  if (keepdim || x.shape.length === 0) return { typeName: 'mode', fields: { values, indices } };
  const axes = x.tape.ints([axis]);
  return {
    typeName: 'mode',
    fields: {
      values: apply(x.tape, 'Squeeze', [values, axes], undefined, 'ModeBackward0'),
      indices: new Tensor(x.tape, x.tape.emitOne('Squeeze', [indices.value, axes])),
    },
  };
}

function modePlace(size: number, element: (at: number) => number | bigint): number {
  const counts = new Map<number | bigint, { count: number; last: number }>();
  for (let at = 0; at < size; at++)
    counts.set(element(at), { count: (counts.get(element(at))?.count ?? 0) + 1, last: at });
  const [first] = [...counts].sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1));
  return first![1].last;
}

/** The different elements in ascending order. Reads the data. */
function unique(x: Tensor, inverse: boolean, counts: boolean): OperationResult {
  const { tape } = x;
  const elements = Array.from(x.data as ArrayLike<number | bigint>);
  const order = [...new Set(elements)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const place = new Map(order.map((element, i) => [element, i]));
  const positions = elements.map((element) => place.get(element)!);
  const data =
    x.dtype === 'int64' ? BigInt64Array.from(order as bigint[]) : dataFromNumbers(order as number[], x.dtype);
  const results: Tensor[] = [Tensor.fromData(tape, data, [order.length], x.dtype)];
  if (inverse) results.push(new Tensor(tape, fedIntegers(positions, x.shape)));
  if (counts) {
    const totals = order.map(() => 0);
    for (const position of positions) totals[position]!++;
    results.push(new Tensor(tape, fedIntegers(totals)));
  }
  return results.length === 1 ? results[0]! : results;
}

const input = required('tensor');

/** Sorting and ranking. */
export const orderingOperations: readonly TensorOperation[] = [
  functionAndMethod(
    'topk',
    {
      input,
      k: required('int'),
      dim: withDefault('int', -1),
      largest: withDefault('bool', true),
      sorted: withDefault('bool', true),
    },
    ({ input: x, k, dim, largest }) => ({ typeName: 'topk', fields: topK(x, k, dim, largest, 'TopkBackward0') }),
  ),
  functionAndMethod(
    'sort',
    { input, dim: withDefault('int', -1), descending: withDefault('bool', false), stable: withDefault('bool', false) },
    ({ input: x, dim, descending }) => ({ typeName: 'sort', fields: sorted(x, dim, descending) }),
  ),
  functionAndMethod(
    'argsort',
    { input, dim: withDefault('int', -1), descending: withDefault('bool', false), stable: withDefault('bool', false) },
    ({ input: x, dim, descending }) => sorted(x, dim, descending).indices,
  ),
  functionAndMethod(
    'median',
    { input, dim: optional('int'), keepdim: withDefault('bool', false) },
    ({ input: x, dim, keepdim }) => median(x, dim, keepdim),
  ),
  functionAndMethod(
    'mode',
    { input, dim: withDefault('int', -1), keepdim: withDefault('bool', false) },
    ({ input: x, dim, keepdim }) => mode(x, dim, keepdim),
  ),
  functionAndMethod(
    'kthvalue',
    { input, k: required('int'), dim: withDefault('int', -1), keepdim: withDefault('bool', false) },
    ({ input: x, k, dim, keepdim }) => {
      const axis = axisOf(dim, x.shape.length);
      if (k < 1 || k > (x.shape[axis] ?? 1)) {
        throw new PythonError('RuntimeError', `kthvalue(): selected number k out of range for dimension ${axis}`);
      }
      return { typeName: 'kthvalue', fields: orderStatistic(x, axis, k - 1, keepdim, 'KthvalueBackward0') };
    },
  ),
  functionAndMethod(
    'unique',
    {
      input,
      sorted: withDefault('bool', true),
      return_inverse: withDefault('bool', false),
      return_counts: withDefault('bool', false),
    },
    ({ input: x, return_inverse: inverse, return_counts: counts }) => unique(x, inverse, counts),
  ),
  functionAndMethod(
    'bincount',
    { input, weights: optional('tensor'), minlength: withDefault('int', 0) },
    ({ input: x, weights, minlength }) => {
      const elements = Array.from(x.data as ArrayLike<number | bigint>, Number);
      const totals = new Array<number>(
        Math.max(
          minlength,
          elements.reduce((top, e) => Math.max(top, e + 1), 0),
        ),
      ).fill(0);
      const weight = weights === null ? null : Array.from(weights.data as ArrayLike<number | bigint>, Number);
      elements.forEach((element, i) => {
        totals[element]! += weight === null ? 1 : weight[i]!;
      });
      const dtype = weights === null ? 'int64' : weights.dtype === 'float32' ? 'float32' : 'float64';
      return Tensor.fromData(x.tape, dataFromNumbers(totals, dtype), [totals.length], dtype);
    },
  ),
];
