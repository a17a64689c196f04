import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/python';
import { PythonError } from '../../common/errors';
import type { Module, Statement } from './ast';
import { LayoutCheck } from './layout';
import { rewrite } from './rewrites';
import { StatementReader } from './statements';
import type { SyntaxProblem } from './syntaxProblem';
import { syntaxError } from './syntaxProblem';

export interface ParseResult {
  /** The statements that could be read; all of them when there is no problem. */
  readonly module: Module;
  readonly problems: readonly SyntaxProblem[];
}

/**
 * Reads a whole script and collects its syntax errors. Statements that are wrong are left out, so that the rest can
 * still be checked.
 */
export function parse(source: string): ParseResult {
  const text = source.replace(/^\uFEFF/, ' ');
  const layout = new LayoutCheck(text);
  const problems: SyntaxProblem[] = layout.run();
  if (problems.length > 0) return { module: { body: [], source }, problems };
  const { text: known, targets } = rewrite(text, layout.trailingPoints);
  const tree = parser.parse(known);
  const reader = new StatementReader(text);
  reader.targetOf = (node) => {
    const end = targets.get(node.from);
    if (end === undefined) return null;
    // Blank lines in front give the nodes their offsets in the script.
    const alone = '\n'.repeat(node.from) + text.slice(node.from, end);
    return parser.parse(alone).topNode.firstChild?.firstChild ?? null;
  };
  const body: Statement[] = [];
  for (const node of reader.children(tree.topNode)) {
    const broken = firstError(node);
    if (broken !== null) {
      if (problems.every((problem) => problem.line !== reader.lineAt(broken.from))) {
        problems.push(describeError(reader, broken));
      }
      continue;
    }
    try {
      body.push(...reader.statement(node));
    } catch (error) {
      if (!(error instanceof PythonError) || error.exception !== 'SyntaxError') throw error;
      const place = { line: error.line ?? 1, column: error.column ?? 0 };
      problems.push({ type: 'SyntaxError', message: error.message, ...place });
    }
  }
  return { module: { body, source }, problems };
}

/** Reads a script and raises its first syntax error. */
export function parseOrThrow(source: string): Module {
  const { module, problems } = parse(source);
  const first = problems[0];
  if (first !== undefined) throw syntaxError(first);
  return module;
}

/** The grammar marks `x = yield` and `case []` as incomplete, though Python allows them. */
function isAllowed(node: SyntaxNode): boolean {
  if (node.parent?.name === 'LiteralPattern' && node.parent.parent?.name === 'SequencePattern') {
    return node.parent.from === node.parent.to;
  }
  return node.from === node.to && (node.parent?.name ?? '').startsWith('Yield');
}

function firstError(top: SyntaxNode): SyntaxNode | null {
  const cursor = top.cursor();
  do {
    if (cursor.type.isError && !isAllowed(cursor.node)) return cursor.node;
  } while (cursor.next() && cursor.from < top.to + 1 && within(cursor.node, top));
  return null;
}

function within(node: SyntaxNode, top: SyntaxNode): boolean {
  return node.from >= top.from && node.to <= top.to && (node.from < top.to || node.type.isError);
}

function describeError(reader: StatementReader, node: SyntaxNode): SyntaxProblem {
  const offset = node.from;
  const line = reader.lineAt(offset);
  const column = reader.columnAt(offset);
  const lineText = reader.source.split('\n')[line - 1] ?? '';
  const at = (message: string): SyntaxProblem => ({ type: 'SyntaxError', message, line, column });
  if (/^\s*print\s+[^(=\s]/.test(lineText)) {
    return at("Missing parentheses in call to 'print'. Did you mean print(...)?");
  }
  const condition = /^\s*(?:if|elif|while)\b[^=!<>:]*[^=!<>:]=[^=]/.exec(lineText);
  if (condition !== null) return at("invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
  const before = reader.source.slice(0, offset).trimEnd();
  const inside = node.parent?.name ?? '';
  if (
    /[\w'"\])}]$/.test(before) &&
    /^\s*[\w'"]/.test(reader.source.slice(offset)) &&
    /List|Array|Tuple|Dict|Set|Paren/.test(inside)
  ) {
    return at('invalid syntax. Perhaps you forgot a comma?');
  }
  return at('invalid syntax');
}
