import assert from "node:assert/strict";
import test from "node:test";
import { countOf, faceOf, isLive, keyOf, type Picture } from "../src/face";
import { Words } from "../src/i18n";
import { tally } from "../src/summary";
import type { Camera } from "../src/wire/messages";
import { camera, standing } from "./cameras";

const words = new Words("en");

function picture(ageMs: number | null, usualMs: number | null = 2000, notLive = false): Picture {
  return {
    ageMs,
    usualMs,
    notLive,
    receivedAtMs: ageMs === null ? null : 1_700_000_000_000,
    still: "",
    thinned: false,
  };
}

test("a fresh tile of an online camera has nothing over its picture", () => {
  const face = faceOf(camera({}), picture(500), words);
  const bare = { look: "live", mark: "none", sign: "none", headline: "", detail: "", age: "" };
  assert.deepEqual(face, bare);
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
  const face = faceOf(camera({ conditions: ["packet-loss"] }), picture(500), words);
  const { look, mark, sign, headline } = face;
  assert.deepEqual([look, mark, sign, headline], ["live", "note", "loss", "Packet loss"]);
});

test("a suspect picture stays to be seen, framed, with the sign and word of what is wrong", () => {
  const suspect = camera({ state: "suspect", ...standing("clock-skew", "moved", "black") });
  const face = faceOf(suspect, picture(500), words);
  const { look, mark, sign, headline } = face;
  assert.deepEqual([look, mark, sign, headline], ["live", "suspect", "moved", "Moved"]);
  assert.equal(faceOf(suspect, picture(500, 2000, true), words).look, "live");
  const slow = faceOf(suspect, picture(5000, 10_000), words);
  assert.deepEqual([slow.look, slow.mark], ["slow", "suspect"]);
});

test("a suspect picture that stops coming is stale like any other", () => {
  const suspect = camera({ state: "suspect", ...standing("frozen") });
  const face = faceOf(suspect, picture(30_000), words);
  assert.deepEqual([face.look, face.sign, face.headline], ["stale", "warning", "No new picture"]);
});

test("a camera behind a site that is down says the site, with a sign that all of them share", () => {
  const name = (id: string): string => (id === "ky-anh" ? "Kỳ Anh" : id);
  const lost = camera({ state: "offline", maskedBy: "ky-anh", ...standing("refused") });
  for (const shown of [picture(null), picture(60_000)]) {
    const face = faceOf(lost, shown, new Words("vi"), name);
    assert.deepEqual([face.sign, face.headline], ["site", "Kỳ Anh: mất kết nối"]);
  }
  const back = camera({ state: "online", maskedBy: "ky-anh" });
  assert.equal(faceOf(back, picture(500), words, name).headline, "", "one that is back is not");
});

test("maintenance is shown with until when, with and without a picture", () => {
  const untilMs = Date.now() + 60_000;
  const time = words.moment(untilMs);
  const maintenance = { id: 1, untilMs, reason: "new lens", by: "an" };
  const served = camera({ state: "maintenance", maintenance, ...standing("unreachable") });
  const seen = faceOf(served, picture(500, 2000, true), words);
  assert.deepEqual([seen.look, seen.mark, seen.sign], ["live", "maintenance", "maintenance"]);
  assert.equal(seen.headline, `Maintenance until ${time}`);
  for (const shown of [picture(null), picture(60_000)]) {
    const face = faceOf(served, shown, words);
    assert.deepEqual([face.sign, face.headline], ["maintenance", "Maintenance"]);
    assert.equal(face.detail, `until ${time}`);
  }
});

test("each camera is counted once: live, suspect, in maintenance, or not live", () => {
  const cases: readonly (readonly [Partial<Camera>, Picture, string])[] = [
    [{}, picture(500), "live"],
    [standing("packet-loss"), picture(500), "live"],
    [{ state: "suspect", ...standing("black") }, picture(500), "suspect"],
    [{ state: "suspect", ...standing("black") }, picture(60_000), "not"],
    [{ state: "maintenance" }, picture(60_000), "maintenance"],
    [{ state: "offline" }, picture(60_000), "not"],
  ];
  const cells = cases.map(([fields, shown, count]) => {
    const one = camera(fields);
    const face = faceOf(one, shown, words);
    assert.equal(countOf(one, face), count);
    return [one, face] as const;
  });
  assert.deepEqual(tally(cells, true), { live: 2, suspect: 1, maintenance: 1, not: 2 });
  assert.deepEqual(tally(cells, false), { live: 0, suspect: 0, maintenance: 1, not: 5 });
});

test("faces that differ in anything have different keys", () => {
  const a = faceOf(camera({}), picture(4500), words);
  assert.notEqual(keyOf(a), keyOf({ ...a, age: "5 s" }));
  assert.equal(keyOf(a), keyOf({ ...a }));
});

test("a tile of which pictures are left out says so, unless there is worse to say", () => {
  const thinned = { ...picture(500), thinned: true };
  const face = faceOf(camera({}), thinned, words);
  assert.deepEqual([face.look, face.mark, face.headline], ["live", "note", "Reduced rate"]);
  assert.equal(new Words("vi").say("tile.thinned"), "Giảm nhịp");
  const lossy = camera({ conditions: ["packet-loss"] });
  assert.equal(faceOf(lossy, thinned, words).headline, words.condition("packet-loss"));
});
