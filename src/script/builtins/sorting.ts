import type { Interpreter } from '../objects/interpreter';
import type { PyValue } from '../objects/value';

/** `sorted`: stable, also in reverse. */
export function sortValues(
  interpreter: Interpreter,
  items: readonly PyValue[],
  key: PyValue,
  reverse: boolean,
): PyValue[] {
  const rows = items.map((item) => ({ item, key: key === null ? item : interpreter.call(key, [item]) }));
  if (reverse) rows.reverse();
  const less = (a: PyValue, b: PyValue): boolean => interpreter.isTrue(interpreter.compare('<', a, b));
  rows.sort((a, b) => (less(a.key, b.key) ? -1 : less(b.key, a.key) ? 1 : 0));
  if (reverse) rows.reverse();
  return rows.map((row) => row.item);
}
