import type { OpRow } from '../opRow';
import { broadcastShapes, intAttribute, required, shapeError } from '../shapes';

const gemm: OpRow = {
  inputs: ['A', 'B', 'C?'],
  outputs: ['Y'],
  attributes: { alpha: 'float', beta: 'float', transA: 'int', transB: 'int' },
  infer: (inputs, attributes) => {
    const a = required(inputs, 0);
    const b = required(inputs, 1);
    const [m, k] = intAttribute(attributes, 'transA', 0) ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
    const [kb, n] = intAttribute(attributes, 'transB', 0) ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
    if (k !== kb) throw shapeError(`Gemm of [${a.shape.join(', ')}] and [${b.shape.join(', ')}]`);
    return [{ dtype: a.dtype, shape: [m, n] }];
  },
};

const matMul: OpRow = {
  inputs: ['A', 'B'],
  outputs: ['Y'],
  attributes: {},
  infer: (inputs) => {
    const a = required(inputs, 0);
    const b = required(inputs, 1);
    const left = a.shape.length === 1 ? [1, a.shape[0]!] : a.shape;
    const right = b.shape.length === 1 ? [b.shape[0]!, 1] : b.shape;
    if (left.at(-1) !== right.at(-2)) throw shapeError(`MatMul of [${a.shape.join(', ')}] and [${b.shape.join(', ')}]`);
    const shape = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
    if (a.shape.length > 1) shape.push(left.at(-2)!);
    if (b.shape.length > 1) shape.push(right.at(-1)!);
    return [{ dtype: a.dtype, shape }];
  },
};

/** Matrix products. */
export const linearOps = { Gemm: gemm, MatMul: matMul } satisfies Record<string, OpRow>;
