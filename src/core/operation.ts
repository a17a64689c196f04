import type { Generator } from './random/generator';
import type { DType } from './tensor/dtype';
import type { Tape } from './tensor/tape';
import type { Tensor } from './tensor/tensor';

/** A Python number: int, float or bool. */
export type Scalar = bigint | number | boolean;

/** The kinds of argument that an operation takes, and what it gets for each. */
export interface ArgumentTypes {
  tensor: Tensor;
  /** A tensor or a Python number. */
  operand: Tensor | Scalar;
  /** A list or tuple of tensors. */
  tensors: Tensor[];
  scalar: Scalar;
  int: number;
  float: number;
  bool: boolean;
  /** Anything, as Python's `if` takes it. */
  truth: boolean;
  string: string;
  /** An int, or a list or tuple of ints, as a list. */
  ints: number[];
  /** An int as a number; a list or tuple of ints as a list. */
  intOrInts: number | number[];
  /** A bool, or like `ints`: the second argument of `std` and `var`. */
  flagOrInts: boolean | number[];
  /** An int for both axes, or two of them. */
  pair: [number, number];
  /** An int, or a tuple of one. */
  single: [number];
  /** A size: `(2, 3)`, `[2, 3]`, or the remaining positional arguments. */
  size: number[];
  dtype: DType;
  device: string;
  generator: Generator;
  /** A pair of ints or the words 'valid' and 'same'. */
  padding: [number, number] | 'valid' | 'same';
  /** Anything, as the script gave it. */
  any: unknown;
}

export type ArgumentKind = keyof ArgumentTypes;

/** One parameter of an operation; T is what the operation gets. */
export interface Parameter<T> {
  readonly kind: ArgumentKind;
  readonly required: boolean;
  readonly keywordOnly: boolean;
  /** Null stands for None. */
  readonly defaultValue: T | null;
}

/** A parameter that must be given. */
export function required<K extends ArgumentKind>(kind: K): Parameter<ArgumentTypes[K]> {
  return { kind, required: true, keywordOnly: false, defaultValue: null };
}

/** A parameter that may be None, which is its default. */
export function optional<K extends ArgumentKind>(kind: K): Parameter<ArgumentTypes[K] | null> {
  return { kind, required: false, keywordOnly: false, defaultValue: null };
}

/** A parameter with a default. */
export function withDefault<K extends ArgumentKind>(kind: K, value: ArgumentTypes[K]): Parameter<ArgumentTypes[K]> {
  return { kind, required: false, keywordOnly: false, defaultValue: value };
}

/** Makes a parameter one that can only be named. */
export function keywordOnly<T>(parameter: Parameter<T>): Parameter<T> {
  return { ...parameter, keywordOnly: true };
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

export type Arguments<P extends Parameters> = { [N in keyof P]: P[N] extends Parameter<infer T> ? T : never };

/** What operations need besides their arguments. */
export interface OperationContext {
  readonly tape: Tape;
  /** torch's default CPU generator. */
  readonly generator: Generator;
  /** The default dtype of new floating tensors. */
  defaultDtype: DType;
  /** A UserWarning in PyTorch's words. */
  warn(message: string): void;
}

/** What an operation gives: tensors and lists of them are wrapped for the script, the rest is Python's already. */
export type OperationResult = Tensor | NamedResult | readonly OperationResult[] | Scalar | string | null;

/** A tuple of tensors with names: `torch.return_types.max(values=..., indices=...)`. */
export interface NamedResult {
  /** PyTorch's name under `torch.return_types`. */
  readonly typeName: string;
  readonly fields: Readonly<Record<string, Tensor>>;
}

/**
 * One row of a table of operations. Its parameters stand in PyTorch's order; the script's side binds and converts the
 * arguments, with PyTorch's words for what doesn't fit.
 */
export interface Operation {
  readonly name: string;
  readonly parameters: Parameters;
  readonly run: (args: Record<string, never>, context: OperationContext) => OperationResult;
}

/** Defines a row; the types of `args` follow from `parameters`. */
export function operation<P extends Parameters>(
  name: string,
  parameters: P,
  run: (args: Arguments<P>, context: OperationContext) => OperationResult,
): Operation {
  return { name, parameters, run: run as unknown as Operation['run'] };
}
