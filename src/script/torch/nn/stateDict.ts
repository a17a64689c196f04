import { PythonError } from '../../../common/errors';
import { cast, shapeText } from '../../../core/nn/tensorMath';
import { sameShape } from '../../../core/onnx/shapes';
import { PyDict, PyList, PyTuple } from '../../objects/containers';
import { tupleClass } from '../../objects/coreClasses';
import type { Interpreter } from '../../objects/interpreter';
import { nativeClass } from '../../objects/native';
import type { PyInstance } from '../../objects/value';
import { PyClass, type PyValue } from '../../objects/value';
import { makeParameter, PyTensor, wrapTensor } from '../tensorClass';
import { torchContext } from '../torchContext';
import { buffersOf, namedModules, nonPersistentOf, parametersOf } from './moduleState';

const incompatibleKeysClass: PyClass = nativeClass<PyTuple>({
  name: '_IncompatibleKeys',
  module: 'torch.nn.modules.module',
  bases: [tupleClass],
  methods: {
    __repr__: [
      '',
      (self, _args, interpreter) => {
        const [missing, unexpected] = self.items as readonly [PyList, PyList];
        if (missing.items.length === 0 && unexpected.items.length === 0) return '<All keys matched successfully>';
        return `_IncompatibleKeys(missing_keys=${interpreter.repr(missing)}, unexpected_keys=${interpreter.repr(unexpected)})`;
      },
    ],
    __str__: ['', (self, _args, interpreter) => interpreter.repr(self)],
  },
  properties: { missing_keys: (self) => self.items[0]!, unexpected_keys: (self) => self.items[1]! },
});

/** An empty `collections.OrderedDict`. */
export function orderedDict(interpreter: Interpreter): PyDict {
  const ordered = interpreter.importModule('collections').attributes.get('OrderedDict');
  return ordered instanceof PyClass ? new PyDict([], ordered) : new PyDict();
}

/** `Module.state_dict`: parameters and persistent buffers by their full names, sharing memory with the module. */
export function stateDict(root: PyInstance, prefix: string, keepVariables: boolean, interpreter: Interpreter): PyDict {
  const result = orderedDict(interpreter);
  for (const { name, module } of namedModules(root, '', false)) {
    const start = prefix + (name === '' ? '' : `${name}.`);
    for (const [key, value] of savedTensors(module)) {
      result.set(start + key, keepVariables ? value : wrapTensor(value.tensor.detach()));
    }
  }
  return result;
}

function savedTensors(module: PyInstance): [string, PyTensor][] {
  const skipped = nonPersistentOf(module);
  const result: [string, PyTensor][] = [];
  for (const [key, value] of parametersOf(module)?.items() ?? []) {
    if (value instanceof PyTensor) result.push([String(key), value]);
  }
  for (const [key, value] of buffersOf(module)?.items() ?? []) {
    if (value instanceof PyTensor && !skipped?.has(key)) result.push([String(key), value]);
  }
  return result;
}

/** `Module.load_state_dict`. */
export function loadStateDict(
  root: PyInstance,
  given: PyValue,
  strict: boolean,
  assign: boolean,
  interpreter: Interpreter,
): PyValue {
  if (!(given instanceof PyDict)) {
    throw new PythonError(
      'TypeError',
      `Expected state_dict to be dict-like, got ${interpreter.repr(interpreter.classOf(given))}.`,
    );
  }
  const missing: string[] = [];
  const errors: string[] = [];
  const known = new Set<string>();
  for (const { name, module } of namedModules(root, '', false)) {
    const start = name === '' ? '' : `${name}.`;
    for (const [key, target] of savedTensors(module)) {
      const full = start + key;
      known.add(full);
      const source = given.get(full);
      if (source === undefined) missing.push(full);
      else load(module, key, full, target, source, assign, errors, interpreter);
    }
  }
  const unexpected = given
    .keys()
    .map(String)
    .filter((key) => !known.has(key));
  if (strict) {
    const quoted = (keys: readonly string[]): string => keys.map((key) => `"${key}"`).join(', ');
    if (unexpected.length > 0) errors.unshift(`Unexpected key(s) in state_dict: ${quoted(unexpected)}. `);
    if (missing.length > 0) errors.unshift(`Missing key(s) in state_dict: ${quoted(missing)}. `);
  }
  if (errors.length > 0) {
    throw new PythonError(
      'RuntimeError',
      `Error(s) in loading state_dict for ${root.pyClass.name}:\n\t${errors.join('\n\t')}`,
    );
  }
  return new PyTuple([new PyList(missing), new PyList(unexpected)], incompatibleKeysClass);
}

function load(
  module: PyInstance,
  key: string,
  full: string,
  target: PyTensor,
  source: PyValue,
  assign: boolean,
  errors: string[],
  interpreter: Interpreter,
): void {
  if (!(source instanceof PyTensor)) {
    errors.push(
      `While copying the parameter named "${full}", expected torch.Tensor or Tensor-like object from checkpoint but received ${interpreter.repr(interpreter.classOf(source))}`,
    );
    return;
  }
  if (!sameShape(source.tensor.shape, target.tensor.shape)) {
    errors.push(
      `size mismatch for ${full}: copying a param with shape torch.Size(${shapeText(source.tensor.shape)}) from checkpoint, the shape in current model is torch.Size(${shapeText(target.tensor.shape)}).`,
    );
    return;
  }
  if (assign) {
    const parameter = target.tensor.isParameter;
    const value = parameter ? wrapTensor(makeParameter(source.tensor, target.tensor.requiresGrad)) : source;
    interpreter.setAttribute(module, key, value);
    return;
  }
  const { tape } = torchContext(interpreter);
  tape.withoutGrad(() => target.tensor.overwrite(cast(source.tensor, target.tensor.dtype).value));
}
