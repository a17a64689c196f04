import type { SyntaxNode } from '@lezer/common';
import type { Position } from './ast';
import { syntaxError } from './syntaxProblem';

/** The source with its lines, and the tree's nodes as lists of children. */
export class TreeReader {
  private readonly lineStarts: number[] = [0];

  constructor(readonly source: string) {
    for (let i = source.indexOf('\n'); i >= 0; i = source.indexOf('\n', i + 1)) this.lineStarts.push(i + 1);
  }

  /** 1-based line of an offset. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  columnAt(offset: number): number {
    return offset - this.lineStarts[this.lineAt(offset) - 1]!;
  }

  position(node: { from: number; to: number }): Position {
    const line = this.lineAt(node.from);
    const endLine = this.lineAt(node.to);
    return {
      line,
      column: node.from - this.lineStarts[line - 1]!,
      endLine,
      endColumn: node.to - this.lineStarts[endLine - 1]!,
    };
  }

  text(node: { from: number; to: number }): string {
    return this.source.slice(node.from, node.to);
  }

  children(node: SyntaxNode): SyntaxNode[] {
    const result: SyntaxNode[] = [];
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      if (child.name !== 'Comment') result.push(child);
    }
    return result;
  }

  fail(node: { from: number }, message: string): never {
    throw syntaxError({
      type: 'SyntaxError',
      message,
      line: this.lineAt(node.from),
      column: this.columnAt(node.from),
    });
  }
}
