import { PythonError } from '../../common/errors';
import { sameShape } from '../../core/onnx/shapes';
import type { GradientHook } from '../../core/tensor/tensor';
import { typeName } from '../objects/arguments';
import { PyDict } from '../objects/containers';
import type { Interpreter } from '../objects/interpreter';
import type { PyValue } from '../objects/value';
import { HookRegistration } from './nn/hooks';
import { PyTensor, wrapTensor } from './tensorClass';

/**
 * `Tensor.register_hook`: the hook sees the gradient of every later backward, and may return another in its place.
 * @returns the handle that takes the hook out again
 * @throws PythonError in PyTorch's words
 */
export function registerTensorHook({ tensor }: PyTensor, hook: PyValue, interpreter: Interpreter): HookRegistration {
  if (!tensor.requiresGrad) {
    throw new PythonError('RuntimeError', "cannot register a hook on a tensor that doesn't require gradient");
  }
  const registration = new HookRegistration(hook, new PyDict());
  const onGradient: GradientHook = (gradient) => {
    if (registration.registry.size === 0) return null;
    const result = interpreter.call(hook, [wrapTensor(gradient)]);
    if (result === null) return null;
    if (!(result instanceof PyTensor)) {
      throw new PythonError('TypeError', `expected Variable, but hook returned '${typeName(result)}'`);
    }
    if (!sameShape(result.tensor.shape, gradient.shape)) {
      const name = interpreter.findAttribute(hook, '__name__');
      throw new PythonError('RuntimeError', `hook '${String(name)}' has changed the size of value`);
    }
    return result.tensor;
  };
  const { gradFn } = tensor;
  if (gradFn) (gradFn.record.hooks ??= []).push({ index: gradFn.index, hook: onGradient });
  else (tensor.hooks ??= []).push(onGradient);
  return registration;
}
