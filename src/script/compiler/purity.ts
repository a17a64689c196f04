import type { Expression, Statement } from '../syntax/ast';
import { blocks, childExpressions, statementExpressions } from './walk';

const pureExpressions: ReadonlySet<Expression['kind']> = new Set<Expression['kind']>([
  'constant',
  'name',
  'attribute',
  'subscript',
  'slice',
  'call',
  'unary',
  'binary',
  'comparison',
  'logical',
  'conditional',
  'tuple',
  'list',
  'dict',
  'comprehension',
]);

const pureStatements: ReadonlySet<Statement['kind']> = new Set<Statement['kind']>([
  'expression',
  'assign',
  'annotated',
  'augmented',
  'pass',
  'return',
  'if',
]);

const pureBuiltins: ReadonlySet<string> = new Set([
  'abs',
  'bool',
  'float',
  'int',
  'len',
  'max',
  'min',
  'pow',
  'range',
  'round',
  'sum',
]);

/** Whether a lambda only computes: no call but of arithmetic, no name bound. Names are taken for what they usually are. */
export function isPureExpression(node: Expression): boolean {
  if (!pureExpressions.has(node.kind)) return false;
  if (node.kind === 'call' && !isPureCallee(node.callee)) return false;
  return childExpressions(node).every(isPureExpression);
}

/** Whether a function only computes: without loops, so that it ends, and with local names only. */
export function isPureBody(body: readonly Statement[]): boolean {
  return body.every(
    (statement) =>
      pureStatements.has(statement.kind) &&
      targetsOf(statement).every(({ kind }) => kind === 'name') &&
      statementExpressions(statement).every(isPureExpression) &&
      blocks(statement).every(isPureBody),
  );
}

function targetsOf(statement: Statement): readonly Expression[] {
  if (statement.kind === 'assign') return statement.targets;
  return statement.kind === 'annotated' || statement.kind === 'augmented' ? [statement.target] : [];
}

function isPureCallee(callee: Expression): boolean {
  if (callee.kind === 'name') return pureBuiltins.has(callee.name);
  return callee.kind === 'attribute' && callee.object.kind === 'name' && callee.object.name === 'math';
}
