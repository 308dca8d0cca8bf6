//! Two clocks: the time that passed on this screen, and the service's time. Nothing here reads a
//! clock by itself: readings are arguments.

/** Time since the page began, in milliseconds, that never loses time. */
export class ScreenClock {
  private lostMs = 0;
  private steady: number;
  private wall: number;

  constructor(steadyMs: number, wallMs: number) {
    this.steady = steadyMs;
    this.wall = wallMs;
  }

  /**
   * `steadyMs` stops while a computer sleeps; the wall clock does not. If the wall clock ran ahead
   * by more than two seconds, that time passed for the pictures too: showing them older than they
   * are for a moment is honest, showing them younger is not.
   */
  now(steadyMs: number, wallMs: number): number {
    const ahead = wallMs - this.wall - (steadyMs - this.steady);
    if (ahead > SLEPT_MS) this.lostMs += ahead;
    this.steady = steadyMs;
    this.wall = wallMs;
    return steadyMs + this.lostMs;
  }
}

const SLEPT_MS = 2000;

/** The service's wall clock as heard in `hello` and `heartbeat`. */
export class ServerClock {
  private readonly offsets: number[] = [];

  /**
   * A message that was late on its way makes the service seem slow, and pictures younger than they
   * are. So of the last minute's messages the one that came with the least delay counts.
   */
  hear(nowMs: number, serverTimeMs: number): void {
    this.offsets.push(serverTimeMs - nowMs);
    if (this.offsets.length > HEARD_MAX) this.offsets.shift();
  }

  /** After a reconnect it may be another machine, or its clock was set. */
  forget(): void {
    this.offsets.length = 0;
  }

  /** The service's time in Unix milliseconds, once it is known. */
  at(nowMs: number): number | null {
    return this.offsets.length === 0 ? null : nowMs + Math.max(...this.offsets);
  }
}

/** A minute of heartbeats. */
const HEARD_MAX = 12;
