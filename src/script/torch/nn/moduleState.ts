import { PythonError } from '../../../common/errors';
import { dtypeNames } from '../../../core/nn/dtypeNames';
import type { Tensor } from '../../../core/tensor/tensor';
import { typeName } from '../../objects/arguments';
import { PyDict, PySet } from '../../objects/containers';
import { NativeFunction, PyFunction } from '../../objects/functions';
import type { Interpreter } from '../../objects/interpreter';
import { nativeNames, PyClass, PyInstance, PyObject, type PyValue } from '../../objects/value';
import { PyTensor } from '../tensorClass';

/** What `nn.Module.__init__` makes: the dicts that PyTorch keeps in an instance, by the same names. */
const dictNames = [
  '_parameters',
  '_buffers',
  '_backward_hooks',
  '_forward_hooks',
  '_forward_pre_hooks',
  '_modules',
] as const;

// Scripts reach into them: `model._modules['fc'] = ...`.
for (const name of dictNames) nativeNames.add(name);

type DictName = (typeof dictNames)[number];

const creationLines = new WeakMap<PyInstance, number>();

/** The line that made a module, 1-based; undefined for a copy of one. */
export function creationLineOf(module: PyInstance): number | undefined {
  return creationLines.get(module);
}

export function initializeModule(self: PyInstance, interpreter: Interpreter): void {
  const { attributes } = self;
  creationLines.set(self, interpreter.currentLine());
  attributes.set('training', true);
  for (const name of dictNames) attributes.set(name, new PyDict());
  attributes.set('_non_persistent_buffers_set', new PySet());
}

function dictOf(self: PyInstance, name: DictName): PyDict | null {
  const dict = self.attributes.get(name);
  return dict instanceof PyDict ? dict : null;
}

export const parametersOf = (self: PyInstance): PyDict | null => dictOf(self, '_parameters');
export const buffersOf = (self: PyInstance): PyDict | null => dictOf(self, '_buffers');
export const childrenOf = (self: PyInstance): PyDict | null => dictOf(self, '_modules');
export const forwardHooksOf = (self: PyInstance): PyDict | null => dictOf(self, '_forward_hooks');
export const forwardPreHooksOf = (self: PyInstance): PyDict | null => dictOf(self, '_forward_pre_hooks');

const treeDicts: readonly ((module: PyInstance) => PyDict | null)[] = [parametersOf, buffersOf, childrenOf];

/** Tells whether a module's tree is as it was when this was made: what was derived from the tree then still holds. */
export class TreeSnapshot {
  private readonly dicts: { module: PyInstance; dictOf: (typeof treeDicts)[number]; dict: PyDict; revision: number }[];

  constructor(root: PyInstance) {
    this.dicts = namedModules(root).flatMap(({ module }) =>
      treeDicts.flatMap((dictOf) => {
        const dict = dictOf(module);
        return dict ? [{ module, dictOf, dict, revision: dict.revision }] : [];
      }),
    );
  }

  get current(): boolean {
    return this.dicts.every(
      ({ module, dictOf, dict, revision }) => dict.revision === revision && dictOf(module) === dict,
    );
  }
}

export function nonPersistentOf(self: PyInstance): PySet | null {
  const set = self.attributes.get('_non_persistent_buffers_set');
  return set instanceof PySet ? set : null;
}

/** `torch.typename`. */
export function torchTypeName(value: PyValue): string {
  if (value instanceof PyTensor)
    return value.tensor.isParameter ? 'torch.nn.parameter.Parameter' : dtypeNames[value.tensor.dtype].tensor;
  if (value instanceof PyClass) return `${value.module}.${value.qualifiedName}`;
  if (value instanceof PyFunction) return `__main__.${value.qualifiedName}`;
  if (value instanceof NativeFunction && value.attributes?.has('__module__')) {
    return `${String(value.attributes.get('__module__'))}.${value.name}`;
  }
  if (value instanceof PyObject && value.pyClass.module !== 'builtins') {
    return `${value.pyClass.module}.${value.pyClass.qualifiedName}`;
  }
  return typeName(value);
}

/** The registered tensor of that name; null when it is None or not there. */
export function registeredTensor(self: PyInstance, name: string): Tensor | null {
  const found = parametersOf(self)?.get(name) ?? buffersOf(self)?.get(name);
  return found instanceof PyTensor ? found.tensor : null;
}

export interface NamedModule {
  name: string;
  module: PyInstance;
}

/** A module and those below it, each once, depth first. */
export function namedModules(root: PyInstance, prefix = '', removeDuplicate = true): NamedModule[] {
  const result: NamedModule[] = [];
  const seen = new Set<PyInstance>();
  const visit = (module: PyInstance, name: string): void => {
    if (removeDuplicate) {
      if (seen.has(module)) return;
      seen.add(module);
    }
    result.push({ name, module });
    for (const [key, child] of childrenOf(module)?.items() ?? []) {
      if (child instanceof PyInstance) visit(child, name === '' ? String(key) : `${name}.${String(key)}`);
    }
  };
  visit(root, prefix);
  return result;
}

