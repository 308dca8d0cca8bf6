//! What the page and its video workers say to each other.

import type { Header } from "../wire/header";
import type { Place, VideoConfiguration, VideoFault } from "./player";

/** Of a unit's header, what a lane needs; message ports copy every field. */
export interface UnitHeader
  extends Pick<Header, "keyframe" | "discontinuity" | "sequence" | "receivedAtMs" | "mediaTime"> {
  /** When it came to the page, and when it had come to the service: on the clock of `steadyMs`. */
  readonly arrivedMs: number;
  readonly servedMs: number;
}

/** A clock that page and workers share; `performance.now` begins anew in each. */
export function steadyMs(): number {
  return performance.timeOrigin + performance.now();
}

export type ToWorker =
  | { readonly type: "open" | "close"; readonly lane: number }
  | {
      readonly type: "configure";
      readonly lane: number;
      readonly configuration: VideoConfiguration;
    }
  | {
      readonly type: "unit";
      readonly lane: number;
      readonly header: UnitHeader;
      readonly data: Uint8Array<ArrayBuffer>;
    }
  | { readonly type: "fit"; readonly lane: number; readonly place: Place | null }
  /** Pictures that the page has taken: it may get as many more. */
  | { readonly type: "taken"; readonly lanes: readonly number[] };

export interface LanePicture {
  readonly type: "picture";
  readonly lane: number;
  readonly image: VideoFrame | ImageBitmap;
  readonly receivedAtMs: number;
  readonly sequence: number;
}

/** A lane's account since the last one. */
export interface LaneAccount {
  readonly lane: number;
  /** Units that were decoded or left out: no longer in the worker. */
  readonly consumed: number;
  /** Units and pictures that were left out. */
  readonly dropped: number;
}

export type FromWorker =
  | LanePicture
  | { readonly type: "fault"; readonly lane: number; readonly why: VideoFault }
  | { readonly type: "accounts"; readonly accounts: readonly LaneAccount[] };

/** Pictures of one lane that the page has not taken yet, at most: decoders have few to give. */
export const UNTAKEN_MAX = 2;
