import { unwrap } from '../objects/arguments';
import type { PyValue } from '../objects/value';
import { PyInstance } from '../objects/value';
import { toFloat } from './numbers';

/** A bool, int or float as a number; `null` for anything else. */
export function numeric(value: PyValue): bigint | number | null {
  const plain = unwrap(value);
  if (typeof plain === 'bigint' || typeof plain === 'number') return plain;
  return typeof plain === 'boolean' ? (plain ? 1n : 0n) : null;
}

export function asFloat(value: bigint | number): number {
  return typeof value === 'bigint' ? toFloat(value) : value;
}

/** The str in an instance of a class derived from str. */
export function plainText(value: PyValue): PyValue {
  return value instanceof PyInstance && typeof value.native === 'string' ? value.native : value;
}
