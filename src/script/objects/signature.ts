import { GradstepError, PythonError } from '../../common/errors';
import { nearest } from '../../common/nearest';
import { PyDict, PyTuple } from './containers';
import type { PyValue } from './value';
import { nativeNames } from './value';

export type ParameterKind = 'positional' | 'normal' | 'rest' | 'keyword' | 'keywords';

export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
  /** `undefined`: required. Defaults of scripts are values made when `def` is executed. */
  readonly defaultValue: PyValue | undefined;
}

/** A function's parameters, and how a call's arguments are laid on them. */
export class Signature {
  readonly names: readonly string[];
  readonly index: ReadonlyMap<string, number>;
  readonly positionalCount: number;
  readonly restIndex: number;
  readonly keywordsIndex: number;
  private readonly simple: boolean;

  constructor(readonly parameters: readonly Parameter[]) {
    this.names = parameters.map((parameter) => parameter.name);
    for (const name of this.names) nativeNames.add(name);
    this.index = new Map(this.names.map((name, index) => [name, index]));
    this.positionalCount = parameters.filter(({ kind }) => kind === 'normal' || kind === 'positional').length;
    this.restIndex = parameters.findIndex(({ kind }) => kind === 'rest');
    this.keywordsIndex = parameters.findIndex(({ kind }) => kind === 'keywords');
    this.simple = this.positionalCount === parameters.length;
  }

  /**
   * Parses a signature as Python writes it: `'input, dim=None, keepdim=False, *, dtype=None'`, `'a, b, /'`,
   * `'*args, **kwargs'`. Defaults are literals: None, True, False, numbers, strings, tuples; `...` makes a
   * parameter that may be left out and then has no value (see `Arguments.given`).
   */
  static parse(text: string): Signature {
    const parameters: Parameter[] = [];
    let kind: ParameterKind = 'normal';
    for (const part of splitTopLevel(text)) {
      if (part === '/') {
        for (let i = 0; i < parameters.length; i++) parameters[i] = { ...parameters[i]!, kind: 'positional' };
      } else if (part === '*') {
        kind = 'keyword';
      } else if (part.startsWith('**')) {
        parameters.push({ name: part.slice(2), kind: 'keywords', defaultValue: undefined });
      } else if (part.startsWith('*')) {
        parameters.push({ name: part.slice(1), kind: 'rest', defaultValue: undefined });
        kind = 'keyword';
      } else {
        const equals = part.indexOf('=');
        const name = (equals < 0 ? part : part.slice(0, equals)).trim();
        const defaultValue = equals < 0 ? undefined : parseLiteral(part.slice(equals + 1).trim());
        parameters.push({ name, kind, defaultValue });
      }
    }
    return new Signature(parameters);
  }

  /**
   * One value for each parameter, in order; a tuple for `*args`, a dict for `**kwargs`. Raises CPython's TypeErrors.
   */
  bind(
    functionName: string,
    args: readonly PyValue[],
    keywords: ReadonlyMap<string, PyValue> | null,
  ): (PyValue | undefined)[] {
    const { parameters, positionalCount } = this;
    const hasKeywords = keywords !== null && keywords.size > 0;
    if (this.simple && !hasKeywords && args.length === positionalCount) return args.slice();
    const values = new Array<PyValue | undefined>(parameters.length).fill(undefined);
    const taken = Math.min(args.length, positionalCount);
    for (let i = 0; i < taken; i++) values[i] = args[i];
    const extra = this.keywordsIndex < 0 ? null : new PyDict();
    if (hasKeywords) this.bindKeywords(functionName, keywords, values, taken, extra);
    if (args.length > positionalCount) {
      if (this.restIndex < 0) throw this.tooMany(functionName, args.length, values);
      values[this.restIndex] = new PyTuple(args.slice(positionalCount));
    } else if (this.restIndex >= 0) {
      values[this.restIndex] = new PyTuple();
    }
    if (extra !== null) values[this.keywordsIndex] = extra;
    let missing = false;
    for (let i = 0; i < parameters.length; i++) {
      if (values[i] !== undefined) continue;
      const { defaultValue } = parameters[i]!;
      if (defaultValue === undefined) missing = true;
      else if (defaultValue !== leftOut) values[i] = defaultValue;
    }
    if (missing) throw this.missing(functionName, values);
    return values;
  }

