//! Media time of a stream without end: the wire's 32 bits at 90 kHz wrap every 13 hours.

/** Unwraps one stream's times. B-frames go back a little; that is no wrap. */
export class MediaTime {
  private last: number | null = null;
  private ticks = 0;

  /** Whole microseconds since the first time that was given; negative before it. */
  us(wire: number): number {
    // The difference as a signed 32-bit number is the shorter way around.
    this.ticks += this.last === null ? 0 : (wire - this.last) | 0;
    this.last = wire;
    return Math.round((this.ticks * 100) / 9);
  }
}
