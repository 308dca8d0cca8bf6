// A whole shift on the real service, by keyboard alone and in both languages: two people with accounts
// of their own, a wall of two screens, cameras of the simulator, and what one does with them from the
// sign-in to the sign-out.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { launch, live, open } from "./chromium.mjs";
import { ARTIFACTS, freePorts, Room, skip, until } from "./demo.mjs";
import { ageMs, readStrip } from "./strip.mjs";

const CAMERAS = 12;
/** They are on no screen as long as nothing happens there. */
const LOST = 11;
const SHELVED = 12;
/** A shared machine may be slow; what is waited for comes all the same. */
const PATIENCE_MS = 60_000;
/** A camera is given up after some tries; a busy machine takes longer. */
const RAISED_WITHIN_MS = 120_000;
/** A picture as old as this is some camera's: their loops of 16 s are apart by more. */
const PAINTED_AGE_MAX_MS = 5000;
/** More keys than lead anywhere. */
const TABS_MAX = 400;
const PASSWORD = "trời mưa ở kỳ anh";
const SIZES = {
  "4k": { width: 3840, height: 2160 },
  phone: { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};
const LANGUAGES = {
  vi: {
    comment: "đã gọi bảo vệ cổng",
    shelf: "thay nguồn",
    taken: "đã nhận",
    title: "Lịch sử tường",
  },
  en: {
    comment: "called the guard at the gate",
    shelf: "new supply",
    taken: "has taken",
    title: "Wall history",
  },
};

const id = (camera) => `cam-${String(camera).padStart(3, "0")}`;

const config = ({ rtsp }) => `
[[site]]
id = "ky-anh"
name = "Kỳ Anh"
${Array.from({ length: CAMERAS }, (_, index) => {
  const camera = index + 1;
  return `
[[camera]]
id = "${id(camera)}"
number = ${100 + camera}
name = "Ngã ba Kỳ Anh ${camera}"
site = "ky-anh"
url = "rtsp://127.0.0.1:${rtsp}/cam/${id(camera).slice(4)}/sub"
main_url = "rtsp://127.0.0.1:${rtsp}/cam/${id(camera).slice(4)}/main"
`;
}).join("")}
[[wall]]
id = "main"
name = "Tường LED"
cameras = ["site:ky-anh"]

[[wall.screen]]
id = "left"
name = "Trái"
layout = "2x2"

[[wall.screen]]
id = "right"
name = "Phải"
column = 1
layout = "2x2"

# Nobody opens its left screen here.
[[alert]]
id = "unopened"
conditions = ["screen-gone"]
priority = "none"

[[alert]]
id = "lost"
conditions = ["refused", "unreachable"]
priority = "high"

[[position]]
id = "desk"
name = "Phòng trực"

[[person]]
id = "an"
name = "Nguyễn Văn An"

[[person]]
id = "binh"
name = "Trần Thị Bình"

[[shift]]
position = "desk"
people = ["an", "binh"]
from = "00:00"
until = "24:00"
`;

describe("a whole shift", { skip }, () => {
  let browser;

  before(async () => {
    await mkdir(ARTIFACTS, { recursive: true });
    browser = await launch();
  });
  after(() => browser?.close());

  for (const [language, words] of Object.entries(LANGUAGES)) {
    test(`from signing in to signing out, in ${language}`, async () => {
      const ports = await freePorts();
      const room = await Room.start(CAMERAS, ports, config(ports));
      try {
        await shift(browser, room, language, words);
      } catch (error) {
        // What was on the screens then says more than any stack.
        for (const [at, page] of browser
          .contexts()
          .flatMap((one) => one.pages())
          .entries())
          await page.screenshot({ path: `${ARTIFACTS}shift-${language}-failed-${at}.png` });
        throw error;
      } finally {
        for (const context of browser.contexts()) await context.close();
        await room.stop();
      }
    });
  }
});

async function shift(browser, room, language, words) {
  for (const name of ["an", "binh"]) {
    room.administer(["user", "add", name, "--role", "operator", "--person", name], PASSWORD);
  }
  const origin = new URL(room.wall).origin;
  const shoot = (page, name) =>
    page.screenshot({ path: `${ARTIFACTS}shift-${language}-${name}.png` });

  const an = await enter(browser, `${origin}/console?lang=${language}&motion=0`, "an");
  const binh = await enter(browser, `${origin}/console?lang=${language}&motion=0`, "binh");
  const screen = await openScreen(browser, room);
  await until(async () => {
    const cameras = await get(an, "cameras");
    return cameras.length === CAMERAS && cameras.every(({ state }) => state === "online");
  });

  // An alert brings itself up, with its camera beside it.
  await room.fault(LOST, "refuse");
  await an.waitForFunction(
    (camera) => document.body.dataset.cells.split(" ").includes(camera),
    id(LOST),
    { timeout: RAISED_WITHIN_MS },
  );
  const alertOf = async (camera) => {
    const { alerts } = await get(an, "alerts?open=true");
    return alerts.find(({ cameras }) => cameras.includes(id(camera)))?.id;
  };
  const lost = await alertOf(LOST);
  await shown(an, lost);
  await shoot(an, "alert-1080p");
  await an.keyboard.press("F4");
  await focusIn(an, "#alerts");
  await choose(an, lost);
  await an.keyboard.press("a");
  await an.waitForFunction(
    () => document.querySelector("#alerts .alert-view").dataset.state === "acknowledged",
  );
  await an.keyboard.press("c");
  await an.keyboard.type(words.comment);
  await an.keyboard.press("Control+Enter");
  await an.waitForFunction(
    (said) => document.querySelector("#alerts .story").textContent.includes(said),
    words.comment,
  );

  // Another one is put on the shelf.
  await room.fault(SHELVED, "refuse");
  await until(async () => (await alertOf(SHELVED)) !== undefined, RAISED_WITHIN_MS);
  const shelved = await alertOf(SHELVED);
  await choose(an, shelved);
  await shown(an, shelved);
  await an.keyboard.press("h");
  await an.keyboard.press("1");
  await an.keyboard.type(words.shelf);
  await an.keyboard.press("Control+Enter");
  await until(async () => (await get(an, `alerts/${shelved}`)).shelved !== null);

  // Back at the grid: camera 101 by its number, and another layout.
  await an.keyboard.press("F3");
  await an.keyboard.press("Escape");
  await order(an, "101");
  await has(an, id(1));
  await order(an, "3x3");
  await an.waitForFunction(() => document.body.dataset.layout === "3x3");
  await has(an, id(1));

  // A camera goes to the wall, and its own pictures are painted there.
  const { cell, pushed, before } = await whatToPush(an, room);
  await order(an, `w${100 + pushed} right ${cell + 1}`);
  await screen.waitForFunction(
    ([at, camera]) => JSON.parse(document.getElementById("wall").dataset.cells)[at] === camera,
    [cell, id(pushed)],
    { timeout: PATIENCE_MS },
  );
  await painted(screen, room, cell, pushed);
  await shoot(screen, "wall-1080p");
  await shoot(an, "console-1080p");

  // A colleague is shown a camera, and takes it.
  await order(an, "g101 nobody");
  await an.locator("#line .said.problem").waitFor();
  await order(an, "g101 binh");
  await binh.locator(".handed .aside").waitFor();
  assert.match(await binh.locator(".handed .aside").textContent(), /Nguyễn Văn An.*101/);
  await has(binh, id(1));
  await shoot(binh, "handed-1080p");
  await binh.keyboard.press("F3");
  await binh.keyboard.press("y");
  await binh.locator(".handed").waitFor({ state: "hidden" });
  await has(binh, id(1));
  // Whoever sent it reads that, on the line of their orders.
  const answer = an.locator("#line .said", { hasText: words.taken });
  await answer.filter({ hasText: "101" }).waitFor();
  await shoot(an, "hand-taken-1080p");
  assert.equal(await binh.locator(".stage-bar .aside").isVisible(), false);

  await replay(an, words, { cell, pushed, before, shoot });

  // The shift is handed over: both sign.
  for (const [page, left] of [
    [an, 1],
    [binh, 0],
  ]) {
    await page.keyboard.press("F9");
    await page.waitForURL(/\/alerts/);
    await live(page, true, 0, PATIENCE_MS);
    await follow(page, "a[href*='/alerts/handover']", /\/alerts\/handover/);
    await page.locator(".signature").first().waitFor();
    await until(async () => {
      const open = await page.locator(".signature button").count();
      if (open > left) await press(page, ".signature button");
      return open === left;
    });
  }
  const sheet = await get(binh, "handover?position=desk");
  assert.deepEqual([sheet.signed.giving.by, sheet.signed.taking.by], ["an", "binh"]);
  assert.deepEqual(
    sheet.shelved.map(({ id: one }) => one),
    [shelved],
  );
  await shoot(binh, "handover-1080p");

  // The same pages on an LED wall and on a phone.
  const storageState = await binh.context().storageState();
  for (const [name, size] of Object.entries(SIZES)) {
    for (const [what, path, ready] of [
      ["console", "console", ".wall-cell"],
      ["history", "wall/main/history", ".changes li"],
      ["handover", "alerts/handover", ".signature"],
    ]) {
      const url = `${origin}/${path}?lang=${language}`;
      const page = await open(browser, url, { ...size, storageState });
      page.setDefaultTimeout(PATIENCE_MS);
      await live(page, true, 0, PATIENCE_MS);
      await page.locator(ready).first().waitFor();
      await shoot(page, `${what}-${name}`);
      await finish(page);
    }
  }

  await follow(an, "#sign-out", /\/sign-in/);
  assert.equal(await an.evaluate(async () => (await fetch("/api/v1/session")).status), 401);
  for (const page of [an, binh, screen]) await finish(page);
  // All of it is in the audit, whose chain holds.
  room.administer(["audit", "verify"]);
}

/** Steps back to the push, sees it there and not before it, and lets the wall run on to it again. */
async function replay(page, words, { cell, pushed, before, shoot }) {
  const spot = `[data-spot="right ${cell}"]`;
  const shows = (camera) =>
    page.waitForFunction(
      ([where, number]) => document.querySelector(`${where} b`)?.textContent === number,
      [spot, String(100 + camera)],
    );
  await page.keyboard.press("F6");
  await focusIn(page, ".wall-cell");
  await page.keyboard.press("h");
  await page.waitForURL(/\/wall\/main\/history/);
  await live(page, true, 0, PATIENCE_MS);
  await page.locator(".changes li").first().waitFor();
  assert.ok((await page.title()).startsWith(words.title));
  const told = () => page.locator(".moment").textContent();
  const stepBack = (there) =>
    until(async () => {
      if ((await told()).includes(` ${100 + pushed} `) === there) return true;
      await page.keyboard.press("ArrowLeft");
      return false;
    });
  await stepBack(true);
  assert.match(await told(), /Nguyễn Văn An: /);
  await shows(pushed);
  await page.waitForFunction(
    (where) => document.querySelector(where).dataset.why === "person",
    spot,
  );
  assert.match(await page.locator(".cells").textContent(), /Nguyễn Văn An/);
  // What an alert did is in it too, and leads to the alert.
  await page.locator(`.cells a[href*="/alerts?"]`).first().waitFor();
  await shoot(page, "history-1080p");
  const revision = Number(await page.locator("body").getAttribute("data-revision"));
  await stepBack(false);
  await shows(before);
  await page.keyboard.press("3");
  await page.waitForFunction(
    (wanted) => Number(document.body.dataset.revision) >= wanted,
    revision,
  );
  await page.keyboard.press("Escape");
  await page.waitForURL(/\/console/);
  await live(page, true, 0, PATIENCE_MS);
}

/** Opens a page, which leads to the sign-in page, and from there back. */
async function enter(browser, url, name) {
  const page = await open(browser, url);
  page.setDefaultTimeout(PATIENCE_MS);
  await page.waitForFunction(() => document.activeElement?.id === "username");
  await page.keyboard.type(name);
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/console/);
  await page.waitForFunction(() => document.getElementById("sign-out") !== null);
  await live(page, true, 0, PATIENCE_MS);
  await page.waitForSelector("#tree [data-kind=camera]");
  await page.waitForSelector(".wall-cell");
  return page;
}