export interface NamedTensor {
  name: string;
  value: PyTensor;
}

/** The parameters or buffers of a module and, with `recurse`, of those below it. */
export function namedMembers(
  root: PyInstance,
  membersOf: (module: PyInstance) => PyDict | null,
  { prefix = '', recurse = true, removeDuplicate = true } = {},
): NamedTensor[] {
  const modules = recurse ? namedModules(root, prefix, removeDuplicate) : [{ name: prefix, module: root }];
  const seen = new Set<PyTensor>();
  const result: NamedTensor[] = [];
  for (const { name, module } of modules) {
    for (const [key, value] of membersOf(module)?.items() ?? []) {
      if (!(value instanceof PyTensor) || (removeDuplicate && seen.has(value))) continue;
      seen.add(value);
      result.push({ name: name === '' ? String(key) : `${name}.${String(key)}`, value });
    }
  }
  return result;
}

export function hasParameters(root: PyInstance): boolean {
  return namedModules(root).some(({ module }) =>
    parametersOf(module)
      ?.values()
      .some((value) => value !== null),
  );
}

/** Whether an attribute of that name is there already, as `hasattr` sees it. */
function taken(self: PyInstance, name: string, interpreter: Interpreter): boolean {
  return interpreter.findAttribute(self, name) !== undefined;
}

function checkName(kind: string, name: PyValue): asserts name is string {
  if (typeof name !== 'string') {
    throw new PythonError('TypeError', `${kind} name should be a string. Got ${torchTypeName(name)}`);
  }
  if (name.includes('.')) {
    throw new PythonError(
      'KeyError',
      kind === 'module' ? `module name can't contain ".", got: ${name}` : `${kind} name can't contain "."`,
    );
  }
  if (name === '') throw new PythonError('KeyError', `${kind} name can't be empty string ""`);
}

/** `register_parameter`. */
export function registerParameter(self: PyInstance, name: PyValue, value: PyValue, interpreter: Interpreter): void {
  const parameters = parametersOf(self);
  if (!parameters) throw new PythonError('AttributeError', 'cannot assign parameter before Module.__init__() call');
  checkName('parameter', name);
  if (!parameters.has(name) && taken(self, name, interpreter)) {
    throw new PythonError('KeyError', `attribute '${name}' already exists`);
  }
  if (value !== null && !(value instanceof PyTensor && value.tensor.isParameter)) {
    throw new PythonError(
      'TypeError',
      `cannot assign '${torchTypeName(value)}' object to parameter '${name}' (torch.nn.Parameter or None required)`,
    );
  }
  setParameter(self, name, value);
}

/** Stores a parameter whose name and type have been checked. */
export function setParameter(self: PyInstance, name: string, value: PyTensor | null): void {
  parametersOf(self)!.set(name, value);
  if (value) value.tensor.name ??= name;
}

/** `register_buffer`. */
export function registerBuffer(
  self: PyInstance,
  name: PyValue,
  value: PyValue,
  persistent: boolean,
  interpreter: Interpreter,
): void {
  const buffers = buffersOf(self);
  if (!buffers) throw new PythonError('AttributeError', 'cannot assign buffer before Module.__init__() call');
  checkName('buffer', name);
  if (!buffers.has(name) && taken(self, name, interpreter)) {
    throw new PythonError('KeyError', `attribute '${name}' already exists`);
  }
  if (value !== null && !(value instanceof PyTensor)) {
    throw new PythonError(
      'TypeError',
      `cannot assign '${torchTypeName(value)}' object to buffer '${name}' (torch Tensor or None required)`,
    );
  }
  buffers.set(name, value);
  if (persistent) nonPersistentOf(self)!.delete(name);
  else nonPersistentOf(self)!.add(name);
}

/** `add_module`. */
export function addModule(
  self: PyInstance,
  name: PyValue,
  value: PyValue,
  moduleClass: PyClass,
  interpreter: Interpreter,
): void {
  if (value !== null && !interpreter.isInstance(value, moduleClass)) {
    throw new PythonError('TypeError', `${torchTypeName(value)} is not a Module subclass`);
  }
  const children = childrenOf(self);
  if (typeof name === 'string' && children && !children.has(name) && taken(self, name, interpreter)) {
    throw new PythonError('KeyError', `attribute '${name}' already exists`);
  }
  checkName('module', name);
  if (!children) throw new PythonError('AttributeError', 'cannot assign module before Module.__init__() call');
  children.set(name, value);
}
