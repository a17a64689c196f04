import type { Expression, Module, Statement } from '../syntax/ast';
import { blocks } from '../compiler/walk';
import type { Runtime } from '../interpreter/runtime';
import { objectClass } from '../objects/coreClasses';
import { NativeFunction, PyModule } from '../objects/functions';
import type { Signature } from '../objects/signature';
import type { PyValue } from '../objects/value';
import { PyClass } from '../objects/value';
import type { ScriptNames } from './scriptNames';

/** What imported names stand for, as far as it is known before anything runs. */
export class StaticValues {
  private readonly values = new Map<string, PyValue>();

  constructor(
    module: Module,
    names: ScriptNames,
    private readonly runtime: Runtime,
  ) {
    this.collect(module.body, names);
  }

  private collect(body: readonly Statement[], names: ScriptNames): void {
    for (const statement of body) {
      if (statement.kind === 'function' || statement.kind === 'class') continue;
      if (statement.kind === 'import') {
        for (const { name, alias } of statement.names) {
          const module = this.importQuietly(alias === null ? name.split('.')[0]! : name);
          if (alias === null && name.includes('.')) this.importQuietly(name);
          const bound = alias ?? name.split('.')[0]!;
          if (module !== null && this.boundByImportsOnly(bound, names, body)) this.values.set(bound, module);
        }
      } else if (statement.kind === 'importFrom' && statement.names !== null) {
        const module = this.importQuietly(statement.module);
        for (const { name, alias } of statement.names) {
          if (module === null || names.globalBindings.get(alias ?? name) !== 1) continue;
          const value = this.memberOf(module, name);
          if (value !== undefined) this.values.set(alias ?? name, value);
        }
      }
      for (const block of blocks(statement)) this.collect(block, names);
    }
  }

  /** `import torch` and `import torch.nn` both bind `torch`, to the same thing. */
  private boundByImportsOnly(name: string, names: ScriptNames, body: readonly Statement[]): boolean {
    const count = body.reduce((total, statement) => {
      if (statement.kind !== 'import') return total;
      return total + (statement.names.some((one) => (one.alias ?? one.name.split('.')[0]) === name) ? 1 : 0);
    }, 0);
    return (names.globalBindings.get(name) ?? 0) <= Math.max(1, count);
  }

  importQuietly(name: string): PyModule | null {
    return this.runtime.registry.has(name) ? this.runtime.importModule(name) : null;
  }

  memberOf(module: PyModule, name: string): PyValue | undefined {
    const child = `${module.name}.${name}`;
    const found = this.runtime.findAttribute(module, name);
    return found === undefined ? (this.importQuietly(child) ?? undefined) : found;
  }

  /** The value of a name or dotted name; `undefined` when it isn't known. `isLocal` tells which names are the script's own. */
  resolve(node: Expression, isLocal: (name: string) => boolean): PyValue | undefined {
    if (node.kind === 'name') return isLocal(node.name) ? undefined : this.values.get(node.name);
    if (node.kind !== 'attribute') return undefined;
    const object = this.resolve(node.object, isLocal);
    if (object instanceof PyModule) return this.memberOf(object, node.name);
    return object instanceof PyClass && object.owner === null
      ? this.runtime.findAttribute(object, node.name)
      : undefined;
  }
}

function hasOwnConstructor(pyClass: PyClass): boolean {
  return pyClass.mro.some((entry) => entry !== objectClass && entry.members.has('__new__'));
}

/** The signature by which a call of a native value binds its keywords; `null` when it isn't known. */
export function callSignature(callee: PyValue | undefined): Signature | null {
  if (callee instanceof NativeFunction) return callee.signature;
  if (!(callee instanceof PyClass) || callee.owner !== null || hasOwnConstructor(callee)) return null;
  const initializer = callee.lookup('__init__');
  return initializer instanceof NativeFunction && initializer.owner?.name !== 'object' ? initializer.signature : null;
}