/** The right screen's own browser, which has a token. */
async function openScreen(browser, room) {
  const token = room.administer(["token", "create", "right", "--wall", "main"]);
  const page = await open(browser, new URL("/sign-in", room.wall).href);
  page.setDefaultTimeout(PATIENCE_MS);
  await page.waitForFunction(() => document.activeElement?.id === "username");
  await press(page, "#other");
  await page.waitForFunction(() => document.activeElement?.id === "token");
  await page.keyboard.type(token);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/wall\//);
  await page.goto(`${room.wall}?screen=right`);
  await live(page, true, 4, PATIENCE_MS);
  return page;
}

/** A cell of the right screen that is as configured, and the camera that is easiest told from its own. */
async function whatToPush(page, room) {
  const wall = await get(page, "walls/main");
  const cameras = await get(page, "cameras");
  const number = (handle) => cameras.find((one) => one.handle === handle).number - 100;
  const { cells } = wall.screens.find((screen) => screen.id === "right");
  const cell = cells.findIndex(({ why, camera }) => why === "base" && camera !== null);
  const before = number(cells[cell].camera);
  const stats = await statsOf(room);
  const apart = (camera) => {
    const loop = stats.get(camera).loop_ms;
    const between = Math.abs(stats.get(camera).loop_offset_ms - stats.get(before).loop_offset_ms);
    return Math.min(between % loop, loop - (between % loop));
  };
  const others = [...stats.keys()].filter((camera) => camera !== before && camera < LOST);
  const pushed = others.toSorted((a, b) => apart(b) - apart(a))[0];
  assert.ok(apart(pushed) > PAINTED_AGE_MAX_MS, "the two can be told apart by their times");
  return { cell, before, pushed };
}

