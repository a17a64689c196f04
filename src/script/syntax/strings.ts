import type { SyntaxNode } from '@lezer/common';
import type { ConstantValue, Expression, FormatPart } from './ast';
import { parseString, splitString, unescapeText } from './literals';
import { TreeReader } from './treeReader';

/** Turns the tree's string literals into ours: plain, formatted and side by side. */
export abstract class StringReader extends TreeReader {
  abstract list(nodes: readonly SyntaxNode[]): Expression;

  protected strings(node: SyntaxNode): Expression {
    const parts: FormatPart[] = [];
    const literals = node.name === 'ContinuedString' ? this.children(node) : [node];
    let plain = '' as ConstantValue;
    let formatted = false;
    for (const literal of literals) {
      if (literal.name === 'FormatString') {
        formatted = true;
        parts.push(...this.formatParts(literal));
        continue;
      }
      const value = parseString(this.text(literal));
      if (value instanceof Uint8Array) {
        plain = plain instanceof Uint8Array ? Uint8Array.from([...plain, ...value]) : value;
      } else {
        if (plain instanceof Uint8Array) this.fail(literal, 'cannot mix bytes and nonbytes literals');
        plain = `${plain as string}${value as string}`;
        parts.push({ text: value as string });
      }
    }
    const position = this.position(node);
    if (!formatted) return { kind: 'constant', value: plain, ...position };
    return { kind: 'format', parts, ...position };
  }

  private formatParts(node: SyntaxNode): FormatPart[] {
    const { prefix, from, to } = splitString(this.text(node));
    return this.replacements(node, node.from + from, node.from + to, prefix.includes('r'), false);
  }

  private replacements(node: SyntaxNode, from: number, to: number, raw: boolean, inside: boolean): FormatPart[] {
    const parts: FormatPart[] = [];
    let at = from;
    const addText = (end: number): void => {
      if (end <= at) return;
      const text = this.source.slice(at, end);
      const unescaped = raw ? text : unescapeText(text);
      parts.push({ text: inside ? unescaped : unescaped.replaceAll('{{', '{').replaceAll('}}', '}') });
    };
    for (const child of this.children(node)) {
      if (child.name !== 'FormatReplacement') continue;
      addText(child.from);
      this.replacement(child, raw, parts);
      at = child.to;
    }
    addText(to);
    return parts;
  }

  private replacement(node: SyntaxNode, raw: boolean, parts: FormatPart[]): void {
    let conversion: 'r' | 's' | 'a' | null = null;
    let specification: FormatPart[] | null = null;
    let selfDocumented = false;
    const values: SyntaxNode[] = [];
    for (const part of this.children(node)) {
      if (part.name === '{' || part.name === '}') continue;
      if (part.name === 'FormatConversion') conversion = this.text(part).slice(1) as 'r' | 's' | 'a';
      else if (part.name === 'FormatSpec') {
        specification = this.replacements(part, part.from + 1, part.to, raw, true);
      } else if (part.name === 'FormatSelfDoc') {
        selfDocumented = true;
        const after = /^=\s*/.exec(this.source.slice(part.from))![0];
        parts.push({ text: this.source.slice(node.from + 1, part.from) + after });
      } else values.push(part);
    }
    if (values.length === 0) this.fail(node, 'f-string: empty expression not allowed');
    if (selfDocumented && conversion === null && specification === null) conversion = 'r';
    parts.push({ value: this.list(values), conversion, specification });
  }
}
