//! What a camera's row says: words and a sign, decided here and written by `rows`.

import { isLost, signOf, suspicionOf } from "../face";
import type { Words } from "../i18n";
import { type Sign, signOfCondition } from "../sign";
import type { Sites } from "../sites";
import type { Camera } from "../wire/messages";
import { isWell, troubledSince } from "./filter";

/**
 * `good`: nothing to do · `bad`: somebody must look · `masked`: lost with its whole site · `service`:
 * out of service · `quiet`: wait.
 */
export type Tone = "good" | "bad" | "masked" | "service" | "quiet";

export interface RowFace {
  readonly sign: Sign;
  readonly tone: Tone;
  readonly state: string;
  readonly site: string;
  readonly conditions: string;
  readonly since: string;
  readonly evidence: string;
}

export function rowFaceOf(camera: Camera, words: Words, sites: Sites, nowMs: number): RowFace {
  const sinceMs = troubledSince(camera);
  return {
    sign: rowSignOf(camera),
    tone: toneOf(camera),
    state: words.say(`state.${camera.state}`),
    site: camera.site === null ? "" : sites.name(camera.site),
    conditions: conditionsOf(camera, words, sites),
    since: sinceMs === null ? "" : sinceOf(sinceMs, words, nowMs),
    evidence: camera.maintenance?.reason || camera.reason || camera.standing[0]?.evidence || "",
  };
}

/** `10:31 (12 phút)`. */
export function sinceOf(sinceMs: number, words: Words, nowMs: number): string {
  const age = words.age(Math.max(0, nowMs - sinceMs));
  return `${words.moment(sinceMs, nowMs)} (${age})`;
}

/** The sign of a camera in lists: as on the wall, and a tick for one that is well. */
export function rowSignOf(camera: Camera): Sign {
  const { state, conditions } = camera;
  const first = conditions[0];
  if (isWell(camera)) return "good";
  if (state === "suspect") return signOfCondition(suspicionOf(camera) ?? "");
  if (state === "online") return first === undefined ? "good" : signOfCondition(first);
  const sign = signOf(camera);
  const own = sign === "stopped" || sign === "warning";
  return own && first !== undefined ? signOfCondition(first) : sign;
}

function toneOf(camera: Camera): Tone {
  if (camera.maskedBy !== null && isLost(camera)) return "masked";
  switch (camera.state) {
    case "online":
      return isWell(camera) ? "good" : "quiet";
    case "maintenance":
      return "service";
    case "connecting":
    case "waiting-keyframe":
    case "waiting-parameters":
      return camera.conditions.length === 0 ? "quiet" : "bad";
    default:
      return "bad";
  }
}

function conditionsOf(camera: Camera, words: Words, sites: Sites): string {
  const own = camera.conditions.map((word) => words.condition(word)).join(", ");
  const { maskedBy, maintenance, state } = camera;
  if (state === "maintenance" && maintenance !== null && maintenance.untilMs !== null) {
    return words.say("order.until-time", { time: words.moment(maintenance.untilMs) });
  }
  if (maskedBy !== null) return words.say("tile.site-down", { site: sites.name(maskedBy) });
  return own;
}
