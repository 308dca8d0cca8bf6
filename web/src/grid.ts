//! Where tiles go: the columns and rows that make n tiles largest on a screen of any shape. All
//! lengths are device pixels, whole numbers, so that no edge is blurred.

export interface Space {
  readonly width: number;
  readonly height: number;
  /** Between tiles. */
  readonly gap: number;
  /** Least height of the strip below a picture that still holds readable text. */
  readonly stripMin: number;
  /** Tiles are never narrower: the grid scrolls instead. 0 on a wall, where all must be seen. */
  readonly tileMin: number;
}

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly tileWidth: number;
  readonly pictureHeight: number;
  readonly stripHeight: number;
  readonly gap: number;
  readonly left: number;
  readonly top: number;
  /** Height of all rows; more than the screen's means that the grid scrolls. */
  readonly height: number;
  /** The first cell spans so many columns and rows; 1 where all are alike. */
  readonly large?: number;
}

/** A strip's height as a share of its tile's width, once that is above the least. */
const STRIP_SHARE = 0.1;
const SHAPE = 9 / 16;

/** The grid with the widest tiles for `count` of them; of equals, the one with fewer empty cells. */
export function fit(count: number, space: Space): Grid {
  let best = gridOf(1, count, space);
  for (let columns = 2; columns <= count; columns += 1) {
    const grid = gridOf(columns, count, space);
    const wider = grid.tileWidth - best.tileWidth;
    const fuller = best.columns * best.rows - grid.columns * grid.rows;
    if (wider > 0 || (wider === 0 && fuller > 0)) best = grid;
  }
  if (best.tileWidth >= space.tileMin) return best;
  const columns = Math.max(1, Math.floor((space.width + space.gap) / (space.tileMin + space.gap)));
  return gridOf(columns, count, { ...space, height: Number.POSITIVE_INFINITY });
}

/** The grid of a screen's layout: `4x3`, `1+5` or `1+7`; `null` for one that fits its cells itself. */
export function parted(layout: string, space: Space): Grid | null {
  const large = { "1+5": 2, "1+7": 3 }[layout];
  if (large !== undefined) {
    const side = large + 1;
    return { ...gridOf(side, side * side, space), large };
  }
  const [columns, rows] = layout.split("x").map(Number);
  if (columns === undefined || rows === undefined || !(columns > 0 && rows > 0)) return null;
  return gridOf(columns, columns * rows, space);
}

/** Column and row of a cell: beside a large one the others go down its right, then along its foot. */
function placeOf(grid: Grid, index: number): readonly [number, number] {
  const { columns, large = 1 } = grid;
  if (large === 1 || index === 0) return [index % columns, Math.floor(index / columns)];
  return index <= large ? [large, index - 1] : [index - large - 1, large];
}

/** The rectangle of a cell, from the top left of the grid, before scrolling. */
export function cellRect(grid: Grid, index: number): Rect {
  const [column, row] = placeOf(grid, index);
  const height = grid.pictureHeight + grid.stripHeight;
  const span = index === 0 ? (grid.large ?? 1) : 1;
  return {
    x: grid.left + column * (grid.tileWidth + grid.gap),
    y: grid.top + row * (height + grid.gap),
    width: span * grid.tileWidth + (span - 1) * grid.gap,
    height: span * height + (span - 1) * grid.gap,
  };
}

/** The cell at a point, or `null` for a gap, an edge or an empty cell. */
export function cellAt(grid: Grid, count: number, x: number, y: number): number | null {
  if ((grid.large ?? 1) > 1) {
    for (let index = 0; index < count; index += 1) {
      const rect = cellRect(grid, index);
      const [right, down] = [x - rect.x, y - rect.y];
      if (right >= 0 && down >= 0 && right < rect.width && down < rect.height) return index;
    }
    return null;
  }
  const column = Math.floor((x - grid.left) / (grid.tileWidth + grid.gap));
  const row = Math.floor((y - grid.top) / (grid.pictureHeight + grid.stripHeight + grid.gap));
  if (column < 0 || column >= grid.columns || row < 0) return null;
  const index = row * grid.columns + column;
  if (index >= count) return null;
  const rect = cellRect(grid, index);
  return x < rect.x + rect.width && y < rect.y + rect.height ? index : null;
}

/** The first cell and the one after the last that show anything between two heights. */
export function visibleCells(
  grid: Grid,
  count: number,
  from: number,
  to: number,
): readonly [number, number] {
  if ((grid.large ?? 1) > 1) return [0, count];
  const pitch = grid.pictureHeight + grid.stripHeight + grid.gap;
  const first = Math.max(0, Math.floor((from - grid.top) / pitch)) * grid.columns;
  const after = Math.max(0, Math.ceil((to - grid.top) / pitch)) * grid.columns;
  return [Math.min(first, count), Math.min(after, count)];
}

function gridOf(columns: number, count: number, space: Space): Grid {
  const { width, height, gap, stripMin } = space;
  const rows = Math.max(1, Math.ceil(count / columns));
  const acrossMax = Math.floor((width - gap * (columns - 1)) / columns);
  const downMax = (height - gap * (rows - 1)) / rows;
  const tileWidth = Math.max(1, Math.min(acrossMax, widestFor(downMax, stripMin)));
  const pictureHeight = Math.max(1, Math.floor(tileWidth * SHAPE));
  const stripHeight = stripFor(tileWidth, stripMin);
  const usedWidth = columns * tileWidth + gap * (columns - 1);
  const usedHeight = rows * (pictureHeight + stripHeight) + gap * (rows - 1);
  return {
    columns,
    rows,
    tileWidth,
    pictureHeight,
    stripHeight,
    gap,
    left: Math.max(0, Math.floor((width - usedWidth) / 2)),
    top: Number.isFinite(height) ? Math.max(0, Math.floor((height - usedHeight) / 2)) : 0,
    height: usedHeight,
  };
}

function stripFor(tileWidth: number, stripMin: number): number {
  return Math.max(stripMin, Math.floor(tileWidth * STRIP_SHARE));
}

/** The widest tile whose picture and strip fit a height. */
function widestFor(height: number, stripMin: number): number {
  if (!Number.isFinite(height)) return Number.POSITIVE_INFINITY;
  const byShare = height / (SHAPE + STRIP_SHARE);
  return Math.floor(byShare * STRIP_SHARE >= stripMin ? byShare : (height - stripMin) / SHAPE);
}
