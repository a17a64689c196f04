import type { SyntaxNode } from '@lezer/common';
import type { ExceptHandler, Expression, ImportedName, Statement } from './ast';
import { PatternReader } from './patterns';

function splitAt(nodes: readonly SyntaxNode[], name: string): SyntaxNode[][] {
  const groups: SyntaxNode[][] = [[]];
  for (const node of nodes) {
    if (node.name === name) groups.push([]);
    else groups[groups.length - 1]!.push(node);
  }
  return groups;
}

/** Turns the tree's statements into ours. */
export class StatementReader extends PatternReader {
  /** The tree of an `as` target that a placeholder stands for in the text the grammar saw. */
  targetOf: (node: SyntaxNode) => SyntaxNode | null = () => null;

  override body(node: SyntaxNode): Statement[] {
    return this.children(node)
      .filter((child) => child.name !== ':')
      .flatMap((child) => this.statement(child));
  }

  statement(node: SyntaxNode): Statement[] {
    const position = this.position(node);
    const parts = this.children(node);
    switch (node.name) {
      case 'StatementGroup':
        return parts.filter((part) => part.name !== ';').flatMap((part) => this.statement(part));
      case 'ExpressionStatement':
        return [{ kind: 'expression', value: this.list(parts), ...position }];
      case 'YieldStatement':
        return [{ kind: 'expression', value: this.read(node), ...position }];
      case 'AssignStatement':
        return [this.assign(node)];
      case 'UpdateStatement': {
        const at = parts.findIndex((part) => part.name === 'UpdateOp');
        const target = this.list(parts.slice(0, at));
        if (!['name', 'attribute', 'subscript'].includes(target.kind)) {
          this.fail(node, `'${describe(target)}' is an illegal expression for augmented assignment`);
        }
        const operator = this.text(parts[at]!).slice(0, -1);
        return [{ kind: 'augmented', target, operator, value: this.list(parts.slice(at + 1)), ...position }];
      }
      case 'DeleteStatement': {
        const targets = this.items(parts.slice(1)).flatMap((target) =>
          target.kind === 'tuple' ? target.items : target,
        );
        return [{ kind: 'delete', targets, ...position }];
      }
      case 'PassStatement':
        return [{ kind: 'pass', ...position }];
      case 'BreakStatement':
        return [{ kind: 'break', ...position }];
      case 'ContinueStatement':
        return [{ kind: 'continue', ...position }];
      case 'ReturnStatement':
        return [{ kind: 'return', value: parts.length > 1 ? this.list(parts.slice(1)) : null, ...position }];
      case 'RaiseStatement': {
        const from = parts.findIndex((part) => part.name === 'from');
        return [
          {
            kind: 'raise',
            value: parts[1] === undefined ? null : this.read(parts[1]),
            cause: from < 0 ? null : this.read(parts[from + 1]!),
            ...position,
          },
        ];
      }
      case 'ImportStatement':
        return [this.imports(node)];
      case 'ScopeStatement': {
        const names = parts.slice(1).filter((part) => part.name !== ',');
        const kind = parts[0]!.name === 'global' ? 'global' : 'nonlocal';
        return [{ kind, names: names.map((name) => this.text(name)), ...position }];
      }
      case 'AssertStatement':
        return [
          {
            kind: 'assert',
            test: this.read(parts[1]!),
            message: parts[3] === undefined ? null : this.read(parts[3]),
            ...position,
          },
        ];
      case 'IfStatement':
        return [this.conditional(parts, 0)];
      case 'WhileStatement':
        return [
          {
            kind: 'while',
            test: this.read(parts[1]!),
            body: this.body(parts[2]!),
            otherwise: parts[4] === undefined ? [] : this.body(parts[4]),
            ...position,
          },
        ];
      case 'ForStatement':
        return [this.loop(node)];
      case 'TryStatement':
        return [this.tryStatement(node)];
      case 'WithStatement':
        return [this.withStatement(node)];
      case 'FunctionDefinition':
      case 'ClassDefinition':
        return [this.definition(node, [])];
      case 'DecoratedStatement': {
        const decorators = parts.filter((part) => part.name === 'Decorator').map((part) => this.decorator(part));
        return [this.definition(parts[parts.length - 1]!, decorators)];
      }
      case 'MatchStatement':
        return [this.match(node)];
      case 'PrintStatement':
        return this.fail(node, "Missing parentheses in call to 'print'. Did you mean print(...)?");
      default:
        return this.fail(node, 'invalid syntax');
    }
  }

