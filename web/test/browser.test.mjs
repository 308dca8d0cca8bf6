// The wall page in a real browser against the stand-in service of `dev/serve.mjs`.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { serve } from "../dev/serve.mjs";
import {
  chromiumPath,
  launch,
  live,
  looksLive,
  looksStale,
  open,
  waitForTile,
} from "./chromium.mjs";

const ARTIFACTS = new URL("../../artifacts/", import.meta.url).pathname;
const CAMERAS = 150;

/** The tile of an online camera that falls silent is stale this long after its last picture. */
const STALE_WITHIN_MS = 10_000;

describe("the wall page", {
  skip: chromiumPath === undefined && "no Chromium is installed",
}, () => {
  let browser;
  let server;
  let wall;

  before(async () => {
    await mkdir(ARTIFACTS, { recursive: true });
    server = await serve({ cameras: CAMERAS });
    wall = `http://127.0.0.1:${server.port}/wall/main`;
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const shoot = (page, name) => page.screenshot({ path: `${ARTIFACTS}${name}.png` });
  const text = (page, id) => page.locator(`#${id}`).textContent();

  test("every one of 150 tiles is painted, read back, and in Vietnamese", async () => {
    const page = await open(browser, wall);
    await live(page, true, CAMERAS);
    for (const cell of [0, 77, 149]) await waitForTile(page, cell, looksLive);
    assert.equal(await page.locator("#banner").isVisible(), false);
    assert.equal(await page.locator("#large").isVisible(), false);
    await page.waitForFunction(
      () => document.getElementById("live")?.textContent === "150 trực tiếp",
    );
    await waitFor(() => server.painted.some(({ tiles }) => tiles.length === CAMERAS));
    const progress = server.received.filter(({ type }) => type === "progress");
    assert.ok(progress.some(({ received }) => received > 100_000));
    await shoot(page, "wall-1920x1080");
    await finish(page);
  });

  test("a camera whose tiles stop is marked within 10 s, by pixels, and comes back", async () => {
    const page = await open(browser, wall);
    await live(page, true, CAMERAS);
    await waitForTile(page, 40, looksLive);
    // Three more pictures teach the page this camera's interval.
    const learnt = server.list[40].sequence + 3;
    await waitFor(() =>
      server.painted.at(-1)?.tiles.some(([handle, at]) => handle === 41 && at >= learnt),
    );
    // The service goes on calling this one online: the page notices by itself.
    server.setFault(141, "silent");
    server.setFault(142, "auth");
    const silent = await waitForTile(page, 40, looksStale, STALE_WITHIN_MS);
    const rejected = await waitForTile(page, 41, looksStale, STALE_WITHIN_MS);
    console.log(
      `marked after ${Math.round(silent)} ms (silent), ${Math.round(rejected)} ms (rejected)`,
    );
    await waitForTile(page, 39, looksLive);
    await page.waitForFunction(() => document.getElementById("not").textContent.startsWith("2 "));
    await shoot(page, "wall-stale-1920x1080");
    for (const number of [141, 142]) server.setFault(number, "none");
    for (const cell of [40, 41]) await waitForTile(page, cell, looksLive);
    await finish(page);
  });

  test("a camera with a 12 s interval keeps its picture and shows its age", async () => {
    server.list[20].intervalMs = 12_000;
    const page = await open(browser, wall);
    await live(page, true, CAMERAS);
    const until = performance.now() + 30_000;
    let stale = 0;
    while (performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      // The first interval is not known yet: then 10 s are the limit.
      if (performance.now() < until - 14_000) continue;
      await waitForTile(page, 20, () => true);
      stale += await waitForTile(page, 20, looksLive, 0).then(
        () => 0,
        () => 1,
      );
    }
    server.list[20].intervalMs = 1000;
    assert.equal(stale, 0);
    await finish(page);
  });

  test("a tile opens large, moves by arrow keys and closes", async () => {
    const page = await open(browser, `${wall}?lang=en`);
    await live(page, true, CAMERAS);
    await page.locator("#wall").click({ position: { x: 60, y: 60 } });
    await page.locator("#large.has-picture").waitFor();
    assert.equal(await text(page, "large-number"), "101");
    await page.waitForFunction(() =>
      /StateLive.*Picture age.*CodecH264Size640 × 360/.test(
        document.getElementById("large-facts").textContent,
      ),
    );
    const first = await page.locator("#large-picture").getAttribute("src");
    await page.waitForFunction(
      (src) => document.getElementById("large-picture").src !== src,
      first,
    );
    await page.keyboard.press("ArrowRight");
    assert.equal(await text(page, "large-number"), "102");
    await shoot(page, "large-1920x1080");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("#large").isVisible(), false);
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#large").isVisible(), true);
    await finish(page);
  });

  test("on a phone tiles are at least 160 px wide and the wall scrolls", async () => {
    const phone = { width: 390, height: 844, deviceScaleFactor: 3, isMobile: true, hasTouch: true };
    const page = await open(browser, wall, phone);
    await live(page, true, 10);
    const grid = JSON.parse(await page.locator("#wall").getAttribute("data-grid"));
    assert.equal(grid.columns, 2);
    assert.ok(grid.tileWidth / 3 >= 160);
    await shoot(page, "wall-390x844");
    await page.locator("#scroller").evaluate((box) => box.scrollTo(0, box.scrollHeight));
    const last = server.list[CAMERAS - 1].view.handle;
    const before = server.painted.length;
    await waitFor(() =>
      server.painted
        .slice(-4)
        .some(({ tiles }) => tiles.length < 40 && tiles.some(([handle]) => handle === last)),
    );
    assert.ok(before > 0);
    await finish(page);
  });

  test("a 4K wall and a light room are painted as well", async () => {
    const page = await open(browser, `${wall}?lang=en`, { width: 3840, height: 2160 });
    await live(page, true, CAMERAS);
    // A tile may be painted a moment before the count says so.
    await page.waitForFunction(() => document.getElementById("live")?.textContent === "150 live");
    await waitForTile(page, 149, looksLive);
    await shoot(page, "wall-3840x2160");
    await finish(page);
    const light = await open(browser, `${wall}?theme=light`);
    await live(light, true, CAMERAS);
    await shoot(light, "wall-light-1920x1080");
    await finish(light);
  });

  test("a browser without ImageDecoder paints all tiles, too", async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
    await context.addInitScript(() => Reflect.deleteProperty(window, "ImageDecoder"));
    const page = await context.newPage();
    await page.goto(wall);
    await live(page, true, CAMERAS);
    await waitForTile(page, 3, looksLive);
    await context.close();
  });

  test("a stopped service is NOT LIVE in both languages; a new one is shown without a reload", async () => {
    const pages = [await open(browser, wall), await open(browser, `${wall}?lang=en`)];
    for (const page of pages) {
      await live(page, true, CAMERAS);
      await page.evaluate(() => document.body.setAttribute("data-same-page", "yes"));
    }
    const { port } = server;
    await server.close();
    for (const [index, words] of ["KHÔNG TRỰC TIẾP", "NOT LIVE"].entries()) {
      const page = pages[index];
      await live(page, false, 0, 15_000);
      await page.locator("#banner").waitFor();
      assert.equal(await text(page, "banner-word"), words);
      await page.bringToFront();
      await shoot(page, `not-live-${index === 0 ? "vi" : "en"}-1920x1080`);
    }
    // A restarted service gives its cameras other handles and counts from the beginning.
    server = await serve({ cameras: CAMERAS, port, firstHandle: 1000 });
    for (const page of pages) {
      await page.bringToFront();
      await live(page, true, CAMERAS, 20_000);
      await waitForTile(page, 12, looksLive);
      assert.equal(await page.locator("#banner").isVisible(), false);
      assert.equal(await page.locator("body").getAttribute("data-same-page"), "yes");
    }
    await waitFor(() => server.painted.at(-1)?.tiles.every(([handle]) => handle >= 1000));
    for (const page of pages) await finish(page);
  });

  /** No script failed and the content policy was not violated. */
  async function finish(page) {
    assert.deepEqual(page.faults, []);
    assert.equal(await page.evaluate(() => "watchwall" in window), false);
    await page.context().close();
  }
});

async function waitFor(holds, timeout = 15_000) {
  const until = performance.now() + timeout;
  while (!holds()) {
    if (performance.now() > until) throw new Error(`still not: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
