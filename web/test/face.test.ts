import assert from "node:assert/strict";
import test from "node:test";
import { faceOf, isLive, keyOf, type Picture } from "../src/face";
import { Words } from "../src/i18n";
import { type Camera, completeCamera } from "../src/wire/messages";

const words = new Words("en");

function camera(fields: Partial<Camera>): Camera {
  const complete = completeCamera({ id: "a", handle: 1, number: 7, state: "online", ...fields });
  assert.ok(complete);
  return complete;
}

function picture(ageMs: number | null, usualMs: number | null = 2000, notLive = false): Picture {
  return {
    ageMs,
    usualMs,
    notLive,
    receivedAtMs: ageMs === null ? null : 1_700_000_000_000,
    still: "",
  };
}

test("a fresh tile of an online camera has nothing over its picture", () => {
  const face = faceOf(camera({}), picture(500), words);
  assert.deepEqual(face, { look: "live", sign: "none", headline: "", detail: "", age: "" });
});

test("an age is shown before it is too old", () => {
  assert.equal(faceOf(camera({}), picture(4500), words).age, "4 s");
});

test("a tile without progress is stale within 10 s though its camera says online", () => {
  const face = faceOf(camera({}), picture(10_001, null), words);
  assert.equal(face.look, "stale");
  assert.equal(face.headline, "No new picture");
  assert.equal(face.detail, "last 05:13:20", "the time in Vietnam");
  assert.equal(face.age, "10 s");
});

test("only a condition that explains a missing picture is given as its reason", () => {
  const reason = (word: string) =>
    faceOf(camera({ conditions: [word] }), picture(60_000), words).headline;
  assert.equal(reason("packet-loss"), "No new picture");
  assert.equal(reason("decode-errors"), "Not decodable");
});

test("a lost camera whose picture this screen never had says when the last one was", () => {
  const lost = { state: "offline", lastFrameAtMs: 1_700_000_000_000 } as const;
  assert.equal(faceOf(camera(lost), picture(null), words).detail, "last 05:13:20");
  assert.equal(faceOf(camera({ ...lost, state: "online" }), picture(null), words).detail, "");
});

test("a tile is stale at once when the camera or the picture is not live", () => {
  assert.equal(faceOf(camera({ state: "stalled" }), picture(100), words).look, "stale");
  assert.equal(faceOf(camera({}), picture(100, 2000, true), words).look, "stale");
});

test("a camera with a 30 s keyframe interval shows its age and its interval", () => {
  const face = faceOf(camera({}), picture(25_000, 30_000), words);
  assert.equal(face.look, "slow");
  assert.ok(isLive(face));
  assert.equal(face.age, "25 s");
  assert.equal(face.detail, "every 30 s");
  assert.equal(faceOf(camera({}), picture(39_000, 30_000), words).look, "stale");
});

test("each reason has its sign and its words", () => {
  const cases: readonly (readonly [Partial<Camera>, string, string])[] = [
    [{ state: "connecting" }, "waiting", "Connecting"],
    [{ state: "connecting", conditions: ["session-limit"] }, "waiting", "Camera busy"],
    [{ state: "waiting-keyframe" }, "waiting", "Waiting for picture"],
    [{ state: "waiting-parameters" }, "waiting", "Waiting for picture data"],
    [{ state: "stalled", conditions: ["stalled"] }, "warning", "No video"],
    [{ state: "stalled", conditions: ["keyframe-overdue"] }, "warning", "No new picture"],
    [{ state: "stalled", conditions: ["decode-errors"] }, "warning", "Not decodable"],
    [{ state: "offline", conditions: ["credentials-rejected"] }, "lock", "Credentials rejected"],
    [{ state: "offline", conditions: ["quarantined"] }, "stopped", "Quarantined"],
    [{ state: "offline", conditions: ["a-new-word"] }, "stopped", "a new word"],
    [{ state: "offline" }, "stopped", "Offline"],
    [{ state: "unknown" }, "stopped", "Unknown"],
  ];
  for (const [fields, sign, headline] of cases) {
    const never = faceOf(camera(fields), picture(null), words);
    assert.deepEqual([never.look, never.sign, never.headline], ["empty", sign, headline]);
    const lost = faceOf(camera(fields), picture(60_000), words);
    assert.deepEqual([lost.look, lost.sign, lost.headline], ["stale", sign, headline]);
  }
});

test("an online camera that was never seen says so", () => {
  assert.equal(faceOf(camera({}), picture(null), words).headline, "No picture yet");
});

test("a live camera with something wrong says what", () => {
  const face = faceOf(camera({ conditions: ["frozen"] }), picture(500), words);
  assert.deepEqual([face.look, face.sign, face.headline], ["live", "warning", "Frozen"]);
});

test("faces that differ in anything have different keys", () => {
  const a = faceOf(camera({}), picture(4500), words);
  assert.notEqual(keyOf(a), keyOf({ ...a, age: "5 s" }));
  assert.equal(keyOf(a), keyOf({ ...a }));
});
