import { PythonError } from '../../../common/errors';
import { NativeProperty, PyProperty } from '../../objects/functions';
import { objectClass } from '../../objects/coreClasses';
import type { Interpreter } from '../../objects/interpreter';
import { PyInstance, type PyClass, type PyValue } from '../../objects/value';
import { PyTensor } from '../tensorClass';
import {
  buffersOf,
  childrenOf,
  nonPersistentOf,
  parametersOf,
  registerBuffer,
  setParameter,
  torchTypeName,
} from './moduleState';

/** `Module.__getattr__`: what normal look-up doesn't find. */
export function moduleAttribute(self: PyInstance, name: string): PyValue {
  for (const dict of [parametersOf(self), buffersOf(self), childrenOf(self)]) {
    const found = dict?.get(name);
    if (found !== undefined) return found;
  }
  throw new PythonError('AttributeError', `'${self.pyClass.name}' object has no attribute '${name}'`);
}

/** `Module.__setattr__`: parameters, modules and buffers go where PyTorch puts them. */
export function setModuleAttribute(
  self: PyInstance,
  name: string,
  value: PyValue,
  moduleClass: PyClass,
  interpreter: Interpreter,
): void {
  const parameters = parametersOf(self);
  const children = childrenOf(self);
  const buffers = buffersOf(self);
  if (value instanceof PyTensor && value.tensor.isParameter) {
    if (!parameters) throw new PythonError('AttributeError', 'cannot assign parameters before Module.__init__() call');
    self.attributes.delete(name);
    buffers?.delete(name);
    children?.delete(name);
    nonPersistentOf(self)?.delete(name);
    setParameter(self, name, value);
  } else if (parameters?.has(name)) {
    if (value !== null) {
      throw new PythonError(
        'TypeError',
        `cannot assign '${torchTypeName(value)}' as parameter '${name}' (torch.nn.Parameter or None expected)`,
      );
    }
    setParameter(self, name, null);
  } else if (value instanceof PyInstance && value.pyClass.isSubclassOf(moduleClass)) {
    if (!children) throw new PythonError('AttributeError', 'cannot assign module before Module.__init__() call');
    self.attributes.delete(name);
    parameters?.delete(name);
    buffers?.delete(name);
    nonPersistentOf(self)?.delete(name);
    children.set(name, value);
  } else if (children?.has(name)) {
    if (value !== null) {
      throw new PythonError(
        'TypeError',
        `cannot assign '${torchTypeName(value)}' as child module '${name}' (torch.nn.Module or None expected)`,
      );
    }
    children.set(name, null);
  } else if (buffers?.has(name)) {
    if (value !== null && !(value instanceof PyTensor)) {
      throw new PythonError(
        'TypeError',
        `cannot assign '${torchTypeName(value)}' as buffer '${name}' (torch.nn.Buffer, torch.Tensor or None expected)`,
      );
    }
    registerBuffer(self, name, value, !nonPersistentOf(self)!.has(name), interpreter);
  } else {
    setPlainAttribute(self, name, value, interpreter);
  }
}

/** `object.__setattr__`. */
function setPlainAttribute(self: PyInstance, name: string, value: PyValue, interpreter: Interpreter): void {
  const member = self.pyClass.lookup(name);
  if (member instanceof PyProperty || member instanceof NativeProperty) {
    interpreter.call(objectClass.lookup('__setattr__') ?? null, [self, name, value]);
    return;
  }
  self.attributes.set(name, value);
}

/** `Module.__delattr__`. */
export function deleteModuleAttribute(self: PyInstance, name: string): void {
  for (const dict of [parametersOf(self), buffersOf(self), childrenOf(self)]) {
    if (dict?.delete(name)) {
      nonPersistentOf(self)?.delete(name);
      return;
    }
  }
  if (!self.attributes.delete(name)) {
    throw new PythonError('AttributeError', `'${self.pyClass.name}' object has no attribute '${name}'`);
  }
}
