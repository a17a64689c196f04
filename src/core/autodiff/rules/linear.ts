import { elementCount } from '../../tensor/dtype';
import type { Value } from '../../tensor/value';
import { intAttribute } from '../../onnx/shapes';
import type { GradientRule, RuleContext } from '../gradientRule';
import { reshape, scalarLike, transposeMatrix } from './emit';

function gemmOf(context: RuleContext, a: Value, b: Value, transA: boolean, transB: boolean, alpha = 1): Value {
  return context.emit('Gemm', [a, b], { alpha, transA: transA ? 1 : 0, transB: transB ? 1 : 0 });
}

function scaleOf(context: RuleContext, name: 'alpha' | 'beta'): number {
  const value = context.attributes[name];
  return typeof value === 'number' ? value : 1;
}

/** Y = alpha op(A) op(B) + beta C. */
const gemm: GradientRule = {
  inputs: {
    A: (context) => {
      const transA = intAttribute(context.attributes, 'transA', 0) === 1;
      const transB = intAttribute(context.attributes, 'transB', 0) === 1;
      const alpha = scaleOf(context, 'alpha');
      const [b, gradient] = [context.input(1), context.outputGradient];
      return transA
        ? gemmOf(context, b, gradient, transB, true, alpha)
        : gemmOf(context, gradient, b, false, !transB, alpha);
    },
    B: (context) => {
      const transA = intAttribute(context.attributes, 'transA', 0) === 1;
      const transB = intAttribute(context.attributes, 'transB', 0) === 1;
      const alpha = scaleOf(context, 'alpha');
      const [a, gradient] = [context.input(0), context.outputGradient];
      return transB
        ? gemmOf(context, gradient, a, true, transA, alpha)
        : gemmOf(context, a, gradient, !transA, false, alpha);
    },
    C: (context) => {
      const beta = scaleOf(context, 'beta');
      if (beta === 1) return context.outputGradient;
      return context.emit('Mul', [context.outputGradient, scalarLike(context, beta, context.outputGradient)]);
    },
  },
  saves: { A: ['B'], B: ['A'] },
};

/** The operands and the gradient of a MatMul as matrices: a 1-D operand is a row on the left, a column on the right. */
function matrices(context: RuleContext): { a: Value; b: Value; gradient: Value } {
  const [a, b, gradient] = [context.input(0), context.input(1), context.outputGradient];
  const shape = [...gradient.shape];
  if (b.shape.length === 1) shape.push(1);
  if (a.shape.length === 1) shape.splice(shape.length - 1, 0, 1);
  return {
    a: a.shape.length === 1 ? reshape(context, a, [1, a.shape[0]!]) : a,
    b: b.shape.length === 1 ? reshape(context, b, [b.shape[0]!, 1]) : b,
    gradient: reshape(context, gradient, shape),
  };
}

/** Both as one tall matrix: all leading axes folded into the rows. */
function folded(context: RuleContext, value: Value): Value {
  const width = value.shape.at(-1)!;
  return reshape(context, value, [width === 0 ? 0 : elementCount(value.shape) / width, width]);
}

const matMul: GradientRule = {
  inputs: {
    A: (context) => {
      const { a, b, gradient } = matrices(context);
      const own = context.input(0).shape;
      if (b.shape.length === 2) {
        const flat = gemmOf(context, folded(context, gradient), b, false, true);
        const shape = [...gradient.shape.slice(0, -1), a.shape.at(-1)!];
        return reshape(context, flat, own.length === 1 ? own : shape);
      }
      const product = context.emit('MatMul', [gradient, transposeMatrix(context, b)]);
      return own.length === 1 ? reshape(context, product, [...product.shape.slice(0, -2), own[0]!]) : product;
    },
    B: (context) => {
      const { a, b, gradient } = matrices(context);
      const own = context.input(1).shape;
      if (b.shape.length === 2) {
        return reshape(context, gemmOf(context, folded(context, a), folded(context, gradient), true, false), own);
      }
      return context.emit('MatMul', [transposeMatrix(context, a), gradient]);
    },
  },
  saves: { A: ['B'], B: ['A'] },
};

/** Matrix products. */
export const linearRules = { Gemm: gemm, MatMul: matMul } satisfies Record<string, GradientRule>;
