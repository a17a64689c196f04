import { PythonError } from '../../common/errors';
import { preciseCos, preciseExp, preciseLog, precisePow } from '../../common/preciseMath';
import { toFloat64 } from '../builtins/scalarTypes';
import { PyTuple } from '../objects/containers';
import type { PyValue } from '../objects/value';
import { runtimeOf } from '../builtins/access';
import type { FunctionRows } from './moduleOf';
import { plainModule } from './moduleOf';

function domain(result: number, inputs: readonly number[]): number {
  if (Number.isNaN(result) && !inputs.some(Number.isNaN)) throw new PythonError('ValueError', 'math domain error');
  if (!Number.isFinite(result) && inputs.every(Number.isFinite))
    throw new PythonError('OverflowError', 'math range error');
  return result;
}

function unary(compute: (x: number) => number): FunctionRows[string] {
  return [
    'x, /',
    (args, interpreter) => {
      const x = toFloat64(interpreter, args.value('x'));
      return domain(compute(x), [x]);
    },
  ];
}

function binary(compute: (x: number, y: number) => number): FunctionRows[string] {
  return [
    'x, y, /',
    (args, interpreter) => {
      const x = toFloat64(interpreter, args.value('x'));
      const y = toFloat64(interpreter, args.value('y'));
      return domain(compute(x, y), [x, y]);
    },
  ];
}

function test(check: (x: number) => boolean): FunctionRows[string] {
  return ['x, /', (args, interpreter) => check(toFloat64(interpreter, args.value('x')))];
}

function toInt(method: '__floor__' | '__ceil__' | '__trunc__', compute: (x: number) => number): FunctionRows[string] {
  return [
    'x, /',
    (args, interpreter) => {
      const value = args.value('x');
      if (typeof value === 'bigint') return value;
      const own = value === null ? undefined : runtimeOf(interpreter).trySpecial(value, method, []);
      if (own !== undefined) return own;
      const x = toFloat64(interpreter, value);
      if (Number.isNaN(x)) throw new PythonError('ValueError', 'cannot convert float NaN to integer');
      if (!Number.isFinite(x)) throw new PythonError('OverflowError', 'cannot convert float infinity to integer');
      return BigInt(compute(x));
    },
  ];
}

function logarithm(value: PyValue, x: number): number {
  if (x <= 0) throw new PythonError('ValueError', 'math domain error');
  if (typeof value === 'bigint' && !Number.isFinite(Number(value))) {
    const bits = value.toString(2).length - 60;
    return Math.log(Number(value >> BigInt(bits))) + bits * Math.LN2;
  }
  return preciseLog(x);
}

