import { PythonError } from '../../common/errors';
import type { Scalar } from '../../core/operation';
import { dtypeTable, elementCount, type DType, type Shape, type TensorData } from '../../core/tensor/dtype';
import { promoteTypes, scalarData, scalarType } from '../../core/tensor/operations/promotion';
import { Tensor } from '../../core/tensor/tensor';
import { typeName } from '../objects/arguments';
import { PyList } from '../objects/containers';
import { PyInstance, type PyValue } from '../objects/value';
import { elementOf, scalarOf, sequenceItems } from './argumentKinds';
import { NdArray } from './ndArray';
import { PyTensor } from './tensorClass';
import type { TorchContext } from './torchContext';

/** Nested lists, numbers and small tensors, flattened row by row. */
class Collector {
  readonly scalars: Scalar[] = [];
  readonly shape: number[] = [];
  /** The types of tensors among the elements. */
  private dtype: DType | null = null;

  constructor(private readonly context: TorchContext) {}

  collect(value: PyValue): void {
    this.measure(value);
    this.append(value, 0);
  }

  get inferred(): DType {
    return this.dtype ?? this.context.defaultDtype;
  }

  private measure(value: PyValue): void {
    let item = value;
    for (;;) {
      if (item instanceof PyTensor || item instanceof NdArray) {
        this.shape.push(...item.tensor.shape);
        return;
      }
      const items = this.itemsOf(item);
      if (items === null) return;
      this.shape.push(items.length);
      if (items.length === 0) return;
      item = items[0]!;
    }
  }

  /** The items of anything that Python takes for a sequence, a deque for one; null for what is none. */
  private itemsOf(value: PyValue): readonly PyValue[] | null {
    const items = sequenceItems(value);
    if (items !== null || !(value instanceof PyInstance)) return items;
    const isSequence = ['__len__', '__getitem__'].every((name) => value.pyClass.lookup(name) !== undefined);
    return isSequence ? this.context.interpreter.list(value) : null;
  }

  private append(value: PyValue, depth: number): void {
    if (value instanceof PyTensor || value instanceof NdArray) {
      this.appendTensor(value.tensor, depth);
      return;
    }
    const items = this.itemsOf(value);
    if (items !== null) {
      const expected = this.shape[depth];
      if (expected === undefined)
        throw new PythonError('TypeError', `'${typeName(value)}' object cannot be interpreted as an integer`);
      if (items.length !== expected) {
        throw new PythonError(
          'ValueError',
          `expected sequence of length ${expected} at dim ${depth} (got ${items.length})`,
        );
      }
      for (const item of items) this.append(item, depth + 1);
      return;
    }
    const scalar = scalarOf(value);
    if (scalar === null) {
      if (typeof value === 'string' && depth === 1 && this.scalars.length === 0) {
        throw new PythonError('ValueError', "too many dimensions 'str'");
      }
      if (typeof value === 'string') throw new PythonError('TypeError', "new(): invalid data type 'str'");
      throw new PythonError('RuntimeError', `Could not infer dtype of ${typeName(value)}`);
    }
    if (depth !== this.shape.length) {
      throw new PythonError('TypeError', 'not a sequence');
    }
    this.note(scalarType(scalar, this.context.defaultDtype));
    this.scalars.push(scalar);
  }

  private appendTensor(tensor: Tensor, depth: number): void {
    if (tensor.shape.length > 0 && depth > 0 && elementCount(tensor.shape) !== 1) {
      throw new PythonError('ValueError', 'only one element tensors can be converted to Python scalars');
    }
    this.note(tensor.dtype);
    for (let i = 0; i < elementCount(tensor.shape); i++) this.scalars.push(elementOf(tensor, i));
  }

  private note(dtype: DType): void {
    this.dtype = this.dtype === null ? dtype : promoteTypes(this.dtype, dtype);
  }
}

/**
 * `torch.tensor(data, dtype)`: a new tensor from numbers, nested lists, or another tensor's elements.
 * @throws PythonError in PyTorch's words
 */
export function tensorFromPython(value: PyValue, dtype: DType | null, context: TorchContext): Tensor {
  if (value instanceof PyTensor || value instanceof NdArray) {
    const source = value.tensor;
    return Tensor.fromData(context.tape, convert(source, dtype ?? source.dtype), source.shape, dtype ?? source.dtype);
  }
  const collector = new Collector(context);
  collector.collect(value);
  const type = dtype ?? collector.inferred;
  const { scalars, shape } = collector;
  return Tensor.fromData(context.tape, dataFromScalars(scalars, type), shape, type);
}

function convert(source: Tensor, dtype: DType): TensorData {
  if (source.dtype === dtype) return source.data;
  const scalars = Array.from({ length: elementCount(source.shape) }, (_, i) => elementOf(source, i));
  return dataFromScalars(scalars, dtype);
}

function dataFromScalars(scalars: readonly Scalar[], dtype: DType): TensorData {
  const data = dtypeTable[dtype].allocate(scalars.length);
  scalars.forEach((scalar, i) => {
    const [element] = scalarData(scalar, dtype);
    data[i] = element as never;
  });
  return data;
}

/** `tensor.tolist()`: nested lists, a number for shape []. */
export function toList(tensor: Tensor): PyValue {
  let next = 0;
  const build = (shape: Shape): PyValue => {
    if (shape.length === 0) return elementOf(tensor, next++);
    return new PyList(Array.from({ length: shape[0]! }, () => build(shape.slice(1))));
  };
  return build(tensor.shape);
}