async function statsOf(room) {
  const { cameras } = await room.stats();
  return new Map(cameras.map((one) => [one.camera, one]));
}

/** Waits until the time that is burnt into a cell's pixels is this camera's own, just now. */
async function painted(page, room, cell, camera) {
  const stats = (await statsOf(room)).get(camera);
  await until(async () => {
    const { row, width, height } = await page.evaluate(stripRow, cell);
    const atMs = readStrip((x) => row[x], width, height);
    if (atMs === null) return false;
    const age = ageMs(atMs, Date.now(), stats);
    return age < PAINTED_AGE_MAX_MS;
  });
}

/** In the page: the line of a cell's picture that the strip is in. */
function stripRow(cell) {
  const canvas = document.getElementById("wall");
  const grid = JSON.parse(canvas.dataset.grid);
  const left = grid.left + (cell % grid.columns) * (grid.tileWidth + grid.gap);
  const across = grid.pictureHeight + grid.stripHeight + grid.gap;
  const top = grid.top + Math.floor(cell / grid.columns) * across;
  const [width, height] = [grid.tileWidth, grid.pictureHeight];
  const y = Math.floor(height - (height / 30) * 1.5);
  const { data } = canvas.getContext("2d").getImageData(left, top + y, width, 1);
  return { row: Array.from({ length: width }, (_, x) => data[x * 4 + 1]), width, height };
}

