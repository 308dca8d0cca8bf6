//! When to connect, when to give a socket up, and when the wall as a whole is not live. Decides
//! only: sockets are opened and closed by `sockets`. Time and chance are arguments.

export type LinkPhase = "waiting" | "opening" | "open";

/** One socket's life. Times are `ScreenClock` milliseconds. */
export class Link {
  phase: LinkPhase = "waiting";
  private failures = 0;
  private dueMs: number;
  private sinceMs: number;

  constructor(
    nowMs: number,
    private readonly policy: LinkPolicy,
  ) {
    this.dueMs = nowMs;
    this.sinceMs = nowMs;
  }

  /** What to do now. The caller does it and says so through `opening` or `closed`. */
  next(nowMs: number): "open" | "give-up" | "nothing" {
    if (this.phase === "waiting") return nowMs >= this.dueMs ? "open" : "nothing";
    const patience = this.phase === "opening" ? this.policy.openMs : this.policy.silenceMs;
    return nowMs - this.sinceMs > patience ? "give-up" : "nothing";
  }

  opening(nowMs: number): void {
    this.phase = "opening";
    this.sinceMs = nowMs;
  }

  opened(nowMs: number): void {
    this.phase = "open";
    this.sinceMs = nowMs;
  }

  /** A sign of life: a heartbeat on the control socket, any message on the media socket. */
  heard(nowMs: number): void {
    this.sinceMs = nowMs;
    // Only a connection that said something has worked: one that opens and dies keeps backing off.
    this.failures = 0;
  }

  /** Ends the connection; the next one is tried after a wait drawn from a doubling range. */
  closed(nowMs: number, chance: number): void {
    const range = Math.min(this.policy.retryMaxMs, this.policy.retryMinMs * 2 ** this.failures);
    this.failures = Math.min(this.failures + 1, 30);
    this.phase = "waiting";
    this.dueMs = nowMs + this.policy.retryMinMs / 2 + chance * range;
  }
}

export interface LinkPolicy {
  /** Longest wait for the handshake. */
  readonly openMs: number;
  /** Longest silence of an open socket. */
  readonly silenceMs: number;
  /** First range of the wait before the next try. */
  readonly retryMinMs: number;
  /** Last range: a wall comes back within this time after the service does. */
  readonly retryMaxMs: number;
}

export const CONTROL: LinkPolicy = {
  openMs: 5000,
  silenceMs: 15_000,
  retryMinMs: 250,
  retryMaxMs: 4000,
};

/** Media may be silent for long: one camera with a 30 s keyframe interval is a wall, too. */
export const MEDIA: LinkPolicy = { ...CONTROL, silenceMs: 45_000 };

export type Liveness = "starting" | "live" | "not-live";

/** Whether the wall may be believed as a whole. */
export class LifeSign {
  private wasLive = false;
  private heartbeatMs: number | null = null;
  private downSinceMs: number | null;

  constructor(nowMs: number) {
    this.downSinceMs = nowMs;
  }

  heartbeat(nowMs: number): void {
    this.heartbeatMs = nowMs;
  }

  /** Says each time whether both sockets are up now. */
  sockets(nowMs: number, up: boolean): void {
    if (up) this.downSinceMs = null;
    else this.downSinceMs ??= nowMs;
  }

  judge(nowMs: number): Liveness {
    const silentMs = this.heartbeatMs === null ? null : nowMs - this.heartbeatMs;
    const silent = silentMs !== null && silentMs > HEARTBEAT_MISSED_MS;
    const downMs = this.downSinceMs === null ? 0 : nowMs - this.downSinceMs;
    if (silent || downMs > DOWN_MS) {
      this.wasLive = false;
      return "not-live";
    }
    if (silentMs !== null && this.downSinceMs === null) this.wasLive = true;
    return this.wasLive ? "live" : "starting";
  }

  /** How long nothing was heard from the service; `null` before the first word. */
  silentMs(nowMs: number): number | null {
    return this.heartbeatMs === null ? null : nowMs - this.heartbeatMs;
  }
}

/** Three heartbeats of 5 s. */
const HEARTBEAT_MISSED_MS = 15_000;
/** A reconnect within this time is not worth a word: every tile still tells its own age. */
const DOWN_MS = 3000;
