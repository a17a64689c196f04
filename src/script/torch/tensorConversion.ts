import { PythonError } from '../../common/errors';
import type { DType } from '../../core/tensor/dtype';
import { castTo } from '../../core/tensor/operations/promotion';
import { clone } from '../../core/tensor/operations/shaping';
import type { Tensor } from '../../core/tensor/tensor';
import { typeName } from '../objects/arguments';
import { boolClass, floatClass, intClass } from '../objects/coreClasses';
import type { PyValue } from '../objects/value';
import { checkDevice, parseDevice, PyDevice } from './devices';
import { PyDtype } from './dtypes';
import { PyTensor } from './tensorClass';
import type { TorchContext } from './torchContext';

/** What `x.to(...)` and `module.to(...)` ask for. */
export interface Conversion {
  dtype: DType | null;
  device: PyDevice | null;
  copy: boolean;
}

/**
 * Reads the arguments of `to`: a device, a dtype, both, or another tensor; by position or by name.
 * @throws PythonError in PyTorch's words, also for CUDA without CUDA
 */
export function readConversion(
  args: readonly PyValue[],
  keywords: ReadonlyMap<string, PyValue> | null,
  context: Pick<TorchContext, 'runtimeDevice'>,
): Conversion {
  const conversion: Conversion = { dtype: null, device: null, copy: false };
  const take = (value: PyValue): boolean => {
    if (value === null) return true;
    if (value instanceof PyDtype) conversion.dtype = value.required();
    else if (value === floatClass) conversion.dtype = 'float64';
    else if (value === intClass) conversion.dtype = 'int64';
    else if (value === boolClass) conversion.dtype = 'bool';
    else if (typeof value === 'string') conversion.device = parseDevice(value);
    else if (typeof value === 'bigint') conversion.device = new PyDevice('cuda', Number(value));
    else if (value instanceof PyDevice) conversion.device = value;
    else if (value instanceof PyTensor) conversion.dtype = value.tensor.dtype;
    else return false;
    return true;
  };
  args.forEach((value, i) => {
    if (i > 0 && typeof value === 'boolean') {
      if (i === args.length - 1 && i > 1) conversion.copy = value;
      return;
    }
    if (take(value)) return;
    throw new PythonError(
      'TypeError',
      `to() received an invalid combination of arguments - got (${args.map(typeName).join(', ')}), but expected one of:\n * (torch.device device = None, torch.dtype dtype = None, bool non_blocking = False, bool copy = False, *, torch.memory_format memory_format = None)\n * (torch.dtype dtype, bool non_blocking = False, bool copy = False, *, torch.memory_format memory_format = None)\n * (Tensor tensor, bool non_blocking = False, bool copy = False, *, torch.memory_format memory_format = None)\n`,
    );
  });
  keywords?.forEach((value, name) => {
    if (name === 'copy') conversion.copy = value === true;
    else if (name === 'dtype' || name === 'device' || name === 'other' || name === 'tensor') take(value);
    else if (name !== 'non_blocking' && name !== 'memory_format') {
      throw new PythonError('TypeError', `to() got an unexpected keyword argument '${name}'`);
    }
  });
  if (conversion.device) checkDevice(conversion.device, context);
  return conversion;
}

/** The tensor itself when nothing changes. */
export function convertTensor(tensor: Tensor, conversion: Conversion): Tensor {
  const converted = conversion.dtype === null ? tensor : castTo(tensor, conversion.dtype);
  return conversion.copy && converted === tensor ? clone(tensor) : converted;
}

/** The methods named after element types. */
export const typeMethods: Readonly<Record<string, DType>> = {
  float: 'float32',
  double: 'float64',
  long: 'int64',
  int: 'int32',
  short: 'int16',
  char: 'int8',
  byte: 'uint8',
  bool: 'bool',
};

/** `x.type()`. */
export const tensorTypeNames: Readonly<Record<DType, string>> = {
  float32: 'torch.FloatTensor',
  float64: 'torch.DoubleTensor',
  int64: 'torch.LongTensor',
  int32: 'torch.IntTensor',
  int16: 'torch.ShortTensor',
  int8: 'torch.CharTensor',
  uint8: 'torch.ByteTensor',
  bool: 'torch.BoolTensor',
};
