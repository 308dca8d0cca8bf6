// Debian's Chromium for browser tests, and ways to look at a wall page in it.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const PATHS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"];

/** The browser's path, or `undefined` where none is installed. */
export const chromiumPath = PATHS.find((path) => path !== undefined && existsSync(path));

export function launch(more = []) {
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
}

/**
 * What stops all pages of a browser (`SIGSTOP`) and lets them go on (`SIGCONT`). Headless Chromium does
 * not freeze a tab that it takes to be in sight, whatever it is told: its process has to stand still.
 */
export async function freezer(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const pages = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  return (signal) => {
    for (const pid of pages) process.kill(pid, signal);
  };
}

/**
 * Opens a page that notes CSP violations and errors in `page.faults`, requests to other origins in
 * `page.elsewhere`, and the tiles of each `painted` message that it sends in `page.painted`. A
 * `script` runs in it before its own.
 */
export async function open(browser, url, { width = 1920, height = 1080, script, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: "vi-VN",
    ...options,
  });
  if (script !== undefined) await context.addInitScript(script);
  const page = await context.newPage();
  page.faults = [];
  page.elsewhere = [];
  page.painted = [];
  const { host } = new URL(url);
  const note = (asked) => {
    if (!asked.startsWith("blob:") && new URL(asked).host !== host) page.elsewhere.push(asked);
  };
  page.on("request", (request) => note(request.url()));
  page.on("websocket", (socket) => {
    note(socket.url());
    socket.on("framesent", ({ payload }) => {
      const message = typeof payload === "string" && JSON.parse(payload);
      if (message.type === "painted") page.painted.push(message.tiles);
    });
  });
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("console", (message) => {
    const text = message.text();
    // A refused socket is what an outage looks like; the page has to live with it.
    if (message.type() === "error" && !/WebSocket|ERR_CONNECTION|Failed to load/.test(text))
      page.faults.push(text);
  });
  await page.goto(url);
  return page;
}

/** Waits until the page says that it is live (or not) and has painted this many tiles. */
export function live(page, is, tiles = 0, timeout = 30_000) {
  return page.waitForFunction(
    ([wanted, count]) => {
      const { live, tilesPainted } = document.body.dataset;
      return live === String(wanted) && Number(tilesPainted ?? 0) >= count;
    },
    [is, tiles],
    { timeout, polling: 100 },
  );
}

/**
 * Measures a cell of the wall in pixels, as shares of its picture: `colourful` ones, which a stale
 * tile does not have, and `hatched` ones, in the amber of the dark theme's hatching; and whether the
 * strip below is the `marked` one of a tile that is not live.
 */
export function tilePixels(page, index) {
  return page.evaluate((cell) => {
    const canvas = document.getElementById("wall");
    const grid = JSON.parse(canvas.dataset.grid);
    const row = Math.floor(cell / grid.columns);
    const x = grid.left + (cell % grid.columns) * (grid.tileWidth + grid.gap);
    const y = grid.top + row * (grid.pictureHeight + grid.stripHeight + grid.gap);
    const to = canvas.getContext("2d");
    const { data } = to.getImageData(x, y, grid.tileWidth, grid.pictureHeight);
    const count = { colourful: 0, hatched: 0 };
    let darkest = 255;
    let brightest = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [r, g, b] = data.subarray(at, at + 3);
      darkest = Math.min(darkest, g);
      brightest = Math.max(brightest, g);
      const amber = r > 150 && g > 0.5 * r && g < 0.85 * r && b < 0.6 * r;
      if (amber) count.hatched += 1;
      else if (Math.max(r, g, b) - Math.min(r, g, b) > 90) count.colourful += 1;
    }
    const [r, g, b] = to.getImageData(x + 1, y + grid.pictureHeight + 1, 1, 1).data;
    const pixels = data.length / 4;
    return {
      colourful: count.colourful / pixels,
      hatched: count.hatched / pixels,
      contrast: brightest - darkest,
      marked: r > 80 && g > 30 && b < 30,
    };
  }, index);
}

/** Whether measured pixels are those of a tile that is hatched, without colour, and marked. */
export function looksStale({ colourful, hatched, marked }) {
  return marked && hatched > 0.12 && colourful < 0.08;
}

/** Whether they are those of a live tile with a colourful picture. */
export function looksLive({ colourful, hatched, marked }) {
  return !marked && hatched < 0.1 && colourful > 0.3;
}

/** Whether they are those of a live tile with any picture, be it of the darkest night. */
export function hasPicture({ marked, contrast }) {
  return !marked && contrast > 24;
}

/** Whether they are those of a tile that says that it is not live, with or without a picture. */
export function isMarked({ marked }) {
  return marked;
}

/** Makes the page note each number of tiles not live that it shows, in `wallCounts.notLive`. */
export function watchCounts(page) {
  return page.evaluate(() => {
    window.wallCounts = { notLive: [] };
    const shown = document.getElementById("not");
    const note = () => {
      const count = Number.parseInt(shown.textContent, 10);
      if (window.wallCounts.notLive.at(-1) !== count) window.wallCounts.notLive.push(count);
    };
    new MutationObserver(note).observe(shown, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    note();
  });
}

/** Waits until a cell's pixels are as wanted; answers how long that took, in milliseconds. */
export async function waitForTile(page, index, looks, timeout = 15_000) {
  const began = performance.now();
  for (;;) {
    const pixels = await tilePixels(page, index);
    const took = performance.now() - began;
    if (looks(pixels)) return took;
    if (took > timeout) throw new Error(`cell ${index} is still ${JSON.stringify(pixels)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
