//! Whether this screen keeps up with what it plays: told by how late its own timer comes, by how
//! late video comes, and by what its players leave out. Pure: counts and times are arguments.

/** A timer this much late, smoothed: clicks and other pictures wait as long. */
const LATE_MS = 120;
/** A larger share of units left out is seen as stutter. */
const DROPPED_SHARE = 0.02;
/** Units that all come later than this were waiting for this page. */
const LAG_MS = 400;
/** Weight of the newest reading. */
const NEWEST = 0.3;

/** Totals since the page began, and what is now. */
export interface Played {
  readonly units: number;
  readonly dropped: number;
  /** How late the least late unit came since the last reading: the way here is congested. */
  readonly lagMs: number;
}

export class Pressure {
  private lateMs = 0;
  private droppedShare = 0;
  private lagMs = 0;
  private last: { readonly atMs: number; readonly played: Played } | null = null;

  /** A reading of a timer that should come each `everyMs`; whether the screen is under pressure. */
  read(nowMs: number, everyMs: number, played: Played): boolean {
    const { last } = this;
    this.last = { atMs: nowMs, played };
    if (last === null) return false;
    const late = Math.max(0, nowMs - last.atMs - everyMs);
    // A page that slept, or a screen that was off, was not busy.
    if (late > 10_000) return false;
    const units = Math.max(1, played.units - last.played.units);
    const share = Math.min(1, (played.dropped - last.played.dropped) / units);
    this.lateMs += NEWEST * (late - this.lateMs);
    this.droppedShare += NEWEST * (share - this.droppedShare);
    this.lagMs += NEWEST * (played.lagMs - this.lagMs);
    return this.lateMs > LATE_MS || this.droppedShare > DROPPED_SHARE || this.lagMs > LAG_MS;
  }
}
