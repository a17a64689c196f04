/*
 * A tensor as PyTorch prints it: a port of torch/_tensor_str.py of PyTorch 2.13.0 for dense tensors of real numbers.
 */
import type { DType, Shape, TensorData } from './dtype';
import { elementCount, isFloating } from './dtype';
import { exponentialNotation, fixedNotation, pythonText } from './pythonText';

/** What `torch.set_printoptions` sets. */
export interface PrintOptions {
  /** Digits after the point. */
  precision: number;
  /** Above this number of elements a tensor is summarized. */
  threshold: number;
  /** Elements shown at each end of a summarized dimension. */
  edgeitems: number;
  /** Characters in a line. */
  linewidth: number;
  /** Whether floats stand in scientific notation; null leaves it to their range. */
  sciMode: boolean | null;
}

export const defaultPrintOptions: Readonly<PrintOptions> = {
  precision: 4,
  threshold: 1000,
  edgeitems: 3,
  linewidth: 80,
  sciMode: null,
};

const profiles: ReadonlyMap<string, Partial<PrintOptions>> = new Map([
  ['default', { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 }],
  ['short', { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 }],
  ['full', { precision: 4, threshold: Infinity, edgeitems: 3, linewidth: 80 }],
]);

/**
 * The options after `torch.set_printoptions(...)`: what is not given stays, but `sciMode`, which PyTorch sets each time.
 */
export function setPrintOptions(
  current: Readonly<PrintOptions>,
  given: Partial<PrintOptions> & { profile?: string },
): PrintOptions {
  const { profile, ...changes } = given;
  const kept = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return { ...current, ...profiles.get(profile ?? ''), ...kept, sciMode: given.sciMode ?? null };
}

/** What is printed of a tensor. */
export interface PrintedTensor {
  /** Row-major elements; bool as 0 and 1. */
  readonly data: TensorData;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly requiresGrad?: boolean;
  /** Such as `NllLossBackward0`; it stands instead of `requires_grad=True`. */
  readonly gradFnName?: string | null;
  /** Such as `cuda:0`; the CPU is not mentioned. */
  readonly device?: string;
}

type Format = (index: number) => string;

interface Layout {
  readonly format: Format;
  /** Characters of an element, padding included. */
  readonly width: number;
  readonly summarize: boolean;
  readonly options: Readonly<PrintOptions>;
}

/**
 * `repr(tensor)`, which `print(tensor)` writes too.
 * @param defaultDtype `torch.get_default_dtype()`: only other floating dtypes are named
 */
export function formatTensor(
  tensor: PrintedTensor,
  options: Readonly<PrintOptions> = defaultPrintOptions,
  defaultDtype: DType = 'float32',
): string {
  const prefix = 'tensor(';
  const suffixes: string[] = [];
  const { shape, dtype } = tensor;
  const dtypeSuffix = `dtype=torch.${dtype}`;
  if (tensor.device !== undefined && tensor.device !== 'cpu') suffixes.push(`device='${tensor.device}'`);
  let body = '[]';
  if (elementCount(shape) === 0) {
    if (shape.length !== 1) suffixes.push(`size=${tupleText(shape)}`);
    if (dtype !== defaultDtype) suffixes.push(dtypeSuffix);
  } else {
    if (options.edgeitems === 0) suffixes.push(`size=${tupleText(shape)}`);
    if (dtype !== defaultDtype && dtype !== 'int64' && dtype !== 'bool') suffixes.push(dtypeSuffix);
    body = formatBody(tensor, options, prefix.length);
  }
  const { gradFnName } = tensor;
  if (gradFnName !== undefined && gradFnName !== null) suffixes.push(`grad_fn=<${gradFnName}>`);
  else if (tensor.requiresGrad === true) suffixes.push('requires_grad=True');
  return addSuffixes(prefix + body, suffixes, prefix.length, options.linewidth);
}

/** `repr(parameter)` of an `nn.Parameter`. */
export function formatParameter(
  tensor: PrintedTensor,
  options: Readonly<PrintOptions> = defaultPrintOptions,
  defaultDtype: DType = 'float32',
): string {
  return `Parameter containing:\n${formatTensor(tensor, options, defaultDtype)}`;
}

/** `str(tensor.item())`, which `f'{tensor}'` writes for a tensor without dimensions. */
export function formatScalar(tensor: PrintedTensor): string {
  return elementText(tensor, 0);
}

/** The element as Python's `str()` writes it. */
function elementText({ data, dtype }: PrintedTensor, index: number): string {
  const value = data[index]!;
  if (dtype === 'bool') return value ? 'True' : 'False';
  return isFloating(dtype) ? pythonText(value) : String(value);
}

function tupleText(shape: Shape): string {
  return shape.length === 1 ? `(${String(shape[0])},)` : `(${shape.join(', ')})`;
}

