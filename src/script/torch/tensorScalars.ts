import { PythonError } from '../../common/errors';
import type { OperationContext } from '../../core/operation';
import type { Tensor } from '../../core/tensor/tensor';
import { warnOnce } from '../../core/warnOnce';
import { elementOf } from './argumentKinds';

/** The only element, for `float(x)`, `x.item()` and the like. */
export function onlyElement(tensor: Tensor, error: () => PythonError): ReturnType<typeof elementOf> {
  if (tensor.data.length !== 1) throw error();
  return elementOf(tensor);
}

export function conversionError(): PythonError {
  return new PythonError('ValueError', 'only one element tensors can be converted to Python scalars');
}

export function itemOf(tensor: Tensor): ReturnType<typeof elementOf> {
  return onlyElement(
    tensor,
    () => new PythonError('RuntimeError', `a Tensor with ${tensor.data.length} elements cannot be converted to Scalar`),
  );
}

export function truthOf(tensor: Tensor): boolean {
  if (tensor.data.length === 0) {
    throw new PythonError('RuntimeError', 'Boolean value of Tensor with no values is ambiguous');
  }
  return (
    Number(
      onlyElement(
        tensor,
        () => new PythonError('RuntimeError', 'Boolean value of Tensor with more than one value is ambiguous'),
      ),
    ) !== 0
  );
}

/** `float(x)`: PyTorch warns, once, when that leaves the autograd graph. */
export function floatOf(tensor: Tensor, context: OperationContext): number {
  if (tensor.requiresGrad) {
    warnOnce(
      context,
      'Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\nConsider using tensor.detach() first. (Triggered internally at /__w/pytorch/pytorch/torch/csrc/autograd/generated/python_variable_methods.cpp:822.)',
    );
  }
  return Number(onlyElement(tensor, conversionError));
}
