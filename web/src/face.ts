//! What a tile says about its picture: decided from the camera's state and the picture's age, in
//! words, a sign and a look that never depend on colour. Drawn by `draw/tile`.

import { AGED_AFTER_MS, isSlow, staleAfterMs } from "./freshness";
import type { Key, Words } from "./i18n";
import type { Camera } from "./wire/messages";

/**
 * `live`: the picture and nothing over it · `slow`: live, with its age and interval, because it
 * refreshes rarely · `stale`: hatched and dimmed · `empty`: no picture was seen.
 */
export type Look = "live" | "slow" | "stale" | "empty";
export type Sign = "none" | "warning" | "stopped" | "waiting" | "lock" | "clock" | "still";

export interface Face {
  readonly look: Look;
  readonly sign: Sign;
  /** Why, in a few words; empty on a tile with nothing to say. */
  readonly headline: string;
  /** Second line: the time of the last picture, or the age and interval of a slow camera. */
  readonly detail: string;
  /** The age, once it is notable. */
  readonly age: string;
}

/** What is known of a tile's picture. */
export interface Picture {
  readonly ageMs: number | null;
  readonly usualMs: number | null;
  /** The service marked it as the last picture of a camera that is not live. */
  readonly notLive: boolean;
  /** When the service received it, Unix milliseconds. */
  readonly receivedAtMs: number | null;
  /** Why it does not move though it should; empty when there is nothing to say. */
  readonly still: string;
}

export function faceOf(camera: Camera, picture: Picture, words: Words): Face {
  const { ageMs, usualMs, receivedAtMs } = picture;
  if (ageMs === null || receivedAtMs === null) {
    const online = camera.state === "online";
    return {
      look: "empty",
      sign: online ? "waiting" : signOf(camera),
      headline: online ? words.say("state.no-picture") : reasonOf(camera, words),
      detail: online ? "" : lastOf(camera, words),
      age: "",
    };
  }
  const overdue = ageMs > staleAfterMs(usualMs);
  if (overdue || picture.notLive || camera.state !== "online") {
    return {
      look: "stale",
      sign: camera.state === "online" ? "warning" : signOf(camera),
      headline: staleReason(camera, words),
      detail: words.say("tile.last", { time: words.timeOfDay(receivedAtMs) }),
      age: words.shortAge(ageMs),
    };
  }
  const warned = camera.conditions.length > 0;
  const headline = warned ? words.condition(camera.conditions[0] ?? "") : picture.still;
  const sign: Sign = warned ? "warning" : picture.still === "" ? "none" : "still";
  if (isSlow(usualMs) || ageMs > AGED_AFTER_MS) {
    const interval = usualMs === null ? "" : words.interval(usualMs);
    const detail = interval === "" ? "" : words.say("tile.every", { interval });
    return { look: "slow", sign, headline, detail, age: words.shortAge(ageMs) };
  }
  const notable = ageMs > Math.max(NOTABLE_MS, 1.5 * (usualMs ?? 0));
  return { look: "live", sign, headline, detail: "", age: notable ? words.shortAge(ageMs) : "" };
}

/** When the service last had a picture that this screen has not. */
function lastOf(camera: Camera, words: Words): string {
  const at = camera.lastFrameAtMs;
  return at === null ? "" : words.say("tile.last", { time: words.timeOfDay(at) });
}

/** Whether the tile shows the present. */
export function isLive(face: Face): boolean {
  return face.look === "live" || face.look === "slow";
}

/** Two faces with one key are drawn alike. */
export function keyOf(face: Face): string {
  return [face.look, face.sign, face.headline, face.detail, face.age].join("\n");
}

/** The state in words, with the reason underneath it when that says more. */
export function reasonOf(camera: Camera, words: Words): string {
  const first = camera.conditions[0];
  const explains = camera.state === "offline" || camera.state === "stalled";
  if (first !== undefined && (explains || HELD_BACK.has(first))) return words.condition(first);
  return words.say(`state.${camera.state}` satisfies Key);
}

function staleReason(camera: Camera, words: Words): string {
  if (camera.state !== "online") return reasonOf(camera, words);
  const cause = camera.conditions.find((word) => NO_PICTURE.has(word));
  return cause === undefined ? words.say("state.no-new-picture") : words.condition(cause);
}

function signOf(camera: Camera): Sign {
  if (camera.conditions[0] === "credentials-rejected") return "lock";
  switch (camera.state) {
    case "connecting":
    case "waiting-keyframe":
    case "waiting-parameters":
      return "waiting";
    case "stalled":
      return "warning";
    default:
      return "stopped";
  }
}

/** Reasons why a camera stays "connecting" for long; they say more than that word. */
const HELD_BACK: ReadonlySet<string> = new Set([
  "unreachable",
  "refused",
  "credentials-rejected",
  "session-limit",
  "quarantined",
]);

/** Conditions that explain why an online camera's picture does not change. */
const NO_PICTURE: ReadonlySet<string> = new Set(["stalled", "keyframe-overdue", "decode-errors"]);

/** Below this an age is noise: most cameras send a keyframe each second or two. */
const NOTABLE_MS = 3000;
