// The operator's console in a real browser against the stand-in service: by keyboard alone.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { encodeClips } from "../dev/lanes.mjs";
import { serve } from "../dev/serve.mjs";
import { chromiumPath, launch, live, open } from "./chromium.mjs";

const ARTIFACTS = new URL("../../artifacts/", import.meta.url).pathname;
/** A shared machine may be slow; what is waited for comes all the same. */
const PATIENCE_MS = 60_000;
const KEY_STROKES = 120;

/** What was ordered, under a name of its own: the service does it once, however often it is sent. */
function isOrdered({ request, ...command }, meant) {
  assert.match(request, /^[0-9a-f]{32}$/);
  assert.deepEqual(command, meant);
}

describe("the console", {
  skip: chromiumPath === undefined && "no Chromium is installed",
}, () => {
  let browser;
  let server;
  let origin;

  before(async () => {
    await mkdir(ARTIFACTS, { recursive: true });
    browser = await launch();
  });
  after(() => browser?.close());

  beforeEach(async () => {
    server = await serve({ cameras: 150, screens: true });
    origin = `http://127.0.0.1:${server.port}`;
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await server.close();
  });

  const enter = async (query = "", options = {}) => {
    const page = await open(browser, `${origin}/console${query}`, options);
    page.setDefaultTimeout(PATIENCE_MS);
    await live(page, true, 0, PATIENCE_MS);
    await page.waitForSelector("#tree [data-kind=camera]");
    await page.waitForSelector(".wall-cell");
    return page;
  };
  const order = async (page, text) => {
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
  };
  const shows = (page, cells) =>
    page.waitForFunction((wanted) => document.body.dataset.cells === wanted, cells.join(" "));
  const isLarge = (page, id) =>
    page.waitForFunction((wanted) => document.body.dataset.large === wanted, id);
  const says = (page, part) =>
    page.waitForFunction(
      (wanted) => document.querySelector("#line .said").textContent.includes(wanted),
      part,
    );
  const focusIn = (page, selector) =>
    page.waitForFunction((where) => document.activeElement?.closest(where) !== null, selector);
  const shoot = (page, name) => page.screenshot({ path: `${ARTIFACTS}${name}.png` });
  const finish = async (page) => {
    assert.deepEqual(page.faults, []);
    assert.deepEqual(page.elsewhere, []);
    await page.context().close();
  };

  for (const [language, words] of [
    ["vi", { pushed: "lên tường", saved: "Đã lưu", title: "Bàn điều khiển" }],
    ["en", { pushed: "is on the wall", saved: "is saved", title: "Console" }],
  ]) {
    test(`a round by keyboard alone, in ${language}`, async () => {
      const page = await enter(`?lang=${language}&motion=0`);
      assert.equal(await page.title(), words.title);
      // Search without accents, open what is found first, and it is in the grid.
      await page.keyboard.press("/");
      await focusIn(page, "#search");
      await page.keyboard.type("ky anh 108");
      await page.waitForFunction(
        () => document.querySelectorAll("#tree [data-kind=camera]:not([hidden])").length === 1,
      );
      const found = await page.locator("#tree [data-kind=camera]:not([hidden])").first();
      const id = (await found.getAttribute("id")).replace("tree-camera-", "");
      await page.keyboard.press("Enter");
      await shows(page, [id, "", "", ""]);
      await focusIn(page, ".cell");
      // Call 101 by its number, and it stands beside it.
      await order(page, "101");
      await shows(page, [id, "cam-001", "", ""]);
      await order(page, "999");
      await says(page, "999");
      // Large, and exactly back.
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("Enter");
      await isLarge(page, id);
      await page.keyboard.press("Escape");
      await isLarge(page, "");
      await shows(page, [id, "cam-001", "", ""]);
      // Push 115 to the wall, and the plan shows it where it was asked for.
      await order(page, "w115 middle 2");
      await says(page, words.pushed);
      await page.waitForFunction(() => {
        return document.querySelector('[data-spot="middle 1"] b').textContent === "115";
      });
      isOrdered(server.walls.commands.at(-1), {
        command: "show",
        camera: "cam-015",
        screen: "middle",
        cell: 1,
      });
      // The plan by keys: there, pin, and what is pinned is refused in words.
      await page.keyboard.press("F6");
      await focusIn(page, ".wall-cell");
      await page.keyboard.press("p");
      await page.waitForSelector('[data-spot="left 0"][data-pinned="true"]');
      await page.keyboard.press("Enter");
      await page.waitForSelector("#plan .problem:not([hidden])");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      await page.waitForSelector("#plan .problem", { state: "hidden" });
      await page.waitForFunction((camera) => {
        const number = document.querySelector('[data-spot="left 1"] b').textContent;
        return `cam-${String(Number(number) - 100).padStart(3, "0")}` === camera;
      }, id);
      // A tour in the third cell steps on.
      await page.keyboard.press("Escape");
      await focusIn(page, ".cell");
      await page.keyboard.press("ArrowDown");
      await order(page, "t 120 121 3s");
      await shows(page, [id, "cam-001", "cam-020", ""]);
      await shows(page, [id, "cam-001", "cam-021", ""]);
      // Another layout, saved by name; it is there after a reload, and called by its key.
      await order(page, "1+5");
      await order(page, "s Ca đêm");
      await says(page, words.saved);
      assert.equal(await page.locator(".salvo").count(), 1);
      await order(page, "3x3");
      await page.waitForFunction(() => document.body.dataset.layout === "3x3");
      await page.reload();
      await live(page, true, 0, PATIENCE_MS);
      await page.waitForFunction(() => document.body.dataset.layout === "3x3");
      await page.waitForSelector(".salvo");
      await page.waitForSelector("#tree [data-kind=camera]");
      await page.keyboard.press("F3");
      await page.keyboard.press("Shift+Digit1");
      await page.waitForFunction(() => document.body.dataset.layout === "1+5");
      assert.equal(JSON.parse(server.kept.get("layouts"))[0].name, "Ca đêm");
      // A log entry about the chosen camera, and a bookmark; both are in the list.
      await order(page, "n Xe lạ ở cổng");
      await order(page, "b xem lại");
      await page.waitForFunction(() => document.querySelectorAll(".entries li").length === 2);
      const [note] = server.events.told;
      assert.equal(note.kind, "operator-log");
      assert.equal(note.text, "Xe lạ ở cổng");
      assert.equal(note.camera, id);
      // What an alert brings up while one writes is not what one writes about.
      await page.keyboard.type("n Đã gọi bảo vệ");
      server.alerts.raise(133, "covered");
      await page.waitForFunction(() => document.body.dataset.cells === "cam-033");
      await page.keyboard.press("Enter");
      await waitFor(() => server.events.told.length === 3);
      assert.equal(server.events.told[2].camera, id);
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => document.body.dataset.layout === "1+5");
      // All keys in one place, which Escape closes.
      await page.keyboard.press("?");
      await page.waitForSelector("dialog[open]");
      await shoot(page, `console-keys-${language}`);
      await page.keyboard.press("Escape");
      await page.waitForSelector("dialog:not([open])", { state: "attached" });
      // Health is a key away, and so is the way back.
      await page.keyboard.press("F8");
      await page.waitForURL(/\/health/);
      await finish(page);
    });
  }

  test("a snapshot is a picture with its stamp below it", async () => {
    const page = await enter("?motion=0");
    await order(page, "107");
    await shows(page, ["cam-007", "", "", ""]);
    const coming = page.waitForEvent("download");
    await page.keyboard.press("x");
    const download = await coming;
    assert.match(download.suggestedFilename(), /^107-cam-007-\d{8}-\d{6}\.png$/);
    await says(page, "107");
    await finish(page);
  });

  test("cameras are dragged from the tree, from cell to cell, and to the wall", async () => {
    const page = await enter("?motion=0");
    const tree = page.locator("#tree [data-kind=camera]").first();
    const id = (await tree.getAttribute("id")).replace("tree-camera-", "");
    await tree.dragTo(page.locator('.cell[data-cell="2"]'));
    await shows(page, ["", "", id, ""]);
    await page.locator('.cell[data-cell="2"]').dragTo(page.locator('.cell[data-cell="1"]'));
    await shows(page, ["", id, "", ""]);
    await page.locator('.cell[data-cell="1"]').dragTo(page.locator('[data-spot="right 4"]'));
    await page.waitForFunction(
      () => document.querySelector('[data-spot="right 4"]').dataset.why === "person",
    );
    isOrdered(server.walls.commands.at(-1), {
      command: "show",
      camera: id,
      screen: "right",
      cell: 4,
    });
    await page.locator('.cell[data-cell="1"]').dblclick();
    await isLarge(page, id);
    await page.locator(".cell").dblclick();
    await isLarge(page, "");
    await finish(page);
  });

  test("a service that restarts finds the console as it was left", async () => {
    const page = await enter("?motion=0");
    await order(page, "101");
    await shows(page, ["cam-001", "", "", ""]);
    const { port } = server;
    await server.close();
    await live(page, false, 0, PATIENCE_MS);
    server = await serve({ cameras: 150, screens: true, port, firstHandle: 1000 });
    await live(page, true, 0, PATIENCE_MS);
    await shows(page, ["cam-001", "", "", ""]);
    await page.waitForFunction(
      () => !document.querySelector(".cell").ariaLabel.includes("Chưa có hình"),
    );
    await finish(page);
  });

  test("the grid moves, and what is large plays its main stream until it is small again", async () => {
    await server.close();
    server = await serve({ cameras: 10, screens: true, clips: await encodeClips() });
    origin = `http://127.0.0.1:${server.port}`;
    const page = await enter("?lang=en");
    const moving = (count) =>
      page.waitForFunction((cells) => document.body.dataset.motionCells === cells, String(count));
    const wished = (streams) =>
      waitFor(() => {
        const last = server.received.findLast(({ type }) => type === "subscribe");
        return last?.video.map(({ camera, stream }) => `${camera} ${stream}`).join() === streams;
      });
    await order(page, "101");
    await order(page, "102");
    await moving(2);
    await wished("cam-002 sub,cam-001 sub");
    await page.keyboard.press("Enter");
    await wished("cam-002 main");
    await moving(1);
    await page.keyboard.press("Escape");
    await wished("cam-002 sub,cam-001 sub");
    await moving(2);
    await finish(page);
  });

  test("it looks as it should at 1080p, 4K, on a phone, dark and light", async () => {
    server.setFault(107, "covered");
    server.setFault(115, "auth");
    for (const [name, query, size] of [
      ["1080p", "", { width: 1920, height: 1080 }],
      ["1080p-light-en", "?theme=light&lang=en", { width: 1920, height: 1080 }],
      ["4k", "", { width: 3840, height: 2160 }],
      ["phone", "", { width: 390, height: 844 }],
    ]) {
      const page = await enter(query, size);
      for (const number of [101, 107, 115, 121]) await order(page, String(number));
      await shows(page, ["cam-001", "cam-007", "cam-015", "cam-021"]);
      await page.waitForFunction(() =>
        [...document.querySelectorAll(".cell")].every(
          ({ ariaLabel }) => !/Chưa có hình|No picture yet/.test(ariaLabel),
        ),
      );
      await shoot(page, `console-${name}`);
      await finish(page);
    }
  });

  test("keys are answered at once with 150 cameras and 16 pictures", async () => {
    const script = () => {
      window.strokes = [];
      new PerformanceObserver((list) => {
        for (const { name, startTime, processingStart, duration } of list.getEntries()) {
          if (name === "keydown") window.strokes.push([processingStart - startTime, duration]);
        }
      }).observe({ type: "event", durationThreshold: 16, buffered: true });
    };
    const page = await enter("?motion=0", { script });
    await order(page, "4x4");
    for (let number = 101; number < 117; number += 1) await order(page, String(number));
    await page.waitForFunction(() => !/ {2}| $/.test(document.body.dataset.cells));
    await page.evaluate(() => {
      window.strokes = [];
    });
    await page.keyboard.press("/");
    const keys = ["ArrowDown", "k", "PageDown", "y", "Backspace", "ArrowUp"];
    for (let n = 0; n < KEY_STROKES; n += 1) {
      await page.keyboard.press(keys[n % keys.length]);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    const strokes = await page.evaluate(() => window.strokes);
    // Those below 16 ms are not told one by one.
    const p95 = (at) => {
      const known = strokes.map((one) => one[at]).sort((a, b) => a - b);
      const quick = Math.max(0, KEY_STROKES - known.length);
      const rank = Math.ceil(0.95 * KEY_STROKES) - 1 - quick;
      return rank < 0 ? "< 16 ms" : `${Math.round(known[rank] ?? 0)} ms`;
    };
    console.log(
      `console input, 150 cameras, ${KEY_STROKES} keys: delay p95 ${p95(0)}, to the next paint p95 ${p95(1)}`,
    );
    await finish(page);
  });
});

async function waitFor(holds) {
  const until = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > until) throw new Error(`still not: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
