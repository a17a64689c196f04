import type { Expression, Module, ParameterNode, Statement } from '../syntax/ast';
import { blocks, childExpressions, patternNames, statementExpressions } from './walk';

export type ScopeKind = 'module' | 'class' | 'function' | 'comprehension';

/** What a block of Python binds, and whether it yields. */
export interface Bindings {
  readonly names: Set<string>;
  readonly globals: Set<string>;
  readonly nonlocals: Set<string>;
  yields: boolean;
}

function emptyBindings(): Bindings {
  return { names: new Set(), globals: new Set(), nonlocals: new Set(), yields: false };
}

/** The names that an assignment to this target binds. */
export function targetNames(target: Expression): string[] {
  switch (target.kind) {
    case 'name':
      return [target.name];
    case 'starred':
      return targetNames(target.value);
    case 'tuple':
    case 'list':
      return target.items.flatMap(targetNames);
    default:
      return [];
  }
}

function collectExpression(node: Expression, into: Bindings, inComprehension: boolean): void {
  if (node.kind === 'lambda') {
    for (const { defaultValue } of node.parameters) {
      if (defaultValue !== null) collectExpression(defaultValue, into, inComprehension);
    }
    return;
  }
  if (node.kind === 'named') into.names.add(node.name);
  if (node.kind === 'yield' && !inComprehension) into.yields = true;
  const inside = inComprehension || node.kind === 'comprehension';
  for (const child of childExpressions(node)) collectExpression(child, into, inside);
}

function collectStatement(node: Statement, into: Bindings): void {
  for (const expression of statementExpressions(node)) collectExpression(expression, into, false);
  const add = (names: Iterable<string>): void => {
    for (const name of names) into.names.add(name);
  };
  switch (node.kind) {
    case 'assign':
      for (const target of node.targets) add(targetNames(target));
      break;
    case 'annotated':
    case 'augmented':
    case 'for':
      add(targetNames(node.target));
      break;
    case 'delete':
      for (const target of node.targets) add(targetNames(target));
      break;
    case 'import':
      add(node.names.map(({ name, alias }) => alias ?? name.split('.')[0]!));
      break;
    case 'importFrom':
      add((node.names ?? []).map(({ name, alias }) => alias ?? name));
      break;
    case 'global':
      for (const name of node.names) into.globals.add(name);
      break;
    case 'nonlocal':
      for (const name of node.names) into.nonlocals.add(name);
      break;
    case 'try':
      add(node.handlers.flatMap(({ name }) => (name === null ? [] : [name])));
      break;
    case 'with':
      for (const { target } of node.items) if (target !== null) add(targetNames(target));
      break;
    case 'match':
      for (const { pattern } of node.cases) add(patternNames(pattern));
      break;
    case 'function':
    case 'class':
      into.names.add(node.name);
      return;
    default:
  }
  for (const block of blocks(node)) for (const statement of block) collectStatement(statement, into);
}

/** What the statements of one block bind, nested functions and classes left aside. */
export function collectBindings(body: readonly Statement[], parameters: readonly ParameterNode[] = []): Bindings {
  const result = emptyBindings();
  for (const { name } of parameters) result.names.add(name);
  for (const statement of body) collectStatement(statement, result);
  for (const name of [...result.globals, ...result.nonlocals]) result.names.delete(name);
  return result;
}

/** A lambda's bindings: its parameters and the walrus targets of its body. */
export function lambdaBindings(parameters: readonly ParameterNode[], body: Expression): Bindings {
  const result = emptyBindings();
  collectExpression(body, result, false);
  for (const { name } of parameters) result.names.add(name);
  return result;
}

/** A scope while code is written for it. */
export class Scope {
  readonly temporaries: string[] = [];
  /** Names that always have a value when read: parameters that are never deleted. */
  readonly certain = new Set<string>();

  constructor(
    readonly kind: ScopeKind,
    readonly bindings: Bindings,
    readonly parent: Scope | null,
    /** The JavaScript variable that holds a class's namespace. */
    readonly namespace: string | null = null,
    /** As in `__qualname__`. */
    readonly qualifiedName = '',
  ) {}

  /** The nearest scope that is a function, a module or a class: where a walrus in a comprehension binds. */
  holder(): Scope {
    return this.kind === 'comprehension' ? this.parent!.holder() : this;
  }

  /** Where a name that is used here lives. */
  resolve(name: string): { where: 'local' | 'class' | 'outer' | 'global'; scope: Scope } {
    if (this.bindings.globals.has(name)) return { where: 'global', scope: this };
    if (this.bindings.names.has(name) && !this.bindings.nonlocals.has(name)) {
      if (this.kind === 'module') return { where: 'global', scope: this };
      return { where: this.kind === 'class' ? 'class' : 'local', scope: this };
    }
    for (let scope = this.parent; scope !== null; scope = scope.parent) {
      if (scope.kind === 'class') continue;
      if (scope.bindings.globals.has(name)) return { where: 'global', scope };
      if (scope.kind === 'module') break;
      if (scope.bindings.names.has(name) && !scope.bindings.nonlocals.has(name)) {
        return { where: 'outer', scope };
      }
    }
    return { where: 'global', scope: this };
  }
}

export function moduleScope(module: Module): Scope {
  return new Scope('module', collectBindings(module.body), null);
}
