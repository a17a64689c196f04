import { PythonError } from '../../common/errors';
import { elementCount } from '../../core/tensor/dtype';
import type { Tensor } from '../../core/tensor/tensor';
import { PyList, PyTuple } from '../objects/containers';
import { PyIterator } from '../objects/functions';
import { nativeClass } from '../objects/native';
import { PyObject, type PyClass, type PyValue } from '../objects/value';
import { elementOf } from './argumentKinds';

/**
 * `numpy.ndarray` as far as `tensor.numpy()` needs it: shape, dtype, indexing by an int, iteration, tolist, item,
 * sum, mean, min, max, and printing of short arrays.
 */
export const ndArrayClass: PyClass = nativeClass<NdArray>({
  name: 'ndarray',
  module: 'numpy',
  identityHash: true,
  methods: {
    __len__: ['', (self) => BigInt(self.shape[0] ?? 0)],
    __getitem__: ['index', (self, args) => self.at(args.index('index'))],
    __iter__: ['', (self) => new PyIterator(self.rows(), 'iterator')],
    __repr__: ['', (self) => `array(${self.text(', ', 6)}${self.dtypeSuffix})`],
    __str__: ['', (self) => self.text(' ', 0)],
    __float__: ['', (self) => Number(self.only())],
    __int__: ['', (self) => BigInt(Math.trunc(Number(self.only())))],
    tolist: ['', (self) => self.toList()],
    item: ['', (self) => self.only()],
    copy: ['', (self) => self],
    sum: ['', (self) => self.numbers().reduce((a, b) => a + b, 0)],
    mean: ['', (self) => self.numbers().reduce((a, b) => a + b, 0) / self.numbers().length],
    min: ['', (self) => self.numbers().reduce((a, b) => Math.min(a, b), Infinity)],
    max: ['', (self) => self.numbers().reduce((a, b) => Math.max(a, b), -Infinity)],
  },
  properties: {
    shape: (self) => new PyTuple(self.shape.map((size) => BigInt(size))),
    ndim: (self) => BigInt(self.shape.length),
    size: (self) => BigInt(elementCount(self.shape)),
    dtype: (self) => self.tensor.dtype,
  },
});

export class NdArray extends PyObject {
  pyClass = ndArrayClass;

  /** @param offset where this part of the tensor's elements begins; @param depth how many axes are gone */
  constructor(
    readonly tensor: Tensor,
    readonly offset = 0,
    readonly depth = 0,
  ) {
    super();
  }

  get shape(): readonly number[] {
    return this.tensor.shape.slice(this.depth);
  }

  get dtypeSuffix(): string {
    const { dtype } = this.tensor;
    return dtype === 'float64' || dtype === 'int64' || dtype === 'bool' ? '' : `, dtype=${dtype}`;
  }

  at(index: number): PyValue {
    const size = this.shape[0];
    if (size === undefined) throw new PythonError('IndexError', 'too many indices for array: array is 0-dimensional');
    if (index < -size || index >= size) {
      throw new PythonError('IndexError', `index ${index} is out of bounds for axis 0 with size ${size}`);
    }
    const stride = elementCount(this.shape.slice(1));
    const start = this.offset + (index < 0 ? index + size : index) * stride;
    return this.shape.length === 1 ? elementOf(this.tensor, start) : new NdArray(this.tensor, start, this.depth + 1);
  }

  *rows(): Generator<PyValue> {
    for (let i = 0; i < (this.shape[0] ?? 0); i++) yield this.at(i);
  }

  only(): PyValue {
    if (elementCount(this.shape) !== 1) {
      throw new PythonError('ValueError', 'can only convert an array of size 1 to a Python scalar');
    }
    return elementOf(this.tensor, this.offset);
  }

  toList(): PyValue {
    if (this.shape.length === 0) return this.only();
    return new PyList([...this.rows()].map((row) => (row instanceof NdArray ? row.toList() : row)));
  }

  numbers(): number[] {
    return Array.from({ length: elementCount(this.shape) }, (_, i) => Number(elementOf(this.tensor, this.offset + i)));
  }

  text(separator: string, indent: number): string {
    const texts = this.alignedTexts();
    const width = texts.reduce((widest, text) => Math.max(widest, text.length), 0);
    const write = (shape: readonly number[], start: number, depth: number): string => {
      if (shape.length === 0) return texts[start]!.padStart(width);
      const stride = elementCount(shape.slice(1));
      const parts = Array.from({ length: shape[0]! }, (_, i) => write(shape.slice(1), start + i * stride, depth + 1));
      const line = `${separator.trimEnd()}${'\n'.repeat(shape.length - 1)}${' '.repeat(indent + depth + 1)}`;
      return `[${parts.join(shape.length === 1 ? separator : line)}]`;
    };
    return write(this.shape, 0, 0);
  }

  /** The elements' texts; NumPy aligns floats at their points. */
  private alignedTexts(): string[] {
    const texts = this.numbers().map((number) => this.elementText(number));
    const fraction = (text: string) => text.length - (text.includes('.') ? text.indexOf('.') : text.length);
    const longest = texts.reduce((most, text) => Math.max(most, fraction(text)), 0);
    return texts.map((text) => text.padEnd(text.length + longest - (text.includes('.') ? fraction(text) : longest)));
  }

  private elementText(number: number): string {
    const { dtype } = this.tensor;
    if (dtype === 'bool') return number ? 'True' : 'False';
    if (!dtype.startsWith('float')) return String(number);
    if (!Number.isFinite(number)) return Number.isNaN(number) ? 'nan' : number > 0 ? 'inf' : '-inf';
    return floatText(number, dtype === 'float32');
  }
}

/** NumPy's text of a finite float in an array: the shortest that stands for it, and 8 digits after the point at most. */
function floatText(number: number, single: boolean): string {
  let digits = single ? 1 : 17;
  while (digits < 9 && Math.fround(Number(number.toPrecision(digits))) !== number) digits++;
  const shortest = single ? Number(number.toPrecision(digits)) : number;
  const text = String(Number(shortest.toFixed(8)));
  return Number.isInteger(Number(text)) ? `${text}.` : text;
}
