import { PythonError } from '../../common/errors';

/** A syntax error with its place; several can be collected from one source. */
export interface SyntaxProblem {
  readonly type: 'SyntaxError' | 'IndentationError';
  readonly message: string;
  /** 1-based. */
  readonly line: number;
  /** 0-based. */
  readonly column: number;
}

export function syntaxError(problem: SyntaxProblem): PythonError {
  return new PythonError(problem.type, problem.message, { line: problem.line, column: problem.column });
}
