//! What the operator's grid shows: a layout, what is in each cell, which cell is chosen, whether it
//! is large, and what an alert brought up in place of all that. Decides only; `stage` draws.

import { beside, CELLS_MAX, cellsOf, type Layout, layoutFor, shapeOf } from "./layout";

/** One camera, or several that take turns. */
export interface Cell {
  readonly cameras: readonly string[];
  /** Of them, the one that is shown. */
  readonly at: number;
  /** How long each is shown, milliseconds. */
  readonly dwellMs: number;
  /** When the one that is shown came, on the page's clock. */
  readonly sinceMs: number;
}

/** A layout with what is in its cells, as it is saved. */
export interface Setting {
  readonly layout: Layout;
  readonly cells: readonly (Pick<Cell, "cameras" | "dwellMs"> | null)[];
}

/** The shortest turn of a tour: a picture must be seen, and its video must begin. */
export const DWELL_MIN_MS = 3000;
export const DWELL_MS = 10_000;
/** Cameras of one tour. */
export const TOUR_MAX = 200;

interface Held {
  readonly layout: Layout;
  readonly cells: readonly (Cell | null)[];
  readonly chosen: number;
  readonly large: boolean;
}

const NO_CELLS: readonly (Cell | null)[] = Array.from({ length: CELLS_MAX }, () => null);

export class Scene {
  private now: Held = { layout: "2x2", cells: NO_CELLS, chosen: 0, large: false };
  /** What the operator had before something was brought up in its place. */
  private own: Held | null = null;
  private reason = "";

  get layout(): Layout {
    return this.now.layout;
  }

  get chosen(): number {
    return this.now.chosen;
  }

  /** The chosen cell fills the grid. */
  get large(): boolean {
    return this.now.large;
  }

  /** Why something else than the operator's own is shown; `null` while it is the operator's own. */
  get aside(): string | null {
    return this.own === null ? null : this.reason;
  }

  /** The cells of the layout. */
  get cells(): readonly (Cell | null)[] {
    return this.now.cells.slice(0, cellsOf(this.now.layout));
  }

  /** The camera in each cell now. */
  get shown(): readonly (string | null)[] {
    return this.cells.map(cameraOf);
  }

  get camera(): string | null {
    return this.shown[this.now.chosen] ?? null;
  }

  /** Chooses a cell. A large picture stays large: it is the other cell's then. */
  choose(cell: number): void {
    if (cell >= 0 && cell < cellsOf(this.now.layout)) this.now = { ...this.now, chosen: cell };
  }

  move(key: "left" | "right" | "up" | "down"): void {
    this.choose(beside(shapeOf(this.now.layout, 0), this.now.chosen, key));
  }

  /**
   * Shows a camera: where it is already, else in the chosen cell if that is free, else in the first
   * free one, else in place of what is chosen. Answers the cell.
   */
  call(camera: string, nowMs: number): number {
    const { shown } = this;
    const there = shown.indexOf(camera);
    const free = shown[this.now.chosen] === null ? this.now.chosen : shown.indexOf(null);
    const cell = there >= 0 ? there : free >= 0 ? free : this.now.chosen;
    if (there < 0) this.put(camera, cell, nowMs);
    this.choose(cell);
    return cell;
  }

  /** Puts a camera into a cell; from another cell it moves there, and what was there goes back. */
  put(camera: string, cell: number, nowMs: number): void {
    const from = this.shown.indexOf(camera);
    if (from >= 0) this.swap(from, cell);
    else this.set(cell, one(camera, nowMs));
    this.choose(cell);
  }

  swap(from: number, to: number): void {
    const { cells } = this.now;
    const [a, b] = [cells[from] ?? null, cells[to] ?? null];
    this.set(from, b);
    this.set(to, a);
  }

  clear(cell: number): void {
    this.set(cell, null);
    this.now = { ...this.now, large: false };
  }

  tour(cell: number, cameras: readonly string[], dwellMs: number, nowMs: number): void {
    const each = [...new Set(cameras)].slice(0, TOUR_MAX);
    if (each.length === 0) return;
    const dwell = Math.max(DWELL_MIN_MS, dwellMs);
    this.set(cell, { cameras: each, at: 0, dwellMs: dwell, sinceMs: nowMs });
  }

