import { blocks, statementExpressions } from '../compiler/walk';
import type { Statement } from '../syntax/ast';
import { parse } from '../syntax/parse';

/** Where a breakpoint goes. */
export interface BreakableLine {
  /** 1-based; null where it can't be set. */
  line: number | null;
  /** Why it is another line than the one asked for, or none; null otherwise. */
  reason: string | null;
}

/** The lines of a script at which a debugger can stop: where statements begin. */
export interface BreakableLines {
  /** @param line 1-based */
  resolve(line: number): BreakableLine;
  /** Of functions, and of methods without their class. */
  functionNames(): string[];
}

interface Span {
  line: number;
  /** The last line of the statement; of one with a body, of what stands before the body. */
  endLine: number;
}

const withoutCode: ReadonlySet<Statement['kind']> = new Set(['global', 'nonlocal', 'try']);

export function breakableLines(source: string): BreakableLines {
  const { module, problems } = parse(source);
  const statements = [...nested(module.body)];
  const spans = statements.filter(isReached).map(spanOf);
  const starts = spans.map(({ line }) => line).sort((a, b) => a - b);
  return {
    resolve: (line) => {
      const [problem] = problems;
      if (problem) {
        const reason = `The script can't be run: line ${problem.line}: ${problem.type}: ${problem.message}`;
        return { line: null, reason };
      }
      return resolved(line, spans, starts);
    },
    functionNames: () => statements.flatMap((node) => (node.kind === 'function' ? [node.name] : [])),
  };
}

function resolved(line: number, spans: readonly Span[], starts: readonly number[]): BreakableLine {
  if (starts.includes(line)) return { line, reason: null };
  const around = spans.filter((span) => span.line < line && line <= span.endLine).at(-1);
  if (around) return { line: around.line, reason: `Line ${line} is inside of the statement of line ${around.line}.` };
  const next = starts.find((start) => start > line);
  if (next === undefined) return { line: null, reason: `There is no code on line ${line}, nor after it.` };
  return { line: next, reason: `There is no code on line ${line}: the next is on line ${next}.` };
}

function* nested(statements: readonly Statement[]): Generator<Statement> {
  for (const statement of statements) {
    yield statement;
    for (const block of blocks(statement)) yield* nested(block);
  }
}

/** Whether the script's watcher is told of it. */
function isReached(node: Statement): boolean {
  if (node.kind === 'expression') return node.value.kind !== 'constant';
  if (node.kind === 'annotated') return node.value !== null;
  return !withoutCode.has(node.kind);
}

function spanOf(node: Statement): Span {
  if (blocks(node).length === 0) return node;
  const parameters = node.kind === 'function' ? node.parameters : [];
  const header = [...statementExpressions(node), ...parameters].map(({ endLine }) => endLine);
  return { line: node.line, endLine: Math.max(node.line, ...header) };
}
