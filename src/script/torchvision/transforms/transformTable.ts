import { PythonError } from '../../../common/errors';
import type { PaddingMode } from '../../../data/transforms/geometry';
import type { Arguments } from '../../objects/arguments';
import { PyList, PyTuple } from '../../objects/containers';
import type { Interpreter } from '../../objects/interpreter';
import type { PyInstance, PyValue } from '../../objects/value';
import { attribute } from '../../torch/data/datasetClasses';
import { PyDtype } from '../../torch/dtypes';
import { PyTensor } from '../../torch/tensorClass';
import { interpolationMember, interpolationOf } from './interpolation';
import { centerCropPicture, imageToPlanes, padPicture, toImage } from './picture';
import { itemsOf, numberOf, setupAngle, setupFill, setupPadding, setupSize, sizeObject } from './sizes';
import {
  colorJitterStage,
  grayscalePicture,
  normalizeStage,
  randomCropStage,
  randomErasingStage,
  randomFlipStage,
  randomGrayscaleStage,
  randomResizedCropStage,
  randomRotationStage,
  resizeStage,
  toDtypeStage,
  toTensorStage,
  type JitterRanges,
} from './stages';
import type { TransformRow } from './transformRow';

/** The numbers of a list, tuple or tensor, or one number alone. */
export function numbersOf(value: PyValue, interpreter: Interpreter): number[] {
  const single = numberOf(value);
  if (single !== null) return [single];
  if (value instanceof PyTensor) return Array.from(value.tensor.data, Number);
  return interpreter.list(value).map((item) => Number(item instanceof PyTensor ? item.tensor.data[0] : item));
}

const paddingModes = ['constant', 'edge', 'reflect', 'symmetric'];

export function paddingMode(args: Arguments): PaddingMode {
  const mode = args.string('padding_mode');
  if (paddingModes.includes(mode)) return mode as PaddingMode;
  throw new PythonError('ValueError', 'Padding mode should be either constant, edge, reflect or symmetric');
}

function pair(args: Arguments, name: string): [number, number] {
  const items = itemsOf(args.value(name));
  if (items === null) {
    throw new PythonError('TypeError', `${name[0]!.toUpperCase()}${name.slice(1)} should be a sequence`);
  }
  return [Number(items[0]), Number(items[1])];
}

function channelCount(args: Arguments): 1 | 3 {
  const count = args.index('num_output_channels');
  if (count === 1 || count === 3) return count;
  throw new PythonError('ValueError', 'num_output_channels should be either 1 or 3');
}

/** The interpolation's member; Gradstep's default where the script gave none. */
function mode(args: Arguments, fallback: 'nearest' | 'bilinear'): ReturnType<typeof interpolationOf> {
  return interpolationOf(args.given('interpolation') ? args.value('interpolation') : interpolationMember(fallback));
}

function modeText(self: PyInstance, interpreter: Interpreter): string {
  return interpreter.str(interpreter.getAttribute(attribute(self, 'interpolation'), 'value'));
}

/** torchvision's ColorJitter._check_input: a strength, or a range; null where it changes nothing. */
function jitterRange(
  args: Arguments,
  name: keyof JitterRanges,
  center: number,
  least: number,
  most: number,
): [number, number] | null {
  const single = numberOf(args.value(name));
  const items = itemsOf(args.value(name));
  let range: [number, number];
  if (single !== null) {
    if (single < 0) {
      throw new PythonError('ValueError', `If ${name} is a single number, it must be non negative.`);
    }
    range = [center === 0 ? -single : Math.max(0, center - single), center + single];
  } else if (items?.length === 2) range = [Number(items[0]), Number(items[1])];
  else {
    throw new PythonError('TypeError', `${name} should be a single number or a list/tuple with length 2.`);
  }
  if (!(least <= range[0] && range[0] <= range[1] && range[1] <= most)) {
    const bound = center === 0 ? '(-0.5, 0.5)' : '(0, inf)';
    const shown = range.map((value) => (Number.isInteger(value) ? value.toFixed(1) : String(value))).join(', ');
    throw new PythonError('ValueError', `${name} values should be between ${bound}, but got [${shown}].`);
  }
  return range[0] === center && range[1] === center ? null : range;
}

function jitterRanges(args: Arguments): JitterRanges {
  return {
    brightness: jitterRange(args, 'brightness', 1, 0, Infinity),
    contrast: jitterRange(args, 'contrast', 1, 0, Infinity),
    saturation: jitterRange(args, 'saturation', 1, 0, Infinity),
    hue: jitterRange(args, 'hue', 0, -0.5, 0.5),
  };
}

