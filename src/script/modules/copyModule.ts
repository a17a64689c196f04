import { runtimeOf } from '../builtins/access';
import { PyDict, PyList, PySet } from '../objects/containers';
import { nativeFunction } from '../objects/native';
import type { PyValue } from '../objects/value';
import type { PyClass } from '../objects/value';
import { PyInstance, PyObject } from '../objects/value';
import { pythonModule } from './pythonModule';

function shallow(value: PyValue): PyValue {
  let made: PyValue = value;
  if (value instanceof PyList) made = new PyList([...value.items], value.pyClass);
  else if (value instanceof PyDict) made = new PyDict(value.items(), value.pyClass);
  else if (value instanceof PySet) made = new PySet(value.items(), value.pyClass);
  if (made instanceof PyObject && value instanceof PyObject && value.attributes !== null) {
    made.attributes = new Map(value.attributes);
  }
  return made;
}

/** What the Python below cannot say: instances without `__init__`, copies that keep their class. */
const copyNatives = (): Record<string, PyValue> => ({
  _shallow: nativeFunction('_shallow', 'value', (args) => shallow(args.value('value'))),
  _is_instance: nativeFunction('_is_instance', 'value', (args) => args.value('value') instanceof PyInstance),
  _allocate: nativeFunction('_allocate', 'cls', (args, interpreter) =>
    runtimeOf(interpreter).allocate(args.value('cls') as PyClass),
  ),
});

/** `copy`. A native class says how it is copied by `__copy__` and `__deepcopy__`. */
export const copyModule = pythonModule(
  'copy',
  `
class Error(Exception):
    pass

def copy(value):
    own = getattr(type(value), '__copy__', None)
    if own is not None:
        return own(value)
    if isinstance(value, (list, dict, set)):
        return _shallow(value)
    if _is_instance(value):
        made = _allocate(type(value))
        made.__dict__.update(value.__dict__)
        return made
    return value

def deepcopy(value, memo=None):
    if memo is None:
        memo = {}
    key = id(value)
    if key in memo:
        return memo[key]
    own = getattr(type(value), '__deepcopy__', None)
    if own is not None:
        made = own(value, memo)
    elif isinstance(value, list):
        made = _shallow(value)
        memo[key] = made
        made[:] = [deepcopy(item, memo) for item in value]
    elif isinstance(value, dict):
        made = _shallow(value)
        memo[key] = made
        made.clear()
        for name, item in value.items():
            made[deepcopy(name, memo)] = deepcopy(item, memo)
    elif isinstance(value, set):
        made = {deepcopy(item, memo) for item in value}
    elif type(value) is tuple:
        made = tuple([deepcopy(item, memo) for item in value])
    elif _is_instance(value):
        made = _allocate(type(value))
        memo[key] = made
        for name, item in value.__dict__.items():
            made.__dict__[name] = deepcopy(item, memo)
    else:
        return value
    memo[key] = made
    return made
`,
  copyNatives,
);