/** As somebody who is signed in asks. */
function get(page, path) {
  return page.evaluate(async (what) => (await fetch(`/api/v1/${what}`)).json(), path);
}

async function order(page, text) {
  await page.keyboard.press("F3");
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

/** Waits until the grid shows a camera. */
function has(page, camera) {
  return page.waitForFunction(
    (wanted) => document.body.dataset.cells.split(" ").includes(wanted),
    camera,
  );
}

function focusIn(page, selector) {
  return page.waitForFunction((where) => document.activeElement?.closest(where) !== null, selector);
}

/** Waits until an alert is open beside the list. */
function shown(page, alert) {
  return page.waitForFunction(
    (wanted) => document.querySelector("#alerts .alert-view")?.dataset.alert === wanted,
    alert,
  );
}

/** Goes along the list to an alert, from the top again where the list has ended. */
async function choose(page, alert) {
  const selected = '.line:not([hidden])[aria-selected="true"]';
  await page.locator(`.line[data-alert="${alert}"]`).waitFor();
  let before;
  await until(async () => {
    const now = await page.evaluate((at) => document.querySelector(at)?.dataset.alert, selected);
    if (now === alert) return true;
    await page.keyboard.press(now === before ? "Home" : "j");
    before = now;
    return false;
  });
}

/** Goes to something by Tab alone, and presses Enter there. */
async function press(page, selector) {
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    if (await page.evaluate((what) => document.activeElement?.matches(what) === true, selector)) {
      await page.keyboard.press("Enter");
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`${selector} cannot be reached by keyboard`);
}

/** The same, where it leads to another page. */
async function follow(page, selector, url) {
  await page.locator(selector).waitFor();
  await press(page, selector);
  await page.waitForURL(url);
}

/** No script failed, the content policy held, and nothing was asked of another origin. */
async function finish(page) {
  assert.deepEqual(page.faults, []);
  assert.deepEqual(page.elsewhere, []);
  await page.context().close();
}
