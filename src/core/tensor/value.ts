import type { AttributeValues } from '../onnx/opRow';
import type { OpName } from '../onnx/opTable';
import type { DType, Shape, TensorData } from './dtype';

/** Where a node came from: what "what is this?" looks up. */
export interface Provenance {
  /** 1-based line of the script whose statement appended the node. */
  line: number;
  /** The module that ran, such as `model.0`; empty outside a module. */
  modulePath: string;
  /** PyTorch's word for the operation, such as `conv2d` or `cross_entropy`. */
  operation: string;
  role: 'forward' | 'backward' | 'optimizer';
  /** For a gradient: the forward node whose gradient it is. */
  forwardNode?: TapeNode;
}

/** One ONNX node on the tape. */
export interface TapeNode {
  /** Rises in the order of appending: a topological order. */
  readonly id: number;
  readonly op: OpName;
  readonly inputs: readonly (Value | null)[];
  readonly attributes: AttributeValues;
  readonly outputs: readonly Value[];
  readonly provenance: Provenance;
  /** Set once the node has been part of a graph that ran. */
  executed: boolean;
  /** The number of the last collection that visited the node. */
  visited: number;
}

/**
 * A tensor's value: immutable. It is concrete (`data`) or the output of a tape node that has not been fetched
 * (`node`); an unfetched value can be computed at any time, since the values that it came from never change.
 */
export class Value {
  data: TensorData | null = null;
  /** The recipe, until the data are there. */
  node: TapeNode | null = null;
  outputIndex = 0;
  /** Embedded in graphs as an initializer; others are fed, so that a graph serves every step. */
  constant = false;
  /** Tells a tape's constants apart: equal ones are one value. */
  constantId = 0;
  /** Fetched by the next run even in running mode: parameters, gradients, optimizer state, losses. */
  keep = false;
  /** Of a parameter or of an optimizer's state: the history keeps it, whoever else does. */
  persistent = false;
  /** Kept, but nobody needs it at once: a running session may leave it in the graph until somebody reads it. */
  deferrable = false;
  /** What computes it where a run left it out. */
  recipe: Recipe | null = null;
  /** Where the value was computed but not fetched: the plan learns to fetch it the next time. */
  unfetched: { plan: FetchPlan; slot: number } | null = null;
  /** The vector whose elements from `offset` on the value has, while neither has been fetched: see `joining.ts`. */
  stretch: { readonly vector: Value; readonly offset: number } | null = null;
  /** Somebody may keep the value for long: it doesn't hold the memory of a whole vector. */
  ownMemory = false;
  /** The values that are stretches of this vector. */
  stretches: Value[] | null = null;
  /** A readable name for the graph, such as `model.0.weight`. */
  label: string | null = null;

  constructor(
    readonly dtype: DType,
    readonly shape: Shape,
  ) {}
}

/** What a plan offers to a value that it computed without fetching. */
export interface FetchPlan {
  learn(slot: number): void;
}

/** A run that left values out, and can be repeated for them. */
export interface Recipe {
  /** Sets the data of all that the run left out. */
  compute(): void;
  /** A script reads them: later runs of the structure fetch them. */
  learn(): void;
}

/** What computes a value that a run left out; null for others. */
export function recipeOf(value: Value): Recipe | null {
  return value.data === null ? (value.recipe ?? value.stretch?.vector.recipe ?? null) : null;
}

/** Computes, for a script, what a run has left out. */
export function readDeferred(value: Value): void {
  const recipe = recipeOf(value);
  recipe?.learn();
  recipe?.compute();
}

export function concreteValue(data: TensorData, shape: Shape, dtype: DType): Value {
  const value = new Value(dtype, shape);
  value.data = data;
  return value;
}
