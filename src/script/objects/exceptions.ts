import type { PythonExceptionName } from '../../common/errors';
import { objectClass } from './coreClasses';
import { PyTuple } from './containers';
import type { PyValue } from './value';
import { PyClass, PyInstance } from './value';

export interface TracebackEntry {
  functionName: string;
  /** 1-based. */
  line: number;
}

/** A Python exception object. */
export class PyExceptionObject extends PyInstance {
  args = new PyTuple();
  cause: PyExceptionObject | null = null;
  context: PyExceptionObject | null = null;
  suppressContext = false;
  /** What the reader can do about it; never part of the message. */
  hint: string | undefined;
  /** Where it was raised, outermost frame first; empty until then. */
  traceback: TracebackEntry[] = [];
}

/** A Python exception on its way through JavaScript. */
export class PyException extends Error {
  constructor(readonly value: PyExceptionObject) {
    super(value.pyClass.name);
    this.name = 'PyException';
  }
}

/**
 * Ends the run from outside (stop, or a cut-off future). It is no Python exception: `except` doesn't see it, and
 * neither `finally` blocks nor `__exit__` run, since the script's state is given up anyway.
 */
export class Unwind extends Error {
  constructor(readonly reason: string) {
    super(reason);
    this.name = 'Unwind';
  }
}

export const baseExceptionClass = new PyClass('BaseException', [objectClass]);
baseExceptionClass.allocate = (pyClass) => new PyExceptionObject(pyClass);

/** name: base. Order matters: a base before its classes. */
const hierarchy: Record<string, string> = {
  Exception: 'BaseException',
  KeyboardInterrupt: 'BaseException',
  SystemExit: 'BaseException',
  GeneratorExit: 'BaseException',
  ArithmeticError: 'Exception',
  ZeroDivisionError: 'ArithmeticError',
  OverflowError: 'ArithmeticError',
  FloatingPointError: 'ArithmeticError',
  AssertionError: 'Exception',
  AttributeError: 'Exception',
  BufferError: 'Exception',
  EOFError: 'Exception',
  ImportError: 'Exception',
  ModuleNotFoundError: 'ImportError',
  LookupError: 'Exception',
  IndexError: 'LookupError',
  KeyError: 'LookupError',
  MemoryError: 'Exception',
  NameError: 'Exception',
  UnboundLocalError: 'NameError',
  OSError: 'Exception',
  FileNotFoundError: 'OSError',
  FileExistsError: 'OSError',
  PermissionError: 'OSError',
  NotADirectoryError: 'OSError',
  IsADirectoryError: 'OSError',
  TimeoutError: 'OSError',
  ConnectionError: 'OSError',
  ReferenceError: 'Exception',
  RuntimeError: 'Exception',
  NotImplementedError: 'RuntimeError',
  RecursionError: 'RuntimeError',
  StopIteration: 'Exception',
  StopAsyncIteration: 'Exception',
  SyntaxError: 'Exception',
  IndentationError: 'SyntaxError',
  TabError: 'IndentationError',
  SystemError: 'Exception',
  TypeError: 'Exception',
  ValueError: 'Exception',
  UnicodeError: 'ValueError',
  UnicodeDecodeError: 'UnicodeError',
  UnicodeEncodeError: 'UnicodeError',
  Warning: 'Exception',
  DeprecationWarning: 'Warning',
  PendingDeprecationWarning: 'Warning',
  RuntimeWarning: 'Warning',
  SyntaxWarning: 'Warning',
  UserWarning: 'Warning',
  FutureWarning: 'Warning',
  ImportWarning: 'Warning',
  ResourceWarning: 'Warning',
};

const classes = new Map<string, PyClass>([['BaseException', baseExceptionClass]]);
for (const [name, base] of Object.entries(hierarchy)) classes.set(name, new PyClass(name, [classes.get(base)!]));
classes.set('IOError', classes.get('OSError')!);
classes.set('EnvironmentError', classes.get('OSError')!);

/** The built-in exception classes, by name. */
export const exceptionClasses: ReadonlyMap<string, PyClass> = classes;

export function exceptionClass(name: PythonExceptionName | (string & {})): PyClass {
  return classes.get(name) ?? classes.get('RuntimeError')!;
}

/** A new exception object of a class. */
export function makeException(pyClass: PyClass, args: readonly PyValue[]): PyExceptionObject {
  const exception = new PyExceptionObject(pyClass);
  exception.args = new PyTuple(args);
  return exception;
}
