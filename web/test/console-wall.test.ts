import assert from "node:assert/strict";
import test from "node:test";
import { inMemory } from "../src/alert/keep";
import { slugOf } from "../src/console/orders";
import { readSavedList, readSetting, SAVED_MAX, SavedLayouts } from "../src/console/saved";
import { fileName, stampLines } from "../src/console/snapshot";
import { grow } from "../src/console/tree";
import { readPlan, screenOf } from "../src/console/wall/plan";
import { step } from "../src/console/wall/step";
import { Words } from "../src/i18n";
import { Sites } from "../src/sites";
import { readSites } from "../src/wire/health";
import { camera } from "./cameras";

const cell = (handle: number | null, more = {}) => {
  return {
    camera: handle,
    why: "base",
    pinned: false,
    by: null,
    alert: null,
    until: null,
    ...more,
  };
};
const wall = {
  id: "main",
  name: "LED",
  revision: 7,
  cells: [1, 2],
  screens: [
    {
      id: "right",
      name: "Phải",
      column: 1,
      row: 0,
      layout: "2x2",
      cells: [5, 6, 7, 8].map((n) => cell(n)),
    },
    {
      id: "left",
      name: "Trái",
      column: 0,
      row: 0,
      layout: "1+5",
      cells: [1, 2, 3, 4, null, 9].map((n) => cell(n)),
    },
  ],
  presets: [{ id: "night", name: "Ban đêm" }, { name: "no id" }],
  preset: "night",
  blocked: [3],
};

test("a wall's screens are read as they hang, with why each camera is there", () => {
  const plan = readPlan(wall);
  assert.deepEqual(
    plan?.screens.map(({ id }) => id),
    ["left", "right"],
  );
  assert.deepEqual(plan?.presets, [{ id: "night", name: "Ban đêm" }]);
  assert.equal(plan?.screens[0]?.cells[4]?.handle, null);
  const taken = readPlan({
    ...wall,
    screens: [{ id: "a", cells: [cell(1, { why: "alert", until: 5_000_000 }), { why: "?" }] }],
  });
  assert.equal(taken?.screens[0]?.cells[0]?.why, "alert");
  assert.equal(taken?.screens[0]?.cells[0]?.untilMs, 5000);
  assert.equal(taken?.screens[0]?.cells[1]?.why, "base");
});

test("a wall without screens is one, and what is no wall is none", () => {
  const plan = readPlan({ id: "main", cells: [4, 5] });
  assert.deepEqual(
    plan?.screens.map(({ id, cells }) => [id, cells.length]),
    [["all", 2]],
  );
  for (const json of [null, [], {}, { id: "main" }, "wall"])
    assert.equal(readPlan(json), undefined);
});

test("a screen is called by its id, its place, or the beginning of its id", () => {
  const plan = readPlan(wall);
  assert.ok(plan);
  for (const wish of ["left", "LEFT", "1", "le"]) assert.equal(screenOf(plan, wish)?.id, "left");
  assert.equal(screenOf(plan, "2")?.id, "right");
  assert.equal(screenOf(plan, "3"), undefined);
});

test("arrows go from one screen to the one beside it, at the same height", () => {
  const plan = readPlan(wall);
  assert.ok(plan);
  const at = (screen: string, cell: number) => ({ screen, cell });
  assert.deepEqual(step(plan, at("left", 0), "right"), at("left", 1));
  assert.deepEqual(step(plan, at("left", 1), "right"), at("right", 0));
  assert.deepEqual(step(plan, at("right", 2), "left"), at("left", 2));
  assert.deepEqual(step(plan, at("right", 1), "right"), at("right", 1));
  assert.deepEqual(step(plan, at("left", 0), "up"), at("left", 0));
});

const sites = new Sites();
sites.take(
  readSites([
    { id: "ht", name: "Hà Tĩnh", parent: null, cameras: 3, watchable: 3 },
    { id: "ka", name: "Kỳ Anh", parent: "ht", cameras: 2, watchable: 2 },
  ]),
);
const cameras = [
  camera({ id: "c", number: 103, name: "Chợ", site: "ka" }),
  camera({ id: "a", number: 101, name: "Ngã ba", site: "ka" }),
  camera({ id: "d", number: 104, name: "Cầu Đường", site: "ht", state: "offline" }),
  camera({ id: "e", number: 105, name: "Kho", site: null }),
];
const show = (text: string, closed: readonly string[] = [], troubled = false) =>
  grow(cameras, sites, { text, troubled, closed: new Set(closed) }).rows.map(({ id }) => id);