  /** Another layout; what does not fit is kept for when there is room again. */
  arrange(layout: Layout): void {
    const chosen = Math.min(this.now.chosen, cellsOf(layout) - 1);
    this.now = { ...this.now, layout, chosen, large: false };
  }

  /** The chosen cell large, and exactly back. An empty cell has nothing to enlarge. */
  enlarge(large: boolean): void {
    this.now = { ...this.now, large: large && this.camera !== null };
  }

  /** Other cameras in place of all that is there, until `back`. */
  bring(cameras: readonly string[], why: string, nowMs: number): void {
    const each = [...new Set(cameras)].slice(0, CELLS_MAX);
    if (each.length === 0) {
      this.giveBack();
      return;
    }
    this.own ??= this.now;
    this.reason = why;
    const cells = NO_CELLS.map((_, at) => (each[at] === undefined ? null : one(each[at], nowMs)));
    this.now = { layout: layoutFor(each.length), cells, chosen: 0, large: false };
  }

  /** Another camera beside what is there, until `back`; where there is no room, in the last cell's place. */
  beside(camera: string, why: string, nowMs: number): void {
    if (this.shown.includes(camera)) return;
    const { own, reason } = this;
    const free = this.shown.indexOf(null);
    const count = this.cells.length;
    this.own = own ?? this.now;
    this.reason = own === null ? why : reason;
    if (free < 0 && count < CELLS_MAX)
      this.now = { ...this.now, layout: layoutFor(count + 1), cells: fitting(this.cells) };
    this.set(free >= 0 ? free : Math.min(count, CELLS_MAX - 1), one(camera, nowMs));
  }

  /** One step back: from large to the grid, then to the operator's own. Says whether there was one. */
  back(): boolean {
    if (this.now.large) {
      this.enlarge(false);
      return true;
    }
    return this.giveBack();
  }

  /** Tours go on. Says whether another camera is shown. */
  tick(nowMs: number): boolean {
    let turned = false;
    this.now.cells.forEach((cell, at) => {
      if (cell === null || cell.cameras.length < 2 || nowMs - cell.sinceMs < cell.dwellMs) return;
      // Nobody looks for a large picture to change under their eyes.
      if (this.now.large && at === this.now.chosen) return;
      this.set(at, { ...cell, at: (cell.at + 1) % cell.cameras.length, sinceMs: nowMs });
      turned = true;
    });
    return turned;
  }

  /** As it is saved: the operator's own, also while something else is shown. */
  get setting(): Setting {
    const { layout, cells } = this.own ?? this.now;
    const kept = cells.map((cell) => {
      return cell === null ? null : { cameras: cell.cameras, dwellMs: cell.dwellMs };
    });
    const last = kept.findLastIndex((cell) => cell !== null);
    return { layout, cells: kept.slice(0, last + 1) };
  }

  /** A saved one, in place of the operator's own. */
  recall({ layout, cells }: Setting, nowMs: number): void {
    this.own = null;
    const filled = NO_CELLS.map((_, at) => {
      const cell = cells[at] ?? null;
      return cell === null ? null : { ...cell, at: 0, sinceMs: nowMs };
    });
    this.now = { layout, cells: filled, chosen: 0, large: false };
  }

  /** A camera into the operator's own grid, from wherever it stood beside that. */
  take(camera: string, nowMs: number): void {
    this.giveBack();
    this.call(camera, nowMs);
  }

  private giveBack(): boolean {
    if (this.own === null) return false;
    this.now = this.own;
    this.own = null;
    return true;
  }

  private set(cell: number, what: Cell | null): void {
    const cells = this.now.cells.map((before, at) => (at === cell ? what : before));
    this.now = { ...this.now, cells };
  }
}

export function cameraOf(cell: Cell | null): string | null {
  return cell?.cameras[cell.at] ?? null;
}

/** These alone: what a larger layout held before stays away. */
function fitting(cells: readonly (Cell | null)[]): readonly (Cell | null)[] {
  return NO_CELLS.map((_, at) => cells[at] ?? null);
}

function one(camera: string, nowMs: number): Cell {
  return { cameras: [camera], at: 0, dwellMs: DWELL_MS, sinceMs: nowMs };
}
