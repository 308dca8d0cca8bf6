//! What the media socket says of live video besides the pictures: a lane's configuration (message
//! kind 3) and the notices about what a lane carries. Checked here, at the edge.

import type { Stream, VideoConfiguration } from "../video/player";
import type { Json } from "./json";

/** Why a lane carries what it carries; `other` for words that this page does not know. */
export type VideoWhy = "wished" | "starting" | "too-slow" | "no-keyframe" | "other";

/** What a lane carries from now on. */
export interface VideoNotice {
  readonly camera: string;
  readonly wished: Stream;
  /** `tile`: no video for now. */
  readonly stream: Stream | "tile";
  readonly why: VideoWhy;
}

const WHYS: ReadonlySet<string> = new Set<VideoWhy>([
  "wished",
  "starting",
  "too-slow",
  "no-keyframe",
]);
/** Larger sides than any camera's. */
const SIDE_MAX = 16_384;
/** A configuration is short; more is no configuration. */
const CONFIGURATION_MAX = 1024;

export function readNotice(json: Json): VideoNotice | undefined {
  const { camera, wished, stream, why } = json;
  if (typeof camera !== "string" || !isStream(wished)) return undefined;
  if (!isStream(stream) && stream !== "tile") return undefined;
  const known = typeof why === "string" && WHYS.has(why);
  return { camera, wished, stream, why: known ? (why as VideoWhy) : "other" };
}

/** The payload of message kind 3. */
export function readConfiguration(payload: Uint8Array): VideoConfiguration | undefined {
  if (payload.byteLength > CONFIGURATION_MAX) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
  if (typeof json !== "object" || json === null) return undefined;
  const { codec, width, height, stream } = json as Json;
  const named = typeof codec === "string" && /^[A-Za-z0-9.]{1,40}$/.test(codec);
  if (!named || !isSide(width) || !isSide(height) || !isStream(stream)) return undefined;
  return { codec, width, height, stream };
}

function isStream(value: unknown): value is Stream {
  return value === "sub" || value === "main";
}

function isSide(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= SIDE_MAX;
}
