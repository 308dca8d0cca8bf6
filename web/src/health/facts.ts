//! A camera's stream in words and figures: what is known now, and nothing of what is not.

import type { Words } from "../i18n";
import type { Camera } from "../wire/messages";
import type { Stream } from "../wire/past";
import { sinceOf } from "./rowface";

/** A term and its value. */
export type Fact = readonly [string, string];

/** What a camera sends: its codec, its size, how often. */
export function cameraFacts(camera: Camera, words: Words, nowMs: number): readonly Fact[] {
  const { codec, width, height, tags, refreshMs, lastFrameAtMs, state } = camera;
  const size = width === null || height === null ? "" : `${width} × ${height}`;
  const gone = lastFrameAtMs !== null && !COMES.has(state);
  return known([
    [words.say("fact.codec"), codec?.toUpperCase() ?? ""],
    [words.say("fact.size"), size],
    [words.say("fact.refresh"), refreshMs === null ? "" : words.interval(refreshMs)],
    [words.say("fact.last"), gone ? sinceOf(lastFrameAtMs, words, nowMs) : ""],
    [words.say("fact.tags"), tags.join(", ")],
  ]);
}

/** Its stream's figures as of now. */
export function streamFacts(stream: Stream, words: Words, nowMs: number): readonly Fact[] {
  const figure = (value: number | null, unit: string, digits = 0): string =>
    value === null ? "" : `${value.toFixed(digits)}${unit}`;
  const { bitrate, keyframeBytes, sessionSinceMs, signInAttempts } = stream;
  return known([
    [words.say("fact.frame-rate"), figure(stream.frameRate, "/s", 1)],
    [words.say("fact.bitrate"), figure(bitrate === null ? null : bitrate / 1000, " kbit/s")],
    [
      words.say("fact.keyframe"),
      figure(keyframeBytes === null || keyframeBytes === 0 ? null : keyframeBytes / 1000, " kB", 1),
    ],
    [words.say("fact.jitter"), figure(stream.jitterMs, " ms", 1)],
    [words.say("fact.lost"), figure(stream.packetsLost, "")],
    [words.say("fact.reordered"), figure(stream.packetsReordered, "")],
    [words.say("fact.clock"), clock(stream)],
    [
      words.say("fact.session"),
      sessionSinceMs === null ? "" : sinceOf(sessionSinceMs, words, nowMs),
    ],
    [words.say("fact.reconnects"), figure(stream.reconnects, "")],
    [words.say("fact.sign-ins"), signInAttempts === 0 ? "" : figure(signInAttempts, "")],
  ]);
}

/** `+5.020 ± 0.030 s, 200 ppm`. */
function clock({ clockOffsetS, clockErrorS, clockDriftPpm }: Stream): string {
  if (clockOffsetS === null) return "";
  const sign = clockOffsetS < 0 ? "−" : "+";
  const offset = `${sign}${Math.abs(clockOffsetS).toFixed(3)}`;
  const error = clockErrorS === null ? "" : ` ± ${clockErrorS.toFixed(3)}`;
  const drift = clockDriftPpm === null ? "" : `, ${clockDriftPpm.toFixed(1)} ppm`;
  return `${offset}${error} s${drift}`;
}

/** While pictures come, when the last one came is no news. */
const COMES: ReadonlySet<string> = new Set(["online", "suspect"]);

function known(facts: readonly Fact[]): readonly Fact[] {
  return facts.filter(([, value]) => value !== "");
}
