import type { SyntaxNode } from '@lezer/common';
import type { Argument, Comprehension, ComprehensionClause, Expression, ParameterNode, Position } from './ast';
import { parseNumber, parseString } from './literals';
import { StringReader } from './strings';

const comparisonWords = new Set(['in', 'not', 'is', 'CompareOp']);

function isNot(node: SyntaxNode): boolean {
  return node.name === 'not';
}

function isLogical(node: SyntaxNode, parts: readonly SyntaxNode[]): boolean {
  return node.name === 'BinaryExpression' && (parts[1]?.name === 'and' || parts[1]?.name === 'or');
}

function isNegation(node: SyntaxNode, parts: readonly SyntaxNode[]): boolean {
  return node.name === 'UnaryExpression' && isNot(parts[0]!);
}

function placeOf({ line, column, endLine, endColumn }: Position): Position {
  return { line, column, endLine, endColumn };
}

/** Turns the tree's expressions into ours. */
export class ExpressionReader extends StringReader {
  read(node: SyntaxNode): Expression {
    const position = this.position(node);
    switch (node.name) {
      case 'VariableName':
        return { kind: 'name', name: this.text(node), ...position };
      case 'Number':
        return this.number(node);
      case 'String':
        return { kind: 'constant', value: parseString(this.text(node)), ...position };
      case 'FormatString':
      case 'ContinuedString':
        return this.strings(node);
      case 'Boolean':
        return { kind: 'constant', value: this.text(node) === 'True', ...position };
      case 'None':
        return { kind: 'constant', value: null, ...position };
      case 'Ellipsis':
        return { kind: 'ellipsis', ...position };
      case 'ParenthesizedExpression':
        return this.parenthesized(node);
      case 'TupleExpression':
        return { kind: 'tuple', items: this.items(this.children(node).slice(1, -1)), ...position };
      case 'ArrayExpression':
        return { kind: 'list', items: this.items(this.children(node).slice(1, -1)), ...position };
      case 'SetExpression':
        return { kind: 'set', items: this.items(this.children(node).slice(1, -1)), ...position };
      case 'DictionaryExpression':
        return this.dict(node);
      case 'ArrayComprehensionExpression':
        return this.comprehension(node, this.children(node).slice(1, -1), 'list');
      case 'SetComprehensionExpression':
        return this.comprehension(node, this.children(node).slice(1, -1), 'set');
      case 'DictionaryComprehensionExpression':
        return this.comprehension(node, this.children(node).slice(1, -1), 'dict');
      case 'ComprehensionExpression':
        return this.comprehension(node, this.children(node).slice(1, -1), 'generator');
      case 'UnaryExpression':
        return this.unary(node);
      case 'BinaryExpression':
        return this.binary(node);
      case 'ConditionalExpression': {
        const [then, , test, , otherwise] = this.children(node);
        return {
          kind: 'conditional',
          then: this.read(then!),
          test: this.read(test!),
          otherwise: this.read(otherwise!),
          ...position,
        };
      }
      case 'LambdaExpression': {
        const parts = this.children(node);
        const parameters = parts.find((part) => part.name === 'ParamList');
        return {
          kind: 'lambda',
          parameters: parameters === undefined ? [] : this.parameters(parameters),
          body: this.read(parts[parts.length - 1]!),
          ...position,
        };
      }
      case 'NamedExpression': {
        const [name, , value] = this.children(node);
        return { kind: 'named', name: this.text(name!), value: this.read(value!), ...position };
      }
      case 'YieldExpression':
      case 'YieldStatement': {
        const parts = this.children(node).filter((part) => !part.type.isError);
        const from = parts[1]?.name === 'from';
        const rest = parts.slice(from ? 2 : 1);
        return { kind: 'yield', from, value: rest.length === 0 ? null : this.list(rest), ...position };
      }
      case 'AwaitExpression':
        return { kind: 'await', value: this.read(this.children(node)[1]!), ...position };
      case 'CallExpression': {
        const [callee, args] = this.children(node);
        return { kind: 'call', callee: this.read(callee!), args: this.args(args!), ...position };
      }
      case 'MemberExpression':
        return this.member(node);
      default:
        return this.fail(node, 'invalid syntax');
    }
  }

  /** One expression, or a tuple where there are commas (`a, b`, `a,`, `*a, b`). */
  list(nodes: readonly SyntaxNode[]): Expression {
    const items = this.items(nodes);
    if (items.length === 1 && !nodes.some((node) => node.name === ',')) return items[0]!;
    const position = this.position({ from: nodes[0]!.from, to: nodes[nodes.length - 1]!.to });
    return { kind: 'tuple', items, ...position };
  }

