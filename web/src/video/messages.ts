//! What the page and its video workers say to each other.

import type { Header } from "../wire/header";
import type { VideoConfiguration, VideoFault } from "./player";

/** Of a unit's header, what a lane needs; message ports copy every field. */
export type UnitHeader = Pick<
  Header,
  "keyframe" | "discontinuity" | "sequence" | "receivedAtMs" | "mediaTime"
>;

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
  /** Pictures that the page gave back: it may get as many more. A lane is named once for each. */
  | { readonly type: "taken"; readonly lanes: readonly number[] };

/** A picture that is due. The page owns the frame from now on. */
export interface LanePicture {
  readonly lane: number;
  readonly frame: VideoFrame;
  readonly receivedAtMs: number;
  readonly sequence: number;
}

/** A lane's account since the last one. */
export interface LaneAccount {
  readonly lane: number;
  /** Units that reached the worker: no longer on their way to it. */
  readonly arrived: number;
  /** Units that were left out because this screen could not keep up. */
  readonly dropped: number;
}

export type FromWorker =
  | { readonly type: "pictures"; readonly pictures: readonly LanePicture[] }
  /** `configurations`: how many the lane had been given by then. */
  | {
      readonly type: "fault";
      readonly lane: number;
      readonly why: VideoFault;
      readonly configurations: number;
    }
  | { readonly type: "accounts"; readonly accounts: readonly LaneAccount[] };

/** Pictures of one lane that the page has not given back, at most: decoders have few to give. */
export const UNTAKEN_MAX = 2;
