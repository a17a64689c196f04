import { PythonError } from '../../common/errors';
import { isFloating, type DType } from '../../core/tensor/dtype';
import { nativeClass } from '../objects/native';
import { PyObject, type PyClass } from '../objects/value';

/** `torch.dtype`. */
export const dtypeClass: PyClass = nativeClass<PyDtype>({
  name: 'dtype',
  module: 'torch',
  methods: {
    __repr__: ['', (self) => `torch.${self.name}`],
    __str__: ['', (self) => `torch.${self.name}`],
    __reduce__: ['', (self) => self.name],
  },
  properties: {
    is_floating_point: (self) => self.dtype === null || isFloating(self.dtype),
    is_complex: () => false,
    itemsize: (self) => BigInt(self.bytes),
  },
});

export class PyDtype extends PyObject {
  pyClass = dtypeClass;

  constructor(
    readonly name: string,
    /** Null for a type that exists in PyTorch and not here. */
    readonly dtype: DType | null,
    readonly bytes: number,
  ) {
    super();
  }

  /** @throws PythonError for a type that Gradstep's tensors can't have */
  required(): DType {
    if (this.dtype === null) {
      throw new PythonError('NotImplementedError', `torch.${this.name} tensors are not supported by Gradstep`, {
        hint: 'Use torch.float32.',
      });
    }
    return this.dtype;
  }
}

const objects: Readonly<Record<DType, PyDtype>> = {
  float32: new PyDtype('float32', 'float32', 4),
  float64: new PyDtype('float64', 'float64', 8),
  int64: new PyDtype('int64', 'int64', 8),
  int32: new PyDtype('int32', 'int32', 4),
  int16: new PyDtype('int16', 'int16', 2),
  int8: new PyDtype('int8', 'int8', 1),
  uint8: new PyDtype('uint8', 'uint8', 1),
  bool: new PyDtype('bool', 'bool', 1),
};

/** The script's object for an element type. */
export function dtypeObject(dtype: DType): PyDtype {
  return objects[dtype];
}

const float16 = new PyDtype('float16', null, 2);

/** The names under `torch`. */
export const dtypeNames: Readonly<Record<string, PyDtype>> = {
  ...objects,
  float: objects.float32,
  double: objects.float64,
  long: objects.int64,
  int: objects.int32,
  short: objects.int16,
  float16,
  half: float16,
  bfloat16: new PyDtype('bfloat16', null, 2),
};
