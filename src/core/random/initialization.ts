/*
 * The functions of `torch.nn.init` on dense row-major arrays of a given shape, drawing as PyTorch 2.13.0 draws
 * (torch/nn/init.py). They write `data` in place; `warn` receives PyTorch's warnings.
 */
import { PythonError } from '../../common/errors';
import { fillNormal, fillUniform, type FloatArray } from './distributions';
import type { Generator } from './generator';
import { drawPermutation } from './integers';

export interface Initialized {
  readonly data: FloatArray;
  readonly shape: readonly number[];
}

export type FanMode = 'fan_in' | 'fan_out';

export interface KaimingOptions {
  /** The negative slope of the rectifier that follows; used with `leaky_relu` only. Default 0. */
  a?: number;
  mode?: string;
  nonlinearity?: string;
}

export type Warn = (message: string) => void;

const ignoreWarning: Warn = () => undefined;

const defaultNegativeSlope = 0.01;

/** What `calculate_gain` gives for each nonlinearity. */
const gains: ReadonlyMap<string, (slope: number) => number> = new Map([
  ['linear', () => 1],
  ['conv1d', () => 1],
  ['conv2d', () => 1],
  ['conv3d', () => 1],
  ['conv_transpose1d', () => 1],
  ['conv_transpose2d', () => 1],
  ['conv_transpose3d', () => 1],
  ['sigmoid', () => 1],
  ['tanh', () => 5 / 3],
  ['relu', () => Math.sqrt(2)],
  ['leaky_relu', (slope: number) => Math.sqrt(2 / (1 + slope ** 2))],
  ['selu', () => 3 / 4],
]);

/**
 * `nn.init.calculate_gain(nonlinearity, slope)`.
 * @throws PythonError ValueError for an unknown nonlinearity
 */
export function calculateGain(nonlinearity: string, slope: number = defaultNegativeSlope): number {
  const gain = gains.get(nonlinearity);
  if (gain === undefined) throw new PythonError('ValueError', `Unsupported nonlinearity ${nonlinearity}`);
  return gain(slope);
}

/**
 * How many values flow into and out of one unit of a weight `[out, in, ...kernel]`.
 * @throws PythonError ValueError for fewer than two dimensions
 */
export function calculateFans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  if (shape.length < 2) {
    throw new PythonError(
      'ValueError',
      'Fan in and fan out can not be computed for tensor with fewer than 2 dimensions',
    );
  }
  const receptiveField = shape.slice(2).reduce((product, size) => product * size, 1);
  return { fanIn: shape[1]! * receptiveField, fanOut: shape[0]! * receptiveField };
}

function correctFan(shape: readonly number[], mode: string): number {
  const lowered = mode.toLowerCase();
  if (lowered !== 'fan_in' && lowered !== 'fan_out') {
    throw new PythonError('ValueError', `Mode ${lowered} not supported, please use one of ['fan_in', 'fan_out']`);
  }
  const { fanIn, fanOut } = calculateFans(shape);
  return lowered === 'fan_in' ? fanIn : fanOut;
}

/** `uniform_`: U(a, b). */
export function initializeUniform(target: Initialized, generator: Generator, a = 0, b = 1): void {
  fillUniform(target.data, generator, a, b);
}

/** `normal_`: N(mean, std**2). */
export function initializeNormal(target: Initialized, generator: Generator, mean = 0, std = 1): void {
  fillNormal(target.data, generator, mean, std);
}

/** `constant_`, `ones_` and `zeros_`. */
export function initializeConstant(target: Initialized, value: number): void {
  target.data.fill(value);
}

/**
 * `eye_`: the identity of a matrix.
 * @throws PythonError ValueError unless the shape has two dimensions
 */
export function initializeEye(target: Initialized): void {
  requireMatrix(target.shape);
  const [rows, columns] = target.shape as readonly [number, number];
  target.data.fill(0);
  for (let index = 0; index < Math.min(rows, columns); index += 1) target.data[index * columns + index] = 1;
}

/**
 * `dirac_`: a convolution's weight that passes its input channels on, group by group.
 * @throws PythonError ValueError unless the shape has 3 to 5 dimensions and `groups` divides the first
 */
export function initializeDirac(target: Initialized, groups = 1): void {
  const { data, shape } = target;
  if (shape.length < 3 || shape.length > 5) {
    throw new PythonError('ValueError', 'Only tensors with 3, 4, or 5 dimensions are supported');
  }
  const [outputs, inputs, ...kernel] = shape as readonly [number, number, ...number[]];
  if (outputs % groups !== 0) throw new PythonError('ValueError', 'dim 0 must be divisible by groups');
  const outputsPerGroup = outputs / groups;
  const kernelSize = kernel.reduce((product, size) => product * size, 1);
  const center = kernel.reduce((offset, size) => offset * size + Math.floor(size / 2), 0);
  data.fill(0);
  for (let group = 0; group < groups; group += 1) {
    for (let channel = 0; channel < Math.min(outputsPerGroup, inputs); channel += 1) {
      data[((group * outputsPerGroup + channel) * inputs + channel) * kernelSize + center] = 1;
    }
  }
}

