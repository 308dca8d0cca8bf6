import assert from "node:assert/strict";
import test from "node:test";
import { beside, cellsOf, LAYOUTS, layoutFor, placesOf, shapeOf } from "../src/console/layout";
import { DWELL_MIN_MS, Scene } from "../src/console/scene";

const filled = (...ids: readonly string[]): Scene => {
  const scene = new Scene();
  for (const id of ids) scene.call(id, 0);
  return scene;
};

test("a called camera goes to the chosen cell if it is free, else to the next free one", () => {
  const scene = filled("a", "b");
  assert.deepEqual(scene.shown, ["a", "b", null, null]);
  scene.choose(3);
  scene.call("c", 0);
  assert.deepEqual(scene.shown, ["a", "b", null, "c"]);
  scene.call("d", 0);
  assert.equal(scene.chosen, 2);
});

test("a camera that is shown already is chosen, not shown twice", () => {
  const scene = filled("a", "b");
  assert.equal(scene.call("a", 0), 0);
  assert.deepEqual(scene.shown, ["a", "b", null, null]);
});

test("in a full grid a called camera takes the place of the chosen one", () => {
  const scene = filled("a", "b", "c", "d");
  scene.choose(1);
  scene.call("e", 0);
  assert.deepEqual(scene.shown, ["a", "e", "c", "d"]);
});

test("large and back is exactly the grid that was there", () => {
  const scene = filled("a", "b", "c");
  scene.choose(1);
  const before = [scene.layout, scene.shown, scene.chosen];
  scene.enlarge(true);
  assert.ok(scene.large);
  assert.equal(scene.camera, "b");
  assert.ok(scene.back());
  assert.deepEqual([scene.layout, scene.shown, scene.chosen], before);
  assert.equal(scene.back(), false);
});

test("an empty cell cannot be enlarged", () => {
  const scene = new Scene();
  scene.enlarge(true);
  assert.equal(scene.large, false);
});

test("what an alert brings up stands aside of the operator's own, however often it changes", () => {
  const scene = filled("a", "b");
  scene.arrange("3x3");
  scene.bring(["x", "y"], "alert", 0);
  assert.deepEqual(scene.shown, ["x", "y", null, null]);
  assert.equal(scene.aside, "alert");
  scene.bring(["z"], "another", 0);
  assert.deepEqual(scene.shown, ["z"]);
  assert.deepEqual(scene.setting.layout, "3x3");
  scene.enlarge(true);
  assert.ok(scene.back());
  assert.equal(scene.aside, "another");
  assert.ok(scene.back());
  assert.equal(scene.aside, null);
  assert.deepEqual(scene.shown.slice(0, 2), ["a", "b"]);
  assert.equal(scene.layout, "3x3");
});

test("cells are exchanged, and a dropped camera moves instead of being doubled", () => {
  const scene = filled("a", "b");
  scene.swap(0, 3);
  assert.deepEqual(scene.shown, [null, "b", null, "a"]);
  scene.put("a", 1, 0);
  assert.deepEqual(scene.shown, [null, "a", null, "b"]);
});

test("a smaller layout keeps what does not fit for the way back", () => {
  const scene = filled("a", "b", "c");
  scene.arrange("1x1");
  assert.deepEqual(scene.shown, ["a"]);
  scene.arrange("2x2");
  assert.deepEqual(scene.shown, ["a", "b", "c", null]);
});

test("a tour steps when its time is over, and not under the eyes of who looks at it large", () => {
  const scene = new Scene();
  scene.tour(0, ["a", "b", "a", "c"], 5000, 0);
  assert.equal(scene.tick(4999), false);
  assert.equal(scene.tick(5000), true);
  assert.equal(scene.camera, "b");
  scene.enlarge(true);
  assert.equal(scene.tick(60_000), false);
  scene.enlarge(false);
  assert.equal(scene.tick(60_001), true);
  assert.equal(scene.camera, "c");
  scene.tick(65_001);
  assert.equal(scene.camera, "a");
});

test("a tour is never faster than eyes are", () => {
  const scene = new Scene();
  scene.tour(0, ["a", "b"], 1, 0);
  assert.equal(scene.tick(DWELL_MIN_MS - 1), false);
});

