import type { NamedResult, OperationResult } from '../../core/operation';
import { Tensor } from '../../core/tensor/tensor';
import { PyTuple } from '../objects/containers';
import { nativeClass } from '../objects/native';
import { PyObject, type PyClass, type PyValue } from '../objects/value';
import { namedTuple } from './returnTypes';

/** `torch.Tensor`; its methods and properties are laid on it by tensorMembers.ts. */
export const tensorClass: PyClass = nativeClass<PyTensor>({ name: 'Tensor', module: 'torch', identityHash: true });

/** `torch.nn.Parameter`. */
export const parameterClass: PyClass = nativeClass<PyTensor>({
  name: 'Parameter',
  module: 'torch.nn.parameter',
  bases: [tensorClass],
});

/** The script's handle on a tensor. There is one for each `Tensor`, so that `is` and dict keys hold. */
export class PyTensor extends PyObject {
  override attributes: Map<string, PyValue> = new Map();
  pyClass: PyClass;

  constructor(readonly tensor: Tensor) {
    super();
    this.pyClass = tensor.isParameter ? parameterClass : tensorClass;
  }
}

const wrappers = new WeakMap<Tensor, PyTensor>();

/** The script's object for a tensor: the same one each time. */
export function wrapTensor(tensor: Tensor): PyTensor {
  let wrapper = wrappers.get(tensor);
  if (!wrapper) {
    wrapper = new PyTensor(tensor);
    wrappers.set(tensor, wrapper);
  }
  return wrapper;
}

/** A result as Python has it: tensors wrapped, lists as tuples, named results as `torch.return_types`. */
export function wrapResult(result: OperationResult): PyValue {
  if (result === null || typeof result !== 'object') return result;
  if (result instanceof Tensor) return wrapTensor(result);
  if (isNamedResult(result)) {
    return namedTuple(result.typeName, Object.keys(result.fields), Object.values(result.fields).map(wrapTensor));
  }
  return new PyTuple(result.map(wrapResult));
}

function isNamedResult(result: object): result is NamedResult {
  return 'typeName' in result;
}

/** A tensor that becomes a parameter: it shares `data`'s memory and has its own history. */
export function makeParameter(data: Tensor, requiresGrad: boolean): Tensor {
  const parameter = data.detach();
  parameter.isParameter = true;
  parameter.setRequiresGrad(requiresGrad);
  return parameter;
}
