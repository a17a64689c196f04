import { GradstepError } from '../../../common/errors';
import { dtypeTable, elementCount } from '../../tensor/dtype';
import type { Value } from '../../tensor/value';
import { intAttribute, normalizeAxis } from '../../onnx/shapes';
import { nonDifferentiableRule, type GradientRule, type InputRule, type RuleContext } from '../gradientRule';
import { addRows, adjointOfTake, reshape, sumOver, transpose, zeros } from './emit';

function axisOf(context: RuleContext): number {
  return normalizeAxis(intAttribute(context.attributes, 'axis', 0), context.input(0).shape.length);
}

/** Indices that count from the end become plain ones, of type int64. */
function nonNegative(context: RuleContext, indices: Value, size: Value): Value {
  const long = indices.dtype === 'int64' ? indices : context.emit('Cast', [indices], { to: dtypeTable.int64.onnx });
  const fromEnd = context.emit('Add', [long, size]);
  return context.emit('Where', [context.emit('Less', [long, context.tape.scalar(0, 'int64')]), fromEnd, long]);
}

/** Duplicates add. Indices that are known before the graph is built need no scatter. */
const gather: GradientRule = {
  inputs: {
    data: (context) => {
      const { shape } = context.input(0);
      const indices = context.input(1);
      const axis = axisOf(context);
      const size = shape[axis]!;
      const count = elementCount(indices.shape);
      const before = shape.slice(0, axis);
      const after = shape.slice(axis + 1);
      const gradient = reshape(context, context.outputGradient, [...before, count, ...after]);
      if (indices.constant) {
        const known = Array.from(indices.data as BigInt64Array, Number).map((i) => (i < 0 ? i + size : i));
        return adjointOfTake(context, gradient, axis, known, size);
      }
      const axes = [...shape.keys()].filter((i) => i !== axis);
      const rows = reshape(context, transpose(context, gradient, [axis, ...axes]), [
        count,
        elementCount(before) * elementCount(after),
      ]);
      const flat = nonNegative(context, indices, context.tape.scalar(size, 'int64'));
      const added = reshape(context, addRows(context, rows, flat, size), [size, ...before, ...after]);
      return transpose(context, added, [...Array.from({ length: axis }, (_, i) => i + 1), 0, ...axes.slice(axis)]);
    },
    indices: 'nonDifferentiable',
  },
  saves: ['indices'],
};

const gatherElements: GradientRule = {
  inputs: {
    data: (context) => {
      const data = context.input(0);
      return context.emit(
        'ScatterElements',
        [zeros(context, data.shape, data.dtype), context.input(1), context.outputGradient],
        { axis: axisOf(context), reduction: 'add' },
      );
    },
    indices: 'nonDifferentiable',
  },
  saves: ['indices'],
};

/** Index tuples become row numbers of a matrix, so that duplicates add in a fixed order. */
const gatherND: GradientRule = {
  inputs: {
    data: (context) => {
      const { shape } = context.input(0);
      const indices = context.input(1);
      const batchRank = intAttribute(context.attributes, 'batch_dims', 0);
      const depth = indices.shape.at(-1)!;
      const indexed = shape.slice(batchRank, batchRank + depth);
      const strides = indexed.map((_, i) => elementCount(indexed.slice(i + 1)));
      const tuples = nonNegative(context, indices, context.tape.ints(indexed));
      let rows = sumOver(
        context,
        context.emit('Mul', [tuples, context.tape.ints(strides)]),
        [indices.shape.length - 1],
        false,
      );
      const batches = elementCount(shape.slice(0, batchRank));
      if (batchRank > 0) {
        const batch = [...shape.slice(0, batchRank), ...indices.shape.slice(batchRank, -1).map(() => 1)];
        const rowsOfBatch = elementCount(indexed);
        const offsets = context.tape.constant(
          BigInt64Array.from({ length: batches }, (_, i) => BigInt(i * rowsOfBatch)),
          batch,
          'int64',
        );
        rows = context.emit('Add', [rows, offsets]);
      }
      const width = elementCount(shape.slice(batchRank + depth));
      const count = elementCount(rows.shape);
      const updates = reshape(context, context.outputGradient, [count, width]);
      return reshape(context, addRows(context, updates, rows, batches * elementCount(indexed)), shape);
    },
    indices: 'nonDifferentiable',
  },
  saves: ['indices'],
};

/** Of a scatter that replaces or adds: the data's gradient is 0 where it was replaced. */
function scatterRule(scatter: 'ScatterElements' | 'ScatterND', gather: 'GatherElements' | 'GatherND'): GradientRule {
  const attributesOf = (context: RuleContext): { axis?: number } =>
    scatter === 'ScatterElements' ? { axis: axisOf(context) } : {};
  const reductionOf = (context: RuleContext): 'none' | 'add' => {
    const reduction = context.attributes['reduction'] ?? 'none';
    if (reduction === 'none' || reduction === 'add') return reduction;
    throw new GradstepError(`${scatter} has no gradient for reduction ${String(reduction)}`, { code: 'autodiff.rule' });
  };
  const data: InputRule = (context) => {
    const { outputGradient } = context;
    if (reductionOf(context) === 'add') return outputGradient;
    const replaced = zeros(context, context.input(2).shape, outputGradient.dtype);
    return context.emit(scatter, [outputGradient, context.input(1), replaced], attributesOf(context));
  };
  const updates: InputRule = (context) => {
    reductionOf(context);
    return context.emit(gather, [context.outputGradient, context.input(1)], attributesOf(context));
  };
  return { inputs: { data, indices: 'nonDifferentiable', updates }, saves: ['indices'] };
}

/** Ops that pick or place elements by index. */
export const indexingRules = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  OneHot: nonDifferentiableRule(['indices', 'depth', 'values']),
  ScatterElements: scatterRule('ScatterElements', 'GatherElements'),
  ScatterND: scatterRule('ScatterND', 'GatherND'),
} satisfies Record<string, GradientRule>;
