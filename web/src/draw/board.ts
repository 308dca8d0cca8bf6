//! The canvas: which cells changed, and drawing just those, once per frame of the screen.

import { keyOf } from "../face";
import { cellRect, type Grid, visibleCells } from "../grid";
import type { Theme } from "./theme";
import { drawEmpty, drawPicture, drawTile, isBare, type TileArt } from "./tile";

/** What is in a cell now. */
export type CellArt = (index: number) => TileArt | null;

export interface Drawn {
  /** A cell was drawn with what it holds now. */
  cell(index: number): void;
}

/**
 * Tiles that come within this time are drawn together: a changed canvas is put on the screen as a
 * whole, and at 4K that costs more than the tiles do.
 */
const DRAW_EVERY_MS = 50;
/** While few cells move: 30 times a second, which is more than most cameras send. */
const DRAW_SMOOTH_EVERY_MS = 30;

export class Board {
  private readonly to: CanvasRenderingContext2D;
  private grid: Grid | null = null;
  private count = 0;
  private scroll = 0;
  private asked = false;
  private drawnAt = 0;
  private readonly dirty = new Set<number>();
  private cleared = true;
  /** Few cells that move: there is time to draw them more often. */
  smooth = false;
  /** What each cell's face was when it was last drawn. */
  private keys = new Map<number, string>();

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly theme: Theme,
    private readonly art: CellArt,
    private readonly drawn: Drawn,
  ) {
    const to = canvas.getContext("2d", { alpha: false });
    if (to === null) throw new Error("this browser has no 2D canvas");
    this.to = to;
    to.imageSmoothingQuality = "medium";
  }

  /** Another size, other cells, or scrolled: everything is drawn anew. */
  lay(grid: Grid, count: number, width: number, height: number, scroll: number): void {
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.to.imageSmoothingQuality = "medium";
    }
    this.grid = grid;
    this.count = count;
    this.scroll = scroll;
    this.redraw();
  }

  redraw(): void {
    this.cleared = true;
    this.keys.clear();
    this.ask();
  }

  /** This cell has another picture or face. */
  touch(index: number): void {
    this.dirty.add(index);
    this.ask();
  }

  /** Cells in sight: the first, and the one after the last. */
  get sight(): readonly [number, number] {
    if (this.grid === null) return [0, 0];
    return visibleCells(this.grid, this.count, this.scroll, this.scroll + this.canvas.height);
  }

  private ask(): void {
    if (this.asked) return;
    this.asked = true;
    const every = this.smooth ? DRAW_SMOOTH_EVERY_MS : DRAW_EVERY_MS;
    const wait = this.cleared ? 0 : this.drawnAt + every - performance.now();
    if (wait > 0) setTimeout(() => this.drawNextFrame(), wait);
    else this.drawNextFrame();
  }

  private drawNextFrame(): void {
    requestAnimationFrame((at) => {
      this.asked = false;
      this.drawnAt = at;
      this.draw();
    });
  }

  private draw(): void {
    const [first, after] = this.sight;
    if (this.cleared) {
      this.to.fillStyle = this.theme.background;
      this.to.fillRect(0, 0, this.canvas.width, this.canvas.height);
      for (let index = first; index < after; index += 1) this.drawCell(index);
    } else {
      for (const index of this.dirty) {
        if (index >= first && index < after) this.drawCell(index);
      }
    }
    this.cleared = false;
    this.dirty.clear();
  }

  private drawCell(index: number): void {
    const art = this.art(index);
    if (art === null) {
      this.drawNothing(index);
      return;
    }
    const key = `${art.number}\n${art.name}\n${art.focused}\n${art.alert}\n${keyOf(art.face)}`;
    const bare = isBare(art.face) && !art.focused && art.alert === undefined;
    const onlyPicture = this.keys.get(index) === key && bare;
    if (onlyPicture) drawPicture(this.to, art, this.theme);
    else drawTile(this.to, art, this.theme);
    this.keys.set(index, key);
    this.drawn.cell(index);
  }

  private drawNothing(index: number): void {
    if (this.grid === null) return;
    const rect = cellRect(this.grid, index);
    drawEmpty(this.to, { ...rect, y: rect.y - this.scroll }, this.theme);
  }
}
