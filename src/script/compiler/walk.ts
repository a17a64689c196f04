import type { Expression, FormatPart, Pattern, Statement } from '../syntax/ast';

/** The expressions directly inside an expression (parameters' defaults of a lambda included, its body too). */
export function childExpressions(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'constant':
    case 'ellipsis':
    case 'name':
      return [];
    case 'attribute':
      return [node.object];
    case 'subscript':
      return [node.object, node.index];
    case 'slice':
      return [node.start, node.stop, node.step].filter((part) => part !== null);
    case 'call':
      return [node.callee, ...node.args.map((argument) => argument.value)];
    case 'unary':
      return [node.operand];
    case 'binary':
    case 'logical':
      return [node.left, node.right];
    case 'comparison':
      return [node.left, ...node.rights];
    case 'conditional':
      return [node.test, node.then, node.otherwise];
    case 'lambda':
      return [
        ...node.parameters.flatMap(({ defaultValue }) => (defaultValue === null ? [] : [defaultValue])),
        node.body,
      ];
    case 'tuple':
    case 'list':
    case 'set':
      return node.items;
    case 'starred':
    case 'named':
    case 'await':
      return [node.value];
    case 'dict':
      return node.entries.flatMap(({ key, value }) => (key === null ? [value] : [key, value]));
    case 'comprehension':
      return [
        ...node.clauses.flatMap((clause) => [clause.target, clause.iterable, ...clause.conditions]),
        node.element,
        ...(node.value === null ? [] : [node.value]),
      ];
    case 'yield':
      return node.value === null ? [] : [node.value];
    case 'format':
      return formatExpressions(node.parts);
  }
}

/** An expression and all inside it. */
export function* walkExpression(node: Expression): Generator<Expression> {
  yield node;
  for (const child of childExpressions(node)) yield* walkExpression(child);
}

function formatExpressions(parts: readonly FormatPart[]): Expression[] {
  return parts.flatMap((part) =>
    'text' in part ? [] : [part.value, ...(part.specification === null ? [] : formatExpressions(part.specification))],
  );
}

/** The expressions directly in a statement, without those of nested statements. */
export function statementExpressions(node: Statement): readonly Expression[] {
  const some = (...parts: (Expression | null)[]): Expression[] => parts.filter((part) => part !== null);
  switch (node.kind) {
    case 'expression':
      return [node.value];
    case 'assign':
      return [node.value, ...node.targets];
    case 'annotated':
      return some(node.value, node.target);
    case 'augmented':
      return [node.target, node.value];
    case 'delete':
      return node.targets;
    case 'return':
      return some(node.value);
    case 'raise':
      return some(node.value, node.cause);
    case 'assert':
      return some(node.test, node.message);
    case 'if':
    case 'while':
      return [node.test];
    case 'for':
      return [node.iterable, node.target];
    case 'try':
      return some(...node.handlers.map((handler) => handler.type));
    case 'with':
      return node.items.flatMap(({ context, target }) => some(context, target));
    case 'function':
      return [...node.decorators, ...some(...node.parameters.map(({ defaultValue }) => defaultValue))];
    case 'class':
      return [...node.decorators, ...node.args.map(({ value }) => value)];
    case 'match':
      return some(node.subject, ...node.cases.map(({ guard }) => guard)).concat(
        node.cases.flatMap(({ pattern }) => patternExpressions(pattern)),
      );
    default:
      return [];
  }
}

/** The blocks of statements directly in a statement; a function's or class's body included. */
export function blocks(node: Statement): readonly (readonly Statement[])[] {
  switch (node.kind) {
    case 'if':
    case 'while':
    case 'for':
      return [node.body, node.otherwise];
    case 'try':
      return [node.body, ...node.handlers.map((handler) => handler.body), node.otherwise, node.final];
    case 'with':
    case 'function':
    case 'class':
      return [node.body];
    case 'match':
      return node.cases.map((entry) => entry.body);
    default:
      return [];
  }
}

export function patternNames(pattern: Pattern): string[] {
  switch (pattern.kind) {
    case 'capture':
    case 'star':
      return pattern.name === null ? [] : [pattern.name];
    case 'value':
      return [];
    case 'sequence':
      return pattern.items.flatMap(patternNames);
    case 'mapping':
      return [
        ...pattern.entries.flatMap((entry) => patternNames(entry.pattern)),
        ...(pattern.rest === null ? [] : [pattern.rest]),
      ];
    case 'class':
      return [
        ...pattern.positional.flatMap(patternNames),
        ...pattern.keywords.flatMap((entry) => patternNames(entry.pattern)),
      ];
    case 'or':
      return pattern.options.flatMap(patternNames);
    case 'as':
      return [...patternNames(pattern.pattern), pattern.name];
  }
}

export function patternExpressions(pattern: Pattern): Expression[] {
  switch (pattern.kind) {
    case 'value':
      return [pattern.value];
    case 'sequence':
      return pattern.items.flatMap(patternExpressions);
    case 'mapping':
      return pattern.entries.flatMap((entry) => [entry.key, ...patternExpressions(entry.pattern)]);
    case 'class':
      return [
        pattern.type,
        ...pattern.positional.flatMap(patternExpressions),
        ...pattern.keywords.flatMap((entry) => patternExpressions(entry.pattern)),
      ];
    case 'or':
      return pattern.options.flatMap(patternExpressions);
    case 'as':
      return patternExpressions(pattern.pattern);
    default:
      return [];
  }
}
