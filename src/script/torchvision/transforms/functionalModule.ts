import { PythonError } from '../../../common/errors';
import type { Arguments } from '../../objects/arguments';
import { PyList } from '../../objects/containers';
import type { Interpreter } from '../../objects/interpreter';
import { nativeFunction } from '../../objects/native';
import type { PyValue } from '../../objects/value';
import { PyDtype } from '../../torch/dtypes';
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation } from './colors';
import { interpolationClass, interpolationMember, interpolationOf } from './interpolation';
import {
  bytes,
  centerCropPicture,
  cropPicture,
  dimensions,
  flipPicture,
  padPicture,
  toImage,
  type Picture,
} from './picture';
import { setupFill, setupPadding, setupSize } from './sizes';
import {
  grayscalePicture,
  imagesOnly,
  normalizeStage,
  resizeStage,
  rotatePicture,
  toDtypeStage,
  toTensorStage,
} from './stages';
import { numbersOf, paddingMode } from './transformTable';
import { pictureOf, runStage, type Stage } from './transformState';
import type { ByteImage } from '../../../data/imageDataset';

/** A function that takes an image first: its further parameters, and the stage that they make. */
type FunctionRow = readonly [signature: string, stage: (args: Arguments, interpreter: Interpreter) => Stage];

function adjustment(
  name: string,
  parameter: string,
  adjust: (image: ByteImage, factor: number) => ByteImage,
): FunctionRow {
  return [
    `img, ${parameter}`,
    (args) => {
      const factor = args.float(parameter);
      return (picture) => {
        if (picture.kind !== 'bytes') throw imagesOnly(name);
        return bytes(adjust(picture.image, factor));
      };
    },
  ];
}

function filterOf(args: Arguments): ReturnType<typeof interpolationOf>['filter'] {
  return interpolationOf(args.given('interpolation') ? args.value('interpolation') : interpolationMember('bilinear'))
    .filter;
}

/** `torchvision.transforms.functional`: what changes an image. */
const rows: Readonly<Record<string, FunctionRow>> = {
  to_tensor: ['pic', () => toTensorStage('to_tensor', true)],
  pil_to_tensor: ['pic', () => toTensorStage('pil_to_tensor', false)],
  to_pil_image: [
    'pic, mode=None',
    (args) => {
      const mode = args.optional('mode', 'string');
      return (picture) => toImage(picture, mode);
    },
  ],
  convert_image_dtype: [
    'image, dtype',
    (args) => toDtypeStage(args.object('dtype', PyDtype, 'torch.dtype').required(), true),
  ],
  normalize: [
    'tensor, mean, std, inplace=False',
    (args, interpreter) =>
      normalizeStage(numbersOf(args.value('mean'), interpreter), numbersOf(args.value('std'), interpreter)),
  ],
  resize: [
    'img, size, interpolation=..., max_size=None, antialias=True',
    (args) => resizeStage(args.value('size'), args.optional('max_size', 'index'), filterOf(args)),
  ],
  pad: [
    "img, padding, fill=0, padding_mode='constant'",
    (args) => {
      const [padding, fill, mode] = [
        setupPadding(args.value('padding')),
        setupFill(args.value('fill')),
        paddingMode(args),
      ];
      return (picture) => padPicture(picture, padding, mode, fill);
    },
  ],
  crop: [
    'img, top, left, height, width',
    (args) => {
      const [top, left, height, width] = ['top', 'left', 'height', 'width'].map((name) => args.index(name));
      return (picture) => cropPicture(picture, top!, left!, height!, width!);
    },
  ],
  center_crop: [
    'img, output_size',
    (args) => {
      const [height, width] = setupSize(args.value('output_size'));
      return (picture) => centerCropPicture(picture, height, width);
    },
  ],
  hflip: ['img', () => (picture) => flipPicture(picture, 'horizontal')],
  vflip: ['img', () => (picture) => flipPicture(picture, 'vertical')],
  rgb_to_grayscale: [
    'img, num_output_channels=1',
    (args) => {
      const outputs = args.index('num_output_channels') === 3 ? 3 : 1;
      return (picture) => grayscalePicture(picture, outputs);
    },
  ],
  rotate: [
    'img, angle, interpolation=..., expand=False, center=None, fill=None',
    (args) => {
      const nearest = !args.given('interpolation') || filterOf(args) === 'nearest';
      if (!nearest || args.bool('expand') || !args.isNone('center')) {
        throw new PythonError(
          'NotImplementedError',
          'rotate with interpolation, expand or center is not supported by Gradstep',
        );
      }
      const [angle, fill] = [args.float('angle'), setupFill(args.value('fill'))];
      return (picture) => rotatePicture(picture, angle, fill);
    },
  ],
  adjust_brightness: adjustment('adjust_brightness', 'brightness_factor', adjustBrightness),
  adjust_contrast: adjustment('adjust_contrast', 'contrast_factor', adjustContrast),
  adjust_saturation: adjustment('adjust_saturation', 'saturation_factor', adjustSaturation),
  adjust_hue: adjustment('adjust_hue', 'hue_factor', adjustHue),
};

function measured(name: string, measure: (picture: Picture) => PyValue): readonly [string, PyValue] {
  return [name, nativeFunction(name, 'img', (args, interpreter) => measure(pictureOf(args.value('img'), interpreter)))];
}

/** The members of `torchvision.transforms.functional`. */
export const functionalMembers: Readonly<Record<string, PyValue>> = {
  ...Object.fromEntries(
    Object.entries(rows).map(([name, [signature, stage]]) => [
      name,
      nativeFunction(name, signature, (args, interpreter) =>
        runStage(stage(args, interpreter), args.value(signature.split(',')[0]!), interpreter, name),
      ),
    ]),
  ),
  ...Object.fromEntries([
    measured('get_dimensions', (picture) => {
      const { channels, height, width } = dimensions(picture);
      return new PyList([channels, height, width].map(BigInt));
    }),
    measured('get_image_size', (picture) => {
      const { height, width } = dimensions(picture);
      return new PyList([width, height].map(BigInt));
    }),
    measured('get_image_num_channels', (picture) => BigInt(dimensions(picture).channels)),
  ]),
  InterpolationMode: interpolationClass,
};