  private assign(node: SyntaxNode): Statement {
    const position = this.position(node);
    const parts = this.children(node);
    const annotation = parts.find((part) => part.name === 'TypeDef');
    const groups = splitAt(
      parts.filter((part) => part.name !== 'TypeDef'),
      'AssignOp',
    );
    if (annotation !== undefined) {
      const target = this.list(groups[0]!);
      this.checkTarget(target, groups[0]![0]!);
      const value = groups[1] === undefined ? null : this.list(groups[1]);
      return { kind: 'annotated', target, annotation: this.typeDefinition(annotation), value, ...position };
    }
    const value = this.list(groups.pop()!);
    const targets = groups.map((group) => {
      const target = this.list(group);
      this.checkTarget(target, group[0]!);
      return target;
    });
    return { kind: 'assign', targets, value, ...position };
  }

  private checkTarget(target: Expression, node: SyntaxNode): void {
    switch (target.kind) {
      case 'name':
      case 'attribute':
      case 'subscript':
        return;
      case 'starred':
        this.checkTarget(target.value, node);
        return;
      case 'tuple':
      case 'list':
        for (const item of target.items) this.checkTarget(item, node);
        return;
      default: {
        const hint = target.kind === 'constant' ? '' : " here. Maybe you meant '==' instead of '='?";
        this.fail(node, `cannot assign to ${describe(target)}${hint || " here. Maybe you meant '==' instead of '='?"}`);
      }
    }
  }

  private imports(node: SyntaxNode): Statement {
    const position = this.position(node);
    const parts = this.children(node);
    if (parts[0]!.name === 'import') {
      return { kind: 'import', names: this.importedNames(parts.slice(1)), ...position };
    }
    const at = parts.findIndex((part) => part.name === 'import');
    const source = parts
      .slice(1, at)
      .map((part) => this.text(part))
      .join('');
    const level = /^\.*/.exec(source)![0].length;
    const rest = parts.slice(at + 1).filter((part) => part.name !== '(' && part.name !== ')');
    const names = rest[0]?.name === '*' ? null : this.importedNames(rest);
    return { kind: 'importFrom', module: source.slice(level), level, names, ...position };
  }

  private importedNames(nodes: readonly SyntaxNode[]): ImportedName[] {
    return splitAt(nodes, ',')
      .filter((group) => group.length > 0)
      .map((group) => {
        const as = group.findIndex((part) => part.name === 'as');
        const name = (as < 0 ? group : group.slice(0, as)).map((part) => this.text(part)).join('');
        return { name, alias: as < 0 ? null : this.text(group[as + 1]!), ...this.position(group[0]!) };
      });
  }

  private conditional(parts: readonly SyntaxNode[], at: number): Statement {
    const position = this.position({ from: parts[at]!.from, to: parts[parts.length - 1]!.to });
    const next = parts[at + 3];
    let otherwise: Statement[] = [];
    if (next?.name === 'elif') otherwise = [this.conditional(parts, at + 3)];
    else if (next?.name === 'else') otherwise = this.body(parts[at + 4]!);
    return {
      kind: 'if',
      test: this.read(parts[at + 1]!),
      body: this.body(parts[at + 2]!),
      otherwise,
      ...position,
    };
  }

  private loop(node: SyntaxNode): Statement {
    const parts = this.children(node);
    const start = parts.findIndex((part) => part.name === 'for');
    const inAt = parts.findIndex((part) => part.name === 'in');
    const bodyAt = parts.findIndex((part) => part.name === 'Body');
    const target = this.list(parts.slice(start + 1, inAt));
    this.checkTarget(target, parts[start + 1]!);
    return {
      kind: 'for',
      target,
      iterable: this.list(parts.slice(inAt + 1, bodyAt)),
      body: this.body(parts[bodyAt]!),
      otherwise: parts[bodyAt + 2] === undefined ? [] : this.body(parts[bodyAt + 2]!),
      isAsync: start > 0,
      ...this.position(node),
    };
  }

