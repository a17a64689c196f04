import type { Shape } from './dtype';

/**
 * How PyTorch would lay a tensor's elements out in memory, in elements from one index of an axis to the next. Our own
 * values are always row-major; the layout only decides what is a view, what is a copy and what `view` rejects.
 * 'unknown' is the result of an operation that follows its inputs' layout where one of them isn't row-major: nothing is
 * rejected then.
 */
export type MemoryLayout = 'contiguous' | 'unknown' | readonly number[];

/** The strides of row-major elements: an axis of size 0 counts as 1, as in PyTorch. */
export function rowMajorStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * Math.max(shape[axis + 1]!, 1);
  }
  return strides;
}

/** The layout with these strides: row-major ones have a name. Strides of axes of size 1 don't matter. */
export function layoutOf(shape: Shape, strides: readonly number[]): MemoryLayout {
  if (shape.includes(0)) return 'contiguous';
  const expected = rowMajorStrides(shape);
  return strides.every((stride, axis) => shape[axis] === 1 || stride === expected[axis]) ? 'contiguous' : strides;
}

/** A layout's strides, or null when they aren't known. */
export function stridesOf(shape: Shape, layout: MemoryLayout): readonly number[] | null {
  if (layout === 'unknown') return null;
  return layout === 'contiguous' ? rowMajorStrides(shape) : layout;
}

/** What a view does to a layout when it changes the strides by `change`, such as taking another order of axes. */
export function changedLayout(
  base: { readonly shape: Shape; readonly layout: MemoryLayout },
  shape: Shape,
  change: (strides: readonly number[]) => readonly number[],
): MemoryLayout {
  const strides = stridesOf(base.shape, base.layout);
  return strides === null ? 'unknown' : layoutOf(shape, change(strides));
}

/**
 * The layout of the same memory seen in another shape; null when that takes a copy. ATen's `computeStride`: axes that
 * follow one another in memory form a block, and the new shape must split along the blocks.
 */
export function layoutInShape(oldShape: Shape, layout: MemoryLayout, newShape: Shape): MemoryLayout | null {
  if (layout === 'contiguous' || layout === 'unknown' || oldShape.includes(0)) return layout;
  const strides = new Array<number>(newShape.length).fill(1);
  let axis = newShape.length - 1;
  let blockStride = layout.at(-1) ?? 1;
  let blockSize = 1;
  let covered = 1;
  for (let old = oldShape.length - 1; old >= 0; old--) {
    blockSize *= oldShape[old]!;
    const blockEnds = old === 0 || (oldShape[old - 1] !== 1 && layout[old - 1] !== blockSize * blockStride);
    if (!blockEnds) continue;
    while (axis >= 0 && (covered < blockSize || newShape[axis] === 1)) {
      strides[axis] = covered * blockStride;
      covered *= newShape[axis]!;
      axis--;
    }
    if (covered !== blockSize) return null;
    if (old > 0) {
      blockStride = layout[old - 1]!;
      blockSize = 1;
      covered = 1;
    }
  }
  return axis === -1 ? layoutOf(newShape, strides) : null;
}

/**
 * The layout of an elementwise result: row-major in the order of axes in which the operands lie in memory, the first
 * operand that says something about two axes deciding (TensorIterator's `reorder_dimensions`).
 */
export function elementwiseLayout(
  shape: Shape,
  operands: readonly { readonly shape: Shape; readonly layout: MemoryLayout }[],
): MemoryLayout {
  if (operands.every(({ layout }) => layout === 'contiguous')) return 'contiguous';
  const strides: (readonly number[])[] = [];
  for (const operand of operands) {
    const own = stridesOf(operand.shape, operand.layout);
    if (own === null) return 'unknown';
    const added = shape.length - own.length;
    strides.push(
      shape.map((size, axis) => (axis < added || operand.shape[axis - added] !== size ? 0 : own[axis - added]!)),
    );
  }
  const order = shape.map((_, i) => shape.length - 1 - i);
  for (let i = 1; i < order.length; i++) {
    let outer = i;
    for (let inner = i - 1; inner >= 0; inner--) {
      const verdict = isFaster(order[outer]!, order[inner]!, strides, shape);
      if (verdict === true) {
        [order[inner], order[outer]] = [order[outer]!, order[inner]!];
        outer = inner;
      } else if (verdict === false) break;
    }
  }
  const result = new Array<number>(shape.length);
  let stride = 1;
  for (const axis of order) {
    result[axis] = stride;
    stride *= shape[axis]!;
  }
  return layoutOf(shape, result);
}

/** Whether an axis should run faster than another; null when no operand tells. */
function isFaster(axis: number, other: number, strides: readonly (readonly number[])[], shape: Shape): boolean | null {
  for (const operand of strides) {
    const [own, theirs] = [operand[axis]!, operand[other]!];
    if (own === 0 || theirs === 0) continue;
    if (own !== theirs) return own < theirs;
    if (shape[other]! > shape[axis]!) return true;
  }
  return null;
}
