/** Who an error speaks to: the person whose script it is, or whoever maintains Gradstep. */
export type Audience = 'user' | 'maintainer';

/** Python's exception types that PyTorch and the interpreter raise. */
export type PythonExceptionName =
  | 'ArithmeticError'
  | 'AssertionError'
  | 'AttributeError'
  | 'EOFError'
  | 'FileNotFoundError'
  | 'ImportError'
  | 'IndentationError'
  | 'IndexError'
  | 'KeyError'
  | 'KeyboardInterrupt'
  | 'LookupError'
  | 'MemoryError'
  | 'ModuleNotFoundError'
  | 'NameError'
  | 'NotImplementedError'
  | 'OSError'
  | 'OverflowError'
  | 'RecursionError'
  | 'RuntimeError'
  | 'StopIteration'
  | 'SyntaxError'
  | 'TypeError'
  | 'UnboundLocalError'
  | 'ValueError'
  | 'ZeroDivisionError';

export interface ErrorDetails {
  /** A stable identifier, such as `data.truncated`; tests and the panel match on it, never on the message. */
  code: string;
  audience?: Audience;
  /** 1-based line of the script. */
  line?: number;
  /** 0-based column of the script. */
  column?: number;
  /** What the reader can do about it. */
  hint?: string;
  cause?: unknown;
}

/** Every error that Gradstep raises on purpose: it names what failed, where, and what to do. */
export class GradstepError extends Error {
  readonly code: string;
  readonly audience: Audience;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly hint: string | undefined;

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'GradstepError';
    this.code = details.code;
    this.audience = details.audience ?? 'user';
    this.line = details.line;
    this.column = details.column;
    this.hint = details.hint;
  }
}

/** What PyTorch or Python would raise, with its type and its words. The script can catch it by that type. */
export class PythonError extends GradstepError {
  readonly exception: PythonExceptionName;

  constructor(exception: PythonExceptionName, message: string, details: Partial<ErrorDetails> = {}) {
    super(message, { code: `python.${exception}`, ...details });
    this.name = 'PythonError';
    this.exception = exception;
  }
}
