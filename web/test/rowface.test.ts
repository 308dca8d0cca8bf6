import assert from "node:assert/strict";
import test from "node:test";
import { rowFaceOf, rowSignOf, sinceOf } from "../src/health/rowface";
import { Words } from "../src/i18n";
import { signOfCondition } from "../src/sign";
import { Sites } from "../src/sites";
import { camera, standing } from "./cameras";

const words = new Words("en");
const sites = new Sites();
const counts = { cameras: 1, watchable: 0, downSinceMs: 1, evidence: null };
sites.take([{ id: "ky-anh", name: "Kỳ Anh", parent: null, ...counts }]);

test("each condition of a picture, and of its stream, has a sign of its own", () => {
  const own = ["frozen", "looped", "black", "overexposed", "defocused", "covered", "moved"];
  own.push("clock-skew", "packet-loss", "unstable", "stream-changed", "low-frame-rate");
  const signs = own.map(signOfCondition);
  assert.equal(new Set(signs).size, own.length);
  assert.ok(!signs.includes("warning"));
  assert.equal(signOfCondition("a-new-word"), "warning");
});

test("a row has the sign that the tile has, and a tick when all is well", () => {
  assert.equal(rowSignOf(camera({})), "good");
  assert.equal(rowSignOf(camera({ state: "suspect", ...standing("moved") })), "moved");
  assert.equal(rowSignOf(camera(standing("packet-loss"))), "loss");
  assert.equal(rowSignOf(camera({ state: "offline", maskedBy: "ky-anh" })), "site");
  assert.equal(rowSignOf(camera({ state: "maintenance" })), "maintenance");
  const rejected = camera({ state: "offline", ...standing("credentials-rejected") });
  assert.equal(rowSignOf(rejected), "lock");
  assert.equal(rowSignOf(camera({ state: "connecting" })), "waiting");
});

test("a camera behind a site that is down says the site and not what it suffers itself", () => {
  const masked = camera({ state: "offline", maskedBy: "ky-anh", ...standing("unreachable") });
  const face = rowFaceOf(masked, words, sites, 65_000);
  assert.equal(face.conditions, "Kỳ Anh: site down");
  assert.equal(face.tone, "masked");
  assert.match(face.since, /\(60 s\)$/);
});

test("a camera in maintenance says until when and why", () => {
  const until = Date.UTC(2026, 10, 23, 10, 0);
  const maintenance = { id: 1, untilMs: until, reason: "new lens", by: "an" };
  const face = rowFaceOf(
    camera({ state: "maintenance", maintenance }),
    words,
    sites,
    until - 3_600_000,
  );
  assert.match(face.conditions, /^until .*17:00$/);
  assert.equal(face.evidence, "new lens");
  assert.equal(face.tone, "service");
});

test("since when is a moment and an age", () => {
  const at = Date.UTC(2026, 10, 23, 3, 31);
  assert.equal(sinceOf(at, words, at + 12 * 60_000), "10:31 (12 min)");
});