/** `xavier_uniform_`: U(-bound, bound) with bound = gain * sqrt(6 / (fan in + fan out)). */
export function initializeXavierUniform(target: Initialized, generator: Generator, gain = 1): void {
  const bound = Math.sqrt(3) * xavierStd(target.shape, gain);
  fillUniform(target.data, generator, -bound, bound);
}

/** `xavier_normal_`: N(0, std**2) with std = gain * sqrt(2 / (fan in + fan out)). */
export function initializeXavierNormal(target: Initialized, generator: Generator, gain = 1): void {
  fillNormal(target.data, generator, 0, xavierStd(target.shape, gain));
}

function xavierStd(shape: readonly number[], gain: number): number {
  const { fanIn, fanOut } = calculateFans(shape);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

/** `kaiming_uniform_`: U(-bound, bound) with bound = gain * sqrt(3 / fan). */
export function initializeKaimingUniform(
  target: Initialized,
  generator: Generator,
  options: KaimingOptions = {},
  warn: Warn = ignoreWarning,
): void {
  const std = kaimingStd(target, options, warn);
  if (std === null) return;
  const bound = Math.sqrt(3) * std;
  fillUniform(target.data, generator, -bound, bound);
}

/** `kaiming_normal_`: N(0, std**2) with std = gain / sqrt(fan). */
export function initializeKaimingNormal(
  target: Initialized,
  generator: Generator,
  options: KaimingOptions = {},
  warn: Warn = ignoreWarning,
): void {
  const std = kaimingStd(target, options, warn);
  if (std !== null) fillNormal(target.data, generator, 0, std);
}

function kaimingStd(target: Initialized, options: KaimingOptions, warn: Warn): number | null {
  if (target.shape.includes(0)) {
    warn('Initializing zero-element tensors is a no-op');
    return null;
  }
  const fan = correctFan(target.shape, options.mode ?? 'fan_in');
  return calculateGain(options.nonlinearity ?? 'leaky_relu', options.a ?? 0) / Math.sqrt(fan);
}

/** What `nn.Linear` and `nn.Conv*d` draw for weight and bias when they are made: U(-1/sqrt(fan in), 1/sqrt(fan in)). */
export function initializeLayer(weight: Initialized, bias: Initialized | null, generator: Generator): void {
  initializeKaimingUniform(weight, generator, { a: Math.sqrt(5) });
  const { fanIn } = calculateFans(weight.shape);
  if (bias === null || fanIn === 0) return;
  const bound = 1 / Math.sqrt(fanIn);
  fillUniform(bias.data, generator, -bound, bound);
}

/**
 * `orthogonal_`: a (semi-)orthogonal matrix of the shape `[rows, everything else]`, times `gain`. The factorization is
 * done in float64, so a float32 result is the exact one rounded; PyTorch's own float32 one is up to about 1e-6 from it.
 * @throws PythonError ValueError for fewer than two dimensions
 */
export function initializeOrthogonal(target: Initialized, generator: Generator, gain = 1): void {
  const { data, shape } = target;
  if (shape.length < 2) {
    throw new PythonError('ValueError', 'Only tensors with 2 or more dimensions are supported');
  }
  if (data.length === 0) return;
  const rows = shape[0]!;
  const columns = data.length / rows;
  fillNormal(data, generator);
  const length = Math.max(rows, columns);
  const count = Math.min(rows, columns);
  const at = (vector: number, index: number): number =>
    rows < columns ? vector * columns + index : index * columns + vector;
  const basis: Float64Array[] = [];
  for (let vector = 0; vector < count; vector += 1) {
    const current = Float64Array.from({ length }, (_, index) => data[at(vector, index)]!);
    for (let pass = 0; pass < 2; pass += 1) {
      for (const earlier of basis) {
        const overlap = dot(current, earlier);
        for (let index = 0; index < length; index += 1) current[index]! -= overlap * earlier[index]!;
      }
    }
    const norm = Math.sqrt(dot(current, current));
    basis.push(current.map((value) => value / norm));
  }
  for (let vector = 0; vector < count; vector += 1) {
    for (let index = 0; index < length; index += 1) data[at(vector, index)] = basis[vector]![index]! * gain;
  }
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += left[index]! * right[index]!;
  return sum;
}

/**
 * `sparse_`: N(0, std**2) with a fraction `sparsity` of each column set to zero.
 * @param permutationGenerator PyTorch always chooses the zeros with the default generator
 * @throws PythonError ValueError unless the shape has two dimensions
 */
export function initializeSparse(
  target: Initialized,
  generator: Generator,
  permutationGenerator: Generator,
  sparsity: number,
  std = 0.01,
): void {
  requireMatrix(target.shape);
  const [rows, columns] = target.shape as readonly [number, number];
  const zeros = Math.ceil(sparsity * rows);
  fillNormal(target.data, generator, 0, std);
  for (let column = 0; column < columns; column += 1) {
    for (const row of drawPermutation(rows, permutationGenerator).subarray(0, zeros)) {
      target.data[Number(row) * columns + column] = 0;
    }
  }
}

function requireMatrix(shape: readonly number[]): void {
  if (shape.length !== 2) throw new PythonError('ValueError', 'Only tensors with 2 dimensions are supported');
}
