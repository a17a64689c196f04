/*
 * Multiply-add with one rounding, and the float32 logarithm, sine and cosine of PyTorch's AVX2 kernels
 * (ATen/native/cpu/avx_mathfun.h, after Cephes). GCC fuses a multiplication with the addition that follows it there,
 * so each function says which of its steps round once: with that the float32 results agree bit for bit.
 */

const scratch = new DataView(new ArrayBuffer(8));
const f = Math.fround;

/** `a * b + c` of float32 values, rounded once to float32. */
export function fusedMultiplyAdd32(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const rounded = f(sum);
  if (rounded === sum || !Number.isFinite(sum)) return rounded;
  const shadow = sum - product;
  const error = product - (sum - shadow) + (c - shadow);
  if (error === 0) return rounded;
  scratch.setFloat64(0, sum);
  if ((scratch.getUint32(4) & 0x1fffffff) !== 0x10000000) return rounded;
  // The float64 sum lies exactly between two float32 values: what it lost decides, not the even neighbour.
  return f(sum + Math.sign(error) * Math.abs(sum) * 2 ** -50);
}

const splitter = 134217729;

/** `a * b + c` of float64 values, with the product's rounding error carried into the sum. */
export function fusedMultiplyAdd64(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  if (!Number.isFinite(sum) || product === 0) return sum;
  const aHigh = splitter * a - (splitter * a - a);
  const bHigh = splitter * b - (splitter * b - b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  const lostByProduct = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  const shadow = sum - product;
  const lostBySum = product - (sum - shadow) + (c - shadow);
  return sum + (lostBySum + lostByProduct);
}

const logPolynomial = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
].map(f);
const logLow = f(-2.1219444e-4);
const logHigh = f(0.693359375);
const squareRootOfHalf = f(Math.SQRT1_2);

/** The natural logarithm of a float32 in (0, 1], as float32. */
export function log32(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getInt32(0);
  let exponent = (bits >>> 23) - 0x7f + 1;
  scratch.setInt32(0, (bits & ~0x7f800000) | 0x3f000000);
  const fraction = scratch.getFloat32(0);
  let x = f(fraction - 1);
  if (fraction < squareRootOfHalf) {
    exponent -= 1;
    x = f(x + fraction);
  }
  const square = f(x * x);
  let y = logPolynomial[0]!;
  for (let index = 1; index < logPolynomial.length; index += 1) y = fusedMultiplyAdd32(y, x, logPolynomial[index]!);
  y = fusedMultiplyAdd32(f(y * x), square, f(exponent * logLow));
  y = fusedMultiplyAdd32(-square, 0.5, y);
  return fusedMultiplyAdd32(exponent, logHigh, f(x + y));
}

const fourOverPi = f(1.27323954473516);
const quarterTurn = [-0.78515625, -2.4187564849853516e-4, -3.774894977445941e-8].map(f);
const sineTerms = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1].map(f);
const cosineTerms = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2].map(f);

/** Sine and cosine of a float32 angle from 0 to 8192 radians, as float32. */
export function sineAndCosine32(angle: number): { sine: number; cosine: number } {
  const octant = (Math.trunc(f(angle * fourOverPi)) + 1) & ~1;
  let x = angle;
  for (const part of quarterTurn) x = fusedMultiplyAdd32(octant, part, x);
  const square = f(x * x);
  let even = fusedMultiplyAdd32(cosineTerms[0]!, square, cosineTerms[1]!);
  even = fusedMultiplyAdd32(even, square, cosineTerms[2]!);
  even = f(fusedMultiplyAdd32(f(even * square), square, -f(square * 0.5)) + 1);
  let odd = fusedMultiplyAdd32(sineTerms[0]!, square, sineTerms[1]!);
  odd = fusedMultiplyAdd32(odd, square, sineTerms[2]!);
  odd = fusedMultiplyAdd32(f(odd * square), x, x);
  const swapped = (octant & 2) !== 0;
  const sine = swapped ? even : odd;
  const cosine = swapped ? odd : even;
  return {
    sine: (octant & 4) !== 0 ? -sine : sine,
    cosine: (~(octant - 2) & 4) !== 0 ? -cosine : cosine,
  };
}
