import assert from "node:assert/strict";
import test from "node:test";
import { streamFacts } from "../src/health/facts";
import { curveOf, rangeOf } from "../src/health/figures";
import { Words } from "../src/i18n";
import { readOrders, readSites, readStanding } from "../src/wire/health";
import { parse } from "../src/wire/messages";
import { readDetail, readFigures, readHistory, readPictures, readShares } from "../src/wire/past";

const AT = 1_795_396_132_000_000;

test("what stands is read, and one broken entry does not hide the others", () => {
  const list = [
    { condition: "frozen", severity: "verify", since: AT, evidence: "six equal keyframes" },
    5,
    { severity: "verify" },
    { condition: "black", severity: "dreadful", since: "yesterday", evidence: null },
  ];
  assert.deepEqual(readStanding(list), [
    {
      condition: "frozen",
      severity: "verify",
      sinceMs: AT / 1000,
      evidence: "six equal keyframes",
    },
    { condition: "black", severity: "warning", sinceMs: null, evidence: "" },
  ]);
});

test("a camera message carries its rung, what stands, its site's fault and its order", () => {
  const message = parse(
    JSON.stringify({
      type: "camera",
      id: "a",
      state: "maintenance",
      rung: "picture-alive",
      standing: [{ condition: "frozen", severity: "verify", since: AT, evidence: "x" }],
      masked_by: "ky-anh",
      maintenance: { id: 3, until: AT, reason: "new lens", by: "an" },
    }),
  );
  assert.ok(message.type === "camera");
  assert.equal(message.change.state, "maintenance");
  assert.equal(message.change.rung, "picture-alive");
  assert.equal(message.change.standing?.length, 1);
  assert.equal(message.change.maskedBy, "ky-anh");
  assert.deepEqual(message.change.maintenance, {
    id: 3,
    untilMs: AT / 1000,
    reason: "new lens",
    by: "an",
  });
  const over = parse('{"type":"camera","id":"a","maintenance":null,"rung":"roof"}');
  assert.ok(over.type === "camera");
  assert.deepEqual([over.change.maintenance, over.change.rung], [null, null]);
});

test("sites are read as a message", () => {
  const site = { id: "ky-anh", name: "Kỳ Anh", parent: null, cameras: 10, watchable: 0 };
  const down = { ...site, down_since: AT, evidence: "10 of 10 lost" };
  const message = parse(JSON.stringify({ type: "sites", sites: [down, {}, { id: "b" }] }));
  assert.ok(message.type === "sites");
  assert.equal(message.sites.length, 2);
  assert.equal(message.sites[0]?.downSinceMs, AT / 1000);
  assert.equal(message.sites[1]?.name, "b");
  assert.equal(parse('{"type":"sites","sites":5}').type, "bad");
  assert.deepEqual(readSites([null, 7, "x"]), []);
});

test("orders of maintenance are read from a list or from an object that holds one", () => {
  const order = { id: 1, scope: "site:ky-anh", from: AT, until: AT, reason: "r", by: "b" };
  for (const answer of [[order, { id: 2 }], { orders: [order] }]) {
    assert.equal(readOrders(answer).length, 1);
    assert.equal(readOrders(answer)[0]?.scope, "site:ky-anh");
  }
  assert.deepEqual(readOrders(null), []);
});

test("history is read as it comes, states and conditions alike, with where it goes on", () => {
  const entries = [
    { kind: "condition", at: AT, condition: "black", severity: "verify", until: null },
    { kind: "state", at: AT - 5e6, state: "offline", conditions: ["refused"], evidence: null },
    { kind: "condition", at: AT - 9e6, condition: "moved", until: AT, cut_short: true },
    { kind: "gone", at: AT - 10e6, until: AT - 9e6 },
    { kind: "state", at: AT },
    { nonsense: true },
  ];
  const next = "/api/v1/cameras/a/history?to=5";
  const page = readHistory({ entries, next });
  const [black, offline, moved, gone, ...others] = page.lines;
  assert.ok(black?.kind === "condition" && black.untilMs === null && !black.cutShort);
  assert.ok(offline?.kind === "state" && offline.conditions[0] === "refused");
  assert.ok(moved?.kind === "condition" && moved.untilMs === AT / 1000 && moved.cutShort);
  assert.equal(gone?.kind, "gone");
  assert.deepEqual(others, []);
  assert.equal(page.next, "cameras/a/history?to=5");
  assert.equal(readHistory({ entries, next: "https://elsewhere/x" }).next, null);
  assert.deepEqual(readHistory(null), { lines: [], next: null });
});

