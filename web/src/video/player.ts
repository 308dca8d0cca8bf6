//! What plays one camera's live video, whatever the browser has for it. A player takes what the
//! media socket brings, in order, and says when which picture is due: it holds the pace, drops what
//! is too late, and waits for keyframes by itself. Drawing and falling back are others' business.

import type { Header } from "../wire/header";

export type Stream = "sub" | "main";

/** The place that a picture is shown in, device pixels. */
export interface Place {
  readonly width: number;
  readonly height: number;
}

/** A lane's configuration (message kind 3). */
export interface VideoConfiguration {
  /** As WebCodecs and MSE name it, `avc1.4D401E`; or `mjpeg`: each unit is a JPEG file. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly stream: Stream;
}

/** A picture that is due now. Who takes it closes it, soon: decoders have few to give. */
export interface MotionPicture {
  readonly image: CanvasImageSource;
  readonly width: number;
  readonly height: number;
  /** When the service received it, Unix milliseconds. */
  readonly receivedAtMs: number;
  /** Of its unit: per camera and stream, wrapping at 2^32. */
  readonly sequence: number;
  close(): void;
}

/**
 * Why there is no video. `unsupported`: this browser cannot play the codec; only another
 * configuration helps. `broken`: the decoder failed time and again on a codec that it has.
 */
export type VideoFault = "unsupported" | "broken";

export interface PlayerEvents {
  /** Pictures come in the order of media time, each when it is due; the newest one wins. */
  picture(picture: MotionPicture): void;
  /** Told once until the next configuration. */
  fault(why: VideoFault): void;
  /** So many units or pictures were left out because this screen could not keep up. */
  dropped(count: number): void;
}

/** One camera's player. It never throws and is never used after `close`. */
export interface Player {
  /** A lane begins, changes its stream or parameters, or goes on after a drop. */
  configure(configuration: VideoConfiguration): void;
  /** An access unit (Annex B). The player may transfer the buffer that `data` is a view of. */
  unit(header: Header, data: Uint8Array<ArrayBuffer>): void;
  /** Pictures are shown in a place of so many pixels: larger ones are a waste. `null`: as they are. */
  fit?(place: Place | null): void;
  close(): void;
}
