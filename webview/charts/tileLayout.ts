/** How a tensor's elements lie in a bitmap: equal tiles in rows, one pixel apart. */
export interface TileLayout {
  /** Of one tile, in elements. */
  tileWidth: number;
  tileHeight: number;
  /** Tiles. */
  columns: number;
  rows: number;
  count: number;
  /** Pixels between tiles. */
  gap: number;
  /** Of the whole bitmap, in pixels. */
  width: number;
  height: number;
  /** Elements that the tiles hold; the last one may end early. */
  elements: number;
  /** Consecutive elements of one tile. */
  tileElements: number;
  /** A wide matrix cut into bands of columns, one tile each: how many columns it has. Null otherwise. */
  bandedColumns: number | null;
}

const usualAspect = 1.25;
/** Matrices that are wider or higher than this many times their other side are cut into bands. */
const widestAspect = 4;
const highestAspect = 2;
/** A side that is no longer than this needs no bands. */
const shortSide = 40;

/**
 * Tiles for a shape: a matrix is one tile (or bands of one), the last two axes of anything larger are a tile each, a vector is folded
 * into a near-square one.
 * @param aspect width over height that tiles side by side should come near to
 */
export function tileLayout(shape: readonly number[], aspect = usualAspect): TileLayout {
  const axes = withoutTrailingOnes(shape);
  const elements = shape.reduce((product, size) => product * size, 1);
  if (axes.length <= 1) return oneTile(foldedWidth(elements), elements);
  const width = axes[axes.length - 1]!;
  const height = axes[axes.length - 2]!;
  if (axes.length === 2) return matrix(width, height, aspect);
  const count = width * height === 0 ? 0 : elements / (width * height);
  const inner = axes.length === 3 ? 1 : axes[axes.length - 3]!;
  return arranged(width, height, count, columnsFor(count, inner, width, height, aspect), width * height);
}

/** The pixel of an element's upper left corner; null for an element that isn't there. */
export function pixelOf(layout: TileLayout, element: number): { x: number; y: number } | null {
  if (element < 0 || element >= layout.elements) return null;
  const { tileWidth, tileHeight, columns, gap, tileElements, bandedColumns } = layout;
  if (bandedColumns !== null) {
    const column = element % bandedColumns;
    const band = Math.floor(column / tileWidth);
    return { x: column % tileWidth, y: band * (tileHeight + gap) + Math.floor(element / bandedColumns) };
  }
  const tile = Math.floor(element / tileElements);
  const inside = element % tileElements;
  return {
    x: (tile % columns) * (tileWidth + gap) + (inside % tileWidth),
    y: Math.floor(tile / columns) * (tileHeight + gap) + Math.floor(inside / tileWidth),
  };
}

/** The element under a pixel; null on a gap and outside. */
export function elementAt(layout: TileLayout, x: number, y: number): number | null {
  if (x < 0 || y < 0 || x >= layout.width || y >= layout.height) return null;
  const stepX = layout.tileWidth + layout.gap;
  const stepY = layout.tileHeight + layout.gap;
  const insideX = Math.floor(x) % stepX;
  const insideY = Math.floor(y) % stepY;
  if (insideX >= layout.tileWidth || insideY >= layout.tileHeight) return null;
  const tile = Math.floor(y / stepY) * layout.columns + Math.floor(x / stepX);
  if (layout.bandedColumns !== null) {
    const column = tile * layout.tileWidth + insideX;
    return column < layout.bandedColumns ? insideY * layout.bandedColumns + column : null;
  }
  const inside = insideY * layout.tileWidth + insideX;
  const element = tile * layout.tileElements + inside;
  return tile >= layout.count || inside >= layout.tileElements || element >= layout.elements ? null : element;
}

/** Calls back for each run of elements that are side by side in the bitmap too. */
export function forEachRun(
  layout: TileLayout,
  elements: number,
  draw: (element: number, pixel: number, length: number) => void,
): void {
  const { tileWidth, tileElements, bandedColumns, width } = layout;
  const rowElements = bandedColumns ?? tileElements;
  for (let start = 0; start < elements; start += rowElements) {
    const end = Math.min(elements, start + rowElements);
    for (let element = start; element < end; element += tileWidth) {
      const { x, y } = pixelOf(layout, element)!;
      draw(element, y * width + x, Math.min(tileWidth, end - element));
    }
  }
}

/** The element that an arrow key leads to: over gaps into the next tile; the same one at the border. */
export function neighbour(layout: TileLayout, element: number, dx: number, dy: number): number {
  const from = pixelOf(layout, element);
  if (!from) return element;
  for (let steps = 1; steps <= layout.gap + 1; steps++) {
    const found = elementAt(layout, from.x + dx * steps, from.y + dy * steps);
    if (found !== null) return found;
  }
  return element;
}

