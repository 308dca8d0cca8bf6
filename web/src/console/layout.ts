//! Where the cells of a layout are: as spans of a grid, and as rectangles in device pixels.

import type { Rect } from "../grid";

/** The layouts of the grid, in the order in which a key steps through them. */
export const LAYOUTS = ["1x1", "2x2", "3x3", "4x4", "1+5"] as const;
export type Layout = (typeof LAYOUTS)[number];

/** Cells that a layout of the grid has at most. */
export const CELLS_MAX = 16;

export interface Span {
  readonly column: number;
  readonly row: number;
  /** So many columns and rows. */
  readonly size: number;
}

export interface Shape {
  readonly columns: number;
  readonly rows: number;
  readonly spans: readonly Span[];
}

/** A cell on the screen: a picture, and a strip with number and name below it. */
export interface Place {
  readonly rect: Rect;
  readonly pictureHeight: number;
}

/** Device pixels. */
export interface Room {
  readonly width: number;
  readonly height: number;
  readonly gap: number;
  readonly strip: number;
}

/** Sides of a screen's layout, at most: `12x12`. */
const SIDE_MAX = 12;

/**
 * A layout by name: `grid` for any number of cells, `3x2`, or `1+5` and `1+7`, which have one large
 * cell and a row and a column of small ones around it. What is unknown is a grid.
 */
export function shapeOf(name: string, cells: number): Shape {
  const sides = /^(\d{1,2})x(\d{1,2})$/.exec(name);
  const columns = Number(sides?.[1] ?? 0);
  const rows = Number(sides?.[2] ?? 0);
  if (columns > 0 && rows > 0 && columns <= SIDE_MAX && rows <= SIDE_MAX)
    return even(columns, rows);
  if (name === "1+5") return aroundLarge(3);
  if (name === "1+7") return aroundLarge(4);
  const wide = Math.max(1, Math.ceil(Math.sqrt(cells)));
  return even(wide, Math.max(1, Math.ceil(cells / wide)), cells);
}

export function cellsOf(layout: Layout): number {
  return shapeOf(layout, 0).spans.length;
}

export function isLayout(name: unknown): name is Layout {
  return LAYOUTS.some((one) => one === name);
}

/** The smallest layout with room for so many cells. */
export function layoutFor(cells: number): Layout {
  return LAYOUTS.find((one) => one !== "1+5" && cellsOf(one) >= cells) ?? "4x4";
}

/** The cell beside another one, in reading order where nothing lies in that direction. */
export function beside(shape: Shape, from: number, key: "left" | "right" | "up" | "down"): number {
  const here = shape.spans[from];
  if (here === undefined) return 0;
  const row = here.row + (key === "up" ? -1 : key === "down" ? here.size : 0);
  const column = here.column + (key === "left" ? -1 : key === "right" ? here.size : 0);
  const found = shape.spans.findIndex(
    (one) =>
      column >= one.column &&
      column < one.column + one.size &&
      row >= one.row &&
      row < one.row + one.size,
  );
  if (found >= 0) return found;
  const step = { left: -1, right: 1, up: 0, down: 0 }[key];
  return Math.min(shape.spans.length - 1, Math.max(0, from + step));
}

/** Rectangles for all cells, as large as they fit, in the middle of the room. */
export function placesOf(shape: Shape, room: Room): readonly Place[] {
  const { columns, rows, spans } = shape;
  const { width, height, gap, strip } = room;
  const across = (width - gap * (columns - 1)) / columns;
  const down = (height - gap * (rows - 1)) / rows - strip;
  const unit = Math.max(16, Math.floor(Math.min(across, (down * 16) / 9)));
  const tall = Math.floor((unit * 9) / 16) + strip;
  const left = Math.max(0, Math.floor((width - columns * unit - gap * (columns - 1)) / 2));
  const top = Math.max(0, Math.floor((height - rows * tall - gap * (rows - 1)) / 2));
  return spans.map(({ column, row, size }) => {
    const cell = size * tall + (size - 1) * gap;
    return {
      rect: {
        x: left + column * (unit + gap),
        y: top + row * (tall + gap),
        width: size * unit + (size - 1) * gap,
        height: cell,
      },
      pictureHeight: cell - strip,
    };
  });
}

function even(columns: number, rows: number, cells = columns * rows): Shape {
  const spans = Array.from({ length: cells }, (_, at) => {
    return { column: at % columns, row: Math.floor(at / columns), size: 1 };
  });
  return { columns, rows, spans };
}

/** The large one first, then the others as they are read. */
function aroundLarge(side: number): Shape {
  const spans: Span[] = [{ column: 0, row: 0, size: side - 1 }];
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      if (row === side - 1 || column === side - 1) spans.push({ column, row, size: 1 });
    }
  }
  return { columns: side, rows: side, spans };
}
