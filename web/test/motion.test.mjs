// The wall in motion, in a real browser against the stand-in service: what cells really show is read
// from their pixels, by the time that is burnt into each picture of the footage.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { encodeClips } from "../dev/lanes.mjs";
import { serve } from "../dev/serve.mjs";
import { witnessScript } from "../dev/witness.mjs";
import { chromiumPath, launch, live, open } from "./chromium.mjs";

const ARTIFACTS = new URL("../../artifacts/", import.meta.url).pathname;
const CAMERAS = 10;
/** Cells by what their camera does; see `dev/lanes.mjs`. */
const PLAIN = 0;
const REORDERED = 1;
const RESIZED = 2;
const SKIPPED = 3;
const SILENT = 4;
const H265 = 9;
const LOOP_MS = 8000;

describe("a wall in motion", {
  skip: chromiumPath === undefined && "no Chromium is installed",
}, () => {
  let browser;
  let server;
  let clips;
  let script;
  let page;
  let wall;

  before(async () => {
    await mkdir(ARTIFACTS, { recursive: true });
    [clips, script] = await Promise.all([encodeClips(), witnessScript()]);
    server = await serve({ cameras: CAMERAS, clips });
    wall = `http://127.0.0.1:${server.port}/wall/main?lang=en`;
    browser = await launch(["--host-resolver-rules=MAP wall.lan 127.0.0.1"]);
    page = await open(browser, `${wall}&motion=1`, { width: 1280, height: 720, script });
    await live(page, true, CAMERAS);
  });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  test("every cell that can move does, and the header counts them", async () => {
    await until(page, () => document.body.dataset.motionCells === "9");
    assert.equal(await page.locator("#moving").textContent(), "9 of 10 in motion");
    assert.equal(await page.locator("body").getAttribute("data-player"), "webcodecs");
    await shoot(page, "motion-1280x720");
  });

  test("pictures of each kind of stream come in order", async () => {
    server.setFault(101 + SKIPPED, "skips");
    const seen = await witness(page, [PLAIN, REORDERED, RESIZED, SKIPPED], 9000);
    for (const cell of [PLAIN, REORDERED, RESIZED]) {
      const times = seen.filter(([one]) => one === cell).map(([, stripMs]) => stripMs);
      assert.ok(times.length > 40, `cell ${cell} showed ${times.length} pictures`);
      assert.ok(inOrder(times), `cell ${cell}: ${times}`);
    }
    // Of each second only the first six units come.
    const skipped = seen.filter(([one]) => one === SKIPPED).map(([, stripMs]) => stripMs);
    assert.ok(skipped.length >= 8 && inOrder(skipped), `${skipped}`);
    const first = skipped.findIndex((at, n) => n > 0 && at - skipped[n - 1] > 500);
    assert.ok(first > 0 && skipped.slice(first).every((at) => at % 1000 <= 200), `${skipped}`);
    server.setFault(101 + SKIPPED, "none");
  });

  test("H.265 is said to be what this browser cannot play, and tiles come often instead", async () => {
    await waitFor(() => {
      const last = server.received.findLast(({ type }) => type === "subscribe");
      const wish = last.tiles.find(({ rate }) => rate === "high");
      const asked = last.video.some(({ camera }) => camera === "cam-010");
      return wish?.cameras.includes("cam-010") && !asked;
    });
    await says(page, H265, /No H\.265 here/);
  });

  test("a cell whose video stops shows its tile with its age, and moves again", async () => {
    server.setFault(101 + SILENT, "silent");
    await until(page, () => document.body.dataset.motionCells === "8");
    await page.waitForFunction(() => document.getElementById("not").textContent.startsWith("1 "));
    server.setFault(101 + SILENT, "none");
    await until(page, () => document.body.dataset.motionCells === "9");
    await page.waitForFunction(() => document.getElementById("not").textContent.startsWith("0 "));
  });

  test("the newest tile's number is read back while a cell moves", async () => {
    const now = server.list[PLAIN].sequence;
    await waitFor(() =>
      server.painted.at(-1)?.tiles.some(([handle, at]) => handle === 1 && at >= now + 2),
    );
  });

  test("a large picture moves, shows the main stream, and the sub stream comes back", async () => {
    await page.locator("#wall").click({ position: { x: 300, y: 60 } });
    await page.locator('#large[data-stream="main"]').waitFor();
    await page.waitForFunction(() =>
      /main stream 640 × 360.*Latency\d+ ms/.test(
        document.getElementById("large-facts").textContent,
      ),
    );
    const seen = await witness(page, [], 3000, true);
    assert.ok(seen.length > 15 && inOrder(seen.map(([, stripMs]) => stripMs)), `${seen}`);
    await shoot(page, "motion-large-1280x720");
    await page.keyboard.press("Escape");
    await until(page, () => document.body.dataset.motionCells === "9");
    const wishes = server.received
      .filter(({ type }) => type === "subscribe")
      .map(({ video }) => video);
    assert.ok(wishes.some(([first]) => first?.stream === "main"));
    // The page moves before its wish has arrived.
    await waitFor(() =>
      server.received
        .findLast(({ type }) => type === "subscribe")
        .video.every(({ stream }) => stream === "sub"),
    );
  });

  test("the key M ends motion and begins it; a reload remembers", async () => {
    await page.keyboard.press("m");
    await until(page, () => document.body.dataset.motionCells === "0");
    await waitFor(
      () => server.received.findLast(({ type }) => type === "subscribe").video.length === 0,
    );
    await page.locator("#motion").click();
    await until(page, () => document.body.dataset.motionCells === "9");
    await page.goto(wall);
    await until(page, () => document.body.dataset.motionCells === "9");
    assert.deepEqual(page.faults, []);
  });

  test("a screen that does not keep up shows fewer cells in motion, and says so", async () => {
    const slow = await open(browser, `${wall}&motion=1`, { width: 1280, height: 720 });
    await until(slow, () => document.body.dataset.motionCells === "9");
    // The page's own thread is busy for longer than its readings are apart: a shorter and regular
    // business can fall between all of them.
    await slow.evaluate(() => {
      window.busy = true;
      const work = () => {
        const end = performance.now() + 1400;
        while (performance.now() < end);
        if (window.busy) setTimeout(work, 100);
      };
      work();
    });
    await until(slow, () => Number(document.body.dataset.motionCells) < 6, 60_000);
    // The cell that fell says so as soon as it has a tile to say it on.
    await says(slow, 8, /busy/);
    await shoot(slow, "motion-overloaded-1280x720");
    await slow.evaluate(() => {
      window.busy = false;
    });
    await until(slow, () => Number(document.body.dataset.motionCells) >= 8, 60_000);
    await slow.context().close();
  });

  test("a plain HTTP page plays through MSE, and says what HTTPS would give", async () => {
    const plain = wall.replace("127.0.0.1", "wall.lan");
    const insecure = await open(browser, `${plain}&motion=1`, { width: 1280, height: 720, script });
    await until(insecure, () => Number(document.body.dataset.motionCells) >= 8);
    assert.equal(await insecure.locator("body").getAttribute("data-player"), "mse");
    assert.match(await insecure.locator("#insecure").textContent(), /HTTPS/);
    await shoot(insecure, "motion-insecure-1280x720");
    assert.deepEqual(insecure.faults, []);
    await insecure.context().close();
  });

  const shoot = (on, name) => on.screenshot({ path: `${ARTIFACTS}${name}.png` });

  /** Notes what cells show, for a while. */
  async function witness(on, cells, forMs, large = false) {
    await on.evaluate(
      ([c, l]) => {
        window.witness.seen = [];
        Object.assign(window.witness, { cells: c, large: l });
      },
      [cells, large],
    );
    await new Promise((resolve) => setTimeout(resolve, forMs));
    return on.evaluate(() => {
      Object.assign(window.witness, { cells: [], large: false });
      return window.witness.seen;
    });
  }

  /** Waits until a cell says this of itself. */
  async function says(on, cell, words) {
    await on.waitForFunction(
      ([index, source]) =>
        new RegExp(source).test(
          JSON.parse(document.getElementById("wall").dataset.said ?? "{}")[index] ?? "",
        ),
      [cell, words.source],
      { timeout: 60_000 },
    );
  }
});

/** Forward by less than half a loop at each step, and never back but at the loop's end. */
function inOrder(times) {
  return times.every((at, n) => n === 0 || (at - times[n - 1] + LOOP_MS) % LOOP_MS < LOOP_MS / 2);
}

const until = (page, holds, timeout = 30_000) =>
  page.waitForFunction(holds, undefined, { timeout });

async function waitFor(holds, timeout = 15_000) {
  const last = performance.now() + timeout;
  while (!holds()) {
    if (performance.now() > last) throw new Error(`still not: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