  private tryStatement(node: SyntaxNode): Statement {
    const parts = this.children(node);
    const handlers: ExceptHandler[] = [];
    let otherwise: Statement[] = [];
    let final: Statement[] = [];
    for (let i = 2; i < parts.length;) {
      const word = parts[i]!;
      const bodyAt = parts.findIndex((part, index) => index > i && part.name === 'Body');
      const body = this.body(parts[bodyAt]!);
      if (word.name === 'else') otherwise = body;
      else if (word.name === 'finally') final = body;
      else {
        const head = parts.slice(i + 1, bodyAt);
        const as = head.findIndex((part) => part.name === 'as');
        const type = as < 0 ? head : head.slice(0, as);
        handlers.push({
          type: type.length === 0 ? null : this.list(type),
          name: as < 0 ? null : this.text(head[as + 1]!),
          body,
          ...this.position(word),
        });
      }
      i = bodyAt + 1;
    }
    if (handlers.length === 0 && final.length === 0) {
      this.fail(node, "expected 'except' or 'finally' block");
    }
    return { kind: 'try', body: this.body(parts[1]!), handlers, otherwise, final, ...this.position(node) };
  }

  private withStatement(node: SyntaxNode): Statement {
    const parts = this.children(node);
    const start = parts.findIndex((part) => part.name === 'with');
    const heads = parts.slice(start + 1, -1);
    // `with (a, b):` is two managers, not one tuple.
    const inner =
      heads.length === 1 && heads[0]!.name === 'TupleExpression' ? this.children(heads[0]!).slice(1, -1) : heads;
    const items = splitAt(inner, ',')
      .filter((group) => group.length > 0)
      .map((group) => {
        const target = group[2] === undefined ? null : this.read(this.targetOf(group[2]) ?? group[2]);
        return { context: this.read(group[0]!), target };
      });
    const body = this.body(parts[parts.length - 1]!);
    return { kind: 'with', items, body, isAsync: start > 0, ...this.position(node) };
  }

  private decorator(node: SyntaxNode): Expression {
    const parts = this.children(node).slice(1);
    let value = this.read(parts[0]!);
    for (let i = 1; i < parts.length; i++) {
      const part = parts[i]!;
      const position = this.position({ from: parts[0]!.from, to: part.to });
      if (part.name === 'ArgList') value = { kind: 'call', callee: value, args: this.args(part), ...position };
      else if (part.name !== '.') {
        const at = { nameLine: this.lineAt(part.from), nameColumn: this.columnAt(part.from) };
        value = { kind: 'attribute', object: value, name: this.text(part), ...at, ...position };
      }
    }
    return value;
  }

  private definition(node: SyntaxNode, decorators: readonly Expression[]): Statement {
    const parts = this.children(node);
    const position = this.position(node);
    const body = this.body(parts[parts.length - 1]!);
    if (node.name === 'ClassDefinition') {
      const args = parts.find((part) => part.name === 'ArgList');
      const name = this.text(parts[1]!);
      return { kind: 'class', name, args: args === undefined ? [] : this.args(args), body, decorators, ...position };
    }
    const isAsync = parts[0]!.name === 'async';
    const parameters = parts.find((part) => part.name === 'ParamList')!;
    const returns = parts.find((part) => part.name === 'TypeDef');
    return {
      kind: 'function',
      name: this.text(parts.find((part) => part.name === 'VariableName')!),
      parameters: this.parameters(parameters),
      returns: returns === undefined ? null : this.typeDefinition(returns),
      body,
      decorators,
      isAsync,
      ...position,
    };
  }
}

/** What CPython calls an expression in "cannot assign to ...". */
function describe(node: Expression): string {
  switch (node.kind) {
    case 'constant':
      return node.value === null
        ? 'None'
        : typeof node.value === 'boolean'
          ? node.value
            ? 'True'
            : 'False'
          : 'literal';
    case 'call':
      return 'function call';
    case 'comparison':
      return 'comparison';
    case 'conditional':
      return 'conditional expression';
    case 'lambda':
      return 'lambda';
    case 'dict':
      return 'dict literal';
    case 'set':
      return 'set display';
    case 'format':
      return 'f-string expression';
    case 'ellipsis':
      return 'ellipsis';
    default:
      return node.kind === 'tuple' || node.kind === 'list' ? node.kind : 'expression';
  }
}
