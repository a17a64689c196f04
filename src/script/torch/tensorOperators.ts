import { GradstepError, PythonError } from '../../common/errors';
import type { OperationContext } from '../../core/operation';
import {
  add,
  divide,
  floorDivide,
  multiply,
  power,
  remainder,
  reverseDivide,
  reverseSubtract,
  subtract,
  type Operand,
} from '../../core/tensor/operations/arithmetic';
import { compare, notEqual } from '../../core/tensor/operations/comparison';
import { storeInPlace } from '../../core/tensor/operations/inPlace';
import { matmul } from '../../core/tensor/operations/matrix';
import { tensorOperations } from '../../core/tensor/operations/tensorOperations';
import { Tensor } from '../../core/tensor/tensor';
import type { Operation } from '../../core/operation';
import { notImplemented } from '../objects/containers';
import type { MethodRow } from '../objects/native';
import type { PyValue } from '../objects/value';
import { scalarOf } from './argumentKinds';
import { PyTensor, wrapTensor } from './tensorClass';
import { torchContext } from './torchContext';
import { NdArray } from './ndArray';

type Binary = (self: Tensor, other: Operand, context: OperationContext) => Tensor;

/** A tensor or a Python number; null for anything else. */
export function operandOf(value: PyValue): Operand | null {
  if (value instanceof PyTensor || value instanceof NdArray) return value.tensor;
  return scalarOf(value);
}

function method(operation: string, body: Binary): MethodRow<PyTensor> {
  return [
    'other',
    (self, args, interpreter) => {
      const other = operandOf(args.value('other'));
      if (other === null) return notImplemented;
      const context = torchContext(interpreter);
      return wrapTensor(context.tape.inOperation(operation, () => body(self.tensor, other, context)));
    },
  ];
}

function inPlace(operation: string, body: Binary): MethodRow<PyTensor> {
  return [
    'other',
    (self, args, interpreter) => {
      const other = operandOf(args.value('other'));
      if (other === null) return notImplemented;
      const context = torchContext(interpreter);
      context.tape.inOperation(operation, () =>
        storeInPlace(self.tensor, body(self.tensor, other, context), operation),
      );
      return self;
    },
  ];
}

function row(name: string): Operation {
  const found = tensorOperations.find((entry) => entry.name === name && entry.torchFunction);
  if (!found)
    throw new GradstepError(`torch.${name} has no row`, { code: 'operations.missing', audience: 'maintainer' });
  return found;
}

function ofRow(name: string): Binary {
  const operation = row(name);
  return (input, other, context) =>
    operation.run({ input, other } as unknown as Record<string, never>, context) as Tensor;
}

function unary(name: string): MethodRow<PyTensor> {
  const operation = row(name);
  return [
    '',
    (self, _args, interpreter) => {
      const context = torchContext(interpreter);
      const run = (): Tensor =>
        operation.run({ input: self.tensor } as unknown as Record<string, never>, context) as Tensor;
      return wrapTensor(context.tape.inOperation(name, run));
    },
  ];
}

const product: Binary = (self, other) => {
  if (other instanceof Tensor) return matmul(self, other);
  const type = typeof other === 'bigint' ? 'int' : typeof other === 'boolean' ? 'bool' : 'float';
  throw new PythonError('TypeError', `matmul(): argument 'other' (position 1) must be Tensor, not ${type}`);
};

const reverse =
  (body: (a: Operand, b: Operand, context: OperationContext) => Tensor): Binary =>
  (self, other, context) =>
    body(other, self, context);

const [and, or, xor] = [ofRow('bitwise_and'), ofRow('bitwise_or'), ofRow('bitwise_xor')];

/** Python's operators on tensors. */
export const tensorOperators: Readonly<Record<string, MethodRow<PyTensor>>> = {
  __add__: method('add', add),
  __radd__: method('add', add),
  __iadd__: inPlace('add', add),
  __sub__: method('sub', subtract),
  __rsub__: method('rsub', (self, other, context) =>
    other instanceof Tensor ? subtract(other, self, context) : reverseSubtract(self, other, context),
  ),
  __isub__: inPlace('sub', subtract),
  __mul__: method('mul', multiply),
  __rmul__: method('mul', multiply),
  __imul__: inPlace('mul', multiply),
  __truediv__: method('div', divide),
  __rtruediv__: method('div', (self, other, context) =>
    other instanceof Tensor ? divide(other, self, context) : reverseDivide(self, other, context),
  ),
  __itruediv__: inPlace('div', divide),
  __floordiv__: method('floor_divide', floorDivide),
  __rfloordiv__: method('floor_divide', reverse(floorDivide)),
  __ifloordiv__: inPlace('floor_divide', floorDivide),
  __mod__: method('remainder', remainder),
  __rmod__: method('remainder', reverse(remainder)),
  __imod__: inPlace('remainder', remainder),
  __pow__: method('pow', power),
  __rpow__: method('pow', reverse(power)),
  __ipow__: inPlace('pow', power),
  __matmul__: method('matmul', product),
  __rmatmul__: method('matmul', (self, other, context) => product(other as Tensor, self, context)),
  __imatmul__: inPlace('matmul', product),
  __eq__: method('eq', (self, other, context) => compare('Equal', self, other, context)),
  __ne__: method('ne', notEqual),
  __lt__: method('lt', (self, other, context) => compare('Less', self, other, context)),
  __le__: method('le', (self, other, context) => compare('LessOrEqual', self, other, context)),
  __gt__: method('gt', (self, other, context) => compare('Greater', self, other, context)),
  __ge__: method('ge', (self, other, context) => compare('GreaterOrEqual', self, other, context)),
  __and__: method('bitwise_and', and),
  __rand__: method('bitwise_and', and),
  __iand__: inPlace('logical_and', and),
  __or__: method('bitwise_or', or),
  __ror__: method('bitwise_or', or),
  __ior__: inPlace('logical_or', or),
  __xor__: method('bitwise_xor', xor),
  __rxor__: method('bitwise_xor', xor),
  __ixor__: inPlace('logical_xor', xor),
  __neg__: unary('neg'),
  __pos__: unary('positive'),
  __abs__: unary('abs'),
  __invert__: unary('bitwise_not'),
};
