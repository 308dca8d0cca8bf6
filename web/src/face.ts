//! What a tile says about its picture: decided from the camera's state and the picture's age, in
//! words, a sign and a look that never depend on colour. Drawn by `draw/tile`.

import { AGED_AFTER_MS, isSlow, staleAfterMs } from "./freshness";
import type { Key, Words } from "./i18n";
import { type Sign, signOfCondition } from "./sign";
import type { Camera } from "./wire/messages";

/**
 * `live`: the picture and nothing over it · `slow`: live, with its age and interval, because it
 * refreshes rarely · `stale`: hatched and dimmed · `empty`: no picture was seen.
 */
export type Look = "live" | "slow" | "stale" | "empty";
/**
 * How words stand over a picture that shows the present: as a `note` at its foot, or framed because
 * the picture is `suspect` or the camera is in `maintenance`.
 */
export type Mark = "none" | "note" | "suspect" | "maintenance";

export interface Face {
  readonly look: Look;
  readonly mark: Mark;
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
  /** Pictures of it are left out, because the service, the link or the screen cannot keep up. */
  readonly thinned: boolean;
}

/** The name of a site that people read. */
export type SiteName = (id: string) => string;

export function faceOf(
  camera: Camera,
  picture: Picture,
  words: Words,
  siteName: SiteName = (id) => id,
): Face {
  const { ageMs, usualMs, receivedAtMs } = picture;
  const { state, maintenance } = camera;
  const until =
    state === "maintenance" && maintenance !== null && maintenance.untilMs !== null
      ? words.say("tile.until", { time: words.moment(maintenance.untilMs) })
      : "";
  if (ageMs === null || receivedAtMs === null) {
    const comes = COMES.has(state);
    return {
      look: "empty",
      mark: "none",
      sign: comes ? "waiting" : signOf(camera),
      headline: comes ? words.say("state.no-picture") : reasonOf(camera, words, siteName),
      detail: comes ? "" : until || lastOf(camera, words),
      age: "",
    };
  }
  const overdue = ageMs > staleAfterMs(usualMs);
  // In these the camera is not watched for being live: what it shows is judged by its age alone.
  const present = state === "suspect" || state === "maintenance";
  if (overdue || (!present && (picture.notLive || state !== "online"))) {
    return {
      look: "stale",
      mark: "none",
      sign: COMES.has(state) ? "warning" : signOf(camera),
      headline: staleReason(camera, words, siteName),
      detail: until || words.say("tile.last", { time: words.timeOfDay(receivedAtMs) }),
      age: words.shortAge(ageMs),
    };
  }
  const says = saysOf(camera, picture, words, until);
  if (isSlow(usualMs) || ageMs > AGED_AFTER_MS) {
    const interval = usualMs === null ? "" : words.interval(usualMs);
    const detail = interval === "" ? "" : words.say("tile.every", { interval });
    return { look: "slow", ...says, detail, age: words.shortAge(ageMs) };
  }
  const notable = ageMs > Math.max(NOTABLE_MS, 1.5 * (usualMs ?? 0));
  return { look: "live", ...says, detail: "", age: notable ? words.shortAge(ageMs) : "" };
}

/** What is said over a picture that shows the present. */
function saysOf(
  camera: Camera,
  picture: Picture,
  words: Words,
  until: string,
): Pick<Face, "mark" | "sign" | "headline"> {
  if (camera.state === "maintenance") {
    const headline = [words.say("state.maintenance"), until].filter((part) => part !== "");
    return { mark: "maintenance", sign: "maintenance", headline: headline.join(" ") };
  }
  const first = camera.conditions[0];
  if (camera.state === "suspect") {
    const word = suspicionOf(camera);
    const headline = word === undefined ? words.say("state.suspect") : words.condition(word);
    const sign = word === undefined ? "warning" : signOfCondition(word);
    return { mark: "suspect", sign, headline };
  }
  if (first !== undefined) {
    return { mark: "note", sign: signOfCondition(first), headline: words.condition(first) };
  }
  if (picture.still !== "") return { mark: "note", sign: "still", headline: picture.still };
  if (picture.thinned) {
    const sign = signOfCondition("low-frame-rate");
    return { mark: "note", sign, headline: words.say("tile.thinned") };
  }
  return { mark: "none", sign: "none", headline: "" };
}

/** What the picture is suspected of: the worst of its conditions that concern the picture. */
export function suspicionOf(camera: Camera): string | undefined {
  return camera.conditions.find((word) => PICTURE.has(word)) ?? camera.conditions[0];
}

/** When the service last had a picture that this screen has not. */
function lastOf(camera: Camera, words: Words): string {
  const at = camera.lastFrameAtMs;
  return at === null ? "" : words.say("tile.last", { time: words.timeOfDay(at) });
}

/** Whether the tile shows the present, be it right or not. */
export function isLive(face: Face): boolean {
  return face.look === "live" || face.look === "slow";
}

/** Under which of the wall's counts a camera falls. */
export type Count = "live" | "suspect" | "maintenance" | "not";

export function countOf(camera: Camera, face: Face): Count {
  if (camera.state === "maintenance") return "maintenance";
  if (!isLive(face)) return "not";
  return face.mark === "suspect" ? "suspect" : "live";
}

/** Two faces with one key are drawn alike. */
export function keyOf(face: Face): string {
  const { look, mark, sign, headline, detail, age } = face;
  return [look, mark, sign, headline, detail, age].join("\n");
}

/** The state in words, with the reason underneath it when that says more. */
export function reasonOf(camera: Camera, words: Words, siteName: SiteName = (id) => id): string {
  const { state, maskedBy } = camera;
  if (state === "maintenance") return words.say("state.maintenance");
  const first = camera.conditions[0];
  const explains = state === "offline" || state === "stalled";
  // One cause, one condition: what each camera behind it suffers from says nothing more.
  if (maskedBy !== null && isLost(camera)) {
    return words.say("tile.site-down", { site: siteName(maskedBy) });
  }
  if (first !== undefined && (explains || HELD_BACK.has(first))) return words.condition(first);
  return words.say(`state.${state}` satisfies Key);
}

function staleReason(camera: Camera, words: Words, siteName: SiteName): string {
  if (!COMES.has(camera.state)) return reasonOf(camera, words, siteName);
  const cause = camera.conditions.find((word) => NO_PICTURE.has(word));
  return cause === undefined ? words.say("state.no-new-picture") : words.condition(cause);
}

/** Of a camera that shows nothing now. */
export function signOf(camera: Camera): Sign {
  if (camera.state === "maintenance") return "maintenance";
  if (camera.maskedBy !== null && isLost(camera)) return "site";
  if (camera.conditions[0] === "credentials-rejected") return "lock";
  switch (camera.state) {
    case "connecting":
    case "waiting-keyframe":
    case "waiting-parameters":
      return "waiting";
    case "suspect":
    case "stalled":
      return "warning";
    case "online":
      return "none";
    default:
      return "stopped";
  }
}

/** It cannot be watched, though it should. */
export function isLost({ state }: Camera): boolean {
  return state !== "maintenance" && !COMES.has(state);
}

/** States in which pictures come. */
const COMES: ReadonlySet<string> = new Set(["online", "suspect"]);

/** Conditions of what the picture shows. */
const PICTURE: ReadonlySet<string> = new Set([
  "frozen",
  "looped",
  "black",
  "overexposed",
  "defocused",
  "covered",
  "moved",
]);

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
