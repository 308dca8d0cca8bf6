import assert from "node:assert/strict";
import test from "node:test";
import { Sites } from "../src/sites";
import type { Site } from "../src/wire/health";

function site(id: string, parent: string | null, fields: Partial<Site> = {}): Site {
  const counts = { cameras: 10, watchable: 10, downSinceMs: null, evidence: null };
  return { id, name: id.toUpperCase(), parent, ...counts, ...fields };
}

function sites(...all: readonly Site[]): Sites {
  const tree = new Sites();
  tree.take(all);
  return tree;
}

const PROVINCE = [
  site("ky-anh", "ha-tinh"),
  site("vung-ang", "ky-anh"),
  site("ha-tinh", null),
  site("can-loc", "ha-tinh"),
];

test("the tree reads from the top, each site below its own", () => {
  const tree = sites(...PROVINCE).tree.map(({ site: { id }, depth }) => [id, depth]);
  assert.deepEqual(tree, [
    ["ha-tinh", 0],
    ["can-loc", 1],
    ["ky-anh", 1],
    ["vung-ang", 2],
  ]);
});

test("a site is within itself and all above it, and nowhere else", () => {
  const tree = sites(...PROVINCE);
  for (const above of ["vung-ang", "ky-anh", "ha-tinh"])
    assert.ok(tree.isWithin("vung-ang", above));
  assert.ok(!tree.isWithin("vung-ang", "can-loc"));
  assert.ok(!tree.isWithin("ha-tinh", "vung-ang"));
  assert.ok(!tree.isWithin(null, "ha-tinh"));
  assert.deepEqual(tree.path("vung-ang"), ["HA-TINH", "KY-ANH", "VUNG-ANG"]);
});

test("sites that are down come with the one that is down longest first", () => {
  const down = sites(
    site("a", null, { downSinceMs: 2000 }),
    site("b", null),
    site("c", null, { downSinceMs: 1000 }),
  ).down;
  assert.deepEqual(
    down.map(({ id }) => id),
    ["c", "a"],
  );
});

test("a tree that bites its tail, or hangs from nothing, loses no site and hangs nobody", () => {
  const tree = sites(site("a", "b"), site("b", "a"), site("c", "nowhere"));
  assert.deepEqual(tree.tree.map(({ site: { id } }) => id).sort(), ["a", "b", "c"]);
  assert.ok(tree.isWithin("a", "b"));
  assert.equal(tree.path("a").length, 2);
});

test("a site that was never told is called by its id", () => {
  assert.equal(sites().name("ky-anh"), "ky-anh");
});
