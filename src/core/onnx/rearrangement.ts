import { elementCount, type Shape } from '../tensor/dtype';
import { blockedDomain } from './blockedOps';
import type { BlockedNode, GraphNode } from './graph';

/** Appends the steps that bring a value into another order, named after it. */
export class Rearrangement {
  private count = 0;

  constructor(
    private readonly value: string,
    private readonly description: string,
    private readonly nodes: (GraphNode | BlockedNode)[],
    private readonly ints: (values: readonly number[]) => string,
  ) {}

  reshape(input: string, shape: Shape, output?: string): string {
    return this.append({ op: 'Reshape', inputs: [input, this.ints(shape)], attributes: {} }, output);
  }

  transpose(input: string, permutation: readonly number[]): string {
    return this.append({ op: 'Transpose', inputs: [input], attributes: { perm: permutation } });
  }

  gather(input: string, rows: readonly number[], axis = 0): string {
    return this.append({ op: 'Gather', inputs: [input, this.ints(rows)], attributes: { axis } });
  }

  /**
   * A permutation that leaves the last axis where it is, and the first `kept` ones as well: 0 or 1. Row by row, which
   * several threads do, unless the list of rows would be too long.
   */
  permuteRows(input: string, shape: Shape, permutation: readonly number[], kept = 0): string {
    const [outer, groups] = [shape.slice(0, kept), shape.slice(kept, -1)];
    const last = shape.length - 1;
    if (!fitsList(groups)) return this.transpose(this.reshape(input, shape), [...permutation, last]);
    const rows = this.reshape(input, [...outer, elementCount(groups), shape[last]!]);
    const order = permutation.slice(kept).map((axis) => axis - kept);
    return this.gather(rows, permutedIndices(groups, order), kept);
  }

  reorder(input: string): string {
    return this.append({ op: 'ReorderInput', domain: blockedDomain, inputs: [input], attributes: {} });
  }

  private append(
    node:
      | Pick<GraphNode, 'op' | 'domain' | 'inputs' | 'attributes'>
      | Pick<BlockedNode, 'op' | 'domain' | 'inputs' | 'attributes'>,
    output = `${this.value}:order${this.count++}`,
  ): string {
    const { description } = this;
    this.nodes.push({ ...node, name: output, outputs: [output], description });
    return output;
  }
}

/** Rows that are listed one by one: 8 bytes each in the graph. */
const mostRows = 2 ** 20;

/** Whether rows can be listed one by one. */
export function fitsList(groups: Shape): boolean {
  return elementCount(groups) <= mostRows;
}

/**
 * Where the elements of a permuted array come from.
 * @param shape before the permutation
 * @param reversed an axis of it that is turned round as well
 */
export function permutedIndices(shape: Shape, permutation: readonly number[], reversed?: number): number[] {
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  let indices = [0];
  for (const axis of permutation) {
    const [size, stride] = [shape[axis]!, strides[axis]!];
    const steps = Array.from({ length: size }, (_, i) => (axis === reversed ? size - 1 - i : i) * stride);
    indices = indices.flatMap((index) => steps.map((step) => index + step));
  }
  return indices;
}