  private bindKeywords(
    functionName: string,
    keywords: ReadonlyMap<string, PyValue>,
    values: (PyValue | undefined)[],
    taken: number,
    extra: PyDict | null,
  ): void {
    const misplaced: string[] = [];
    for (const [name, value] of keywords) {
      const index = this.index.get(name);
      const kind = index === undefined ? undefined : this.parameters[index]!.kind;
      if (index === undefined || kind === 'rest' || kind === 'keywords' || kind === 'positional') {
        if (extra !== null) extra.set(name, value);
        else if (kind === 'positional') misplaced.push(name);
        else throw this.unexpected(functionName, name);
      } else if (index < taken || values[index] !== undefined) {
        throw new PythonError('TypeError', `${functionName}() got multiple values for argument '${name}'`);
      } else {
        values[index] = value;
      }
    }
    if (misplaced.length > 0) {
      throw new PythonError(
        'TypeError',
        `${functionName}() got some positional-only arguments passed as keyword arguments: '${misplaced.join(', ')}'`,
      );
    }
  }

  private unexpected(functionName: string, name: string): PythonError {
    const accepted = this.parameters.filter(({ kind }) => kind === 'normal' || kind === 'keyword');
    const suggestion = nearest(
      name,
      accepted.map((parameter) => parameter.name),
    );
    return new PythonError('TypeError', `${functionName}() got an unexpected keyword argument '${name}'`, {
      hint: suggestion === null ? undefined : `Did you mean '${suggestion}'?`,
    });
  }

  private tooMany(functionName: string, given: number, values: readonly (PyValue | undefined)[]): PythonError {
    const required = this.parameters.filter(
      ({ kind, defaultValue }) => (kind === 'normal' || kind === 'positional') && defaultValue === undefined,
    ).length;
    const { positionalCount } = this;
    const range = required < positionalCount ? `from ${required} to ${positionalCount}` : `${positionalCount}`;
    const plural = range !== '1' ? 's' : '';
    const keywordOnly = this.parameters.filter(
      ({ kind }, index) => kind === 'keyword' && values[index] !== undefined,
    ).length;
    const withKeywords =
      keywordOnly === 0
        ? ''
        : ` positional argument${given === 1 ? '' : 's'} (and ${keywordOnly} keyword-only argument${keywordOnly === 1 ? '' : 's'})`;
    const verb = given === 1 && keywordOnly === 0 ? 'was' : 'were';
    return new PythonError(
      'TypeError',
      `${functionName}() takes ${range} positional argument${plural} but ${given}${withKeywords} ${verb} given`,
    );
  }

  private missing(functionName: string, values: readonly (PyValue | undefined)[]): PythonError {
    const absent = (keywordOnly: boolean): string[] =>
      this.parameters
        .filter(
          ({ kind, defaultValue }, index) =>
            (kind === 'keyword') === keywordOnly && values[index] === undefined && defaultValue === undefined,
        )
        .map(({ name }) => `'${name}'`);
    const positional = absent(false);
    const names = positional.length > 0 ? positional : absent(true);
    const kind = positional.length > 0 ? 'positional' : 'keyword-only';
    const list =
      names.length <= 2 ? names.join(' and ') : `${names.slice(0, -1).join(', ')}, and ${names[names.length - 1]!}`;
    return new PythonError(
      'TypeError',
      `${functionName}() missing ${names.length} required ${kind} argument${names.length === 1 ? '' : 's'}: ${list}`,
    );
  }
}

/** The default of a parameter that may be left out and then has no value at all. */
export const leftOut = new PyTuple();

function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === "'" || character === '"') quote = character;
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts.filter((part) => part !== '');
}

function parseLiteral(text: string): PyValue {
  if (text === 'None') return null;
  if (text === 'True') return true;
  if (text === 'False') return false;
  if (text === '...') return leftOut;
  if (text === 'inf') return Infinity;
  if (text === '-inf') return -Infinity;
  if (text === 'nan') return NaN;
  if (/^-?\d+$/.test(text)) return BigInt(text);
  if (/^-?(\d+\.\d*|\.\d+|\d+)(e[-+]?\d+)?$/i.test(text)) return Number(text);
  if (/^'[^]*'$|^"[^]*"$/.test(text)) return text.slice(1, -1);
  if (text.startsWith('(') && text.endsWith(')'))
    return new PyTuple(splitTopLevel(text.slice(1, -1)).map(parseLiteral));
  throw new GradstepError(`The default ${text} of a native signature is not a literal.`, {
    code: 'script.signature',
    audience: 'maintainer',
  });
}