test("columns of figures keep what is unknown, and columns that are missing are unknown", () => {
  const figures = readFigures({ at: [AT, AT + 60e6], frame_rate: [12.5, null], luma: ["x"] });
  assert.deepEqual(figures.at, [AT / 1e6, AT / 1e6 + 60]);
  assert.deepEqual(figures.columns.frame_rate, [12.5, null]);
  assert.deepEqual(figures.columns.luma, [null, null]);
  assert.deepEqual(readFigures("nothing").at, []);
});

test("a time without figures is a hole in the plot, not a line across it", () => {
  const minute = 60e6;
  const at = [AT, AT + minute, AT + 30 * minute];
  const curve = curveOf(readFigures({ at, bitrate: [1000, 2000, 3000] }), "bitrate");
  assert.deepEqual(curve.values, [1, 2, null, 3], "in kbit/s");
  assert.equal(curve.at.length, 4);
  assert.ok(curve.at.every((time, n) => n === 0 || time > (curve.at[n - 1] ?? 0)));
});

test("a plot reaches from zero, and a clock's as far back as ahead", () => {
  assert.deepEqual(rangeOf("luma", 90, 110), [0, 255]);
  const [least, most] = rangeOf("clock_offset_s", -5, 0.1);
  assert.equal(least, -most);
  assert.ok(most > 5);
  const [from, to] = rangeOf("frame_rate", 0, 0);
  assert.ok(from === 0 && to > 0, "a plot of zeros has a height");
});

test("pictures are read newest first and only of known kinds", () => {
  const kept = readPictures([
    { kind: "reference-day", at: null, captured_at: AT - 5e6 },
    { kind: "event", at: AT, captured_at: AT - 1e6, condition: "moved" },
    { kind: "current", at: null, captured_at: AT },
    { kind: "event", captured_at: AT },
  ]);
  assert.deepEqual(
    kept.map(({ kind }) => kind),
    ["event", "reference-day"],
  );
  assert.deepEqual([kept[0]?.at, kept[0]?.takenMs], [AT, AT / 1000 - 1000]);
});

test("availability is read, and nothing known is not zero", () => {
  const seconds = { available_s: 90, not_available_s: 10, percent: 90 };
  assert.equal(readShares(seconds)?.notAvailable, 10);
  assert.equal(readShares({ available_s: 0 }), null);
  assert.equal(readShares(undefined), null);
  assert.equal(readDetail({ availability: seconds }).availability?.percent, 90);
  const stream = { clock_offset_s: -5, clock_error_s: 0.02, bitrate: 387_450, jitter_ms: "x" };
  const read = readDetail({ stream }).stream;
  assert.deepEqual([read.clockOffsetS, read.bitrate, read.jitterMs], [-5, 387_450, null]);
  assert.equal(readDetail(null).availability, null);
  assert.equal(readDetail({ stream: { sight: "too-little" } }).stream.sight, "too-little");
  assert.equal(readDetail({ stream: { sight: "a new word" } }).stream.sight, null);
  const words = new Words("en");
  assert.deepEqual(streamFacts(read, words, 0), [
    ["Bitrate", "387 kbit/s"],
    ["Clock", "−5.000 ± 0.020 s"],
  ]);
  assert.deepEqual(streamFacts(readDetail(null).stream, words, 0), []);
});
