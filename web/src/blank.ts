//! Whether what was drawn is on the canvas: after a fault of the graphics card a canvas stays empty,
//! and no drawing says so. Some cells are looked at, scaled down to a few pixels: where a picture
//! with contrast was drawn there must be contrast.

import type { Rect } from "./grid";

/** A cell to look at: where it is, and the picture that was drawn there. */
export interface Sample {
  readonly rect: Rect;
  readonly picture: CanvasImageSource;
}

/** Difference of the brightest and the darkest of some pixels, 0 to 255. */
export interface Contrast {
  /** Of the picture. */
  readonly drawn: number;
  /** Of its place on the canvas. */
  readonly there: number;
}

/** A picture below this may be of the night, and says nothing. */
const CONTRAST_MIN = 32;
/** No contrast at all, but for rounding. */
const NONE = 4;
const SIDE = 8;

/** Not one of the pictures with contrast is there. */
export function isBlank(seen: readonly Contrast[]): boolean {
  const telling = seen.filter(({ drawn }) => drawn >= CONTRAST_MIN);
  return telling.length > 0 && telling.every(({ there }) => there <= NONE);
}

export class Witness {
  private readonly small: CanvasRenderingContext2D | null;

  constructor(private readonly canvas: HTMLCanvasElement) {
    const small = document.createElement("canvas");
    small.width = SIDE;
    small.height = SIDE;
    // Read on the side, so that the wall's own canvas stays where it is fast.
    this.small = small.getContext("2d", { alpha: false, willReadFrequently: true });
  }

  look(samples: readonly Sample[]): boolean {
    return isBlank(
      samples.map(({ rect, picture }) => ({
        drawn: this.contrast((to) => to.drawImage(picture, 0, 0, SIDE, SIDE)),
        there: this.contrast((to) =>
          to.drawImage(this.canvas, rect.x, rect.y, rect.width, rect.height, 0, 0, SIDE, SIDE),
        ),
      })),
    );
  }

  private contrast(draw: (to: CanvasRenderingContext2D) => void): number {
    if (this.small === null) return 0;
    this.small.clearRect(0, 0, SIDE, SIDE);
    draw(this.small);
    const { data } = this.small.getImageData(0, 0, SIDE, SIDE);
    let darkest = 255;
    let brightest = 0;
    for (let at = 0; at < data.length; at += 4) {
      const light = ((data[at] ?? 0) + 2 * (data[at + 1] ?? 0) + (data[at + 2] ?? 0)) / 4;
      darkest = Math.min(darkest, light);
      brightest = Math.max(brightest, light);
    }
    return brightest - darkest;
  }
}
