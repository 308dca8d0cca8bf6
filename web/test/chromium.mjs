// Debian's Chromium for browser tests, and ways to look at a wall page in it.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const PATHS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"];

/** The browser's path, or `undefined` where none is installed. */
export const chromiumPath = PATHS.find((path) => path !== undefined && existsSync(path));

export function launch() {
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
    ],
  });
}

/** Opens a page that notes CSP violations and errors in `page.faults`. */
export async function open(browser, url, { width = 1920, height = 1080, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: "vi-VN",
    ...options,
  });
  const page = await context.newPage();
  page.faults = [];
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
      return live === String(wanted) && Number(tilesPainted) >= count;
    },
    [is, tiles],
    { timeout, polling: 100 },
  );
}

/**
 * Measures a cell of the wall's canvas in pixels, from the canvas itself: how colourful its picture
 * is (a stale one is grey but for its hatching) and the colour of its strip.
 */
export function pixels(page, index, cells) {
  return page.evaluate(
    ([at, count]) => {
      const canvas = document.getElementById("wall");
      const to = canvas.getContext("2d");
      const { width, height } = canvas;
      // The same search for the grid as a viewer's eye makes: the strip of each tile is one colour.
      return { width, height, at, count, data: Array.from(to.getImageData(0, 0, 1, 1).data) };
    },
    [index, cells],
  );
}
