import { blocks, childExpressions, statementExpressions } from '../compiler/walk';
import { collectBindings, targetNames } from '../compiler/scope';
import type { Expression, Module, Statement } from '../syntax/ast';

/** The names a script uses in ways that can make attributes, and how its globals are bound. */
export interface ScriptNames {
  /** Members of its classes, attributes it assigns, names of parameters and keywords, words in its strings. */
  readonly attributes: Set<string>;
  /** Names made at run time: by f-strings and other templates, or any name where the script has its own `__getattr__`. */
  readonly patterns: RegExp[];
  /** How many statements bind each global. */
  readonly globalBindings: Map<string, number>;
  /** Globals that functions declare by `global`. */
  readonly declaredGlobals: Set<string>;
}

export function collectScriptNames(module: Module): ScriptNames {
  const names: ScriptNames = {
    attributes: new Set(),
    patterns: [],
    globalBindings: new Map(),
    declaredGlobals: new Set(),
  };
  const bind = (name: string): void => {
    names.globalBindings.set(name, (names.globalBindings.get(name) ?? 0) + 1);
  };
  const visitBlock = (body: readonly Statement[], top: boolean, inClass: boolean): void => {
    for (const statement of body) {
      if (top) for (const name of boundBy(statement)) bind(name);
      if (inClass) for (const name of collectBindings([statement]).names) names.attributes.add(name);
      if (statement.kind === 'global') {
        for (const name of statement.names) {
          names.declaredGlobals.add(name);
          bind(name);
          bind(name);
        }
      }
      // A docstring names nothing at run time.
      const isText = statement.kind === 'expression' && statement.value.kind === 'constant';
      if (!isText) for (const expression of statementExpressions(statement)) visitExpression(expression, names);
      for (const target of targetsOf(statement)) noteTarget(target, names);
      if (statement.kind === 'function' && statement.name.startsWith('__getattr')) names.patterns.push(/^/);
      if (statement.kind === 'function') for (const { name } of statement.parameters) names.attributes.add(name);
      const opens = statement.kind === 'function' || statement.kind === 'class';
      for (const block of blocks(statement))
        visitBlock(block, top && !opens, statement.kind === 'class' || (inClass && !opens));
    }
  };
  visitBlock(module.body, true, false);
  return names;
}

/** The names one statement binds itself, without its blocks. */
function boundBy(statement: Statement): Iterable<string> {
  if (blocks(statement).length === 0) return collectBindings([statement]).names;
  switch (statement.kind) {
    case 'for':
      return targetNames(statement.target);
    case 'with':
      return statement.items.flatMap(({ target }) => (target === null ? [] : targetNames(target)));
    case 'function':
    case 'class':
      return [statement.name];
    case 'try':
      return statement.handlers.flatMap(({ name }) => (name === null ? [] : [name]));
    default:
      return [];
  }
}

/** A text with holes (`fc{}`, `fc%d`) as a pattern of names; other texts are left aside. */
function addTemplate(text: string, names: ScriptNames): void {
  if (!/^[\w.%{}:]+$/.test(text) || !/%\d*[dsi]|\{/.test(text)) return;
  const body = text
    .replace(/%\d*[dsi]|\{[^}]*\}/g, '*')
    .split('*')
    .map((part) => part.replace(/\W/g, ''))
    .join('\\w*');
  if (body !== '\\w*') names.patterns.push(new RegExp(`^${body}$`));
}

function targetsOf(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case 'assign':
      return statement.targets;
    case 'annotated':
    case 'augmented':
    case 'for':
      return [statement.target];
    case 'with':
      return statement.items.flatMap(({ target }) => (target === null ? [] : [target]));
    default:
      return [];
  }
}

function noteTarget(target: Expression, names: ScriptNames): void {
  if (target.kind === 'attribute') names.attributes.add(target.name);
  else if (target.kind === 'tuple' || target.kind === 'list') for (const item of target.items) noteTarget(item, names);
  else if (target.kind === 'starred') noteTarget(target.value, names);
}

function visitExpression(node: Expression, names: ScriptNames): void {
  if (node.kind === 'format')
    addTemplate(node.parts.map((part) => ('text' in part ? part.text : '{}')).join(''), names);
  if (node.kind === 'attribute' && node.name === '__dict__') names.patterns.push(/^/);
  if (node.kind === 'binary' && node.operator === '+') {
    for (const side of [node.left, node.right]) {
      if (side.kind === 'constant' && typeof side.value === 'string') addTemplate(`{}${side.value}{}`, names);
    }
  }
  if (node.kind === 'constant' && typeof node.value === 'string') {
    addTemplate(node.value, names);
    for (const [word] of node.value.matchAll(/[A-Za-z_][\w-]*/g)) {
      names.attributes.add(word.replaceAll('-', '_'));
    }
  }
  if (node.kind === 'call') for (const { name } of node.args) if (name !== null) names.attributes.add(name);
  for (const child of childExpressions(node)) visitExpression(child, names);
}