test("a setting that is recalled is the one that was kept", () => {
  const scene = filled("a", "b");
  scene.tour(3, ["x", "y"], 7000, 0);
  scene.arrange("1+5");
  const { setting } = scene;
  const other = new Scene();
  other.recall(setting, 0);
  assert.deepEqual(other.setting, setting);
  assert.deepEqual(other.shown, ["a", "b", null, "x", null, null]);
});

test("every layout has as many cells as it says, none of which overlap or leave the room", () => {
  const counts = { "1x1": 1, "2x2": 4, "3x3": 9, "4x4": 16, "1+5": 6 };
  for (const layout of LAYOUTS) {
    const room = { width: 1117, height: 703, gap: 3, strip: 22 };
    const places = placesOf(shapeOf(layout, 0), room);
    assert.equal(places.length, counts[layout]);
    assert.equal(cellsOf(layout), counts[layout]);
    for (const { rect, pictureHeight } of places) {
      assert.ok(rect.x >= 0 && rect.x + rect.width <= room.width, layout);
      assert.ok(rect.y >= 0 && rect.y + rect.height <= room.height, layout);
      assert.equal(pictureHeight, rect.height - room.strip);
    }
    const apart = places.every(({ rect: a }, i) =>
      places.every(({ rect: b }, j) => {
        const beyond = a.x >= b.x + b.width || b.x >= a.x + a.width;
        return i === j || beyond || a.y >= b.y + b.height || b.y >= a.y + a.height;
      }),
    );
    assert.ok(apart, layout);
  }
});

test("the smallest layout that holds all cameras of an alert is taken", () => {
  const layouts = [1, 2, 4, 5, 9, 10, 16, 40].map(layoutFor);
  assert.deepEqual(layouts, ["1x1", "2x2", "2x2", "3x3", "3x3", "4x4", "4x4", "4x4"]);
});

test("arrows go to what one sees beside a cell, and stay at an edge", () => {
  const large = shapeOf("1+5", 0);
  assert.equal(beside(large, 0, "right"), 1);
  assert.equal(beside(large, 0, "down"), 3);
  assert.equal(beside(large, 2, "left"), 0);
  assert.equal(beside(large, 5, "up"), 2);
  assert.equal(beside(large, 0, "up"), 0);
  const even = shapeOf("2x2", 0);
  assert.equal(beside(even, 3, "down"), 3);
  // At the end of a row reading goes on in the next one.
  assert.equal(beside(even, 1, "right"), 2);
});

test("the layouts of walls have as many cells as the service says", () => {
  assert.equal(shapeOf("5x3", 0).spans.length, 15);
  assert.equal(shapeOf("1+7", 0).spans.length, 8);
  assert.equal(shapeOf("grid", 150).spans.length, 150);
  assert.equal(shapeOf("13x1", 7).spans.length, 7);
});

test("what a colleague sends stands beside what is there, and back is exactly what was there", () => {
  const scene = filled("a", "b");
  const before = [scene.layout, scene.shown, scene.chosen];
  scene.beside("z", "lan", 0);
  assert.deepEqual(scene.shown, ["a", "b", "z", null]);
  assert.equal(scene.aside, "lan");
  assert.equal(scene.setting.cells.length, 2, "it is not the operator's own");
  assert.ok(scene.back());
  assert.deepEqual([scene.layout, scene.shown, scene.chosen], before);
  scene.beside("a", "lan", 0);
  assert.equal(scene.aside, null, "it is there already");
});

test("beside a full grid there is room in a larger one, and in the largest in the last place", () => {
  const scene = filled("a", "b", "c", "d");
  scene.beside("z", "lan", 0);
  assert.equal(scene.layout, "3x3");
  assert.deepEqual(scene.shown.slice(0, 6), ["a", "b", "c", "d", "z", null]);
  assert.ok(scene.back());
  scene.arrange("4x4");
  for (let n = 0; n < 16; n += 1) scene.call(`c${n}`, 0);
  scene.beside("z", "lan", 0);
  assert.equal(scene.shown.length, 16);
  assert.equal(scene.shown[15], "z");
});

test("what is taken is in the operator's own grid, beside nothing", () => {
  const scene = filled("a");
  scene.beside("z", "lan", 0);
  scene.take("z", 0);
  assert.equal(scene.aside, null);
  assert.deepEqual(scene.shown, ["a", "z", null, null]);
});
