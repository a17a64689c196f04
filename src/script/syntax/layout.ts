import type { SyntaxProblem } from './syntaxProblem';

interface Bracket {
  character: string;
  line: number;
  column: number;
}

const closing: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
const blockKeywords: Record<string, string> = {
  if: "'if' statement",
  elif: "'elif' statement",
  else: "'else' statement",
  for: "'for' statement",
  while: "'while' statement",
  try: "'try' statement",
  except: "'except' statement",
  finally: "'finally' statement",
  with: "'with' statement",
  def: 'function definition',
  class: 'class definition',
  match: "'match' statement",
  case: "'case' statement",
};

/** What one pass over the characters finds: brackets, strings, indentation, missing colons. */
export class LayoutCheck {
  readonly problems: SyntaxProblem[] = [];
  /** Offsets of the points of numbers like `2.`, which the grammar takes for an attribute. */
  readonly trailingPoints: number[] = [];
  private readonly brackets: Bracket[] = [];
  private readonly indents: number[] = [0];
  private opener: { line: number; keyword: string } | null = null;
  private line = 1;
  private lineStart = 0;
  private position = 0;

  constructor(private readonly source: string) {}

  /** Runs the pass; stops at the first problem that leaves the rest without meaning. */
  run(): SyntaxProblem[] {
    while (this.position < this.source.length && this.problems.length === 0) this.logicalLine();
    const open = this.brackets.pop();
    if (open !== undefined && this.problems.length === 0) {
      this.report('SyntaxError', `'${open.character}' was never closed`, open.line, open.column);
    }
    if (this.problems.length === 0 && this.opener !== null) this.missingBlock(this.line, 0);
    return this.problems;
  }

  private report(type: SyntaxProblem['type'], message: string, line: number, column: number): void {
    this.problems.push({ type, message, line, column });
  }

  private missingBlock(line: number, column: number): void {
    const { keyword, line: at } = this.opener!;
    this.report(
      'IndentationError',
      `expected an indented block after ${blockKeywords[keyword] ?? 'statement'} on line ${at}`,
      line,
      column,
    );
    this.opener = null;
  }

  private newLine(): void {
    this.position++;
    this.line++;
    this.lineStart = this.position;
  }

  private logicalLine(): void {
    const { source } = this;
    let indent = 0;
    while (source[this.position] === ' ' || source[this.position] === '\t' || source[this.position] === '\f') {
      indent = source[this.position] === '\t' ? (Math.floor(indent / 8) + 1) * 8 : indent + 1;
      this.position++;
    }
    const first = source[this.position];
    if (first === undefined) return;
    if (first === '\n' || first === '\r' || first === '#') {
      this.skipToLineEnd();
      return;
    }
    this.checkIndent(indent);
    if (this.problems.length > 0) return;
    this.scanStatement();
  }

  private skipToLineEnd(): void {
    while (this.position < this.source.length && this.source[this.position] !== '\n') this.position++;
    if (this.position < this.source.length) this.newLine();
  }

  private checkIndent(indent: number): void {
    const column = this.position - this.lineStart;
    const top = this.indents[this.indents.length - 1]!;
    if (this.opener !== null) {
      if (indent <= top) this.missingBlock(this.line, column);
      else this.indents.push(indent);
      this.opener = null;
    } else if (indent > top) {
      this.report('IndentationError', 'unexpected indent', this.line, column);
    } else if (indent < top) {
      while (this.indents[this.indents.length - 1]! > indent) this.indents.pop();
      if (this.indents[this.indents.length - 1] !== indent) {
        this.report('IndentationError', 'unindent does not match any outer indentation level', this.line, column);
      }
    }
  }

