import type { Tensor } from '../../core/tensor/tensor';
import type { Interpreter } from '../objects/interpreter';
import type { PyInstance } from '../objects/value';
import { isModule, lossClass } from './nn/moduleClass';
import { buffersOf, namedMembers, parametersOf, TreeSnapshot } from './nn/moduleState';

type Globals = Pick<Interpreter, 'globals'>;

/** The modules in the script's globals that are no losses, in the order of their definition. */
export function modulesOfGlobals({ globals }: Globals): { name: string; module: PyInstance }[] {
  const found: { name: string; module: PyInstance }[] = [];
  globals.forEach((value, name) => {
    if (isModule(value) && !value.pyClass.isSubclassOf(lossClass)) found.push({ name, module: value });
  });
  return found;
}

type NamedMember = readonly [name: string, tensor: Tensor];

/** The members of modules, collected anew when a tree has changed: events come more often than that. */
class MemberCache {
  private readonly known = new WeakMap<PyInstance, { snapshot: TreeSnapshot; members: readonly NamedMember[] }>();

  constructor(private readonly membersOf: typeof parametersOf) {}

  of(module: PyInstance): readonly NamedMember[] {
    let entry = this.known.get(module);
    if (!entry?.snapshot.current) {
      const members = namedMembers(module, this.membersOf).map(({ name, value }) => [name, value.tensor] as const);
      entry = { snapshot: new TreeSnapshot(module), members };
      this.known.set(module, entry);
    }
    return entry.members;
  }
}

const parameterCache = new MemberCache(parametersOf);
const bufferCache = new MemberCache(buffersOf);

function membersOfGlobals(globals: Globals, cache: MemberCache): readonly NamedMember[] {
  const modules = modulesOfGlobals(globals);
  if (modules.length === 1) return cache.of(modules[0]!.module);
  const named = new Map<string, Tensor>();
  for (const { module } of modules) {
    for (const [name, tensor] of cache.of(module)) if (!named.has(name)) named.set(name, tensor);
  }
  return [...named];
}

/** Every parameter of the global modules by its name in its module; the first one of a name wins. */
export function namedParametersOfGlobals(globals: Globals): readonly NamedMember[] {
  return membersOfGlobals(globals, parameterCache);
}

/** Every buffer of the global modules, likewise. */
export function namedBuffersOfGlobals(globals: Globals): readonly NamedMember[] {
  return membersOfGlobals(globals, bufferCache);
}
