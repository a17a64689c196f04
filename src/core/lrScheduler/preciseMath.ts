/*
 * Cosine, logarithm and power rounded from about 100 bits, so that learning rates agree with the C library's (which is
 * all but correctly rounded) to the last bit; JavaScript's own may differ from it in the last place.
 */

/** An unevaluated sum of two float64: about 106 bits. */
interface Pair {
  readonly high: number;
  readonly low: number;
}

const splitter = 134217729;

function sumOf(a: number, b: number): Pair {
  const high = a + b;
  const shadow = high - a;
  return { high, low: a - (high - shadow) + (b - shadow) };
}

function productOf(a: number, b: number): Pair {
  const high = a * b;
  const aHigh = splitter * a - (splitter * a - a);
  const bHigh = splitter * b - (splitter * b - b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return { high, low: aLow * bLow - (high - aHigh * bHigh - aLow * bHigh - aHigh * bLow) };
}

function add(a: Pair, b: Pair): Pair {
  const high = sumOf(a.high, b.high);
  const low = sumOf(a.low, b.low);
  const first = sumOf(high.high, high.low + low.high);
  return sumOf(first.high, first.low + low.low);
}

function multiply(a: Pair, b: Pair): Pair {
  const product = productOf(a.high, b.high);
  return sumOf(product.high, product.low + (a.high * b.low + a.low * b.high));
}

function divideBy(a: Pair, divisor: number): Pair {
  const quotient = a.high / divisor;
  const back = productOf(quotient, divisor);
  return sumOf(quotient, (a.high - back.high - back.low + a.low) / divisor);
}

function pair(value: number): Pair {
  return { high: value, low: 0 };
}

/** 1 + x / 1 + x**2 / (1 * 2) ..., taking the factors `x` and the divisors as they come. */
function series(start: Pair, factor: Pair, divisors: (index: number) => number): Pair {
  let term = start;
  let sum = start;
  for (let index = 1; index < 40 && Math.abs(term.high) > 1e-34 * Math.abs(sum.high); index += 1) {
    term = divideBy(multiply(term, factor), divisors(index));
    sum = add(sum, term);
  }
  return sum;
}

/** Half of pi in three parts; the first has 33 bits, so that a multiple of it is exact. */
const halfPi = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21];

/** The cosine of an angle in radians, for angles up to about 10**6; beyond that it is JavaScript's own. */
export function cosine(angle: number): number {
  if (!(Math.abs(angle) < 1e6)) return Math.cos(angle);
  const quadrant = Math.round(angle / (Math.PI / 2));
  let rest = pair(angle);
  for (const part of halfPi) {
    const product = productOf(-quadrant, part);
    rest = add(rest, product);
  }
  const square = multiply(rest, rest);
  const negated = { high: -square.high, low: -square.low };
  const turned = ((quadrant % 4) + 4) % 4;
  const even = turned % 2 === 0;
  const value = even
    ? series(pair(1), negated, (index) => 2 * index * (2 * index - 1))
    : series(rest, negated, (index) => 2 * index * (2 * index + 1));
  const result = value.high + value.low;
  return turned === 1 || turned === 2 ? -result : result;
}

const logTwo: Pair = { high: 0.6931471805599453, low: 2.3190468138462996e-17 };

function exponential(value: Pair): Pair {
  const doublings = Math.round(value.high / Math.LN2);
  const rest = add(value, multiply(pair(-doublings), logTwo));
  const power = series(pair(1), rest, (index) => index);
  const scale = 2 ** doublings;
  return { high: power.high * scale, low: power.low * scale };
}

function logarithmPair(value: number): Pair {
  const guess = Math.log(value);
  const back = exponential(pair(-guess));
  const ratio = add(multiply(pair(value), back), pair(-1));
  const square = multiply(ratio, ratio);
  return add(add(pair(guess), ratio), { high: -square.high / 2, low: -square.low / 2 });
}

/** The natural logarithm of a positive number. */
export function logarithm(value: number): number {
  if (!(value > 0 && value < Infinity)) return Math.log(value);
  const result = logarithmPair(value);
  return result.high + result.low;
}

/** `base ** exponent` of float64 values, as Python's `**` of floats gives it. */
export function power(base: number, exponent: number): number {
  const plain = base ** exponent;
  if (!Number.isFinite(plain) || Math.abs(plain) < 1e-280 || Math.abs(plain) > 1e280 || exponent === 0) return plain;
  if (Number.isInteger(exponent) && Math.abs(exponent) < 2 ** 20) {
    const whole = integerPower(base, Math.abs(exponent));
    if (exponent > 0) return whole.high + whole.low;
  }
  if (base < 0) return plain;
  const result = exponential(multiply(logarithmPair(base), pair(exponent)));
  return result.high + result.low;
}

function integerPower(base: number, exponent: number): Pair {
  let result = pair(1);
  let square = pair(base);
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, square);
    if (rest > 1) square = multiply(square, square);
  }
  return result;
}
