//! Which way this browser plays video: the best one that it has.

import { hasMse, MsePlayer } from "./mse";
import type { Player, PlayerEvents } from "./player";
import { WebCodecs } from "./webcodecs";

export type PlayerKind = "webcodecs" | "mse" | "tiles";

/** A way to play video. */
export interface Way {
  readonly kind: PlayerKind;
  /** A player for one camera. `null` where tiles are all there is. */
  readonly open: ((events: PlayerEvents) => Player) | null;
}

const WORKER = "/assets/video-worker.js";

/** `VideoDecoder` exists only over HTTPS and on the machine itself; tiles work everywhere. */
export function choosePlayer(serverNow: () => number | null): Way {
  if (typeof VideoDecoder !== "undefined" && typeof EncodedVideoChunk !== "undefined") {
    const decoders = new WebCodecs(WORKER, navigator.hardwareConcurrency, serverNow);
    return { kind: "webcodecs", open: (events) => decoders.open(events) };
  }
  if (hasMse()) return { kind: "mse", open: (events) => new MsePlayer(events) };
  return { kind: "tiles", open: null };
}
