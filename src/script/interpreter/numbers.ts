import { PythonError } from '../../common/errors';
import { precisePow } from '../../common/preciseMath';

/** Python's floor division of ints. */
export function floorDivide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new PythonError('ZeroDivisionError', 'integer division or modulo by zero');
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** Python's modulo of ints: the sign of the divisor. */
export function modulo(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new PythonError('ZeroDivisionError', 'integer modulo by zero');
  const rest = a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}

export function floatModulo(a: number, b: number): number {
  if (b === 0) throw new PythonError('ZeroDivisionError', 'float modulo');
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

export function floatFloorDivide(a: number, b: number): number {
  if (b === 0) throw new PythonError('ZeroDivisionError', 'float floor division by zero');
  const rest = floatModulo(a, b);
  const quotient = (a - rest) / b;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

/** True division of ints, correctly rounded where both fit float64 and close otherwise. */
export function trueDivide(a: bigint, b: bigint): number {
  if (b === 0n) throw new PythonError('ZeroDivisionError', 'division by zero');
  const left = Number(a);
  const right = Number(b);
  if (Number.isSafeInteger(left) && Number.isSafeInteger(right)) return left / right;
  return divideExactly(a, b);
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** Keeps 64 or more bits of the quotient with a sticky last bit, so that one rounding remains. */
function divideExactly(a: bigint, b: bigint): number {
  const negative = a < 0n !== b < 0n;
  const numerator = a < 0n ? -a : a;
  const denominator = b < 0n ? -b : b;
  const shift = bitLength(denominator) - bitLength(numerator) + 66;
  const scaled = shift >= 0 ? numerator << BigInt(shift) : numerator;
  const divisor = shift >= 0 ? denominator : denominator << BigInt(-shift);
  let quotient = scaled / divisor;
  if (scaled % divisor !== 0n) quotient |= 1n;
  const result = Number(quotient) * 2 ** -shift;
  if (!Number.isFinite(result)) {
    throw new PythonError('OverflowError', 'integer division result too large for a float');
  }
  return negative ? -result : result;
}

export function power(base: bigint | number, exponent: bigint | number): bigint | number {
  if (typeof base === 'bigint' && typeof exponent === 'bigint') {
    if (exponent >= 0n) return base ** exponent;
    if (base === 0n) throw new PythonError('ZeroDivisionError', '0.0 cannot be raised to a negative power');
    return precisePow(Number(base), Number(exponent));
  }
  const left = Number(base);
  const right = Number(exponent);
  if (left === 1 || right === 0) return 1;
  if (left === -1 && !Number.isFinite(right) && !Number.isNaN(right)) return 1;
  if (left === 0 && right < 0) {
    throw new PythonError('ZeroDivisionError', '0.0 cannot be raised to a negative power');
  }
  if (left < 0 && Number.isFinite(left) && Number.isFinite(right) && !Number.isInteger(right)) {
    throw new PythonError('ValueError', 'a negative number to a fractional power is complex, which is not supported');
  }
  const result = precisePow(left, right);
  if (!Number.isFinite(result) && Number.isFinite(left) && Number.isFinite(right)) {
    throw new PythonError('OverflowError', "(34, 'Numerical result out of range')");
  }
  return result;
}

/** The float of an int, as `float(n)` makes it. */
export function toFloat(value: bigint): number {
  const result = Number(value);
  if (!Number.isFinite(result)) throw new PythonError('OverflowError', 'int too large to convert to float');
  return result;
}

/** -1, 0 or 1; NaN where not comparable. Exact between int and float. */
export function compareNumbers(a: bigint | number, b: bigint | number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return a >= b ? 0 : NaN;
}