function integerRoot(n: bigint): bigint {
  if (n < 0n) throw new PythonError('ValueError', 'isqrt() argument must be nonnegative');
  if (n < 2n) return n;
  let x = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

function gcd(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** Shewchuk's exact sum, rounded once. */
function exactSum(values: readonly number[]): number {
  let partials: number[] = [];
  for (const value of values) {
    let x = value;
    const next: number[] = [];
    for (const partial of partials) {
      const [large, small] = Math.abs(x) < Math.abs(partial) ? [partial, x] : [x, partial];
      const high = large + small;
      const low = small - (high - large);
      if (low !== 0) next.push(low);
      x = high;
    }
    partials = [...next, x];
  }
  let total = 0;
  for (let i = partials.length - 1; i >= 0; i--) total += partials[i]!;
  return total;
}

const combinations = (n: bigint, k: bigint): bigint => {
  if (k > n) return 0n;
  let result = 1n;
  for (let i = 0n; i < k; i++) result = (result * (n - i)) / (i + 1n);
  return result;
};

const nonNegative = (value: bigint, name: string): bigint => {
  if (value < 0n) throw new PythonError('ValueError', `${name}() not defined for negative values`);
  return value;
};

export const mathModule = plainModule(
  'math',
  {
    acos: unary(Math.acos),
    acosh: unary(Math.acosh),
    asin: unary(Math.asin),
    asinh: unary(Math.asinh),
    atan: unary(Math.atan),
    atan2: binary(Math.atan2),
    atanh: unary(Math.atanh),
    cbrt: unary(Math.cbrt),
    ceil: toInt('__ceil__', Math.ceil),
    comb: ['n, k, /', (args) => combinations(nonNegative(args.int('n'), 'comb'), nonNegative(args.int('k'), 'comb'))],
    copysign: binary((x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x))),
    cos: unary(preciseCos),
    cosh: unary(Math.cosh),
    degrees: unary((x) => x * (180 / Math.PI)),
    dist: [
      'p, q, /',
      (args, interpreter) => {
        const q = interpreter.list(args.value('q')).map((value) => toFloat64(interpreter, value));
        return Math.hypot(
          ...interpreter.list(args.value('p')).map((value, i) => toFloat64(interpreter, value) - q[i]!),
        );
      },
    ],
    erf: unary(erf),
    erfc: unary((x) => 1 - erf(x)),
    exp: unary(preciseExp),
    exp2: unary((x) => precisePow(2, x)),
    expm1: unary(Math.expm1),
    fabs: unary(Math.abs),
    factorial: [
      'x, /',
      (args) => {
        let result = 1n;
        for (let i = nonNegative(args.int('x'), 'factorial'); i > 1n; i--) result *= i;
        return result;
      },
    ],
    floor: toInt('__floor__', Math.floor),
    fmod: binary((x, y) => x % y),
    frexp: [
      'x, /',
      (args) => {
        let x = args.float('x');
        if (x === 0 || !Number.isFinite(x)) return new PyTuple([x, 0n]);
        let exponent = 0n;
        while (Math.abs(x) >= 1) {
          x /= 2;
          exponent++;
        }
        while (Math.abs(x) < 0.5) {
          x *= 2;
          exponent--;
        }
        return new PyTuple([x, exponent]);
      },
    ],
    fsum: [
      'seq, /',
      (args, interpreter) =>
        exactSum(interpreter.list(args.value('seq')).map((value) => toFloat64(interpreter, value))),
    ],
    gcd: ['*integers', (args) => args.rest().reduce<bigint>((a, b) => gcd(a, BigInt(b as bigint)), 0n)],
    hypot: [
      '*coordinates',
      (args, interpreter) => Math.hypot(...args.rest().map((value) => toFloat64(interpreter, value))),
    ],
    isclose: [
      'a, b, *, rel_tol=1e-09, abs_tol=0.0',
      (args) => {
        const [a, b] = [args.float('a'), args.float('b')];
        if (a === b) return true;
        if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
        const size = Math.max(Math.abs(a), Math.abs(b));
        return Math.abs(a - b) <= Math.max(args.float('rel_tol') * size, args.float('abs_tol'));
      },
    ],
    isfinite: test(Number.isFinite),
    isinf: test((x) => x === Infinity || x === -Infinity),
    isnan: test(Number.isNaN),
    isqrt: ['n, /', (args) => integerRoot(args.int('n'))],
    lcm: [
      '*integers',
      (args) => args.rest().reduce<bigint>((a, b) => (a * (b as bigint)) / (gcd(a, b as bigint) || 1n), 1n),
    ],
    ldexp: ['x, i, /', (args) => args.float('x') * 2 ** args.index('i')],
    lgamma: unary(logGamma),
    gamma: unary((x) => Math.exp(logGamma(x))),
    log: [
      'x, base=None, /',
      (args, interpreter) => {
        const value = logarithm(args.value('x'), toFloat64(interpreter, args.value('x')));
        if (args.isNone('base')) return value;
        const base = logarithm(args.value('base'), toFloat64(interpreter, args.value('base')));
        if (base === 0) throw new PythonError('ZeroDivisionError', 'float division by zero');
        return value / base;
      },
    ],
    log10: unary((x) => (x <= 0 ? NaN : Math.log10(x))),
    log1p: unary(Math.log1p),
    log2: unary((x) => (x <= 0 ? NaN : Math.log2(x))),
    modf: [
      'x, /',
      (args) => {
        const x = args.float('x');
        return new PyTuple([x - Math.trunc(x), Math.trunc(x)]);
      },
    ],
    perm: [
      'n, k=None, /',
      (args) => {
        const n = args.int('n');
        const k = args.isNone('k') ? n : args.int('k');
        let result = k > n ? 0n : 1n;
        for (let i = 0n; i < k; i++) result *= n - i;
        return result;
      },
    ],
    pow: binary(precisePow),
    prod: [
      'iterable, /, *, start=1',
      (args, interpreter) =>
        interpreter
          .list(args.value('iterable'))
          .reduce((total, item) => interpreter.binary('*', total, item), args.value('start')),
    ],
    radians: unary((x) => x * (Math.PI / 180)),
    remainder: binary((x, y) => {
      const n = x / y;
      const floor = Math.floor(n);
      const rest = n - floor;
      return x - y * (rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor);
    }),
    sin: unary(Math.sin),
    sinh: unary(Math.sinh),
    sqrt: unary(Math.sqrt),
    tan: unary(Math.tan),
    tanh: unary(Math.tanh),
    trunc: toInt('__trunc__', Math.trunc),
  },
  { pi: Math.PI, e: Math.E, tau: 2 * Math.PI, inf: Infinity, nan: NaN },
);

/** The error function: a series near 0, a continued fraction beyond. */
function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {
    let term = x;
    let total = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(total); n++) {
      term *= -(x * x) / n;
      total += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * total;
  }
  let fraction = 0;
  for (let k = 60; k >= 1; k--) fraction = k / 2 / (size + fraction);
  const rest = Math.exp(-size * size) / Math.sqrt(Math.PI) / (size + fraction);
  return Math.sign(x) * (1 - rest);
}

/** Lanczos' approximation, about 15 digits. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  const coefficients = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const y = x - 1;
  const total = coefficients.reduce((sum, value, i) => (i === 0 ? value : sum + value / (y + i)), 0);
  const t = y + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(total);
}
