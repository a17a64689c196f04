import { PyClass } from './value';

/** The classes of the built-in values. Their methods come from the tables in `builtins/`. */
export const objectClass = new PyClass('object', []);
export const typeClass = new PyClass('type', [objectClass]);
objectClass.pyClass = typeClass;
typeClass.pyClass = typeClass;

function builtin(name: string, base: PyClass = objectClass): PyClass {
  return new PyClass(name, [base]);
}

export const noneClass = builtin('NoneType');
export const intClass = builtin('int');
export const boolClass = builtin('bool', intClass);
export const floatClass = builtin('float');
export const strClass = builtin('str');
export const bytesClass = builtin('bytes');
export const listClass = builtin('list');
export const tupleClass = builtin('tuple');
export const dictClass = builtin('dict');
export const setClass = builtin('set');
export const frozenSetClass = builtin('frozenset');
export const sliceClass = builtin('slice');
export const rangeClass = builtin('range');
export const moduleClass = builtin('module');
export const functionClass = builtin('function');
export const methodClass = builtin('method');
export const nativeFunctionClass = builtin('builtin_function_or_method');
export const propertyClass = builtin('property');
export const staticMethodClass = builtin('staticmethod');
export const classMethodClass = builtin('classmethod');
export const superClass = builtin('super');
export const generatorClass = builtin('generator');
export const ellipsisClass = builtin('ellipsis');
export const notImplementedClass = builtin('NotImplementedType');
export const dictViewClasses = {
  keys: builtin('dict_keys'),
  values: builtin('dict_values'),
  items: builtin('dict_items'),
};

const iteratorClasses = new Map<string, PyClass>();

/** The class of a built-in iterator such as `list_iterator`, `zip` or `enumerate`. */
export function iteratorClass(name: string): PyClass {
  let found = iteratorClasses.get(name);
  if (found === undefined) {
    found = builtin(name, iteratorBase);
    iteratorClasses.set(name, found);
  }
  return found;
}

/** What all built-in iterators derive from; the script never sees it by name. */
export const iteratorBase = builtin('iterator');
