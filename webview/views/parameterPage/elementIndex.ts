/** A row-major position as an index along each axis. */
export function indexOf(shape: readonly number[], element: number): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = element; axis >= 0; axis--) {
    const size = shape[axis]!;
    index.unshift(size === 0 ? 0 : rest % size);
    rest = size === 0 ? 0 : Math.floor(rest / size);
  }
  return index;
}

/** The row-major position of an index such as `7, 1, 2, 3` or `[7, 1]` (further axes at 0); null when it doesn't fit. */
export function parseIndex(shape: readonly number[], text: string): number | null {
  const parts = text.split(/[^\d]+/).filter((part) => part !== '');
  if (parts.length > shape.length || (parts.length === 0 && shape.length > 0)) return null;
  if (/[^\d\s,[\]]/.test(text)) return null;
  let element = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    const position = Number(parts[axis] ?? 0);
    if (position >= shape[axis]!) return null;
    element = element * shape[axis]! + position;
  }
  return element;
}

/** A tensor as matrices: the last two axes are rows and columns, the ones before choose the slice. */
export interface Slices {
  count: number;
  rows: number;
  columns: number;
  /** Of the whole tensor; a folded vector's last row may end early. */
  elements: number;
  /** The axes that choose a slice. */
  leading: readonly number[];
}

const foldedColumns = 10;

export function slicesOf(shape: readonly number[]): Slices {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (shape.length < 2) {
    const columns = Math.min(foldedColumns, Math.max(1, elements));
    return { count: 1, rows: Math.ceil(elements / columns), columns, elements, leading: [] };
  }
  const [rows, columns] = [shape[shape.length - 2]!, shape[shape.length - 1]!];
  const leading = shape.slice(0, -2);
  return { count: leading.reduce((product, size) => product * size, 1), rows, columns, elements, leading };
}

export interface SlicePlace {
  slice: number;
  row: number;
  column: number;
}

export function placeOf({ rows, columns }: Slices, element: number): SlicePlace {
  const inside = element % (rows * columns);
  return { slice: Math.floor(element / (rows * columns)), row: Math.floor(inside / columns), column: inside % columns };
}

/** Null where there is no element: outside, or behind a folded vector's end. */
export function elementAtPlace(slices: Slices, { slice, row, column }: SlicePlace): number | null {
  const { count, rows, columns, elements } = slices;
  if (slice < 0 || row < 0 || column < 0 || slice >= count || row >= rows || column >= columns) return null;
  const element = (slice * rows + row) * columns + column;
  return element < elements ? element : null;
}
