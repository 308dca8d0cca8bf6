//! Which cameras this page wishes to see move, the most important first, and which of them it may.
//! Joins the players, the governor and what the operator wants; says when the subscription changes.

import type { VideoWish } from "../sockets";
import type { VideoWhy } from "../wire/video";
import type { Way } from "./choose";
import { Governor } from "./governor";
import { Motion } from "./motion";
import { MSE_CELLS_MAX } from "./mse";
import type { Place, VideoFault } from "./player";
import { Pressure } from "./pressure";

/** Why a cell that should move shows its tiles. `screen`: this screen does not keep up. */
export type Still = VideoFault | VideoWhy | "screen" | "cells" | "browser";

/** High-rate tiles cost the service a full decode each: just for so many cameras. */
const HIGH_RATE_MAX = 8;

const FAMILIES: Readonly<Record<string, string>> = {
  avc1: "H.264",
  avc3: "H.264",
  hvc1: "H.265",
  hev1: "H.265",
};

export class Wishes {
  /** Whether the cells of the wall are to move. */
  on = false;
  readonly motion: Motion;
  private readonly governor: Governor;
  private readonly pressure = new Pressure();
  private cells: readonly string[] = [];
  private large: string | null = null;
  private place: Place | null = null;
  /** Those that may play now, in order. */
  private playing: readonly string[] = [];

  constructor(
    readonly way: Way,
    private readonly now: () => number,
    serverNow: () => number | null,
    changed: (id: string) => void,
  ) {
    this.motion = new Motion(way, now, serverNow, changed);
    this.governor = new Governor(now());
  }

  /**
   * The cells in sight, by importance, the camera that is large, and how large the others are. Says
   * whether the subscription changes by it.
   */
  want(cells: readonly string[], large: string | null, place: Place): boolean {
    this.cells = cells;
    this.place = place;
    const other = this.large !== large;
    this.large = large;
    const changes = this.settle() || other;
    this.fit();
    return changes;
  }

  /** Called each `everyMs`. Says whether the subscription changes. */
  tick(everyMs: number): boolean {
    const { units, dropped } = this.motion;
    const lagMs = this.motion.lag();
    const pressed = this.pressure.read(this.now(), everyMs, { units, dropped, lagMs });
    this.governor.tick(this.now(), pressed, this.on ? this.cells.length : 0);
    return this.settle();
  }

  /** What to subscribe. */
  get video(): readonly VideoWish[] {
    const { unsupported } = this.motion;
    return this.playing
      .filter((camera) => !unsupported.includes(camera))
      .map((camera) => ({ camera, stream: camera === this.large ? "main" : "sub" }));
  }

  /** Cameras that cannot be played here: their tiles are to come often, as far as that goes. */
  get highRate(): readonly string[] {
    const { unsupported } = this.motion;
    const important = [...unsupported].sort(
      (one, other) => this.playing.indexOf(one) - this.playing.indexOf(other),
    );
    return important.slice(0, HIGH_RATE_MAX);
  }

  /** Why a camera that should move shows its tiles; `null` if it moves, or need not. */
  still(id: string): Still | null {
    const wished = id === this.large || (this.on && this.cells.includes(id));
    if (!wished) return null;
    if (this.way.open === null) return "browser";
    const playing = this.motion.playing(id);
    if (playing !== null) return playing.state === "moving" ? null : playing.why;
    return this.cells.indexOf(id) >= this.room ? "cells" : "screen";
  }

  /** The codec that a camera's video has, as people call it. */
  codec(id: string): string {
    const codec = this.motion.configuration(id)?.codec ?? "";
    return FAMILIES[codec.slice(0, 4)] ?? codec.toUpperCase();
  }

  /** Cells that this way of playing allows. */
  private get room(): number {
    return this.way.kind === "mse" ? MSE_CELLS_MAX : Number.POSITIVE_INFINITY;
  }

  private settle(): boolean {
    const limit = Math.min(this.room, this.governor.limit);
    const cells = this.on ? this.cells.slice(0, limit) : [];
    const { large } = this;
    const next = large === null ? cells : [large, ...cells.filter((id) => id !== large)];
    const unsupported = this.motion.unsupported.length;
    const same =
      next.length === this.playing.length &&
      next.every((id, i) => id === this.playing[i]) &&
      unsupported === this.unsupportedBefore;
    this.unsupportedBefore = unsupported;
    if (same) return false;
    this.playing = next;
    this.motion.play(new Set(next));
    this.fit();
    return true;
  }

  private fit(): void {
    for (const id of this.playing) this.motion.fit(id, id === this.large ? null : this.place);
  }

  private unsupportedBefore = 0;
}
