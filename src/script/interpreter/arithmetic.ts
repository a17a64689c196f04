import { typeName, unwrap } from '../objects/arguments';
import { notImplemented, PyBytes, PyDict, PyList, PySet, PyTuple } from '../objects/containers';
import type { BinaryOperator } from '../objects/interpreter';
import type { PyValue } from '../objects/value';
import { PyObject } from '../objects/value';
import { CallLayer } from './calls';
import { floatFloorDivide, floatModulo, floorDivide, modulo, power, trueDivide } from './numbers';
import { formatPercent } from './percent';
import { asFloat, numeric, plainText } from './scalars';

const dunder: Record<BinaryOperator, string> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'truediv',
  '//': 'floordiv',
  '%': 'mod',
  '**': 'pow',
  '@': 'matmul',
  '<<': 'lshift',
  '>>': 'rshift',
  '&': 'and',
  '|': 'or',
  '^': 'xor',
};

/** Arithmetic and what else the operators do. */
export abstract class ArithmeticLayer extends CallLayer {
  add(a: PyValue, b: PyValue): PyValue {
    if (typeof a === 'bigint' && typeof b === 'bigint') return a + b;
    if (typeof a === 'number' && typeof b === 'number') return a + b;
    if (typeof a === 'string' && typeof b === 'string') return a + b;
    return this.binary('+', a, b);
  }

  sub(a: PyValue, b: PyValue): PyValue {
    if (typeof a === 'bigint' && typeof b === 'bigint') return a - b;
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return this.binary('-', a, b);
  }

  mul(a: PyValue, b: PyValue): PyValue {
    if (typeof a === 'bigint' && typeof b === 'bigint') return a * b;
    if (typeof a === 'number' && typeof b === 'number') return a * b;
    return this.binary('*', a, b);
  }

  div(a: PyValue, b: PyValue): PyValue {
    if (typeof a === 'number' && typeof b === 'number' && b !== 0) return a / b;
    return this.binary('/', a, b);
  }

  binary(operator: BinaryOperator, a: PyValue, b: PyValue): PyValue {
    const direct = this.numbers(operator, a, b) ?? this.sequences(operator, a, b);
    if (direct !== undefined && direct !== null) return direct;
    const result = this.dispatch(`__${dunder[operator]}__`, `__r${dunder[operator]}__`, a, b);
    if (result !== notImplemented) return result;
    return this.unsupported(operator === '**' ? '** or pow()' : operator, a, b);
  }

  private unsupported(operator: string, a: PyValue, b: PyValue): never {
    if (operator === '+' && typeof a === 'string') {
      this.raise('TypeError', `can only concatenate str (not "${typeName(b)}") to str`);
    }
    if (operator === '+' && (a instanceof PyList || a instanceof PyTuple)) {
      const kind = a instanceof PyList ? 'list' : 'tuple';
      this.raise('TypeError', `can only concatenate ${kind} (not "${typeName(b)}") to ${kind}`);
    }
    const isSequence = (value: PyValue): boolean =>
      typeof value === 'string' || value instanceof PyList || value instanceof PyTuple;
    if (operator === '*' && (isSequence(a) || isSequence(b))) {
      this.raise('TypeError', `can't multiply sequence by non-int of type '${typeName(isSequence(a) ? b : a)}'`);
    }
    return this.raise(
      'TypeError',
      `unsupported operand type(s) for ${operator}: '${typeName(a)}' and '${typeName(b)}'`,
    );
  }

  /** The dunder protocol: a subclass's reflected method goes first. */
  protected dispatch(name: string, reflected: string, a: PyValue, b: PyValue, sameClass = false): PyValue {
    const left = this.classOf(a);
    const right = this.classOf(b);
    const forward = left.lookup(name);
    const backward = right.lookup(reflected);
    if (
      backward !== undefined &&
      backward !== null &&
      left !== right &&
      right.isSubclassOf(left) &&
      backward !== left.lookup(reflected)
    ) {
      const result = this.callMember(backward, b, [a]);
      if (result !== notImplemented) return result;
    }
    if (forward !== undefined && forward !== null) {
      const result = this.callMember(forward, a, [b]);
      if (result !== notImplemented) return result;
    }
    if (backward !== undefined && backward !== null && (sameClass || left !== right))
      return this.callMember(backward, b, [a]);
    return notImplemented;
  }

  /** True for an instance of a class derived from a number that has an operator of its own. */
  protected overrides(value: PyValue, name: string): boolean {
    return value instanceof PyObject && value.pyClass.lookup(name) !== undefined;
  }

  private numbers(operator: BinaryOperator, a: PyValue, b: PyValue): PyValue | undefined {
    if (typeof a === 'boolean' && typeof b === 'boolean') {
      if (operator === '&') return a && b;
      if (operator === '|') return a || b;
      if (operator === '^') return a !== b;
    }
    const left = numeric(a);
    if (left === null) return undefined;
    const right = numeric(b);
    const name = `__${dunder[operator]}__`;
    if (right === null || this.overrides(a, name) || this.overrides(b, name)) return undefined;
    if (typeof left === 'bigint' && typeof right === 'bigint') return this.integers(operator, left, right);
    if (operator === '**') return power(left, right);
    const x = asFloat(left);
    const y = asFloat(right);
    switch (operator) {
      case '+':
        return x + y;
      case '-':
        return x - y;
      case '*':
        return x * y;
      case '/':
        return y === 0 ? this.raise('ZeroDivisionError', 'float division by zero') : x / y;
      case '//':
        return floatFloorDivide(x, y);
      case '%':
        return floatModulo(x, y);
      default:
        return undefined;
    }
  }

