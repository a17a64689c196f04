import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@lezer/python';

/** A part of a Python text: offsets. */
export interface TextSpan {
  from: number;
  to: number;
}

/** A variable that a statement binds. */
export interface BoundName extends TextSpan {
  name: string;
}

/** The nodes of what a construct binds, among its children; one row for each construct. */
const binders: Readonly<Record<string, (children: readonly SyntaxNode[]) => readonly SyntaxNode[]>> = {
  // `a = b = 1` has two targets.
  AssignStatement: (children) => children.slice(0, children.map(({ name }) => name).lastIndexOf('AssignOp')),
  UpdateStatement: (children) => children.slice(0, 1),
  NamedExpression: (children) => children.slice(0, 1),
  ForStatement: (children) =>
    children.slice(
      0,
      children.findIndex(({ name }) => name === 'in'),
    ),
  WithStatement: (children) => children.filter((_node, i) => children[i - 1]?.name === 'as'),
  ParamList: (children) => children.filter((_node, i) => children[i - 1]?.name !== 'AssignOp'),
};

/**
 * The expression at a place that can be evaluated without running anything: a name, or a chain of members and
 * subscripts up to there, such as `optimizer.param_groups[0]['lr']`.
 */
export function expressionAt(text: string, offset: number): TextSpan | null {
  const node = parser.parse(text).resolveInner(offset, 1);
  const chain = chainOf(node);
  if (!chain || hasCall(chain)) return null;
  return { from: chain.from, to: chain.to };
}

/**
 * The variables that are bound above a line in the same function, or in the module: each where it is bound last.
 * @param offset the beginning of that line
 */
export function namesBoundAbove(text: string, offset: number): BoundName[] {
  const tree = parser.parse(text);
  const own = functionAround(tree, offset);
  const found = new Map<string, BoundName>();
  tree.iterate({
    from: own?.from ?? 0,
    to: offset,
    enter: ({ node }) => {
      const isInner = node.name === 'FunctionDefinition' && node.from !== own?.from;
      if (isInner || node.name === 'ClassDefinition' || node.name === 'LambdaExpression') return false;
      for (const target of binders[node.name]?.(childrenOf(node)).flatMap(targetNames) ?? []) {
        const name = text.slice(target.from, target.to);
        if (target.from < offset) found.set(name, { name, from: target.from, to: target.to });
      }
      return true;
    },
  });
  return [...found.values()].sort((a, b) => a.from - b.from);
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}

/** The innermost function that the place lies in. */
function functionAround(tree: Tree, offset: number): SyntaxNode | null {
  for (let node: SyntaxNode | null = tree.resolveInner(offset, 1); node; node = node.parent) {
    if (node.name === 'FunctionDefinition') return node;
  }
  return null;
}

const nesting: ReadonlySet<string> = new Set(['TupleExpression', 'ArrayExpression', 'ParenthesizedExpression']);

function targetNames(node: SyntaxNode): SyntaxNode[] {
  if (node.name === 'VariableName') return [node];
  return nesting.has(node.name) ? childrenOf(node).flatMap(targetNames) : [];
}

/** The name, or the chain of members that ends with what is pointed at. */
function chainOf(node: SyntaxNode): SyntaxNode | null {
  const { parent } = node;
  if (node.name === 'VariableName') return isKeyword(node) ? null : node;
  if (node.name === 'PropertyName') return parent?.name === 'MemberExpression' ? parent : null;
  // A key or an index between the brackets.
  const isIndex = parent?.name === 'MemberExpression' && node.from > (parent.firstChild?.to ?? node.from);
  return isIndex && (node.name === 'String' || node.name === 'Number') ? parent : null;
}

/** The name of an argument, as in `lr=0.1`, is no variable; nor is one that a function or an import is about to bind. */
function isKeyword(node: SyntaxNode): boolean {
  const { parent } = node;
  if (parent?.name === 'ArgList') return node.nextSibling?.name === 'AssignOp';
  return (
    parent?.name === 'ImportStatement' || (parent?.name === 'FunctionDefinition' && node.prevSibling?.name === 'def')
  );
}

function hasCall(node: SyntaxNode): boolean {
  let found = false;
  node.cursor().iterate(({ name }) => {
    if (name === 'CallExpression') found = true;
    return !found;
  });
  return found;
}
