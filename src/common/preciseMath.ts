/**
 * Powers, exponentials, logarithms and cosines as a good C library gives them (correctly rounded in all but the rarest cases).
 * V8's `Math.pow` is off by one unit for values as plain as `10 ** -20`. All work is in pairs of float64 (high + low),
 * about 100 bits.
 */
type Pair = readonly [high: number, low: number];

const splitter = 134217729;

function twoSum(a: number, b: number): Pair {
  const sum = a + b;
  const shadow = sum - a;
  return [sum, a - (sum - shadow) + (b - shadow)];
}

function twoProduct(a: number, b: number): Pair {
  const product = a * b;
  const ah = splitter * a - (splitter * a - a);
  const al = a - ah;
  const bh = splitter * b - (splitter * b - b);
  const bl = b - bh;
  return [product, ah * bh - product + ah * bl + al * bh + al * bl];
}

function multiply(a: Pair, b: Pair): Pair {
  const [product, error] = twoProduct(a[0], b[0]);
  return twoSum(product, error + (a[0] * b[1] + a[1] * b[0]));
}

function add(a: Pair, b: Pair): Pair {
  const [sum, error] = twoSum(a[0], b[0]);
  const [low, rest] = twoSum(a[1], b[1]);
  const [high, middle] = twoSum(sum, error + low);
  return twoSum(high, middle + rest);
}

function divide(a: Pair, b: Pair): Pair {
  const first = a[0] / b[0];
  const rest = add(a, multiply(b, [-first, 0]));
  const second = rest[0] / b[0];
  const left = add(rest, multiply(b, [-second, 0]));
  return add(twoSum(first, second), [left[0] / b[0], 0]);
}

const ln2: Pair = [0.6931471805599453, 2.3190468138462996e-17];

/** `value * 2 ** exponent`, with one rounding also among the subnormal numbers. */
function scale([high, low]: Pair, exponent: number): number {
  if (exponent > -1000) {
    const half = Math.trunc(exponent / 2);
    return (high + low) * 2 ** half * 2 ** (exponent - half);
  }
  const up = exponent + 1000;
  return (high * 2 ** up + low * 2 ** up) * 2 ** -1000;
}

function exponential(x: Pair): { value: Pair; exponent: number } {
  const exponent = Math.round(x[0] / ln2[0]);
  const reduced = add(x, multiply(ln2, [-exponent, 0]));
  const small: Pair = [reduced[0] / 64, reduced[1] / 64];
  let term: Pair = [1, 0];
  let total: Pair = [0, 0];
  for (let n = 1; n <= 18; n++) {
    term = divide(multiply(term, small), [n, 0]);
    total = add(total, term);
  }
  // (1 + t) ** 64 - 1, kept as the part beyond 1 so that no bits are lost.
  for (let i = 0; i < 6; i++) total = add(add(total, total), multiply(total, total));
  return { value: add([1, 0], total), exponent };
}

function logarithm(x: number): Pair {
  let exponent = 0;
  let mantissa = x;
  if (mantissa < 2.2250738585072014e-308) {
    mantissa *= 2 ** 54;
    exponent -= 54;
  }
  const shift = Math.round(Math.log2(mantissa));
  mantissa = mantissa * 2 ** -Math.trunc(shift / 2) * 2 ** -(shift - Math.trunc(shift / 2));
  exponent += shift;
  let result: Pair = [Math.log(mantissa), 0];
  for (let i = 0; i < 2; i++) {
    const { value, exponent: power } = exponential([-result[0], -result[1]]);
    const factor = 2 ** power;
    const ratio = multiply([mantissa, 0], [value[0] * factor, value[1] * factor]);
    result = add(result, add(ratio, [-1, 0]));
  }
  return add(result, multiply(ln2, [exponent, 0]));
}

/** e ** x. */
export function preciseExp(x: number): number {
  if (!Number.isFinite(x) || x > 710 || x < -746 || x === 0) return Math.exp(x);
  const { value, exponent } = exponential([x, 0]);
  return scale(value, exponent);
}

/** The natural logarithm. */
export function preciseLog(x: number): number {
  if (!(x > 0) || x === Infinity || x === 1) return Math.log(x);
  const [high, low] = logarithm(x);
  return high + low;
}

function integerPower(base: number, exponent: number): Pair {
  let result: Pair = [1, 0];
  let square: Pair = [base, 0];
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, square);
    if (rest > 1) square = multiply(square, square);
  }
  return result;
}

/** base ** exponent; infinities, zeros, NaN and negative bases as C99's pow has them, save that 1 ** NaN is 1. */
export function precisePow(base: number, exponent: number): number {
  if (base === 1 || exponent === 0) return 1;
  const plain = base ** exponent;
  if (!Number.isFinite(plain) || plain === 0 || !Number.isFinite(base) || !Number.isFinite(exponent)) return plain;
  if (Number.isInteger(exponent) && Math.abs(exponent) <= 1024) {
    const power = integerPower(base, Math.abs(exponent));
    const inRange = Math.abs(power[0]) > 1e-290 && Math.abs(power[0]) < 1e290 && Number.isFinite(power[1]);
    if (inRange && exponent > 0) return power[0] + power[1];
    if (inRange) {
      const [high, low] = divide([1, 0], power);
      return high + low;
    }
  }
  const size = logarithm(Math.abs(base));
  const { value, exponent: power } = exponential(multiply(size, [exponent, 0]));
  const result = scale(value, power);
  return base < 0 && Math.abs(exponent) % 2 === 1 ? -result : result;
}

/** Half of pi in three parts; the first has 33 bits, so that a multiple of it is exact. */
const halfPi = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21] as const;

/** The cosine of an angle in radians, for angles up to about 10 ** 6; beyond that it is JavaScript's own. */
export function preciseCos(angle: number): number {
  if (!(Math.abs(angle) < 1e6)) return Math.cos(angle);
  const quadrant = Math.round(angle / (Math.PI / 2));
  let rest: Pair = [angle, 0];
  for (const part of halfPi) rest = add(rest, multiply([-quadrant, 0], [part, 0]));
  const [high, low] = multiply(rest, rest);
  const turned = ((quadrant % 4) + 4) % 4;
  const even = turned % 2 === 0;
  // Taylor's series of the cosine, or of the sine a quarter turn away.
  let term: Pair = even ? [1, 0] : rest;
  let sum = term;
  for (let n = 1; n < 40 && Math.abs(term[0]) > 1e-34 * Math.abs(sum[0]); n++) {
    term = divide(multiply(term, [-high, -low]), [2 * n * (even ? 2 * n - 1 : 2 * n + 1), 0]);
    sum = add(sum, term);
  }
  const result = sum[0] + sum[1];
  return turned === 1 || turned === 2 ? -result : result;
}
