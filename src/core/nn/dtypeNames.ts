import type { DType } from '../tensor/dtype';

interface DTypeNames {
  /** c10's ScalarType, as most messages have it. */
  scalar: string;
  /** C++'s name, as messages of matrix products have it. */
  cpp: string;
  /** Python's name of the tensor type. */
  tensor: string;
}

/** What PyTorch's messages call the element types (c10/core/ScalarType.h). */
export const dtypeNames: Readonly<Record<DType, DTypeNames>> = {
  float32: { scalar: 'Float', cpp: 'float', tensor: 'torch.FloatTensor' },
  float64: { scalar: 'Double', cpp: 'double', tensor: 'torch.DoubleTensor' },
  int64: { scalar: 'Long', cpp: 'long int', tensor: 'torch.LongTensor' },
  int32: { scalar: 'Int', cpp: 'int', tensor: 'torch.IntTensor' },
  int16: { scalar: 'Short', cpp: 'short int', tensor: 'torch.ShortTensor' },
  int8: { scalar: 'Char', cpp: 'signed char', tensor: 'torch.CharTensor' },
  uint8: { scalar: 'Byte', cpp: 'unsigned char', tensor: 'torch.ByteTensor' },
  bool: { scalar: 'Bool', cpp: 'bool', tensor: 'torch.BoolTensor' },
};
