//! Which units go to the decoder. Pure. A decoder gets whole runs only: each begins with a keyframe
//! and nothing in it is left out. When this screen is too far behind and a newer keyframe has come,
//! everything before that keyframe is left out without being decoded.

/** Of a unit, what the feed must know. */
export interface Fed {
  readonly keyframe: boolean;
  /** Something was left out before this one. */
  readonly discontinuity: boolean;
  readonly sequence: number;
}

/** Behind by more than this, the newest keyframe is where to go on. */
export const BEHIND_MAX_MS = 1000;
/**
 * Units that wait for the decoder at most: 20 s at 25 a second, longer than most groups of pictures.
 * More means that the decoder does not keep up and no keyframe came: then all wait for the next one.
 */
const WAITING_MAX = 500;

export class Feed<Unit extends Fed> {
  /** Units that were left out because the decoder did not keep up; not those without a keyframe. */
  dropped = 0;
  private queue: Unit[] = [];
  /** Without a keyframe nothing can be decoded. */
  private closed = true;
  private last: number | null = null;

  get size(): number {
    return this.queue.length;
  }

  /** The next unit for the decoder. */
  get first(): Unit | undefined {
    return this.queue[0];
  }

  /** Takes a unit as it came. */
  push(unit: Unit): void {
    if (unit.discontinuity) this.clear();
    // A hole that nobody told of damages all that follows; what came before it does not suffer.
    if (this.last !== null && unit.sequence !== (this.last + 1) >>> 0) this.closed = true;
    this.last = unit.sequence;
    if (this.closed && !unit.keyframe) return;
    this.closed = false;
    if (this.queue.length >= WAITING_MAX) {
      this.dropped += this.queue.length;
      this.queue = [];
      if (!unit.keyframe) {
        this.dropped += 1;
        this.closed = true;
        return;
      }
    }
    this.queue.push(unit);
  }

  /** Gives out the first. */
  next(): Unit | undefined {
    return this.queue.shift();
  }

  /** Goes on at the newest keyframe that waits, if the first is so late; says whether. */
  skip(behindMs: number): boolean {
    if (behindMs <= BEHIND_MAX_MS) return false;
    const newest = this.queue.findLastIndex((unit) => unit.keyframe);
    if (newest <= 0) return false;
    this.dropped += newest;
    this.queue.splice(0, newest);
    return true;
  }

  /** Forgets what waits and begins again with a keyframe. */
  clear(): void {
    this.queue = [];
    this.closed = true;
    this.last = null;
  }
}
