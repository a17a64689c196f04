import { PythonError } from '../../common/errors';
import { nearest } from '../../common/nearest';
import type { Operation, Parameter } from '../../core/operation';
import { NativeFunction } from '../objects/functions';
import { PyTuple } from '../objects/containers';
import { leftOut, Signature } from '../objects/signature';
import type { PyClass, PyValue } from '../objects/value';
import { argumentConverters, integerOf } from './argumentKinds';
import { wrapResult } from './tensorClass';
import { torchContext, type TorchContext } from './torchContext';

/** NumPy's names that PyTorch takes for its own (torch/csrc/utils/python_arg_parser.cpp). */
const numpyNames: Readonly<Record<string, string>> = { axis: 'dim', keepdims: 'keepdim', x: 'input', x2: 'other' };

export interface BindingOptions {
  /** The first parameter is `self`: positions in errors don't count it. */
  method?: boolean;
  /**
   * Whose words argument errors have: PyTorch's argument parser (`builtin`, the default) or CPython's (`python`, for
   * functions that PyTorch writes in Python, such as most of torch.nn.functional).
   */
  words?: 'builtin' | 'python';
  /** What the function is called in errors; default: the row's name. */
  name?: string;
}

/** The function of the script that binds and converts the arguments of a row, runs it and wraps its result. */
export function bindOperation(row: Operation, options: BindingOptions = {}): NativeFunction {
  const binder = new ArgumentBinder(row, options);
  const name = options.name ?? row.name;
  return new NativeFunction(
    name,
    (args, keywords, interpreter) => {
      const context = torchContext(interpreter);
      const converted = binder.bind(args, keywords, context);
      return wrapResult(context.tape.inOperation(row.name, () => row.run(converted, context)));
    },
    binder.signature,
    options.method ?? false,
  );
}

/** A method of a class: like `bindOperation`, with the class for `descriptor` look-ups. */
export function bindMethod(row: Operation, owner: PyClass, options: BindingOptions = {}): NativeFunction {
  const method = bindOperation(row, { ...options, method: true });
  method.owner = owner;
  return method;
}

/** Lays a call's arguments on a row's parameters and converts them. */
export class ArgumentBinder {
  readonly signature: Signature;
  private readonly names: readonly string[];
  private readonly parameters: readonly Parameter<unknown>[];
  private readonly positionalCount: number;
  private readonly functionName: string;
  private readonly selfCount: number;

  constructor(
    row: Operation,
    private readonly options: BindingOptions = {},
  ) {
    this.names = Object.keys(row.parameters);
    this.parameters = Object.values(row.parameters);
    this.positionalCount = this.parameters.filter((parameter) => !parameter.keywordOnly).length;
    this.functionName = options.name ?? row.name;
    this.selfCount = options.method ? 1 : 0;
    this.signature = new Signature(
      this.names.map((name, i) => {
        const parameter = this.parameters[i]!;
        const variadic = parameter.kind === 'size' && i === this.positionalCount - 1;
        return {
          name,
          kind: parameter.keywordOnly ? 'keyword' : 'normal',
          defaultValue: parameter.required && !variadic ? undefined : leftOut,
        };
      }),
    );
  }

  bind(
    args: readonly PyValue[],
    keywords: ReadonlyMap<string, PyValue> | null,
    context: TorchContext,
  ): Record<string, never> {
    const values =
      this.options.words === 'python' ? this.bindAsPython(args, keywords) : this.bindAsTorch(args, keywords);
    const result: Record<string, unknown> = {};
    this.names.forEach((name, i) => {
      const parameter = this.parameters[i]!;
      const value = values[i];
      if (value === undefined || (value === null && !parameter.required)) {
        result[name] = value === undefined ? parameter.defaultValue : null;
        return;
      }
      const position = i < args.length ? i + 1 - this.selfCount : null;
      const site = { functionName: this.functionName, parameter: name, position };
      result[name] = argumentConverters[parameter.kind](value, site, context);
    });
    return result as Record<string, never>;
  }

  private bindAsPython(
    args: readonly PyValue[],
    keywords: ReadonlyMap<string, PyValue> | null,
  ): (PyValue | undefined)[] {
    return this.signature.bind(this.functionName, args, keywords);
  }

  private bindAsTorch(
    args: readonly PyValue[],
    keywords: ReadonlyMap<string, PyValue> | null,
  ): (PyValue | undefined)[] {
    const values: (PyValue | undefined)[] = new Array<PyValue | undefined>(this.names.length).fill(undefined);
    const variadic = this.variadicAt(args);
    if (args.length > this.positionalCount && variadic < 0) throw this.tooMany(args.length);
    args.forEach((value, i) => {
      if (variadic < 0 || i < variadic) values[i] = value;
    });
    if (variadic >= 0) values[variadic] = sizeFrom(args.slice(variadic));
    keywords?.forEach((value, given) => {
      const name = this.names.includes(given) ? given : (numpyNames[given] ?? given);
      const index = this.names.indexOf(name);
      if (index < this.selfCount) throw this.unexpected(given);
      if (values[index] !== undefined) {
        throw new PythonError('TypeError', `${this.functionName}() got multiple values for argument '${name}'`);
      }
      values[index] = value;
    });
    const missing = this.names.filter((_, i) => this.parameters[i]!.required && values[i] === undefined);
    if (missing.length > 0) {
      const list = missing.map((name) => `"${name}"`).join(', ');
      throw new PythonError(
        'TypeError',
        `${this.functionName}() missing ${missing.length} required positional arguments: ${list}`,
      );
    }
    return values;
  }

  /** Where a size begins that is written as separate ints: `view(2, 3)`; -1 when it isn't. */
  private variadicAt(args: readonly PyValue[]): number {
    const last = this.positionalCount - 1;
    if (this.parameters[last]?.kind !== 'size' || args.length <= last) return -1;
    return integerOf(args[last]!) === null ? -1 : last;
  }

  private unexpected(name: string): PythonError {
    const suggestion = nearest(name, this.names.slice(this.selfCount));
    return new PythonError('TypeError', `${this.functionName}() got an unexpected keyword argument '${name}'`, {
      hint: suggestion === null ? undefined : `Did you mean '${suggestion}'?`,
    });
  }

  private tooMany(given: number): PythonError {
    const allowed = this.positionalCount - this.selfCount;
    const count = given - this.selfCount;
    const required = this.parameters.filter(
      (parameter, i) => i >= this.selfCount && parameter.required && !parameter.keywordOnly,
    ).length;
    const range = required === allowed ? `${allowed}` : `from ${required} to ${allowed}`;
    return new PythonError(
      'TypeError',
      `${this.functionName}() takes ${range} positional argument${allowed === 1 ? '' : 's'} but ${count} ${count === 1 ? 'was' : 'were'} given`,
    );
  }
}

function sizeFrom(values: readonly PyValue[]): PyTuple {
  return new PyTuple(values);
}
