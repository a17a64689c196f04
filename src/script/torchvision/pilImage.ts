import { PythonError } from '../../common/errors';
import { Tensor } from '../../core/tensor/tensor';
import type { ByteImage } from '../../data/imageDataset';
import * as geometry from '../../data/transforms/geometry';
import { resize, type Interpolation } from '../../data/transforms/resize';
import { PyBytes, PyTuple } from '../objects/containers';
import { nativeClass } from '../objects/native';
import { NdArray } from '../torch/ndArray';
import { torchContext } from '../torch/torchContext';
import { PyObject, type PyClass, type PyValue } from '../objects/value';

/** PIL's numbers of its resampling filters. */
export const pilFilters: readonly Interpolation[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

/** `PIL.Image.Image`, as far as images of 8 bits in the modes L and RGB go. */
export const imageClass: PyClass = nativeClass<PyImage>({
  name: 'Image',
  module: 'PIL.Image',
  methods: {
    __repr__: [
      '',
      (self) => {
        const { width, height } = self.image;
        const address = self.id.toString(16).toUpperCase();
        return `<PIL.Image.Image image mode=${self.mode} size=${width}x${height} at 0x${address}>`;
      },
    ],
    __eq__: [
      'other',
      (self, args) => {
        const other = args.value('other');
        return other instanceof PyImage && sameImage(self.image, other.image);
      },
    ],
    convert: [
      'mode=None',
      (self, args) => {
        const mode = args.optional('mode', 'string') ?? self.mode;
        if (mode === self.mode) return new PyImage(self.image);
        if (mode === 'L') return new PyImage(geometry.grayscale(self.image, 1));
        if (mode === 'RGB') return new PyImage(geometry.toRgb(self.image));
        throw new PythonError('NotImplementedError', `Gradstep's images can't be converted to the mode ${mode}`, {
          hint: 'The modes L and RGB are supported.',
        });
      },
    ],
    copy: ['', (self) => new PyImage(self.image)],
    resize: [
      'size, resample=3',
      (self, args) => {
        const [width, height] = args.sequence('size').map(Number);
        const filter = pilFilters[args.index('resample')];
        if (filter === undefined) throw new PythonError('ValueError', 'Unknown resampling filter');
        return new PyImage(resize(self.image, height!, width!, filter));
      },
    ],
    crop: [
      'box',
      (self, args) => {
        const [left, top, right, bottom] = args.sequence('box').map(Number);
        return new PyImage(geometry.crop(self.image, top!, left!, bottom! - top!, right! - left!));
      },
    ],
    getpixel: [
      'xy',
      (self, args) => {
        const [x, y] = args.sequence('xy').map(Number);
        const { width, height, channels, data } = self.image;
        if (!(x! >= 0 && y! >= 0 && x! < width && y! < height)) {
          throw new PythonError('IndexError', 'image index out of range');
        }
        const at = (y! * width + x!) * channels;
        const levels = Array.from(data.subarray(at, at + channels), BigInt);
        return channels === 1 ? levels[0]! : new PyTuple(levels);
      },
    ],
    __array__: [
      'dtype=None, copy=None',
      (self, _args, interpreter) => {
        const { data, height, width, channels } = self.image;
        const shape = channels === 1 ? [height, width] : [height, width, channels];
        return new NdArray(Tensor.fromData(torchContext(interpreter).tape, data.slice(), shape, 'uint8'));
      },
    ],
    getbands: ['', (self) => new PyTuple([...self.mode])],
    tobytes: ['', (self) => new PyBytes(self.image.data.slice())],
    show: ['*args, **kwargs', () => null],
    close: ['', () => null],
  },
  properties: {
    size: (self) => new PyTuple([BigInt(self.image.width), BigInt(self.image.height)]),
    width: (self) => BigInt(self.image.width),
    height: (self) => BigInt(self.image.height),
    mode: (self) => self.mode,
    format: () => null,
  },
});

function sameImage(left: ByteImage, right: ByteImage): boolean {
  const same = left.width === right.width && left.height === right.height && left.channels === right.channels;
  return same && left.data.every((level, at) => level === right.data[at]);
}

export class PyImage extends PyObject {
  override attributes: Map<string, PyValue> = new Map();
  pyClass = imageClass;

  constructor(readonly image: ByteImage) {
    super();
  }

  get mode(): 'L' | 'RGB' {
    return this.image.channels === 1 ? 'L' : 'RGB';
  }
}
