import type { PyModule } from './functions';
import type { PyClass, PyObject, PyValue } from './value';

/** Python's binary operators, as the script writes them. */
export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '@' | '<<' | '>>' | '&' | '|' | '^';
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in' | 'is' | 'is not';
export type UnaryOperator = '-' | '+' | '~' | 'not';

/** How far a loop wrapped in a progress bar has come. */
export interface ProgressReport {
  /** Unique for each bar. */
  id: number;
  description: string;
  done: number;
  /** `null` when the length is unknown. */
  total: number | null;
  postfix: string;
  closed: boolean;
}

/** The interpreter's way out: everything a script does to the world passes here. */
export interface Host {
  /**
   * Text as the script printed it, line ends included.
   * @param end what `print` ended it with; left out for what was written to the stream directly
   */
  print(text: string, stream: 'stdout' | 'stderr', end?: string): void;
  /** A warning that the script has not filtered out. */
  warn(category: string, message: string, line: number): void;
  progress(report: ProgressReport): void;
  /** True when the run must be given up; asked often, so it must be cheap. */
  interrupted(): boolean;
  /** Seconds since the epoch. */
  now(): number;
  environment: ReadonlyMap<string, string>;
}

export interface FrameView {
  readonly functionName: string;
  /** 1-based. */
  readonly line: number;
  /** The variables that are bound now; the globals for the module's own frame. */
  locals(): Map<string, PyValue>;
}

/** What native code may ask of the run-time. Everything is synchronous. */
export interface Interpreter {
  readonly fileName: string;
  readonly host: Host;
  /** The script's global variables. */
  readonly globals: Map<string, PyValue>;
  /** The modules imported so far, by dotted name. */
  readonly modules: Map<string, PyModule>;

  call(callee: PyValue, args?: readonly PyValue[], keywords?: ReadonlyMap<string, PyValue> | null): PyValue;
  callMethod(target: PyValue, name: string, args?: readonly PyValue[]): PyValue;
  /** Raises AttributeError when there is none. */
  getAttribute(target: PyValue, name: string): PyValue;
  /** `undefined` when there is none. */
  findAttribute(target: PyValue, name: string): PyValue | undefined;
  setAttribute(target: PyValue, name: string, value: PyValue): void;
  deleteAttribute(target: PyValue, name: string): void;
  getItem(target: PyValue, key: PyValue): PyValue;
  setItem(target: PyValue, key: PyValue, value: PyValue): void;
  iterate(target: PyValue): Iterator<PyValue>;
  /** All items of an iterable. */
  list(target: PyValue): PyValue[];
  length(target: PyValue): number;
  isTrue(value: PyValue): boolean;
  str(value: PyValue): string;
  repr(value: PyValue): string;
  format(value: PyValue, specification: string): string;
  /** `a == b` with its truth taken (identity counts as equal, as in containers). */
  equals(a: PyValue, b: PyValue): boolean;
  compare(operator: ComparisonOperator, a: PyValue, b: PyValue): PyValue;
  binary(operator: BinaryOperator, a: PyValue, b: PyValue): PyValue;
  classOf(value: PyValue): PyClass;
  isInstance(value: PyValue, pyClass: PyClass): boolean;
  /** Imports a module of the registry. */
  importModule(name: string): PyModule;
  /** Raises a built-in exception of that type. */
  raise(typeName: string, message: string): never;
  /** A warning as `warnings.warn` makes it: filtered, and once per place by default. */
  warn(message: string, category?: string): void;
  /** The line of the call being evaluated in the innermost frame of the script, 1-based. */
  currentLine(): number;
  /** The script's frames, innermost first. */
  frames(): FrameView[];
}

/** A module of the registry: bindings add rows of their own. */
export interface ModuleRow {
  /** Dotted, such as `os.path`. A parent gets its child as an attribute. */
  name: string;
  build(interpreter: Interpreter): PyModule;
}

export type { PyObject };
