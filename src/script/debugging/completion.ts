import type { DebugCompletion } from '../../common/debugContract';
import { GradstepError } from '../../common/errors';
import type { Runtime } from '../interpreter/runtime';
import { PyDict } from '../objects/containers';
import { NativeFunction, NativeProperty, PyBoundMethod, PyFunction, PyModule, PyProperty } from '../objects/functions';
import { PyClass, PyObject, type PyValue } from '../objects/value';
import { evaluateQuietly, type EvaluationFrame } from './evaluation';

const keywords = [
  ...['and', 'assert', 'break', 'class', 'continue', 'def', 'del', 'elif', 'else', 'except', 'False', 'finally'],
  ...['for', 'from', 'global', 'if', 'import', 'in', 'is', 'lambda', 'None', 'nonlocal', 'not', 'or', 'pass'],
  ...['raise', 'return', 'True', 'try', 'while', 'with', 'yield'],
];

const mostShown = 1000;

/** A dotted name with subscripts, such as `model.layers[0]` or `optimizer.param_groups[0]`. */
const owner = String.raw`(?:[\p{L}_][\p{L}\p{N}_]*)(?:\.[\p{L}_][\p{L}\p{N}_]*|\[[^[\]]*\])*`;
const memberPattern = new RegExp(String.raw`(${owner})\.([\p{L}_][\p{L}\p{N}_]*)?$`, 'u');
const keyPattern = new RegExp(String.raw`(${owner})\[(["']?[^"'[\]]*)$`, 'u');
const namePattern = /([\p{L}_][\p{L}\p{N}_]*)?$/u;

interface Candidate {
  label: string;
  kind: DebugCompletion['kind'];
}

/**
 * What may stand at a place of a text that is being typed: names, members of what stands before a point, and keys of a
 * dict before a bracket. Nothing is called for it.
 * @param column 0-based
 */
export function complete(runtime: Runtime, frame: EvaluationFrame, text: string, column: number): DebugCompletion[] {
  const before = text.slice(0, column);
  const key = keyPattern.exec(before);
  if (key) {
    const value = quietly(runtime, frame, key[1]!);
    return value instanceof PyDict ? matching(keysOf(runtime, value), key[2]!, column) : [];
  }
  const member = memberPattern.exec(before);
  const typed = namePattern.exec(before)?.[1] ?? '';
  if (!member) return matching(namesOf(runtime, frame), typed, column);
  const value = quietly(runtime, frame, member[1]!);
  return value === undefined ? [] : matching(membersOf(runtime, value), typed, column);
}

function matching(candidates: readonly Candidate[], typed: string, column: number): DebugCompletion[] {
  const wanted = typed.toLowerCase();
  return candidates
    .filter(({ label }) => label.toLowerCase().startsWith(wanted))
    .filter(({ label }) => !label.startsWith('_') || typed.startsWith('_'))
    .slice(0, mostShown)
    .map(({ label, kind }) => ({ label, kind, start: column - typed.length, length: typed.length }));
}

function quietly(runtime: Runtime, frame: EvaluationFrame, expression: string): PyValue | undefined {
  try {
    return evaluateQuietly(runtime, frame, expression);
  } catch (error) {
    // What can't be evaluated yet has no members to offer.
    if (error instanceof GradstepError) return undefined;
    throw error;
  }
}

function namesOf(runtime: Runtime, frame: EvaluationFrame): Candidate[] {
  const values = new Map<string, PyValue>([...runtime.globals, ...frame.names]);
  const own = [...values].map(([label, value]) => ({ label, kind: kindOf(value) ?? 'variable' }));
  const builtins = runtime
    .builtinNames()
    .filter((name) => !values.has(name))
    .map((label): Candidate => ({ label, kind: /^[A-Z]/.test(label) ? 'class' : 'function' }));
  const words = keywords.map((label): Candidate => ({ label, kind: 'keyword' }));
  return [...own.sort(byLabel), ...builtins.sort(byLabel), ...words];
}

function membersOf(runtime: Runtime, value: PyValue): Candidate[] {
  const pyClass = runtime.classOf(value);
  const listed = pyClass.lookup('__dir__');
  const names = listed instanceof NativeFunction ? runtime.list(runtime.callMember(listed, value, [])).map(String) : [];
  return [...new Set([...names, ...runtime.attributeNames(value)])]
    .map((label): Candidate => {
      const own = value instanceof PyObject ? value.attributes?.get(label) : undefined;
      const found = own ?? (value instanceof PyClass ? value : pyClass).lookup(label);
      const kind = found === undefined ? 'property' : (kindOf(found) ?? 'property');
      return { label, kind: kind === 'function' && !(value instanceof PyModule) ? 'method' : kind };
    })
    .sort(byLabel);
}

function keysOf(runtime: Runtime, dict: PyDict): Candidate[] {
  return dict.keys().map((key) => ({ label: runtime.repr(key), kind: 'property' }));
}

/** Null for what has no kind of its own. */
function kindOf(value: PyValue): DebugCompletion['kind'] | null {
  if (value instanceof PyClass) return 'class';
  if (value instanceof PyModule) return 'module';
  if (value instanceof PyFunction || value instanceof NativeFunction) return 'function';
  if (value instanceof PyBoundMethod) return 'method';
  return value instanceof PyProperty || value instanceof NativeProperty ? 'property' : null;
}

/** Names that are not private first. */
function byLabel(a: Candidate, b: Candidate): number {
  const [x, y] = [a, b].map(({ label }) => (label.startsWith('_') ? `~${label}` : label));
  return x! < y! ? -1 : x! > y! ? 1 : 0;
}
