import { dtypeTable, elementCount, type DType, type Shape, type TensorData } from '../../core/tensor/dtype';
import { pythonText } from '../../core/tensor/pythonText';
import type { Value } from '../../core/tensor/value';
import { statisticsOf } from '../../core/training/statistics';
import { childrenOf, noAccess, type Access, type Children, type VariableItem } from './variableItem';

/** The elements of a tensor or of a part of one, row-major. */
interface ArrayPart {
  readonly data: TensorData;
  readonly shape: Shape;
  readonly dtype: DType;
}

export type ReadValue = (value: Value) => TensorData;

/** The range of a larger array is not looked for unasked: it would take longer than a step may. */
const mostMeasured = 4_000_000;
const digits = 4;

/** A recorded tensor, which the script need not have any more. */
export function recordedItem(name: string, value: Value, read: ReadValue, suffix = ''): VariableItem {
  const part = partOf(value, read);
  return {
    name,
    text: describeArray(part) + suffix,
    type: 'Tensor',
    children: elementsOf(part, noAccess, []),
    access: noAccess,
  };
}

export function partOf(value: Value, read: ReadValue): ArrayPart {
  return { data: read(value), shape: value.shape, dtype: value.dtype };
}

/** The dtype, the shape, the range and the mean; of a single element its value. */
export function describeArray({ data, shape, dtype }: ArrayPart): string {
  const kind = `${dtype} [${shape.join(', ')}]`;
  if (data.length === 0) return `${kind} · empty`;
  if (shape.length === 0) return `${dtype} ${elementText(data, 0, dtype)}`;
  if (data.length > mostMeasured) return `${kind} · ${data.length} elements`;
  const { min, max, mean, nan, infinite, count } = statisticsOf(data);
  const bad = [
    ...(nan > 0 ? [`${nan} of ${count} NaN`] : []),
    ...(infinite > 0 ? [`${infinite} of ${count} Inf`] : []),
  ];
  const range = nan > 0 ? [] : [`min ${short(min)}`, `max ${short(max)}`, `mean ${short(mean)}`];
  return [kind, ...range, ...bad].join(' · ');
}

/**
 * A tensor's elements: numbers of one dimension, otherwise its parts along the first.
 * @param access of the whole tensor
 * @param place the indices that lead to this part of it
 */
export function elementsOf(part: ArrayPart, access: Access, place: readonly number[]): Children | null {
  const [length = 0, ...rest] = part.shape;
  if (part.shape.length === 0 || part.data.length === 0) return null;
  const size = elementCount(rest);
  const { data, dtype } = part;
  return childrenOf(
    0,
    () => [],
    length,
    (index) => {
      const inner = [...place, index];
      const name = String(index);
      const own = elementAccess(access, inner, rest.length === 0);
      if (rest.length === 0) {
        const text = elementText(data, index, dtype);
        return { name, text, type: pythonType(dtype), children: null, access: own };
      }
      const row = { data: data.subarray(index * size, (index + 1) * size), shape: rest, dtype };
      return { name, text: describeArray(row), type: 'Tensor', children: elementsOf(row, access, inner), access: own };
    },
  );
}

/** Through `data`: a parameter refuses to be written in place while gradients are recorded. */
function elementAccess({ evaluateName, target }: Access, place: readonly number[], isNumber: boolean): Access {
  if (evaluateName === null) return noAccess;
  const index = `[${place.join(', ')}]`;
  return {
    evaluateName: `${evaluateName}${index}${isNumber ? '.item()' : ''}`,
    target: isNumber && target !== null ? `${target}.data${index}` : null,
    dataId: null,
  };
}

function pythonType(dtype: DType): string {
  return dtype === 'bool' ? 'bool' : dtypeTable[dtype].floating ? 'float' : 'int';
}

function elementText(data: TensorData, index: number, dtype: DType): string {
  const element = data[index]!;
  if (dtype === 'bool') return element ? 'True' : 'False';
  return typeof element === 'bigint' || !dtypeTable[dtype].floating ? String(element) : numberText(element);
}

/** Nine digits tell any two float32 numbers apart. */
function numberText(value: number): string {
  return pythonText(Number(value.toPrecision(9)));
}

export function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : pythonText(value);
}