test("cameras hang below their sites, by number, and those without one at the end", () => {
  assert.deepEqual(show(""), ["ht", "d", "ka", "a", "c", "-", "e"]);
});

test("a closed site hides what is below it, but nothing from a search", () => {
  assert.deepEqual(show("", ["ht"]), ["ht", "-", "e"]);
  assert.deepEqual(show("", ["ka"]), ["ht", "d", "ka", "-", "e"]);
  assert.deepEqual(show("cho", ["ht", "ka"]), ["ht", "ka", "c"]);
});

test("a search needs no accents and leaves out sites where nothing is found", () => {
  assert.deepEqual(show("cau duong"), ["ht", "d"]);
  assert.deepEqual(show("ky anh 101"), ["ht", "ka", "a"]);
  assert.deepEqual(show("nowhere"), []);
});

test("trouble alone can be listed", () => {
  assert.deepEqual(show("", [], true), ["ht", "d"]);
});

test("layouts are kept by name, in any case, and come back from the shelf", () => {
  const shelf = inMemory();
  const saved = new SavedLayouts(shelf, () => {});
  const setting = readSetting({
    layout: "3x3",
    cells: [null, { cameras: ["a", "b"], dwell_s: 7 }],
  });
  assert.ok(setting);
  // The calls to a service that is not there fail by themselves.
  saved.save("Ca đêm", setting);
  saved.save("CA ĐÊM", { ...setting, layout: "2x2" });
  const again = new SavedLayouts(shelf, () => {});
  assert.equal(again.all.length, 1);
  assert.equal(again.find("ca đêm")?.layout, "2x2");
  assert.deepEqual(again.find("1")?.cells, setting.cells);
  assert.equal(saved.save("  ", setting), undefined);
  // Tours of two hundred cameras in every cell: more than the service would keep.
  const tour = { cameras: Array.from({ length: 200 }, (_, n) => `cam-${1000 + n}`), dwellMs: 7000 };
  const huge = { ...setting, cells: Array.from({ length: 40 }, () => tour) };
  assert.equal(saved.save("huge", huge), undefined);
  assert.equal(new SavedLayouts(shelf, () => {}).find("huge"), undefined);
});

test("what is no saved layout is left out, and long lists are cut", () => {
  const good = { name: "x", layout: "2x2", cells: [{ cameras: ["a", "../b", 7] }, 5, "c"] };
  const read = readSavedList([good, { name: "y", layout: "9x9" }, { layout: "2x2" }, null]);
  assert.deepEqual(
    read.map(({ name }) => name),
    ["x"],
  );
  assert.deepEqual(
    read[0]?.cells.map((one) => one?.cameras ?? null),
    [["a"], null, null],
  );
  assert.equal(readSavedList(Array.from({ length: 200 }, () => good)).length, SAVED_MAX);
});

test("a kept preset has an id that the service takes", () => {
  assert.equal(slugOf("Kỳ thi – Đợt 2!"), "ky-thi-dot-2");
  assert.equal(slugOf("???"), "preset");
});

test("a snapshot says which camera, when to the millisecond, who, and how wrong its clock is", () => {
  const stamp = {
    camera: { id: "cam-001", number: 101, name: "Ngã ba" },
    site: "Kỳ Anh",
    operator: "Lan",
    takenMs: Date.UTC(2026, 0, 1, 17, 5, 9, 42),
    savedMs: Date.UTC(2026, 0, 1, 17, 5, 10),
    clockOffsetS: -5.0204,
    clockErrorS: 0.03,
  };
  const [first, second] = stampLines(stamp, new Words("en"));
  assert.equal(first, "101 Ngã ba · Kỳ Anh · 02/01/2026 00:05:09.042 (UTC+7)");
  assert.match(second, /off by −5\.020 s ±0\.030 s · saved by Lan at 02\/01\/2026 00:05:10/);
  assert.equal(fileName(stamp), "101-cam-001-20260102-000509.png");
  const unknown = stampLines({ ...stamp, clockOffsetS: null, takenMs: null }, new Words("en"));
  assert.match(unknown[0], /time of the picture not known/);
  assert.match(unknown[1], /not known/);
});
