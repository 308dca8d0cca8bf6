import assert from "node:assert/strict";
import test from "node:test";
import { Words } from "../src/i18n";
import { type Change, readChanges, readShowing } from "../src/replay/past";
import { Reel } from "../src/replay/reel";
import { type Called, sentence } from "../src/replay/said";

const NOW = 1_795_396_132_000;
const MINUTE = 60_000;
const changeAt = (atMs: number, more: Partial<Change> = {}): Change => {
  return { revision: atMs, atMs, by: null, what: "step", detail: {}, ...more };
};

test("steps lead from change to change, and no further than there are some", () => {
  const reel = new Reel(NOW, NOW);
  reel.changes = [changeAt(NOW - 9000), changeAt(NOW - 5000)];
  assert.ok(reel.step(-1));
  assert.equal(reel.atMs, NOW - 5000);
  assert.ok(reel.step(-1));
  assert.equal(reel.step(-1), false);
  assert.equal(reel.atMs, NOW - 9000);
  assert.equal(reel.change?.atMs, NOW - 9000);
  assert.ok(reel.step(1));
  assert.equal(reel.step(1), false);
});

test("it plays as fast as it is told to, and stops at the present", () => {
  const reel = new Reel(NOW - 30 * MINUTE, NOW);
  reel.tick(1000, NOW);
  assert.equal(reel.atMs, NOW - 30 * MINUTE, "it stands until it plays");
  reel.playing = true;
  for (const speed of [1, 10, 60] as const) {
    const before = reel.atMs;
    reel.speed = speed;
    reel.tick(1000, NOW);
    assert.equal(reel.atMs - before, speed * 1000);
  }
  reel.tick(31 * MINUTE, NOW);
  assert.equal(reel.atMs, NOW);
  assert.equal(reel.playing, false);
});

test("a moment outside of what is laid out lays another time out, and never the future", () => {
  const reel = new Reel(NOW, NOW);
  assert.equal(reel.toMs, NOW);
  assert.equal(reel.go(NOW - 30 * MINUTE, NOW), false);
  assert.ok(reel.go(NOW - 300 * MINUTE, NOW));
  assert.ok(reel.fromMs <= reel.atMs && reel.atMs <= reel.toMs);
  assert.ok(reel.go(NOW + MINUTE, NOW));
  assert.deepEqual([reel.atMs, reel.toMs], [NOW, NOW]);
  reel.stretch(24, NOW);
  assert.equal(reel.spanH, 24);
  assert.equal(reel.toMs, NOW);
});

const called: Called = {
  camera: (id) => `<${id}>`,
  person: (id) => id.toUpperCase(),
  screen: (id) => id,
  preset: (id) => id,
};

test("each change is a sentence with who did it, what and where", () => {
  const words = new Words("en");
  const said = (what: string, detail: Change["detail"], by: string | null = "an"): string =>
    sentence(changeAt(NOW, { what, detail, by }), called, words);
  const place = { screen: "left", cell: 2 };
  assert.equal(said("show", { camera: "cam-1", ...place }), "AN: put <cam-1> into left, Cell 3");
  assert.equal(said("show", { camera: "cam-1" }), "AN: put <cam-1> into the wall");
  const from = { from: place, to: { screen: "right", cell: 0 } };
  assert.equal(said("swap", from), "AN: swapped left, Cell 3 and right, Cell 1");
  const alert = { alert: "0190", camera: "cam-2", ...place };
  assert.equal(said("alert", alert, null), "an alert brought <cam-2> into left, Cell 3");
  assert.equal(
    said("timetable", { preset: null }, null),
    "the timetable called “the wall's own arrangement”",
  );
  assert.equal(said("show", null), "AN: a change about a camera that you may not see");
  assert.equal(said("what-comes-later", {}), "AN: what-comes-later");
});

test("answers are read to the microsecond, and broken entries hide no others", () => {
  const at = NOW * 1000 + 123;
  const { changes, more } = readChanges({
    changes: [5, { revision: 7, at, by: null, what: "show", detail: { camera: "c" } }, { at }],
    more: true,
  });
  assert.equal(changes.length, 1);
  assert.equal(Math.round((changes[0]?.atMs ?? 0) * 1000), at);
  assert.ok(more);
  const cell = { camera: null, why: "person", pinned: false, by: "an", alert: null, until: null };
  const wall = { id: "main", name: "W", cells: [], screens: [{ id: "all", cells: [cell] }] };
  const gone = [{ screen: "all", cell: 0, camera: "cam-9" }];
  const showing = readShowing({ at, wall, gone, revision: 7, since: at, until: null });
  assert.equal(showing?.gone.get("all 0"), "cam-9");
  assert.equal(showing?.untilMs, null);
  assert.equal(readShowing({ wall: 5 }), undefined);
});
