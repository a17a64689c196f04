import { PythonError } from '../../../common/errors';
import type { Padding } from '../../../data/transforms/geometry';
import { PyList, PyTuple } from '../../objects/containers';
import type { PyValue } from '../../objects/value';
import type { Dimensions } from './picture';

/** The items of a list or tuple; null for everything else. */
export function itemsOf(value: PyValue): readonly PyValue[] | null {
  return value instanceof PyList || value instanceof PyTuple ? value.items : null;
}

/** An int, float or bool as a number; null for everything else. */
export function numberOf(value: PyValue): number | null {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? Number(value) : null;
}

/** torchvision's `_setup_size`: one number or two, as height and width. */
export function setupSize(value: PyValue): [height: number, width: number] {
  const single = numberOf(value);
  if (single !== null) return [Math.trunc(single), Math.trunc(single)];
  const items = itemsOf(value) ?? [];
  if (items.length === 1) return [Number(items[0]), Number(items[0])];
  if (items.length !== 2) {
    throw new PythonError('ValueError', 'Please provide only two dimensions (h, w) for size.');
  }
  return [Number(items[0]), Number(items[1])];
}

/** The size that `size` was set up to, as torchvision keeps it: a tuple for one number, else what the script gave. */
export function sizeObject(value: PyValue): PyValue {
  if (itemsOf(value)?.length === 2) return value;
  return new PyTuple(setupSize(value).map(BigInt));
}

/** torchvision's `_setup_angle`: `degrees` as a range. */
export function setupAngle(value: PyValue): [number, number] {
  const single = numberOf(value);
  if (single !== null) {
    if (single < 0) throw new PythonError('ValueError', 'If degrees is a single number, it must be positive.');
    return [-single, single];
  }
  const items = itemsOf(value);
  if (items === null) throw new PythonError('TypeError', 'degrees should be a sequence of length 2.');
  if (items.length !== 2) throw new PythonError('ValueError', 'degrees should be a sequence of length 2.');
  return [Number(items[0]), Number(items[1])];
}

/** One number for all sides, two for left/right and top/bottom, or four: left, top, right, bottom. */
export function setupPadding(value: PyValue): Padding {
  const single = numberOf(value);
  if (single !== null) return { left: single, top: single, right: single, bottom: single };
  const items = itemsOf(value)?.map(Number);
  if (items === undefined) throw new PythonError('TypeError', 'Got inappropriate padding arg');
  const [first = 0, second = first, third = first, fourth = second] = items;
  if (items.length === 3 || items.length === 0 || items.length > 4) {
    throw new PythonError(
      'ValueError',
      `Padding must be an int or a 1, 2, or 4 element tuple, not a ${items.length} element tuple`,
    );
  }
  return { left: first, top: second, right: third, bottom: fourth };
}

/** A fill for every channel, or one for each. */
export function setupFill(value: PyValue): number[] {
  if (value === null) return [0];
  const single = numberOf(value);
  if (single !== null) return [single];
  const items = itemsOf(value);
  if (items === null || items.length === 0) throw new PythonError('TypeError', 'Got inappropriate fill arg');
  return items.map(Number);
}

/** The size that `Resize` gives: both sides, or the shorter one with the longer one limited by `maxSize`. */
export function resizedSize(from: Dimensions, size: PyValue, maxSize: number | null): [height: number, width: number] {
  const items = itemsOf(size)?.map(Number) ?? [Number(size)];
  if (items.length === 2) {
    if (maxSize !== null) {
      throw new PythonError(
        'ValueError',
        'max_size should only be passed if size specifies the length of the smaller edge, i.e. size should be an int or a sequence of length 1 in torchscript mode.',
      );
    }
    return [items[0]!, items[1]!];
  }
  const [short, long] = from.width <= from.height ? [from.width, from.height] : [from.height, from.width];
  const asked = items[0]!;
  let [newShort, newLong] = [asked, Math.trunc((asked * long) / short)];
  if (maxSize !== null) {
    if (maxSize <= asked) {
      throw new PythonError(
        'ValueError',
        `max_size = ${maxSize} must be strictly greater than the requested size for the smaller edge size = ${asked}`,
      );
    }
    if (newLong > maxSize) [newShort, newLong] = [Math.trunc((maxSize * newShort) / newLong), maxSize];
  }
  return from.width <= from.height ? [newLong, newShort] : [newShort, newLong];
}