  items(nodes: readonly SyntaxNode[]): Expression[] {
    const result: Expression[] = [];
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!;
      if (node.name === ',') continue;
      if (node.name === '*') {
        const value = nodes[++i]!;
        result.push({
          kind: 'starred',
          value: this.read(value),
          ...this.position({ from: node.from, to: value.to }),
        });
      } else result.push(this.read(node));
    }
    return result;
  }

  private number(node: SyntaxNode): Expression {
    const value = parseNumber(this.text(node));
    if (value === null) return this.fail(node, 'complex numbers are not supported');
    return { kind: 'constant', value, ...this.position(node) };
  }

  private parenthesized(node: SyntaxNode): Expression {
    const inner = this.children(node).slice(1, -1);
    if (inner.some((part) => part.name === 'for')) return this.comprehension(node, inner, 'generator');
    return this.list(inner);
  }

  private dict(node: SyntaxNode): Expression {
    const entries: { key: Expression | null; value: Expression }[] = [];
    const parts = this.children(node).slice(1, -1);
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      if (part.name === ',') continue;
      if (part.name === '**') entries.push({ key: null, value: this.read(parts[++i]!) });
      else {
        entries.push({ key: this.read(part), value: this.read(parts[i + 2]!) });
        i += 2;
      }
    }
    return { kind: 'dict', entries, ...this.position(node) };
  }

  private comprehension(
    node: { from: number; to: number },
    parts: readonly SyntaxNode[],
    form: Comprehension['form'],
  ): Comprehension {
    const firstFor = parts.findIndex((part) => part.name === 'for' || part.name === 'async');
    const isDict = parts[1]?.name === ':';
    const clauses: ComprehensionClause[] = [];
    let i = firstFor;
    while (i < parts.length) {
      if (parts[i]!.name === 'async') this.fail(parts[i]!, 'asynchronous comprehensions are not supported');
      const inAt = parts.findIndex((part, index) => index > i && part.name === 'in');
      const target = this.list(parts.slice(i + 1, inAt));
      const iterable = this.read(parts[inAt + 1]!);
      const conditions: Expression[] = [];
      i = inAt + 2;
      while (parts[i]?.name === 'if') {
        conditions.push(this.read(parts[i + 1]!));
        i += 2;
      }
      clauses.push({ target, iterable, conditions });
    }
    return {
      kind: 'comprehension',
      form,
      element: this.read(parts[0]!),
      value: isDict ? this.read(parts[2]!) : null,
      clauses,
      ...this.position(node),
    };
  }

  /**
   * The grammar lets `not` take a whole `and`/`or` for its operand; Python binds it tighter. So a run of these
   * operators is read as a flat list and put together again by Python's precedence.
   */
  private logical(node: SyntaxNode): Expression {
    const tokens = this.logicalTokens(node);
    let at = 0;
    const negation = (): Expression => {
      const token = tokens[at++]!;
      if (!isNot(token)) return this.read(token);
      const operand = negation();
      const position = { ...operand, line: this.lineAt(token.from), column: this.columnAt(token.from) };
      return { ...placeOf(position), kind: 'unary', operator: 'not', operand };
    };
    const chain = (operator: 'and' | 'or', next: () => Expression): Expression => {
      let left = next();
      while (tokens[at]?.name === operator) {
        at++;
        const right = next();
        const { line, column } = left;
        left = { ...placeOf({ ...right, line, column }), kind: 'logical', operator, left, right };
      }
      return left;
    };
    return chain('or', () => chain('and', negation));
  }

  private logicalTokens(node: SyntaxNode): SyntaxNode[] {
    const parts = this.children(node);
    if (isLogical(node, parts)) return [...this.logicalTokens(parts[0]!), parts[1]!, ...this.logicalTokens(parts[2]!)];
    if (isNegation(node, parts)) return [parts[0]!, ...this.logicalTokens(parts[1]!)];
    return [node];
  }

  private unary(node: SyntaxNode): Expression {
    const [operator, operand] = this.children(node);
    if (operator!.name === 'not') return this.logical(node);
    return {
      kind: 'unary',
      operator: this.text(operator!) as '-' | '+' | '~' | 'not',
      operand: this.read(operand!),
      ...this.position(node),
    };
  }

  private binary(node: SyntaxNode): Expression {
    const parts = this.children(node);
    const left = parts[0]!;
    const right = parts[parts.length - 1]!;
    const operatorNode = parts[1]!;
    const position = this.position(node);
    if (operatorNode.name === 'and' || operatorNode.name === 'or') return this.logical(node);
    if (comparisonWords.has(operatorNode.name)) {
      const operator = parts
        .slice(1, -1)
        .map((part) => this.text(part))
        .join(' ');
      if (operator === '<>') this.fail(operatorNode, 'invalid syntax');
      const first = this.read(left);
      const isChain = first.kind === 'comparison' && left.name === 'BinaryExpression';
      return {
        kind: 'comparison',
        left: isChain ? first.left : first,
        operators: isChain ? [...first.operators, operator] : [operator],
        rights: isChain ? [...first.rights, this.read(right)] : [this.read(right)],
        ...position,
      };
    }
    const operator = this.text(operatorNode);
    return { kind: 'binary', operator, left: this.read(left), right: this.read(right), ...position };
  }

  private member(node: SyntaxNode): Expression {
    const parts = this.children(node);
    const object = this.read(parts[0]!);
    const position = this.position(node);
    if (parts[1]!.name === '.') {
      const name = parts[2]!;
      return {
        kind: 'attribute',
        object,
        name: this.text(name),
        nameLine: this.lineAt(name.from),
        nameColumn: this.columnAt(name.from),
        ...position,
      };
    }
    return { kind: 'subscript', object, index: this.subscript(parts.slice(2, -1)), ...position };
  }

  private subscript(parts: readonly SyntaxNode[]): Expression {
    const groups: SyntaxNode[][] = [[]];
    for (const part of parts) {
      if (part.name === ',') groups.push([]);
      else groups[groups.length - 1]!.push(part);
    }
    const trailing = groups[groups.length - 1]!.length === 0;
    if (trailing) groups.pop();
    const indices = groups.map((group) => this.sliceOrIndex(group));
    if (indices.length === 1 && !trailing) return indices[0]!;
    const position = this.position({ from: parts[0]!.from, to: parts[parts.length - 1]!.to });
    return { kind: 'tuple', items: indices, ...position };
  }

  private sliceOrIndex(group: readonly SyntaxNode[]): Expression {
    if (!group.some((part) => part.name === ':')) return this.items(group)[0]!;
    const bounds: (Expression | null)[] = [null, null, null];
    let slot = 0;
    for (const part of group) {
      if (part.name === ':') slot++;
      else bounds[slot] = this.read(part);
    }
    const position = this.position({ from: group[0]!.from, to: group[group.length - 1]!.to });
    return { kind: 'slice', start: bounds[0]!, stop: bounds[1]!, step: bounds[2]!, ...position };
  }

  args(node: SyntaxNode): Argument[] {
    const parts = this.children(node).slice(1, -1);
    if (parts.some((part) => part.name === 'for')) {
      const value = this.comprehension(node, parts, 'generator');
      return [{ form: 'plain', name: null, value, ...this.position(node) }];
    }
    const result: Argument[] = [];
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      if (part.name === ',') continue;
      if (part.name === '*' || part.name === '**') {
        const value = this.read(parts[++i]!);
        const form = part.name === '*' ? 'star' : 'doubleStar';
        result.push({ form, name: null, value, ...this.position(part) });
      } else if (parts[i + 1]?.name === 'AssignOp' && this.text(parts[i + 1]!) === ':=') {
        const place = this.position({ from: part.from, to: parts[i + 2]!.to });
        const value: Expression = { kind: 'named', name: this.text(part), value: this.read(parts[i + 2]!), ...place };
        result.push({ form: 'plain', name: null, value, ...place });
        i += 2;
      } else if (parts[i + 1]?.name === 'AssignOp') {
        const value = this.read(parts[i + 2]!);
        result.push({ form: 'keyword', name: this.text(part), value, ...this.position(part) });
        i += 2;
      } else {
        if (result.some(({ form }) => form === 'keyword')) {
          this.fail(part, 'positional argument follows keyword argument');
        }
        result.push({ form: 'plain', name: null, value: this.read(part), ...this.position(part) });
      }
    }
    return result;
  }

  parameters(node: SyntaxNode): ParameterNode[] {
    const result: ParameterNode[] = [];
    let form: ParameterNode['form'] = 'normal';
    let next: ParameterNode['form'] | null = null;
    const parts = this.children(node);
    let end = node.from;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      if (this.source.slice(end, part.from).includes('/') && !this.source.slice(end, part.from).includes('#')) {
        for (let j = 0; j < result.length; j++) result[j] = { ...result[j]!, form: 'positional' };
      }
      end = part.to;
      if (part.name === '*') {
        next = 'rest';
        form = 'keyword';
      } else if (part.name === '**') next = 'keywords';
      else if (part.name === ',') next = null;
      else if (part.name === 'VariableName') {
        let annotation: Expression | null = null;
        let defaultValue: Expression | null = null;
        if (parts[i + 1]?.name === 'TypeDef') annotation = this.typeDefinition(parts[++i]!);
        if (parts[i + 1]?.name === 'AssignOp') {
          defaultValue = this.read(parts[i + 2]!);
          i += 2;
        }
        end = parts[i]!.to;
        const own = next ?? form;
        const name = this.text(part);
        if (result.some((parameter) => parameter.name === name)) {
          this.fail(part, `duplicate argument '${name}' in function definition`);
        }
        if (own === 'normal' && defaultValue === null && result.some((earlier) => earlier.defaultValue !== null)) {
          this.fail(part, 'non-default argument follows default argument');
        }
        result.push({ name, form: own, annotation, defaultValue, ...this.position(part) });
        next = null;
      }
    }
    return result;
  }

  typeDefinition(node: SyntaxNode): Expression {
    const parts = this.children(node).filter((part) => part.name !== ':');
    return this.list(parts);
  }
}
