import type { AttributeValues } from '../onnx/opRow';
import type { OpName } from '../onnx/opTable';
import type { Tape } from '../tensor/tape';
import type { Value } from '../tensor/value';

/** What a rule sees of the node whose gradient it emits. */
export interface RuleContext {
  readonly tape: Tape;
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  readonly attributes: AttributeValues;
  /** The first output's gradient. */
  readonly outputGradient: Value;
  /** Any output's gradient: zeros of its shape when nothing flowed there. */
  outputGradientAt(index: number): Value;
  /** An input that must be there. */
  input(index: number): Value;
  /** Emits a node and gives its first output. */
  emit(op: OpName, inputs: readonly (Value | null)[], attributes?: AttributeValues): Value;
}

/** Emits the gradient of one input; the walk undoes broadcasting, so the shape may still be the output's. */
export type InputRule = ((context: RuleContext, index: number) => Value) | 'nonDifferentiable';

/**
 * The gradient of one ONNX op: for each input, by its ONNX name without `?` or `...`, the function that emits it.
 */
export interface GradientRule {
  readonly inputs: Readonly<Record<string, InputRule>>;
  /**
   * The inputs and outputs whose elements the functions read, by their ONNX names: PyTorch's saved tensors. A graph
   * that saves any can't be walked again once it is freed, and what is saved must not be written in place before. Where
   * the inputs' gradients read different tensors, a list for each input that reads any.
   */
  readonly saves: readonly string[] | Readonly<Record<string, readonly string[]>>;
}

/** The inputs and outputs that the gradients of the given inputs read. */
export function savedNames({ saves }: GradientRule, inputNames: readonly string[]): ReadonlySet<string> {
  if (isList(saves)) return new Set(saves);
  return new Set(inputNames.flatMap((name) => saves[name] ?? []));
}

/** Every name that a rule saves. */
export function allSavedNames({ saves }: GradientRule): readonly string[] {
  return isList(saves) ? saves : Object.values(saves).flat();
}

function isList(saves: GradientRule['saves']): saves is readonly string[] {
  return Array.isArray(saves);
}

/** Never differentiable: comparisons, rounding to integers, indices. */
export function nonDifferentiableRule(inputNames: readonly string[]): GradientRule {
  return {
    inputs: Object.fromEntries(inputNames.map((name) => [name, 'nonDifferentiable' as const])),
    saves: [],
  };
}
