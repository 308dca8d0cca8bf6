//! How old a tile's picture is, by frame progress, and when that is too old. Not why: the camera's
//! state says that.

import { type Header, isAfter, isSkip } from "./wire/header";

/** One tile's progress. Times are `ScreenClock` milliseconds. */
export class Freshness {
  private last: Arrived | null = null;
  private intervalMs: number | null = null;
  private gaps = 0;
  /** Since when pictures are left out, how often they were, and how many came whole after that. */
  private thinnedSinceMs: number | null = null;
  private drops = 0;
  private whole = 0;

  /**
   * Takes a picture that this screen can show. Returns `false` for one that is no progress: the
   * same again, or an older one.
   *
   * `connection` tells sockets apart: a service that restarted counts from the beginning, so
   * sequences compare within one connection only.
   */
  advance(nowMs: number, header: Header, serverNowMs: number | null, connection: number): boolean {
    const last = this.last;
    const same = last !== null && last.connection === connection;
    if (same && !isAfter(header.sequence, last.sequence)) return false;
    const onTheWayMs = Math.max(0, (serverNowMs ?? 0) - header.receivedAtMs);
    const shownMs = nowMs - (serverNowMs === null ? 0 : onTheWayMs);
    if (same && !header.notLive && !last.notLive) this.learn(shownMs - last.shownMs);
    const dropped = same && (header.discontinuity || isSkip(last.sequence, header.sequence));
    this.thin(nowMs, dropped);
    this.last = {
      sequence: header.sequence,
      connection,
      notLive: header.notLive,
      shownMs,
    };
    return true;
  }

  /** Milliseconds since the shown picture was received by the service; `null` before the first. */
  ageMs(nowMs: number): number | null {
    return this.last === null ? null : Math.max(0, nowMs - this.last.shownMs);
  }

  /** Whether the service sent the picture as the last one of a camera that is not live. */
  get notLive(): boolean {
    return this.last?.notLive ?? false;
  }

  /** Whether pictures have been left out for a while: by the service, on the way, or by this screen. */
  isThinned(nowMs: number): boolean {
    const since = this.thinnedSinceMs;
    return since !== null && this.drops > 1 && nowMs - since >= THINNED_AFTER_MS;
  }

  private thin(nowMs: number, dropped: boolean): void {
    this.whole = dropped ? 0 : this.whole + 1;
    if (dropped) {
      this.thinnedSinceMs ??= nowMs;
      this.drops += 1;
    } else if (this.whole >= WHOLE_AGAIN) {
      this.thinnedSinceMs = null;
      this.drops = 0;
    }
  }

  /** The usual time between two pictures: learnt here, else as the service says, else unknown. */
  usualMs(serviceSaysMs: number | null): number | null {
    const learnt = this.intervalMs;
    if (learnt === null) return serviceSaysMs;
    // The first picture after joining may have been an old one, so a single short gap says nothing.
    const believed = this.gaps > 1 || learnt > SINGLE_GAP_MIN_MS;
    return believed ? learnt : serviceSaysMs;
  }

  /**
   * Smooths with weight 1/5. A gap counts as at most three usual ones (or 2 s, whichever is
   * longer), so that one outage does not teach a slow camera, while a camera that was really set
   * slower is believed after a few pictures. Of the first two gaps the longer one counts.
   */
  private learn(gapMs: number): void {
    if (gapMs <= 0) return;
    const usual = this.intervalMs;
    // A single short gap says nothing, so it does not bound the next one either.
    const nothingKnown = usual === null || (this.gaps === 1 && usual <= SINGLE_GAP_MIN_MS);
    const counted = Math.min(gapMs, nothingKnown ? FIRST_GAP_MAX_MS : Math.max(3 * usual, 2000));
    this.gaps += 1;
    if (usual === null) this.intervalMs = counted;
    else if (this.gaps === 2) this.intervalMs = Math.max(usual, counted);
    else this.intervalMs = usual + (counted - usual) / 5;
  }
}

interface Arrived {
  readonly sequence: number;
  readonly connection: number;
  readonly notLive: boolean;
  /** When the service received it, on this screen's clock. */
  readonly shownMs: number;
}

/** A hiccup is nothing to speak of. */
const THINNED_AFTER_MS = 6000;
/** So many pictures in a row without a gap: the rate is whole again. */
const WHOLE_AGAIN = 3;

/** Longest keyframe interval that is believed from a single gap: cameras with 30 s exist. */
const FIRST_GAP_MAX_MS = 30_000;
/** A first gap above this is believed at once: it can only be too short. */
const SINGLE_GAP_MIN_MS = 3000;

/**
 * A picture older than this is marked, whatever is usual for its camera. The rule is 10 s; judging
 * four times a second, drawing and a busy machine need the rest.
 */
export const AGED_AFTER_MS = 9500;

/**
 * After which age a picture is stale: three usual intervals, at least 2 s, at most 10 s. A camera
 * whose pictures usually come later than that is not stale for being itself: it shows its age and
 * its interval instead, and is stale once a picture is overdue (its interval, a fifth, and 2 s).
 */
export function staleAfterMs(usualMs: number | null): number {
  if (usualMs === null) return AGED_AFTER_MS;
  const prompt = Math.min(Math.max(3 * usualMs, 2000), AGED_AFTER_MS);
  return Math.max(prompt, 1.2 * usualMs + 2000);
}

/** Whether a camera refreshes so rarely that its tile says so all the time. */
export function isSlow(usualMs: number | null): boolean {
  return usualMs !== null && usualMs > 4000;
}
