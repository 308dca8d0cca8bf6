//! How many cells of a wall may be in motion on this screen. A wall begins with a few and doubles them
//! while all is calm; under pressure cells fall to tiles, and come back slowly. Pure: time is an
//! argument. Which cells these are is the order of their importance; what pressure is, others measure.

/** Opened at once: a wall of 150 that begins all at once is busy for seconds. */
const FIRST = 24;
const DOUBLE_EVERY_MS = 1000;
/** Pressure for this long before anything falls: a click is busy for a moment, too. */
const PATIENCE_MS = 1000;
/** Between two steps down, for the last one to show its effect. */
const FALL_EVERY_MS = 1500;
/** Of the cells in motion, at least one: a screen that is a little short loses little. */
const FALL_SHARE = 1 / 6;
/** Calm for this long before the first one comes back; doubled when that was too soon. */
const CALM_MS = 8000;
const CALM_MAX_MS = 160_000;
/** Between two steps up of one recovery: one, two, four … */
const RISE_EVERY_MS = 2000;

export class Governor {
  private cells = FIRST;
  private rise = 1;
  private calmMs = CALM_MS;
  private starting = true;
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
  tick(nowMs: number, pressed: boolean, wished: number): void {
    if (pressed) this.press(nowMs, wished);
    else this.relax(nowMs, wished);
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
    this.starting = false;
    const moving = Math.min(this.cells, wished);
    // The last one stays: it costs little, and a page that is busy by itself gets no better by it.
    this.cells = Math.max(1, moving - Math.ceil(moving * FALL_SHARE));
    this.steppedMs = nowMs;
  }

  private relax(nowMs: number, wished: number): void {
    // Pressure that comes and goes is pressure still, for a moment.
    if (nowMs - this.calmSinceMs > PATIENCE_MS) this.pressedSinceMs = null;
    if (this.cells >= wished) return;
    if (this.starting) {
      if (this.pressedSinceMs !== null || nowMs - this.steppedMs < DOUBLE_EVERY_MS) return;
      // The first step waits for its own effect.
      if (this.steppedMs !== Number.NEGATIVE_INFINITY) this.cells *= 2;
      this.steppedMs = nowMs;
      return;
    }
    if (nowMs - this.calmSinceMs < this.calmMs || nowMs - this.steppedMs < RISE_EVERY_MS) return;
    this.cells += this.rise;
    this.rise *= 2;
    this.steppedMs = nowMs;
    this.roseMs = nowMs;
    if (this.cells >= wished) this.calmMs = CALM_MS;
  }
}