  private scanStatement(): void {
    const { source } = this;
    const startLine = this.line;
    const keyword = /^(?:async\s+)?([a-z]+)\b/.exec(source.slice(this.position, this.position + 40))?.[1] ?? '';
    let last = '';
    let colon = false;
    let lambdas = 0;
    while (this.position < source.length) {
      const character = source[this.position]!;
      if (character === '#') {
        while (this.position < source.length && source[this.position] !== '\n') this.position++;
        continue;
      }
      if (character === '\n') {
        this.newLine();
        if (this.brackets.length > 0) continue;
        break;
      }
      if (character === '\\' && /^\\\r?\n/.test(source.slice(this.position, this.position + 3))) {
        this.position += source[this.position + 1] === '\r' ? 2 : 1;
        this.newLine();
        continue;
      }
      if (character === '"' || character === "'") {
        this.scanString();
        if (this.problems.length > 0) return;
        last = character;
        continue;
      }
      if (!/\s/.test(character)) last = character;
      if (/[A-Za-z_]/.test(character)) {
        const word = /^\w+/.exec(source.slice(this.position, this.position + 80))![0];
        if (word === 'lambda' && this.brackets.length === 0) lambdas++;
        this.position += word.length;
        last = word;
        continue;
      }
      if (/\d/.test(character)) {
        this.scanNumber();
        continue;
      }
      this.bracket(character);
      if (this.problems.length > 0) return;
      if (character === ':' && this.brackets.length === 0 && source[this.position + 1] !== '=') {
        if (lambdas > 0) lambdas--;
        else colon = true;
      }
      this.position++;
    }
    const isBlock = Object.hasOwn(blockKeywords, keyword) && keyword !== 'match' && keyword !== 'case';
    if (isBlock && !colon) {
      const end = source.lastIndexOf('\n', this.position - 1);
      this.report('SyntaxError', "expected ':'", startLine, Math.max(0, end - this.startOf(startLine)));
    } else if (last === ':' && colon && Object.hasOwn(blockKeywords, keyword)) {
      this.opener = { line: startLine, keyword };
    }
  }

  private scanNumber(): void {
    const digits = /^[\d_]+/.exec(this.source.slice(this.position, this.position + 400))![0];
    this.position += digits.length;
    const rest = this.source.slice(this.position, this.position + 4);
    if (/^\.(?:[eE][-+]?\d|[^\w.]|$)/.test(rest)) {
      this.trailingPoints.push(this.position);
      this.position++;
    } else if (/^\.\d/.test(rest)) {
      this.position++;
    }
  }

  private startOf(line: number): number {
    let offset = 0;
    for (let i = 1; i < line; i++) offset = this.source.indexOf('\n', offset) + 1;
    return offset;
  }

  private bracket(character: string): void {
    const column = this.position - this.lineStart;
    if (Object.hasOwn(closing, character)) {
      this.brackets.push({ character, line: this.line, column });
    } else if (character === ')' || character === ']' || character === '}') {
      const open = this.brackets.pop();
      if (open === undefined) this.report('SyntaxError', `unmatched '${character}'`, this.line, column);
      else if (closing[open.character] !== character) {
        const at = open.line === this.line ? '' : ` on line ${open.line}`;
        const message = `closing parenthesis '${character}' does not match opening parenthesis '${open.character}'${at}`;
        this.report('SyntaxError', message, this.line, column);
      }
    }
  }

  private scanString(): void {
    const { source } = this;
    const quote = source[this.position]!;
    const startLine = this.line;
    const column = this.position - this.lineStart;
    const triple = source.startsWith(quote.repeat(3), this.position);
    this.position += triple ? 3 : 1;
    while (this.position < source.length) {
      const character = source[this.position]!;
      if (character === '\\') {
        this.position++;
        if (source[this.position] === '\n') this.newLine();
        else this.position++;
      } else if (character === '\n') {
        if (!triple) break;
        this.newLine();
      } else if (triple ? source.startsWith(quote.repeat(3), this.position) : character === quote) {
        this.position += triple ? 3 : 1;
        return;
      } else {
        this.position++;
      }
    }
    const kind = triple ? 'triple-quoted string literal' : 'string literal';
    this.report('SyntaxError', `unterminated ${kind} (detected at line ${this.line})`, startLine, column);
  }
}
