import assert from "node:assert/strict";
import test from "node:test";
import { Attended } from "../src/attended";
import { isBlank } from "../src/blank";
import { READABLE, ReadBack } from "../src/readback";

const ASIDE = { visible: true, blank: false, attended: true, large: null };

test("the read-back names what is on the canvas, once per camera", () => {
  const back = new ReadBack("main", "screen-1");
  back.painted(7, 1);
  back.painted(9, 4);
  back.painted(7, 2);
  const tiles = [
    [7, 2],
    [9, 4],
  ];
  const { tiles: said, named } = JSON.parse(back.message(ASIDE));
  assert.deepEqual([said, named], [tiles, false]);
  back.clear();
  assert.equal(back.count, 0);
});

test("a report names what can be read, while somebody is there to read it", () => {
  const back = new ReadBack("main", "left", true);
  back.painted(3, 17, READABLE);
  back.painted(4, 2, READABLE - 1);
  const said = (aside: object) => JSON.parse(back.message({ ...ASIDE, ...aside }));
  const wall = { type: "painted", wall: "main", screen: "left", named: true };
  const tiles = [
    [3, 17],
    [4, 2],
  ];
  assert.deepEqual(said({}), { ...wall, visible: true, blank: false, tiles, large: [3] });
  assert.deepEqual(said({ large: 4 }).large, [4], "a large view is over all others");
  assert.deepEqual(said({ attended: false }).large, []);
  assert.deepEqual(said({ visible: false }).large, []);
  assert.deepEqual(JSON.parse(back.leaving()), { ...wall, leaving: true, tiles: [] });
});

test("a page is attended for a quarter of an hour after a sign of life, a wall's screen always", () => {
  const page = new Attended(0, false);
  assert.ok(page.is(14 * 60_000));
  assert.ok(!page.is(15 * 60_000));
  page.touched(15 * 60_000);
  assert.ok(page.is(29 * 60_000));
  assert.ok(new Attended(0, true).is(24 * 3_600_000));
});

test("a canvas is blank when no picture with contrast is there, and a dark picture says nothing", () => {
  const [there, gone] = [
    { drawn: 120, there: 110 },
    { drawn: 120, there: 0 },
  ];
  const night = { drawn: 6, there: 0 };
  assert.ok(!isBlank([]));
  assert.ok(!isBlank([night, night]));
  assert.ok(!isBlank([there, gone]), "one cell may be drawn anew just now");
  assert.ok(isBlank([gone, night, gone]));
});
