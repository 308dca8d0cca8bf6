//! How many cells of a wall may be in motion on this screen. Under pressure cells fall to tiles, one,
//! two, four …, and come back slowly once it is calm. Pure: time is an argument. Which cells these
//! are is the order of their importance; what pressure is, the page measures.

/** A second of pressure before anything falls: opening many players is busy for a moment. */
const PATIENCE_MS = 1500;
/** Between two steps down, for the last one to show its effect. */
const FALL_EVERY_MS = 1000;
/** Calm for this long before the first one comes back. */
const CALM_MS = 10_000;
const CALM_MAX_MS = 160_000;
/** Between two steps up of one recovery. */
const RISE_EVERY_MS = 2000;

export class Governor {
  private cells = Number.POSITIVE_INFINITY;
  private fall = 1;
  private rise = 1;
  private calmMs = CALM_MS;
  private pressedSinceMs: number | null = null;
  private calmSinceMs: number;
  private steppedMs = Number.NEGATIVE_INFINITY;
  private roseMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs: number) {
    this.calmSinceMs = nowMs;
  }

  /** Cells that may be in motion now. */
  get limit(): number {
    return this.cells;
  }

  /** Called a few times a second; `wished` cells would be in motion if nothing held them back. */
  tick(nowMs: number, pressed: boolean, wished: number): number {
    if (pressed) this.press(nowMs, wished);
    else this.relax(nowMs, wished);
    return this.cells;
  }

  private press(nowMs: number, wished: number): void {
    this.calmSinceMs = nowMs;
    this.rise = 1;
    this.pressedSinceMs ??= nowMs;
    const lasting = nowMs - this.pressedSinceMs >= PATIENCE_MS;
    if (!lasting || nowMs - this.steppedMs < FALL_EVERY_MS) return;
    // It came back too soon: the next try waits longer.
    if (nowMs - this.roseMs < CALM_MS) {
      this.calmMs = Math.min(CALM_MAX_MS, 2 * this.calmMs);
      this.roseMs = Number.NEGATIVE_INFINITY;
    }
    this.cells = Math.max(0, Math.min(this.cells, wished) - this.fall);
    this.fall *= 2;
    this.steppedMs = nowMs;
  }

  private relax(nowMs: number, wished: number): void {
    // Pressure that comes and goes is pressure still, for a moment.
    if (nowMs - this.calmSinceMs > FALL_EVERY_MS) this.pressedSinceMs = null;
    if (this.cells >= wished) {
      // Nothing is held back; what is wished for later starts without a limit.
      if (nowMs - this.calmSinceMs > this.calmMs) this.cells = Number.POSITIVE_INFINITY;
      return;
    }
    if (nowMs - this.calmSinceMs < this.calmMs) return;
    this.fall = 1;
    if (nowMs - this.steppedMs < RISE_EVERY_MS) return;
    this.cells += this.rise;
    this.rise *= 2;
    this.steppedMs = nowMs;
    this.roseMs = nowMs;
    if (this.cells >= wished) this.calmMs = CALM_MS;
  }
}