function formatBody(tensor: PrintedTensor, options: Readonly<PrintOptions>, indent: number): string {
  const summarize = elementCount(tensor.shape) > options.threshold;
  const shown = summarize ? summarizedIndices(tensor.shape, options.edgeitems) : null;
  const layout = { ...elementLayout(tensor, shown, options), summarize, options };
  return formatDimensions(tensor.shape, 0, indent, layout);
}

/** The elements that a summary shows: the widths come from these alone. */
function summarizedIndices(shape: Shape, edgeitems: number, offset = 0): number[] {
  if (shape.length === 0) return [offset];
  if (shape.length > 1 && edgeitems === 0) return [];
  const [size, ...inner] = shape as readonly [number, ...number[]];
  const stride = elementCount(inner);
  const indices: number[] = [];
  for (let index = 0; index < size; index += 1) {
    if (edgeitems > 0 && index >= edgeitems && index < size - edgeitems) index = size - edgeitems;
    indices.push(...summarizedIndices(inner, edgeitems, offset + index * stride));
  }
  return indices;
}

/** How each element is written: PyTorch's `_Formatter`. */
function elementLayout(
  tensor: PrintedTensor,
  shown: readonly number[] | null,
  options: Readonly<PrintOptions>,
): { format: Format; width: number } {
  const { data } = tensor;
  const indices = shown ?? Array.from({ length: data.length }, (_, index) => index);
  if (!isFloating(tensor.dtype)) {
    const width = indices.reduce((widest, index) => Math.max(widest, elementText(tensor, index).length), 1);
    return { format: (index) => elementText(tensor, index).padStart(width), width };
  }
  const values = indices.map((index) => Number(data[index])).filter((value) => Number.isFinite(value) && value !== 0);
  const write = numberNotation(values, options);
  const width = values.reduce((widest, value) => Math.max(widest, write(value).length), 1);
  return { format: (index) => write(Number(data[index])).padStart(width), width };
}

function numberNotation(values: readonly number[], options: Readonly<PrintOptions>): (value: number) => string {
  const { precision } = options;
  let smallest = Infinity;
  let largest = 0;
  let whole = true;
  for (const value of values) {
    smallest = Math.min(smallest, Math.abs(value));
    largest = Math.max(largest, Math.abs(value));
    whole &&= Number.isInteger(value);
  }
  const wide = largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4;
  if (values.length > 0 && (options.sciMode ?? wide)) return (value) => exponentialNotation(value, precision);
  if (whole) return (value) => fixedNotation(value, 0) + (Number.isFinite(value) ? '.' : '');
  return (value) => fixedNotation(value, precision);
}

function formatDimensions(shape: Shape, offset: number, indent: number, layout: Layout): string {
  if (shape.length === 0) return layout.format(offset);
  if (shape.length === 1) return formatVector(shape[0]!, offset, indent, layout);
  const [size, ...inner] = shape as readonly [number, ...number[]];
  const stride = elementCount(inner);
  const rows = shortened(size, layout, '...', (index) =>
    formatDimensions(inner, offset + index * stride, indent + 1, layout),
  );
  return `[${rows.join(`,${'\n'.repeat(shape.length - 1)}${' '.repeat(indent + 1)}`)}]`;
}

function formatVector(size: number, offset: number, indent: number, layout: Layout): string {
  const perLine = Math.max(1, Math.floor((layout.options.linewidth - indent) / (layout.width + 2)));
  const items =
    layout.summarize && layout.options.edgeitems === 0
      ? ['...']
      : shortened(size, layout, ' ...', (index) => layout.format(offset + index));
  const lines: string[] = [];
  for (let start = 0; start < items.length; start += perLine) {
    lines.push(items.slice(start, start + perLine).join(', '));
  }
  return `[${lines.join(`,\n${' '.repeat(indent + 1)}`)}]`;
}

/** What is shown of a dimension: all of it, or both ends with an ellipsis between them. */
function shortened(size: number, layout: Layout, ellipsis: string, show: (index: number) => string): string[] {
  const { edgeitems } = layout.options;
  const shown: string[] = [];
  const skip = layout.summarize && size > 2 * edgeitems;
  for (let index = 0; index < size; index += 1) {
    if (skip && index === edgeitems) {
      shown.push(ellipsis);
      index = size - edgeitems;
      if (index === size) break;
    }
    shown.push(show(index));
  }
  return shown;
}

function addSuffixes(text: string, suffixes: readonly string[], indent: number, linewidth: number): string {
  let result = text;
  let lineLength = text.length - text.lastIndexOf('\n') + 1;
  for (const suffix of suffixes) {
    if (lineLength + suffix.length + 2 > linewidth) {
      result += `,\n${' '.repeat(indent)}${suffix}`;
      lineLength = indent + suffix.length;
    } else {
      result += `, ${suffix}`;
      lineLength += suffix.length + 2;
    }
  }
  return `${result})`;
}
