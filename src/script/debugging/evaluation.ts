import { GradstepError } from '../../common/errors';
import { instantiate } from '../compiler/instantiate';
import { walkExpression } from '../compiler/walk';
import type { Runtime } from '../interpreter/runtime';
import { PyDict } from '../objects/containers';
import { PyException } from '../objects/exceptions';
import { PyFunction } from '../objects/functions';
import type { PyValue } from '../objects/value';
import type { Expression } from '../syntax/ast';
import { parseOrThrow } from '../syntax/parse';
import { isIterator, ReadingGuard, refusal, wrapperName } from './quietGuard';

/** A frame of the script, present or past, to evaluate in. */
export interface EvaluationFrame {
  readonly names: ReadonlyMap<string, PyValue>;
  readonly isModule: boolean;
  /** Throws where the frame has no variable of that name. */
  assign(name: string, value: PyValue): void;
}

/** An expression that has been compiled for frames that bind certain of its names. */
interface CompiledExpression {
  /** The names of the expression that are the frame's own. */
  readonly parameters: readonly string[];
  readonly wrapper: PyFunction;
}

const identifier = /[\p{L}_][\p{L}\p{N}_]*/gu;
const compiled = new WeakMap<Runtime, Map<string, CompiledExpression>>();
const parsed = new Map<string, Expression>();
const mostCached = 500;

/**
 * A Python expression in a frame's variables over the globals.
 * @throws GradstepError `debug.evaluate` with what Python would print; `debug.syntax`
 */
export function evaluate(runtime: Runtime, frame: EvaluationFrame, expression: string): PyValue {
  return translated(runtime, () => {
    const { parameters, wrapper } = compile(runtime, frame, expression);
    return runtime.call(
      wrapper,
      parameters.map((name) => frame.names.get(name)!),
    );
  });
}

/**
 * The same; refuses what could change anything.
 * @throws GradstepError `debug.quiet` besides
 */
export function evaluateQuietly(runtime: Runtime, frame: EvaluationFrame, expression: string): PyValue {
  for (const { kind } of walkExpression(parseExpression(expression))) {
    if (kind === 'named') throw refusal('The walrus', 'assigns a variable');
    if (kind === 'yield' || kind === 'await') throw refusal(kind, 'makes no sense outside of a function');
  }
  const names = expression.match(identifier) ?? [];
  const values = names.map((name) => frame.names.get(name) ?? runtime.globals.get(name) ?? null);
  const before = runtime.guard;
  runtime.guard = new ReadingGuard(new Set(values.filter(isIterator)));
  try {
    return evaluate(runtime, frame, expression);
  } finally {
    runtime.guard = before;
  }
}

/**
 * An expression or statements in a frame, as a debug console takes them.
 * @returns the value of an expression; undefined for statements
 * @throws GradstepError `debug.evaluate`, `debug.syntax`, and what `frame.assign` refuses
 */
export function execute(runtime: Runtime, frame: EvaluationFrame, source: string): PyValue | undefined {
  if (isExpression(source)) return evaluate(runtime, frame, source);
  return translated(runtime, () => {
    if (frame.isModule) runInModule(runtime, source);
    else runInFunction(runtime, frame, source);
    return undefined;
  });
}

function runInModule(runtime: Runtime, source: string): void {
  const body = instantiate(source);
  const frame = runtime.enter(runtime.globals, wrapperName, 1, () => ({}));
  try {
    body(runtime, runtime.globals, frame);
  } finally {
    runtime.leave(frame);
  }
}

/** The statements run in a function that has the frame's variables as parameters; what it binds goes back. */
function runInFunction(runtime: Runtime, frame: EvaluationFrame, source: string): void {
  const names = [...frame.names.keys()];
  parseOrThrow(source);
  const body = source.replace(/\n/g, '\n ');
  const wrapper = defineWrapper(runtime, `def f(${names.join(', ')}):\n ${body}\n return locals()\n`);
  const bound = runtime.call(
    wrapper,
    names.map((name) => frame.names.get(name)!),
  );
  if (!(bound instanceof PyDict)) return;
  for (const [name, value] of bound.items()) {
    const key = String(name);
    if (frame.names.get(key) !== value || !frame.names.has(key)) frame.assign(key, value);
  }
}

function compile(runtime: Runtime, frame: EvaluationFrame, expression: string): CompiledExpression {
  let cache = compiled.get(runtime);
  if (!cache || cache.size > mostCached) {
    cache = new Map();
    compiled.set(runtime, cache);
  }
  const used = frame.isModule ? [] : [...new Set(expression.match(identifier) ?? [])];
  const parameters = used.filter((name) => frame.names.has(name));
  const key = `${parameters.join()}:${expression}`;
  let found = cache.get(key);
  if (!found) {
    parseExpression(expression);
    const source = `def f(${parameters.join(', ')}):\n return (${expression}\n)\n`;
    found = { parameters, wrapper: defineWrapper(runtime, source) };
    cache.set(key, found);
  }
  return found;
}

/** Defines the one function of a source without leaving a trace in the globals. */
function defineWrapper(runtime: Runtime, source: string): PyFunction {
  const { globals } = runtime;
  const hidden = globals.get('f');
  const had = globals.has('f');
  const frame = runtime.enter(globals, wrapperName, 1, () => ({}));
  try {
    instantiate(source)(runtime, globals, frame);
    const made = globals.get('f') as PyFunction;
    return new PyFunction(wrapperName, wrapperName, made.signature, made.invoke, made.line, true);
  } finally {
    runtime.leave(frame);
    if (had) globals.set('f', hidden ?? null);
    else globals.delete('f');
  }
}

/** @throws GradstepError `debug.syntax` */
export function parseExpression(expression: string): Expression {
  const known = parsed.get(expression);
  if (known) return known;
  const node = expressionOf(expression);
  if (!node) {
    throw new GradstepError(`SyntaxError: "${expression.trim()}" is no Python expression`, { code: 'debug.syntax' });
  }
  if (parsed.size > mostCached) parsed.clear();
  parsed.set(expression, node);
  return node;
}

function isExpression(source: string): boolean {
  return expressionOf(source) !== null;
}

function expressionOf(source: string): Expression | null {
  try {
    const { body } = parseOrThrow(`(${source}\n)`);
    const [only, ...more] = body;
    return only?.kind === 'expression' && more.length === 0 ? only.value : null;
  } catch {
    // Not an expression: what it is instead is found out by whoever asks.
    return null;
  }
}

/** What Python would print of an error, in our own. */
function translated<T>(runtime: Runtime, body: () => T): T {
  try {
    return body();
  } catch (thrown) {
    if (thrown instanceof GradstepError && thrown.code.startsWith('debug.')) throw thrown;
    if (thrown instanceof PyException) {
      const text = runtime.str(thrown.value);
      const { name } = thrown.value.pyClass;
      throw new GradstepError(text === '' ? name : `${name}: ${text}`, { code: 'debug.evaluate', cause: thrown });
    }
    if (thrown instanceof GradstepError) {
      const exception = 'exception' in thrown ? `${String(thrown.exception)}: ` : '';
      throw new GradstepError(`${exception}${thrown.message}`, { code: 'debug.evaluate', cause: thrown });
    }
    throw thrown;
  }
}
