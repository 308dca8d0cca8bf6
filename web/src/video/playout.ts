//! Which decoded picture is shown when. Pure: no clock, no decoder, no canvas.
//!
//! A stream is shown a small, learnt delay behind its live edge, so that pictures that come in bursts
//! are shown evenly. A viewer joins at a keyframe that may be a group of pictures old: the first
//! picture is shown at once and the rest played faster, not skipped, until the play head is there.

/** A picture that waits. Times are milliseconds. */
export interface Waiting<Picture> {
  readonly picture: Picture;
  /** Media time. */
  readonly mediaMs: number;
  /** When the service received it, on its clock. */
  readonly receivedAtMs: number;
}

/** Shares of the distance to the live edge that are made up in one second. */
const CATCH_UP_PER_S = 2.5;
/** Faster than this is no motion any more, and no decoder's business. */
const RATE_MAX = 8;
/** While the delay grows the picture slows down a little rather than stop. */
const RATE_MIN = 0.85;
/** A jump of media time by this much is another time line: a camera that set its clock. */
const JUMP_MS = 10_000;
/** Distances below this are held, not chased: a steady rate looks better than a small delay. */
const NEAR_MS = 8;

export class Playout<Picture extends { close(): void }> {
  private readonly edge = new LiveEdge();
  /** In the order of media time. Bounded by who decodes: it asks `size` first. */
  private queue: Waiting<Picture>[] = [];
  private head: { mediaMs: number; atMs: number } | null = null;
  private shownReceivedAtMs = 0;
  /** After a restart nothing is shown that is older than what was: a main stream begins earlier. */
  private floorMs = 0;
  private lastShownMediaMs = Number.NEGATIVE_INFINITY;

  /** Decoded pictures that wait. */
  get size(): number {
    return this.queue.length;
  }

  /** A unit came in: decoded or not, it tells where the live edge is. */
  arrived(mediaMs: number, nowMs: number): void {
    this.edge.arrived(mediaMs, nowMs);
  }

  /** What comes next does not follow what was: other stream, other parameters, or after a drop. */
  restart(): void {
    this.skip();
    this.edge.forget();
    this.floorMs = this.shownReceivedAtMs;
  }

  /** Units were left out: the next picture is shown at once. */
  skip(): void {
    for (const { picture } of this.queue) picture.close();
    this.queue = [];
    this.head = null;
  }

  /** Takes a decoded picture. One that is older than the one shown is not wanted any more. */
  decoded(waiting: Waiting<Picture>, nowMs: number): void {
    const { mediaMs, receivedAtMs, picture } = waiting;
    if (receivedAtMs < this.floorMs) {
      picture.close();
      return;
    }
    if (this.head !== null && Math.abs(mediaMs - this.position(nowMs)) > JUMP_MS) this.restart();
    if (this.head !== null && mediaMs <= this.lastShownMediaMs) {
      picture.close();
      return;
    }
    let at = this.queue.length;
    while (at > 0 && (this.queue[at - 1]?.mediaMs ?? 0) > mediaMs) at -= 1;
    this.queue.splice(at, 0, waiting);
  }

  /** The picture to show now, if another one is due; those before it are closed. */
  due(nowMs: number): Waiting<Picture> | null {
    const first = this.queue[0];
    if (first === undefined) return null;
    if (this.head === null) this.head = { mediaMs: first.mediaMs, atMs: nowMs };
    else this.head = { mediaMs: this.position(nowMs), atMs: nowMs };
    const position = this.head.mediaMs;
    let next: Waiting<Picture> | null = null;
    while (this.queue[0] !== undefined && this.queue[0].mediaMs <= position) {
      next?.picture.close();
      next = this.queue.shift() ?? null;
    }
    if (next !== null) {
      this.lastShownMediaMs = next.mediaMs;
      this.shownReceivedAtMs = Math.max(this.shownReceivedAtMs, next.receivedAtMs);
      this.floorMs = 0;
    }
    return next;
  }

  /** How long until another picture is due; `null` while none waits. */
  waitMs(nowMs: number): number | null {
    const first = this.queue[0];
    if (first === undefined) return null;
    if (this.head === null) return 0;
    // At the rate of the next millisecond; whoever wakes too early asks again.
    const position = this.position(nowMs);
    const rate = Math.max(RATE_MIN, this.position(nowMs + 1) - position);
    return Math.max(0, (first.mediaMs - position) / rate);
  }

  /** Gives every picture back. */
  close(): void {
    this.restart();
  }

  private position(nowMs: number): number {
    if (this.head === null) return 0;
    const { mediaMs, atMs } = this.head;
    const [aimThen, aim] = [this.edge.aimMs(atMs), this.edge.aimMs(nowMs)];
    if (aimThen === null || aim === null) return mediaMs + nowMs - atMs;
    return aim - closed(aimThen - mediaMs, nowMs - atMs);
  }
}

/**
 * What is left of a distance to the aim after some time: it shrinks by `CATCH_UP_PER_S` of itself,
 * within the least and the greatest rate.
 */
function closed(distanceMs: number, forMs: number): number {
  if (Math.abs(distanceMs) < NEAR_MS) return distanceMs;
  const limit = distanceMs > 0 ? RATE_MAX - 1 : RATE_MIN - 1;
  const steadyMs = Math.max(0, distanceMs / limit - 1000 / CATCH_UP_PER_S);
  if (forMs <= steadyMs) return distanceMs - limit * forMs;
  const rest = distanceMs - limit * steadyMs;
  return rest * Math.exp((-CATCH_UP_PER_S * (forMs - steadyMs)) / 1000);
}

/** How late units may be for a smooth picture: learnt, within these. */
const DELAY_FIRST_MS = 20;
const DELAY_MAX_MS = 120;
/** How long the quickest unit is remembered: a camera's clock drifts by less than 1 ms in that time. */
const QUICKEST_FOR_MS = 5000;

/** Where the stream would be if every unit came as quickly as the quickest, and how late they come. */
class LiveEdge {
  /** Least of arrival minus media time, in this and in the last span. */
  private quickest: number | null = null;
  private before: number | null = null;
  private sinceMs = 0;
  private delayMs = DELAY_FIRST_MS;

  arrived(mediaMs: number, nowMs: number): void {
    const taken = nowMs - mediaMs;
    if (this.quickest === null || nowMs - this.sinceMs > QUICKEST_FOR_MS) {
      this.before = this.quickest;
      this.quickest = taken;
      this.sinceMs = nowMs;
    }
    this.quickest = Math.min(this.quickest, taken);
    const late = taken - this.offset(this.quickest);
    // Soon longer, slowly shorter. A whole group of pictures at once is no lateness.
    if (late < 2 * DELAY_MAX_MS)
      this.delayMs += (late - this.delayMs) / (late > this.delayMs ? 4 : 64);
  }

  /** Media time that should be shown. */
  aimMs(nowMs: number): number | null {
    if (this.quickest === null) return null;
    return nowMs - this.offset(this.quickest) - Math.min(this.delayMs, DELAY_MAX_MS);
  }

  /** Another time line. What was learnt about lateness stays. */
  forget(): void {
    this.quickest = null;
    this.before = null;
  }

  private offset(quickest: number): number {
    return Math.min(quickest, this.before ?? quickest);
  }
}