function rounded(self: PyInstance, name: string, interpreter: Interpreter): string {
  const numbers = numbersOf(attribute(self, name), interpreter).map((value) => Number(value.toFixed(4)));
  return interpreter.repr(new PyTuple(numbers));
}

function refused(name: string, option: string, hint: string): PythonError {
  return new PythonError('NotImplementedError', `${name}(${option}) is not supported by Gradstep`, { hint });
}

/** The transforms that need nothing but a picture and torch's generator. */
export const transformRows: readonly TransformRow[] = [
  { name: 'ToTensor', signature: '', stage: () => toTensorStage('ToTensor', true), shown: [] },
  { name: 'PILToTensor', signature: '', stage: () => toTensorStage('PILToTensor', false), shown: [] },
  {
    name: 'Normalize',
    signature: 'mean, std, inplace=False',
    stage: (args, interpreter) =>
      normalizeStage(numbersOf(args.value('mean'), interpreter), numbersOf(args.value('std'), interpreter)),
    shown: ['mean', 'std'],
  },
  {
    name: 'Resize',
    signature: 'size, interpolation=..., max_size=None, antialias=True',
    attributes: (args) => ({ interpolation: mode(args, 'bilinear').member }),
    stage: (args, interpreter) => {
      const size = args.value('size');
      const items = itemsOf(size);
      if (typeof size !== 'bigint' && items === null) {
        const type = interpreter.repr(interpreter.classOf(size));
        throw new PythonError('TypeError', `Size should be int or sequence. Got ${type}`);
      }
      if (items !== null && items.length !== 1 && items.length !== 2) {
        throw new PythonError('ValueError', 'If size is a sequence, it should have 1 or 2 values');
      }
      return resizeStage(size, args.optional('max_size', 'index'), mode(args, 'bilinear').filter);
    },
    shown: (self, interpreter) => {
      const [size, most, antialias] = ['size', 'max_size', 'antialias'].map((name) =>
        interpreter.str(attribute(self, name)),
      );
      return `size=${size}, interpolation=${modeText(self, interpreter)}, max_size=${most}, antialias=${antialias}`;
    },
  },
  {
    name: 'CenterCrop',
    signature: 'size',
    attributes: (args) => ({ size: sizeObject(args.value('size')) }),
    stage: (args) => {
      const [height, width] = setupSize(args.value('size'));
      return (picture) => centerCropPicture(picture, height, width);
    },
    shown: ['size'],
  },
  {
    name: 'Pad',
    signature: "padding, fill=0, padding_mode='constant'",
    stage: (args) => {
      const padding = setupPadding(args.value('padding'));
      const fill = setupFill(args.value('fill'));
      const way = paddingMode(args);
      return (picture) => padPicture(picture, padding, way, fill);
    },
    shown: ['padding', 'fill', 'padding_mode'],
  },
  {
    name: 'RandomCrop',
    signature: "size, padding=None, pad_if_needed=False, fill=0, padding_mode='constant'",
    attributes: (args) => ({ size: new PyTuple(setupSize(args.value('size')).map(BigInt)) }),
    stage: (args) => {
      const [height, width] = setupSize(args.value('size'));
      return randomCropStage({
        height,
        width,
        padding: args.isNone('padding') ? null : setupPadding(args.value('padding')),
        padIfNeeded: args.bool('pad_if_needed'),
        fill: setupFill(args.value('fill')),
        mode: paddingMode(args),
      });
    },
    shown: ['size', 'padding'],
  },
  {
    name: 'RandomHorizontalFlip',
    signature: 'p=0.5',
    stage: (args) => randomFlipStage(args.float('p'), 'horizontal'),
    shown: ['p'],
  },
  {
    name: 'RandomVerticalFlip',
    signature: 'p=0.5',
    stage: (args) => randomFlipStage(args.float('p'), 'vertical'),
    shown: ['p'],
  },
  {
    name: 'Grayscale',
    signature: 'num_output_channels=1',
    stage: (args) => {
      const outputs = channelCount(args);
      return (picture) => grayscalePicture(picture, outputs);
    },
    shown: ['num_output_channels'],
  },
  {
    name: 'RandomGrayscale',
    signature: 'p=0.1',
    stage: (args) => randomGrayscaleStage(args.float('p')),
    shown: ['p'],
  },
  {
    name: 'RandomRotation',
    signature: 'degrees, interpolation=..., expand=False, center=None, fill=0',
    attributes: (args) => ({
      degrees: listOf(setupAngle(args.value('degrees'))),
      interpolation: mode(args, 'nearest').member,
    }),
    stage: (args) => {
      const fill = setupFill(args.value('fill'));
      const only = 'Gradstep turns images about their centre with nearest neighbours.';
      if (mode(args, 'nearest').filter !== 'nearest') throw refused('RandomRotation', 'interpolation=...', only);
      if (args.bool('expand')) throw refused('RandomRotation', 'expand=True', only);
      if (!args.isNone('center')) throw refused('RandomRotation', 'center=...', only);
      if (new Set(fill).size > 1) throw refused('RandomRotation', 'fill=(...)', 'Give one fill for all channels.');
      return randomRotationStage(setupAngle(args.value('degrees')), fill);
    },
    shown: (self, interpreter) => {
      const [degrees, expand, fill] = ['degrees', 'expand', 'fill'].map((name) =>
        interpreter.str(attribute(self, name)),
      );
      return `degrees=${degrees}, interpolation=${modeText(self, interpreter)}, expand=${expand}, fill=${fill}`;
    },
  },
  {
    name: 'RandomResizedCrop',
    signature: 'size, scale=(0.08, 1.0), ratio=(0.75, 1.3333333333333333), interpolation=..., antialias=True',
    attributes: (args) => ({
      size: sizeObject(args.value('size')),
      interpolation: mode(args, 'bilinear').member,
    }),
    stage: (args) =>
      randomResizedCropStage(
        setupSize(args.value('size')),
        pair(args, 'scale'),
        pair(args, 'ratio'),
        mode(args, 'bilinear').filter,
      ),
    shown: (self, interpreter) => {
      const [size, antialias] = ['size', 'antialias'].map((name) => interpreter.str(attribute(self, name)));
      const [scale, ratio] = ['scale', 'ratio'].map((name) => rounded(self, name, interpreter));
      const interpolation = modeText(self, interpreter);
      return `size=${size}, scale=${scale}, ratio=${ratio}, interpolation=${interpolation}, antialias=${antialias}`;
    },
  },
  {
    name: 'RandomErasing',
    signature: 'p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0, inplace=False',
    stage: (args, interpreter) => {
      const value = args.value('value');
      if (typeof value === 'string' && value !== 'random') {
        throw new PythonError('ValueError', "If value is str, it should be 'random'");
      }
      const [scale, ratio] = [pair(args, 'scale'), pair(args, 'ratio')];
      const p = args.float('p');
      if (scale[0] < 0 || scale[1] > 1) throw new PythonError('ValueError', 'Scale should be between 0 and 1');
      if (p < 0 || p > 1) {
        throw new PythonError('ValueError', 'Random erasing probability should be between 0 and 1');
      }
      return randomErasingStage(p, scale, ratio, value === 'random' ? null : numbersOf(value, interpreter));
    },
    shown: ['p', 'scale', 'ratio', 'value', 'inplace'],
  },
  {
    name: 'ColorJitter',
    signature: 'brightness=0, contrast=0, saturation=0, hue=0',
    attributes: (args) =>
      Object.fromEntries(
        Object.entries(jitterRanges(args)).map(([name, range]: [string, [number, number] | null]) => [
          name,
          range === null ? null : new PyTuple(range),
        ]),
      ),
    stage: (args) => colorJitterStage(jitterRanges(args)),
    shown: ['brightness', 'contrast', 'saturation', 'hue'],
  },
  {
    name: 'ConvertImageDtype',
    signature: 'dtype',
    stage: (args) => toDtypeStage(args.object('dtype', PyDtype, 'torch.dtype').required(), true),
    shown: [],
  },
  {
    name: 'ToPILImage',
    signature: 'mode=None',
    stage: (args) => {
      const wanted = args.optional('mode', 'string');
      return (picture) => toImage(picture, wanted);
    },
    shown: (self, interpreter) => {
      const wanted = attribute(self, 'mode');
      return wanted === null ? '' : `mode=${interpreter.str(wanted)}`;
    },
  },
];

/** What torchvision.transforms.v2 has under names of its own. */
export const versionTwoRows: readonly TransformRow[] = [
  {
    name: 'ToImage',
    signature: '',
    stage: () => (picture) => (picture.kind === 'bytes' ? imageToPlanes(picture.image, false) : picture),
    shown: [],
  },
  {
    name: 'ToDtype',
    signature: 'dtype, scale=False',
    stage: (args) => toDtypeStage(args.object('dtype', PyDtype, 'torch.dtype').required(), args.bool('scale')),
    shown: ['scale'],
  },
  { name: 'Identity', signature: '', stage: () => (picture) => picture, shown: [] },
];

function listOf(values: readonly number[]): PyValue {
  return new PyList([...values]);
}
