import { PythonError } from '../../common/errors';
import { isFloating, type DType } from '../../core/tensor/dtype';
import { nativeClass } from '../objects/native';
import { PyObject, type PyClass, type PyValue } from '../objects/value';
import { dtypeObject, PyDtype } from './dtypes';
import { torchContext } from './torchContext';

/** What `torch.finfo` or `torch.iinfo` says about a type. */
class NumberLimits extends PyObject {
  constructor(
    readonly pyClass: PyClass,
    readonly values: Readonly<Record<string, PyValue>>,
    readonly text: string,
  ) {
    super();
  }
}

const floats: Readonly<Record<string, { values: Record<string, PyValue>; text: string }>> = {
  float32: {
    values: {
      bits: 32n,
      eps: 2 ** -23,
      max: 3.4028234663852886e38,
      min: -3.4028234663852886e38,
      tiny: 2 ** -126,
      smallest_normal: 2 ** -126,
      resolution: 1e-6,
      dtype: 'float32',
    },
    text: 'finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=float32)',
  },
  float64: {
    values: {
      bits: 64n,
      eps: 2 ** -52,
      max: Number.MAX_VALUE,
      min: -Number.MAX_VALUE,
      tiny: 2 ** -1022,
      smallest_normal: 2 ** -1022,
      resolution: 1e-15,
      dtype: 'float64',
    },
    text: 'finfo(resolution=1e-15, min=-1.79769e+308, max=1.79769e+308, eps=2.22045e-16, smallest_normal=2.22507e-308, tiny=2.22507e-308, dtype=float64)',
  },
};

const integerBits: Readonly<Record<string, { bits: number; signed: boolean }>> = {
  int64: { bits: 64, signed: true },
  int32: { bits: 32, signed: true },
  int16: { bits: 16, signed: true },
  int8: { bits: 8, signed: true },
  uint8: { bits: 8, signed: false },
};

function property(name: string): (self: NumberLimits) => PyValue {
  return (self) => self.values[name] ?? null;
}

function limitsClass(
  name: string,
  fields: readonly string[],
  make: (pyClass: PyClass, dtype: DType) => NumberLimits,
): PyClass {
  const pyClass: PyClass = nativeClass<NumberLimits>({
    name,
    module: 'torch',
    methods: { __repr__: ['', (self) => self.text] },
    properties: Object.fromEntries(fields.map((field) => [field, property(field)])),
    staticMethods: {
      __new__: [
        'cls, type=None',
        (args, interpreter) => {
          const given = args.value('type') ?? dtypeObject(torchContext(interpreter).defaultDtype);
          if (given instanceof PyDtype) return make(pyClass, given.required());
          throw new PythonError(
            'TypeError',
            `${name}(): argument 'type' (position 1) must be torch.dtype, not ${interpreter.classOf(given).name}`,
          );
        },
      ],
    },
  });
  return pyClass;
}

/** `torch.finfo` and `torch.iinfo`. */
export const numberLimits: Readonly<Record<string, PyClass>> = {
  finfo: limitsClass(
    'finfo',
    ['bits', 'eps', 'max', 'min', 'tiny', 'smallest_normal', 'resolution', 'dtype'],
    (pyClass, dtype) => {
      if (!isFloating(dtype)) {
        throw new PythonError(
          'TypeError',
          "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'",
        );
      }
      const { values, text } = floats[dtype]!;
      return new NumberLimits(pyClass, values, text);
    },
  ),
  iinfo: limitsClass('iinfo', ['bits', 'max', 'min', 'dtype'], (pyClass, dtype) => {
    const row = integerBits[dtype];
    if (!row) {
      throw new PythonError(
        'TypeError',
        "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'",
      );
    }
    const max = 2n ** BigInt(row.signed ? row.bits - 1 : row.bits) - 1n;
    const min = row.signed ? -max - 1n : 0n;
    return new NumberLimits(
      pyClass,
      { bits: BigInt(row.bits), max, min, dtype },
      `iinfo(min=${min}, max=${max}, dtype=${dtype})`,
    );
  }),
};
