import { typeName, unwrap } from '../objects/arguments';
import { ellipsis, notImplemented, PyBytes, PyDict, PyList, PyRange, PySet, PyTuple } from '../objects/containers';
import type { ComparisonOperator } from '../objects/interpreter';
import type { PyValue } from '../objects/value';
import { PyObject } from '../objects/value';
import { ArithmeticLayer } from './arithmetic';
import { compareNumbers } from './numbers';
import { numeric } from './scalars';

const comparisonDunder: Record<string, [name: string, reflected: string]> = {
  '==': ['__eq__', '__eq__'],
  '!=': ['__ne__', '__ne__'],
  '<': ['__lt__', '__gt__'],
  '<=': ['__le__', '__ge__'],
  '>': ['__gt__', '__lt__'],
  '>=': ['__ge__', '__le__'],
};

/** Truth, comparison and membership. */
export abstract class OperatorLayer extends ArithmeticLayer {
  readonly ellipsis = ellipsis;

  isTrue(value: PyValue): boolean {
    switch (typeof value) {
      case 'boolean':
        return value;
      case 'bigint':
        return value !== 0n;
      case 'number':
        return value !== 0;
      case 'string':
        return value !== '';
      default:
        return value !== null && this.objectTruth(value);
    }
  }

  private objectTruth(value: PyObject): boolean {
    const plain = unwrap(value);
    if (!(plain instanceof PyObject)) return this.isTrue(plain);
    const test = value.pyClass.lookup('__bool__');
    if (test !== undefined) {
      const result = this.callMember(test, value, []);
      if (typeof result !== 'boolean') {
        this.raise('TypeError', `__bool__ should return bool, returned ${typeName(result)}`);
      }
      return result;
    }
    if (value instanceof PyList || value instanceof PyTuple) return value.items.length > 0;
    if (value instanceof PyDict || value instanceof PySet) return value.size > 0;
    if (value instanceof PyRange) return value.length > 0n;
    return value.pyClass.lookup('__len__') === undefined || this.length(value) > 0;
  }

  eq(a: PyValue, b: PyValue): PyValue {
    return typeof a === 'string' && typeof b === 'string' ? a === b : this.compare('==', a, b);
  }

  ne(a: PyValue, b: PyValue): PyValue {
    return this.compare('!=', a, b);
  }

  lt(a: PyValue, b: PyValue): PyValue {
    return typeof a === 'bigint' && typeof b === 'bigint' ? a < b : this.compare('<', a, b);
  }

  le(a: PyValue, b: PyValue): PyValue {
    return typeof a === 'bigint' && typeof b === 'bigint' ? a <= b : this.compare('<=', a, b);
  }

  gt(a: PyValue, b: PyValue): PyValue {
    return typeof a === 'bigint' && typeof b === 'bigint' ? a > b : this.compare('>', a, b);
  }

  ge(a: PyValue, b: PyValue): PyValue {
    return typeof a === 'bigint' && typeof b === 'bigint' ? a >= b : this.compare('>=', a, b);
  }

  equals(a: PyValue, b: PyValue): boolean {
    return a === b || this.isTrue(this.compare('==', a, b));
  }

  compare(operator: ComparisonOperator, a: PyValue, b: PyValue): PyValue {
    switch (operator) {
      case 'is':
        return a === b;
      case 'is not':
        return a !== b;
      case 'in':
        return this.contains(b, a);
      case 'not in':
        return !this.contains(b, a);
      default:
    }
    const left = numeric(a);
    const right = left === null ? null : numeric(b);
    const name = comparisonDunder[operator]?.[0] ?? '';
    if (left !== null && right !== null && !this.overrides(a, name) && !this.overrides(b, name)) {
      return decide(operator, compareNumbers(left, right));
    }
    const x = unwrap(a);
    const y = unwrap(b);
    if (typeof x === 'string' && typeof y === 'string') return decide(operator, compareText(x, y));
    return this.compareObjects(operator, a, b);
  }

