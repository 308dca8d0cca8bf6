import assert from "node:assert/strict";
import test from "node:test";
import { cellAt, cellRect, fit, parted, type Space, visibleCells } from "../src/grid";

function space(width: number, height: number, tileMin = 0): Space {
  return { width, height, gap: 2, stripMin: 17, tileMin };
}

test("all tiles fit on a screen of any shape and none overlap", () => {
  for (const [width, height] of [
    [1920, 1080],
    [3840, 2160],
    [5760, 1080],
    [1080, 3840],
    [200, 200],
  ] as const) {
    for (const count of [1, 2, 3, 7, 16, 50, 150, 151, 400]) {
      const grid = fit(count, space(width, height));
      const name = `${count} on ${width}x${height}`;
      assert.ok(grid.columns * grid.rows >= count, name);
      assert.ok(grid.columns * (grid.rows - 1) < count, `${name}: no empty row`);
      const last = cellRect(grid, count - 1);
      const widest = cellRect(grid, grid.columns - 1);
      if (grid.tileWidth > 1) {
        assert.ok(last.y + last.height <= height, name);
        assert.ok(widest.x + widest.width <= width, name);
      }
    }
  }
});

test("one tile fills the screen and 150 on a full HD wall are 14 by 11", () => {
  assert.equal(fit(1, space(1920, 1300)).tileWidth, 1920);
  const grid = fit(150, space(1920, 1047));
  assert.deepEqual([grid.columns, grid.rows], [14, 11]);
});

test("no other number of columns gives wider tiles", () => {
  const best = fit(150, space(3840, 2100)).tileWidth;
  for (let columns = 1; columns <= 150; columns += 1) {
    const rows = Math.ceil(150 / columns);
    const across = Math.floor((3840 - 2 * (columns - 1)) / columns);
    const down = Math.floor((2100 / rows - 2) / (9 / 16 + 0.1)) - 2;
    assert.ok(Math.min(across, down) <= best, `${columns} columns`);
  }
});

test("on a phone tiles stay wide and the grid scrolls", () => {
  const grid = fit(150, space(390, 800, 160));
  assert.equal(grid.columns, 2);
  assert.ok(grid.tileWidth >= 160);
  assert.ok(grid.height > 800);
  assert.equal(fit(2, space(390, 800, 160)).columns, 1, "few tiles need no scrolling");
});

test("a point finds its cell, and a gap or an empty cell none", () => {
  const grid = fit(5, space(600, 400));
  for (let index = 0; index < 5; index += 1) {
    const { x, y, width, height } = cellRect(grid, index);
    assert.equal(cellAt(grid, 5, x, y), index);
    assert.equal(cellAt(grid, 5, x + width - 1, y + height - 1), index);
    assert.equal(cellAt(grid, 5, x + width, y), null);
  }
  const beyond = cellRect(grid, 5);
  assert.equal(cellAt(grid, 5, beyond.x + 1, beyond.y + 1), null);
  assert.equal(cellAt(grid, 5, -1, -1), null);
});

test("only the rows in sight are drawn", () => {
  const grid = fit(150, space(390, 800, 160));
  const pitch = grid.pictureHeight + grid.stripHeight + grid.gap;
  assert.deepEqual(visibleCells(grid, 150, 0, pitch), [0, 2]);
  assert.deepEqual(visibleCells(grid, 150, pitch * 2 + 1, pitch * 3 + 1), [4, 8]);
  assert.deepEqual(visibleCells(grid, 150, pitch * 74, pitch * 90), [148, 150]);
});

test("a large cell stands beside and above the small ones, and no two overlap", () => {
  for (const [layout, count, side] of [
    ["1+5", 6, 3],
    ["1+7", 8, 4],
  ] as const) {
    const grid = parted(layout, space(1920, 1080));
    assert.ok(grid !== null);
    const rects = Array.from({ length: count }, (_, index) => cellRect(grid, index));
    const [large, small] = [rects[0], rects[1]];
    assert.ok(large !== undefined && small !== undefined);
    assert.equal(large.width, (side - 1) * small.width + (side - 2) * grid.gap);
    for (const [index, { x, y, width, height }] of rects.entries()) {
      assert.ok(x >= 0 && y >= 0 && x + width <= 1920 && y + height <= 1080, `${layout} ${index}`);
      assert.equal(cellAt(grid, count, x, y), index);
      assert.equal(cellAt(grid, count, x + width - 1, y + height - 1), index);
    }
  }
  assert.equal(parted("4x3", space(1920, 1080))?.columns, 4);
  assert.equal(parted("grid", space(1920, 1080)), null);
});
