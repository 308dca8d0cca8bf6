//! Whether somebody is in front of this page: what nobody looks at is not watched. A screen of a wall
//! always is; a page is for a while after somebody touched it.

/** Without a key or a hand for so long, whoever was there may have left. */
const ATTENDED_MS = 15 * 60_000;

export class Attended {
  private touchedMs: number;

  constructor(
    /** Somebody opened the page. */
    nowMs: number,
    private readonly always: boolean,
  ) {
    this.touchedMs = nowMs;
  }

  touched(nowMs: number): void {
    this.touchedMs = nowMs;
  }

  is(nowMs: number): boolean {
    return this.always || nowMs - this.touchedMs < ATTENDED_MS;
  }
}

/** Tells of each sign of life. */
export function onTouch(told: () => void): void {
  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel"] as const) {
    window.addEventListener(kind, told, { passive: true, capture: true });
  }
}
