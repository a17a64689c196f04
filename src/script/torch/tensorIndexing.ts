import { PythonError } from '../../common/errors';
import { isFloating } from '../../core/tensor/dtype';
import type { IndexItem } from '../../core/tensor/operations/advancedIndexing';
import { Tensor } from '../../core/tensor/tensor';
import { typeName, unwrap } from '../objects/arguments';
import { ellipsis, PyList, PyRange, PySlice, PyTuple } from '../objects/containers';
import type { PyValue } from '../objects/value';
import { integerOf } from './argumentKinds';
import { PyTensor } from './tensorClass';
import { tensorFromPython } from './tensorData';
import type { TorchContext } from './torchContext';

/** What stands between the brackets of `x[...]`, as the core takes it. */
export function indexItems(key: PyValue, context: TorchContext): IndexItem[] {
  const parts = key instanceof PyTuple ? key.items : [key];
  return parts.map((part) => indexItem(part, context));
}

function indexItem(part: PyValue, context: TorchContext): IndexItem {
  const plain = unwrap(part);
  if (typeof plain === 'bigint') return { kind: 'integer', index: Number(plain) };
  if (plain === null) return { kind: 'newAxis' };
  if (plain === ellipsis) return { kind: 'ellipsis' };
  if (plain instanceof PySlice) return sliceItem(plain);
  if (plain instanceof PyTensor) return tensorItem(plain.tensor);
  if (plain instanceof PyList || plain instanceof PyTuple || plain instanceof PyRange) {
    const tensor = tensorFromPython(plain, null, context);
    const empty = isFloating(tensor.dtype) && tensor.shape.includes(0);
    return {
      kind: 'tensor',
      tensor: empty ? Tensor.fromData(context.tape, new BigInt64Array(), [0], 'int64') : tensor,
    };
  }
  if (typeof plain === 'boolean') {
    if (plain) return { kind: 'newAxis' };
    throw new PythonError('NotImplementedError', 'indexing a tensor with False is not supported by Gradstep');
  }
  if (typeof plain === 'string') throw new PythonError('TypeError', "new(): invalid data type 'str'");
  throw new PythonError(
    'IndexError',
    `only integers, slices (\`:\`), ellipsis (\`...\`), None and long or byte Variables are valid indices (got ${typeName(plain)})`,
  );
}

/** An integer tensor of shape [] is an integer, unless its element is still to be computed. */
function tensorItem(tensor: Tensor): IndexItem {
  const { data } = tensor.value;
  if (tensor.shape.length === 0 && data !== null && tensor.dtype !== 'bool' && !isFloating(tensor.dtype)) {
    return { kind: 'integer', index: Number(data[0]) };
  }
  return { kind: 'tensor', tensor };
}

function sliceItem(slice: PySlice): IndexItem {
  const bound = (value: PyValue): number | null => {
    if (value === null) return null;
    const integer = typeof value === 'boolean' ? Number(value) : integerOf(value);
    if (integer === null) {
      throw new PythonError('TypeError', 'slice indices must be integers or None or have an __index__ method');
    }
    return integer;
  };
  const step = bound(slice.step) ?? 1;
  if (step === 0) throw new PythonError('ValueError', 'slice step cannot be zero');
  if (step < 0) throw new PythonError('ValueError', 'step must be greater than zero');
  return { kind: 'slice', start: bound(slice.start), stop: bound(slice.stop), step };
}