  private compareObjects(operator: ComparisonOperator, a: PyValue, b: PyValue): PyValue {
    const [name, reflected] = comparisonDunder[operator]!;
    let result = this.dispatch(name, reflected, a, b, true);
    if (result !== notImplemented) return result;
    if (operator === '!=') {
      result = this.dispatch('__eq__', '__eq__', a, b);
      if (result !== notImplemented) return !this.isTrue(result);
    }
    const built = this.compareContainers(operator, a, b);
    if (built !== undefined) return built;
    if (operator === '==') return a === b;
    if (operator === '!=') return a !== b;
    return this.raise(
      'TypeError',
      `'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`,
    );
  }

  private compareContainers(operator: ComparisonOperator, a: PyValue, b: PyValue): PyValue | undefined {
    if ((a instanceof PyList && b instanceof PyList) || (a instanceof PyTuple && b instanceof PyTuple)) {
      return this.compareSequences(operator, a.items, b.items);
    }
    const equality = operator === '==' || operator === '!=';
    const verdict = (same: boolean): boolean => same === (operator === '==');
    if (a instanceof PyDict && b instanceof PyDict && equality) {
      const same =
        a.size === b.size &&
        a.items().every(([key, value]) => {
          const other = b.get(key);
          return other !== undefined && this.equals(value, other);
        });
      return verdict(same);
    }
    if (a instanceof PySet && b instanceof PySet) {
      const inside = (x: PySet, y: PySet): boolean => x.items().every((item) => y.has(item));
      if (equality) return verdict(a.size === b.size && inside(a, b));
      if (operator === '<=') return inside(a, b);
      if (operator === '<') return a.size < b.size && inside(a, b);
      return operator === '>=' ? inside(b, a) : b.size < a.size && inside(b, a);
    }
    if (
      equality &&
      ((a instanceof PyRange && b instanceof PyRange) || (a instanceof PyBytes && b instanceof PyBytes))
    ) {
      return verdict(a.hashKey() === b.hashKey());
    }
    return undefined;
  }

  private compareSequences(operator: ComparisonOperator, a: readonly PyValue[], b: readonly PyValue[]): PyValue {
    if (operator === '==' && a.length !== b.length) return false;
    if (operator === '!=' && a.length !== b.length) return true;
    const shared = Math.min(a.length, b.length);
    for (let i = 0; i < shared; i++) {
      if (this.equals(a[i]!, b[i]!)) continue;
      if (operator === '==') return false;
      return operator === '!=' ? true : this.compare(operator, a[i]!, b[i]!);
    }
    return decide(operator, Math.sign(a.length - b.length));
  }

  contains(container: PyValue, item: PyValue): boolean {
    if (typeof container === 'string') {
      if (typeof item !== 'string') {
        this.raise('TypeError', `'in <string>' requires string as left operand, not ${typeName(item)}`);
      }
      return container.includes(item);
    }
    const member = this.special(container, '__contains__');
    const isCustom = this.classOf(container).owner !== null || !isBuiltinContainer(container);
    if (isCustom && member !== undefined && member !== null) {
      return this.isTrue(this.callMember(member, container, [item]));
    }
    if (container instanceof PyDict || container instanceof PySet) return container.has(item);
    if (container instanceof PyRange && typeof item === 'bigint') {
      const { start, length, step } = container;
      const offset = item - start;
      return offset % step === 0n && offset / step >= 0n && offset / step < length;
    }
    if (container instanceof PyList || container instanceof PyTuple) {
      return container.items.some((candidate) => this.equals(candidate, item));
    }
    if (this.special(container, '__iter__') === undefined && this.special(container, '__getitem__') === undefined) {
      this.raise('TypeError', `argument of type '${typeName(container)}' is not iterable`);
    }
    const iterator = this.iterate(container);
    for (let step = iterator.next(); step.done !== true; step = iterator.next()) {
      if (this.equals(step.value, item)) return true;
    }
    return false;
  }
}

function isBuiltinContainer(value: PyValue): boolean {
  return value instanceof PyDict || value instanceof PySet || value instanceof PyList || value instanceof PyTuple;
}

function decide(operator: ComparisonOperator, order: number): boolean {
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

/** Python orders strings by code points, JavaScript by UTF-16 units. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return a.codePointAt(i)! < b.codePointAt(i)! ? -1 : 1;
  }
  return a.length < b.length ? -1 : 1;
}