/** A run of whole slices along the first axis (or of elements of a vector) that a limit allows to look at. */
export interface TensorWindow {
  /** First element, and how many. */
  start: number;
  length: number;
  shape: number[];
  /** 0-based, of `parts`. */
  part: number;
  parts: number;
  /** Along the first axis: from (included), to (excluded). */
  from: number;
  to: number;
}

/** The window number `part` of a tensor, clamped to the last one. A slice larger than the limit stands alone, cut. */
export function windowOf(shape: readonly number[], limit: number, part = 0): TensorWindow {
  const total = shape.reduce((product, size) => product * size, 1);
  if (total <= limit || shape.length === 0) {
    const first = shape[0] ?? 1;
    return { start: 0, length: total, shape: [...shape], part: 0, parts: 1, from: 0, to: first };
  }
  const first = shape[0]!;
  const slice = total / first;
  const perPart = Math.max(1, Math.floor(limit / slice));
  const parts = Math.ceil(first / perPart);
  const shown = Math.min(Math.max(0, part), parts - 1);
  const from = shown * perPart;
  const to = Math.min(first, from + perPart);
  const inside = windowOf(shape.slice(1), limit);
  return {
    start: from * slice,
    length: slice > limit ? inside.length : (to - from) * slice,
    shape: slice > limit ? inside.shape : [to - from, ...shape.slice(1)],
    part: shown,
    parts,
    from,
    to,
  };
}

function withoutTrailingOnes(shape: readonly number[]): readonly number[] {
  let end = shape.length;
  while (end > 0 && shape[end - 1] === 1) end--;
  return shape.slice(0, end);
}

function oneTile(width: number, elements: number): TileLayout {
  const height = width === 0 ? 0 : Math.ceil(elements / width);
  return {
    tileWidth: width,
    tileHeight: height,
    columns: 1,
    rows: 1,
    count: 1,
    gap: 0,
    width,
    height,
    elements,
    tileElements: elements,
    bandedColumns: null,
  };
}

/** The divisor nearest to twice as wide as high; a ragged last row where all divisors are far off. */
function foldedWidth(elements: number): number {
  if (elements <= 4) return elements;
  const wanted = Math.sqrt(elements * 2);
  let best = Math.ceil(wanted);
  let distance = Math.log(3);
  for (let width = 1; width <= elements; width++) {
    if (elements % width !== 0) continue;
    const off = Math.abs(Math.log(width / wanted));
    if (off < distance) [best, distance] = [width, off];
  }
  return best;
}

function matrix(width: number, height: number, aspect: number): TileLayout {
  const shape = height === 0 ? 1 : width / height;
  if (shape > widestAspect && width > shortSide) {
    const bands = Math.max(1, Math.round(Math.sqrt(shape / aspect)));
    const bandWidth = Math.ceil(width / bands);
    const layout = arranged(bandWidth, height, Math.ceil(width / bandWidth), 1, bandWidth * height);
    return { ...layout, elements: width * height, bandedColumns: width };
  }
  if (1 / shape > highestAspect && height > shortSide) {
    const bandHeight = Math.ceil(height / Math.max(1, Math.round(Math.sqrt(aspect / shape))));
    const bands = Math.ceil(height / bandHeight);
    return { ...arranged(width, bandHeight, bands, bands, width * bandHeight), elements: width * height };
  }
  return { ...oneTile(width, width * height), tileHeight: height };
}

/** Tiles a row: whole groups of `inner` (an output channel's kernels) or whole parts of one, near the wanted aspect. */
function columnsFor(count: number, inner: number, width: number, height: number, aspect: number): number {
  let best = 1;
  let distance = Infinity;
  for (let columns = 1; columns <= count; columns++) {
    if (columns % inner !== 0 && inner % columns !== 0) continue;
    const rows = Math.ceil(count / columns);
    const ragged = rows * columns === count ? 0 : 0.8;
    const off = Math.abs(Math.log((columns * (width + 1)) / (rows * (height + 1)) / aspect)) + ragged;
    if (off < distance) [best, distance] = [columns, off];
  }
  return best;
}

function arranged(
  tileWidth: number,
  tileHeight: number,
  count: number,
  columns: number,
  tileElements: number,
): TileLayout {
  const gap = count > 1 && tileWidth * tileHeight > 1 ? 1 : 0;
  const rows = Math.ceil(count / columns);
  return {
    tileWidth,
    tileHeight,
    columns,
    rows,
    count,
    gap,
    width: Math.max(0, columns * (tileWidth + gap) - gap),
    height: Math.max(0, rows * (tileHeight + gap) - gap),
    elements: count * tileElements,
    tileElements,
    bandedColumns: null,
  };
}
