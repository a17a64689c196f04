import type { SyntaxNode } from '@lezer/common';
import type { Expression, MatchCase, Pattern, Statement } from './ast';
import { ExpressionReader } from './expressions';

/** Turns the tree's match statements into ours. */
export abstract class PatternReader extends ExpressionReader {
  abstract body(node: SyntaxNode): Statement[];

  protected match(node: SyntaxNode): Statement {
    const parts = this.children(node);
    const cases = this.children(parts[parts.length - 1]!)
      .filter((part) => part.name === 'MatchClause')
      .map((clause) => this.matchCase(clause));
    return { kind: 'match', subject: this.list(parts.slice(1, -1)), cases, ...this.position(node) };
  }

  private matchCase(node: SyntaxNode): MatchCase {
    const parts = this.children(node);
    const guard = parts.find((part) => part.name === 'Guard');
    const patterns = parts.slice(1, guard === undefined ? -1 : -2);
    return {
      pattern: this.open(patterns),
      guard: guard === undefined ? null : this.read(this.children(guard)[1]!),
      body: this.body(parts[parts.length - 1]!),
      ...this.position(node),
    };
  }

  private open(nodes: readonly SyntaxNode[]): Pattern {
    const items = nodes.filter((node) => node.name !== ',').map((node) => this.pattern(node));
    if (items.length === 1 && nodes.length === 1 && items[0]!.kind !== 'star') return items[0]!;
    return { kind: 'sequence', items, ...this.position({ from: nodes[0]!.from, to: nodes[nodes.length - 1]!.to }) };
  }

  private pattern(node: SyntaxNode): Pattern {
    const position = this.position(node);
    const parts = this.children(node);
    switch (node.name) {
      case 'CapturePattern': {
        const name = this.text(node);
        return { kind: 'capture', name: name === '_' ? null : name, ...position };
      }
      case 'LiteralPattern':
        return { kind: 'value', value: this.literal(node), ...position };
      case 'AttributePattern':
        return { kind: 'value', value: this.dotted(node), ...position };
      case 'SequencePattern': {
        const inner = parts.slice(1, -1).filter((part) => part.from < part.to);
        if (parts[0]!.name === '(' && inner.length === 1) return this.pattern(inner[0]!);
        const items = inner.filter((part) => part.name !== ',').map((part) => this.pattern(part));
        return { kind: 'sequence', items, ...position };
      }
      case 'StarPattern': {
        const name = this.text(parts[1]!);
        return { kind: 'star', name: name === '_' ? null : name, ...position };
      }
      case 'OrPattern':
        return this.alternatives(node);
      case 'AsPattern':
        return { kind: 'as', pattern: this.pattern(parts[0]!), name: this.text(parts[2]!), ...position };
      case 'MappingPattern':
        return this.mapping(node);
      case 'ClassPattern':
        return this.classPattern(node);
      default:
        return this.fail(node, 'invalid syntax');
    }
  }

  private alternatives(node: SyntaxNode): Pattern {
    const position = this.position(node);
    const options = this.children(node)
      .filter((part) => part.name !== 'LogicOp')
      .map((part) => this.pattern(part));
    // The grammar reads `a | b as c` as `a | (b as c)`.
    const last = options[options.length - 1];
    if (last?.kind !== 'as') return { kind: 'or', options, ...position };
    const whole: Pattern = { kind: 'or', options: [...options.slice(0, -1), last.pattern], ...position };
    return { kind: 'as', pattern: whole, name: last.name, ...position };
  }

  private literal(node: SyntaxNode): Expression {
    const parts = this.children(node);
    const last = this.read(parts[parts.length - 1]!);
    if (parts[0]!.name !== 'ArithOp') return last;
    return { kind: 'unary', operator: '-', operand: last, ...this.position(node) };
  }

  private dotted(node: SyntaxNode): Expression {
    const parts = this.children(node).filter((part) => part.name !== '.');
    const position = this.position(node);
    let value: Expression = { kind: 'name', name: this.text(parts[0]!), ...position };
    for (const part of parts.slice(1)) {
      const at = { nameLine: this.lineAt(part.from), nameColumn: this.columnAt(part.from) };
      value = { kind: 'attribute', object: value, name: this.text(part), ...at, ...position };
    }
    return value;
  }

  private mapping(node: SyntaxNode): Pattern {
    const parts = this.children(node).slice(1, -1);
    const entries: { key: Expression; pattern: Pattern }[] = [];
    let rest: string | null = null;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      if (part.name === ',') continue;
      if (part.name === '**') rest = this.text(parts[++i]!);
      else {
        const key = part.name === 'AttributePattern' ? this.dotted(part) : this.literal(part);
        entries.push({ key, pattern: this.pattern(parts[i + 2]!) });
        i += 2;
      }
    }
    return { kind: 'mapping', entries, rest, ...this.position(node) };
  }

  private classPattern(node: SyntaxNode): Pattern {
    const parts = this.children(node);
    const head = parts[0]!;
    const type = head.name === 'AttributePattern' ? this.dotted(head) : this.read(this.children(head)[0] ?? head);
    const positional: Pattern[] = [];
    const keywords: { name: string; pattern: Pattern }[] = [];
    for (const part of this.children(parts[1]!)) {
      if (part.name === 'KeywordPattern') {
        const inner = this.children(part);
        keywords.push({ name: this.text(inner[0]!), pattern: this.pattern(inner[inner.length - 1]!) });
      } else if (part.name !== '(' && part.name !== ')' && part.name !== ',') positional.push(this.pattern(part));
    }
    return { kind: 'class', type, positional, keywords, ...this.position(node) };
  }
}
