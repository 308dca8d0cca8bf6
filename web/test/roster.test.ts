import assert from "node:assert/strict";
import test from "node:test";
import { Roster } from "../src/roster";
import { type Camera, completeCamera } from "../src/wire/messages";

function cameras(...pairs: readonly (readonly [string, number])[]): readonly Camera[] {
  return pairs.flatMap(([id, handle]) => completeCamera({ id, handle, state: "online" }) ?? []);
}

function roster(): Roster {
  const wall = new Roster("main");
  wall.apply({ type: "cameras", cameras: cameras(["a", 1], ["b", 2], ["c", 3]) });
  wall.show({ id: "main", name: "LED", revision: 5, cells: [3, 1, 3, 99] });
  return wall;
}

test("cells are the wall's cameras in its order, each once, and no unknown ones", () => {
  assert.deepEqual(roster().cells, ["c", "a"]);
});

test("another wall, and an older revision, change nothing", () => {
  const wall = roster();
  const other = { id: "other", name: null, revision: 9, cells: [2] };
  assert.equal(wall.apply({ type: "wall", wall: other }).cells, false);
  assert.equal(wall.show({ ...other, id: "main", revision: 4 }).cells, false);
  assert.deepEqual(wall.cells, ["c", "a"]);
});

test("after a reconnect a wall whose revisions began again is believed", () => {
  const wall = roster();
  wall.reconnected();
  assert.equal(wall.show({ id: "main", name: null, revision: 1, cells: [2] }).cells, true);
  assert.deepEqual(wall.cells, ["b"]);
  assert.equal(wall.wallName, "LED", "an update without a name keeps it");
});

test("a camera that leaves the list is named as gone", () => {
  const effect = roster().apply({ type: "cameras", cameras: cameras(["a", 1], ["b", 2]) });
  assert.deepEqual(effect, { cells: true, gone: ["c"] });
});

test("handles of a restarted service mean the cameras of its own list", () => {
  const wall = roster();
  wall.apply({ type: "cameras", cameras: cameras(["a", 3], ["b", 1], ["c", 2]) });
  assert.equal(wall.idOf(3), "a");
  assert.equal(wall.idOf(1), "b");
});

test("a change keeps what it does not name, and a new camera needs a handle", () => {
  const wall = roster();
  wall.apply({ type: "camera", id: "a", change: { id: "a", state: "stalled" } });
  assert.equal(wall.camera("a")?.state, "stalled");
  assert.equal(wall.camera("a")?.handle, 1);
  wall.apply({ type: "camera", id: "z", change: { id: "z", state: "online" } });
  assert.equal(wall.camera("z"), undefined);
});

test("a screen shows its own cells, empty ones and doubles too", () => {
  const left = new Roster("main", "left");
  const handles = [1, 2].map((handle) => ({ id: `cam-${handle}`, handle }));
  for (const { id, handle } of handles) {
    left.apply({ type: "camera", id, change: { id, handle } });
  }
  const cell = (camera: number | null, alert: string | null = null) => ({
    camera,
    why: "base",
    alert,
  });
  const cells = [cell(2), cell(null), cell(2), cell(1, "a1")];
  const screens = [{ id: "left", name: "L", layout: "2x2", cells }];
  const wall = { id: "main", name: null, revision: 1, cells: [2, 1], screens };
  assert.equal(left.show(wall).cells, true);
  assert.deepEqual(left.cells, ["cam-2", "", "cam-2", "cam-1"]);
  assert.equal(left.layout, "2x2");
  assert.deepEqual([left.alerted(2), left.alerted(3)], [false, true]);
  assert.equal(left.show({ ...wall, revision: 2 }).cells, false);
  const other = new Roster("main", "nowhere");
  for (const { id, handle } of handles) {
    other.apply({ type: "camera", id, change: { id, handle } });
  }
  other.show(wall);
  assert.deepEqual(other.cells, ["cam-2", "cam-1"]);
});
