import type { Tensor } from '../../core/tensor/tensor';
import type { Interpreter } from '../objects/interpreter';
import type { PyInstance } from '../objects/value';
import { isModule, lossClass } from './nn/moduleClass';
import { buffersOf, namedMembers, parametersOf } from './nn/moduleState';

/** The modules in the script's globals that are no losses, in the order of their definition. */
export function modulesOfGlobals(interpreter: Pick<Interpreter, 'globals'>): { name: string; module: PyInstance }[] {
  const found: { name: string; module: PyInstance }[] = [];
  for (const [name, value] of interpreter.globals) {
    if (isModule(value) && !value.pyClass.isSubclassOf(lossClass)) found.push({ name, module: value });
  }
  return found;
}

function members(
  interpreter: Pick<Interpreter, 'globals'>,
  membersOf: typeof parametersOf,
): [name: string, tensor: Tensor][] {
  const named = new Map<string, Tensor>();
  for (const { module } of modulesOfGlobals(interpreter)) {
    for (const { name, value } of namedMembers(module, membersOf)) {
      if (!named.has(name)) named.set(name, value.tensor);
    }
  }
  return [...named];
}

/** Every parameter of the global modules by its name in its module; the first one of a name wins. */
export function namedParametersOfGlobals(interpreter: Pick<Interpreter, 'globals'>): [string, Tensor][] {
  return members(interpreter, parametersOf);
}

/** Every buffer of the global modules, likewise. */
export function namedBuffersOfGlobals(interpreter: Pick<Interpreter, 'globals'>): [string, Tensor][] {
  return members(interpreter, buffersOf);
}