  private integers(operator: BinaryOperator, a: bigint, b: bigint): PyValue | undefined {
    switch (operator) {
      case '+':
        return a + b;
      case '-':
        return a - b;
      case '*':
        return a * b;
      case '/':
        return trueDivide(a, b);
      case '//':
        return floorDivide(a, b);
      case '%':
        return modulo(a, b);
      case '**':
        return power(a, b);
      case '<<':
      case '>>':
        if (b < 0n) this.raise('ValueError', 'negative shift count');
        return operator === '<<' ? a << b : a >> b;
      case '&':
        return a & b;
      case '|':
        return a | b;
      case '^':
        return a ^ b;
      default:
        return undefined;
    }
  }

  private sequences(operator: BinaryOperator, left: PyValue, right: PyValue): PyValue | undefined {
    const name = `__${dunder[operator]}__`;
    const a = this.overrides(left, name) ? left : plainText(left);
    const b = this.overrides(right, name) ? right : plainText(right);
    if (operator === '+') {
      if (typeof a === 'string' && typeof b === 'string') return a + b;
      if (a instanceof PyList && b instanceof PyList) return new PyList([...a.items, ...b.items]);
      if (a instanceof PyTuple && b instanceof PyTuple) {
        const kind = b.pyClass.isSubclassOf(a.pyClass) ? b : a;
        return kind.derive([...a.items, ...b.items]);
      }
      if (a instanceof PyBytes && b instanceof PyBytes) return new PyBytes(Uint8Array.from([...a.data, ...b.data]));
      return undefined;
    }
    if (operator === '*') return this.repeat(a, b) ?? this.repeat(b, a);
    if (operator === '%' && typeof a === 'string') return formatPercent(this, a, b);
    if (a instanceof PySet && b instanceof PySet) return this.setOperation(operator, a, b);
    if (operator === '|' && a instanceof PyDict && b instanceof PyDict) {
      return new PyDict([...a.items(), ...b.items()]);
    }
    return undefined;
  }

  private repeat(sequence: PyValue, count: PyValue): PyValue | undefined {
    const times = typeof count === 'boolean' ? (count ? 1n : 0n) : unwrap(count);
    if (typeof times !== 'bigint') return undefined;
    const turns = times < 0n ? 0 : Number(times);
    if (typeof sequence === 'string') return sequence.repeat(turns);
    if (sequence instanceof PyList) return new PyList(repeatItems(sequence.items, turns));
    if (sequence instanceof PyTuple) return sequence.derive(repeatItems(sequence.items, turns));
    return undefined;
  }

  private setOperation(operator: BinaryOperator, a: PySet, b: PySet): PyValue | undefined {
    const kind = a.pyClass;
    switch (operator) {
      case '&':
        return new PySet(
          a.items().filter((item) => b.has(item)),
          kind,
        );
      case '|':
        return new PySet([...a.items(), ...b.items()], kind);
      case '-':
        return new PySet(
          a.items().filter((item) => !b.has(item)),
          kind,
        );
      case '^':
        return new PySet(
          [...a.items().filter((item) => !b.has(item)), ...b.items().filter((item) => !a.has(item))],
          kind,
        );
      default:
        return undefined;
    }
  }

  inPlace(operator: BinaryOperator, a: PyValue, b: PyValue): PyValue {
    if (a instanceof PyObject) {
      if (operator === '+' && a instanceof PyList) {
        a.items.push(...this.list(b));
        return a;
      }
      if (operator === '*' && a instanceof PyList && typeof b === 'bigint') {
        a.items = repeatItems(a.items, b < 0n ? 0 : Number(b));
        return a;
      }
      const member = a.pyClass.lookup(`__i${dunder[operator]}__`);
      if (member !== undefined && member !== null) {
        const result = this.callMember(member, a, [b]);
        if (result !== notImplemented) return result;
      }
      if (operator === '|' && a instanceof PyDict) {
        for (const [key, value] of this.mappingItems(b)) a.set(key, value);
        return a;
      }
      const direct = this.binaryOrNothing(operator, a, b);
      return direct ?? this.unsupported(`${operator}=`, a, b);
    }
    return this.binaryOrNothing(operator, a, b) ?? this.unsupported(`${operator}=`, a, b);
  }

  private binaryOrNothing(operator: BinaryOperator, a: PyValue, b: PyValue): PyValue | undefined {
    const direct = this.numbers(operator, a, b) ?? this.sequences(operator, a, b);
    if (direct !== undefined && direct !== null) return direct;
    const result = this.dispatch(`__${dunder[operator]}__`, `__r${dunder[operator]}__`, a, b);
    if (result !== notImplemented) return result;
    return operator === '+' && typeof a === 'string' ? this.unsupported('+', a, b) : undefined;
  }

  unary(operator: '-' | '+' | '~', value: PyValue): PyValue {
    const number = numeric(value);
    if (number !== null) {
      if (operator === '-') return -number;
      if (operator === '+') return number;
      if (typeof number === 'bigint') return ~number;
    }
    const name = { '-': '__neg__', '+': '__pos__', '~': '__invert__' }[operator];
    const result = this.trySpecial(value, name, []);
    if (result !== undefined) return result;
    return this.raise('TypeError', `bad operand type for unary ${operator}: '${typeName(value)}'`);
  }
}

function repeatItems(items: readonly PyValue[], turns: number): PyValue[] {
  const result: PyValue[] = [];
  for (let i = 0; i < turns; i++) result.push(...items);
  return result;
}
