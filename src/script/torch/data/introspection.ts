import { PyDict, PyList, PyTuple } from '../../objects/containers';
import type { Interpreter } from '../../objects/interpreter';
import { PyInstance, type PyValue } from '../../objects/value';
import { dataLoaderClass } from './dataLoaderClass';
import { datasetClass, subsetClass } from './datasetClasses';

/** Subsets of subsets end somewhere. */
const deepest = 10;

/**
 * The `classes` of the first data set in the script's globals that has them: itself, a DataLoader's, or the one a
 * Subset is of, also in a dict such as `{'train': ..., 'val': ...}`. Undefined when there is none.
 */
export function classNamesOfGlobals({ globals }: Pick<Interpreter, 'globals'>): readonly string[] | undefined {
  for (const value of globals.values()) {
    for (const candidate of value instanceof PyDict ? value.values() : [value]) {
      const names = classNamesOf(datasetOf(candidate));
      if (names !== undefined) return names;
    }
  }
  return undefined;
}

/** The data set behind loaders and subsets; null for anything else. */
function datasetOf(value: PyValue): PyInstance | null {
  let inner: PyValue = value;
  for (let depth = 0; depth < deepest && (isA(inner, dataLoaderClass) || isA(inner, subsetClass)); depth++) {
    inner = inner.attributes.get('dataset') ?? null;
  }
  return isA(inner, datasetClass) ? inner : null;
}

function isA(value: PyValue, pyClass: typeof datasetClass): value is PyInstance {
  return value instanceof PyInstance && value.pyClass.isSubclassOf(pyClass);
}

function classNamesOf(dataset: PyInstance | null): readonly string[] | undefined {
  const classes = dataset?.attributes.get('classes') ?? dataset?.pyClass.lookup('classes');
  if (!(classes instanceof PyList || classes instanceof PyTuple)) return undefined;
  const items: readonly PyValue[] = classes.items;
  const names = items.filter((name) => typeof name === 'string');
  return names.length > 0 && names.length === items.length ? names : undefined;
}
