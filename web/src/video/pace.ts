//! How fast a `<video>` element must play to stay at the live edge without running dry. Pure: times
//! are arguments.

/** How early the latest of the last units should be, in seconds: what jitter may take. */
const MARGIN_S = 0.04;
/** Further behind than this is caught up by a jump. */
const BEHIND_S = 1;
/** So far past the newest picture an element runs when none comes for a while. */
const AHEAD_S = 0.25;
/**
 * What a lane's ring holds comes within a few turns of the event loop: for this long after the start
 * a smaller distance is jumped as well, so that catching up is over before anybody sees it.
 */
const SETTLE_MS = 400;
const SETTLE_BEHIND_S = 0.2;
const SETTLE_JUMP_EVERY_MS = 50;
/** A machine that cannot keep up would jump all the time and show nothing in between. */
const JUMP_EVERY_MS = 1000;
/** The margin is judged over this time: long enough to see each kind of lateness. */
const WINDOW_MS = 1500;

/** What to do now: play at this rate, or go on at that time at once. */
export type Step =
  | { readonly kind: "play"; readonly rate: number }
  | { readonly kind: "jump"; readonly toS: number };

export class Pace {
  private earliness: { readonly atMs: number; readonly s: number }[] = [];
  private jumpedAtMs = Number.NEGATIVE_INFINITY;
  private settledAtMs = Number.NEGATIVE_INFINITY;

  /** A unit that is due at `showS` arrived while the element was at `playheadS`. */
  arrived(nowMs: number, showS: number, playheadS: number): Step {
    const early = showS - playheadS;
    const settling = nowMs < this.settledAtMs;
    const far = early > (settling ? SETTLE_BEHIND_S : BEHIND_S) || early < -AHEAD_S;
    const every = settling ? SETTLE_JUMP_EVERY_MS : JUMP_EVERY_MS;
    if (far && nowMs - this.jumpedAtMs >= every) return this.jump(nowMs, showS);
    this.earliness = this.earliness.filter(({ atMs }) => nowMs - atMs < WINDOW_MS);
    this.earliness.push({ atMs: nowMs, s: early });
    const least = Math.min(...this.earliness.map(({ s }) => s));
    return { kind: "play", rate: rateFor(least - MARGIN_S) };
  }

  /** The element starts: at the newest picture that there is. */
  start(nowMs: number, showS: number): Step {
    this.settle(nowMs);
    return this.jump(nowMs, showS);
  }

  /** A lane begins, with what its ring holds; what was learnt before may not fit. */
  settle(nowMs: number): void {
    this.settledAtMs = nowMs + SETTLE_MS;
    this.earliness = [];
  }

  private jump(nowMs: number, showS: number): Step {
    this.jumpedAtMs = nowMs;
    this.earliness = [];
    return { kind: "jump", toS: showS - MARGIN_S };
  }
}

/** Few rates, since each change costs. */
function rateFor(spareS: number): number {
  if (spareS > 0.3) return 1.5;
  if (spareS > 0.15) return 1.25;
  if (spareS > 0.08) return 1.1;
  if (spareS > 0.03) return 1.03;
  if (spareS < -0.03) return 0.9;
  if (spareS < -0.01) return 0.97;
  return 1;
}
