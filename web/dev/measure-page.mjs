// Live video on the wall page itself, by the strips that the simulator burns into its pictures.
import { live, open } from "../test/chromium.mjs";
import { ageMs } from "../test/strip.mjs";
import { ms, percent, quantile, sleep } from "./figures.mjs";
import { front } from "./front.mjs";
import { childrenOf, cpuSeconds, residentMiB } from "./processes.mjs";
import { witnessScript } from "./witness.mjs";

/** The machine itself is a secure context and has WebCodecs; a name over plain HTTP has MSE alone. */
const HOSTS = { webcodecs: "127.0.0.1", mse: "wall.lan" };
const TRIALS = 5;
/** Two frames this close together are motion; tiles come every two seconds. */
const MOTION_MS = 400;
/** A cell that showed fewer frames than this in a second stood still: sub streams have 12.5. */
const MOVING_FRAMES = 5;
const WARM_UP_MS = 15_000;

/** From the click on a cell to the first moving picture, and to the first one of the main stream. */
export async function start(browser, demoWith, row) {
  await demoWith(16, (demo) =>
    onEach(
      browser,
      demo,
      row,
      async (page, kind) => {
        const figures = { pulled: [], begun: [], main: [] };
        for (let trial = 0; trial < TRIALS; trial += 1) {
          // Cameras that nobody watches large, one after the other; each is opened again while its
          // main stream lingers.
          const first = await openLarge(page, trial);
          figures.begun.push(first.motion);
          figures.main.push(first.main);
          await closeLarge(page);
          await sleep(1000);
          figures.pulled.push((await openLarge(page, trial)).motion);
          await closeLarge(page);
          await sleep(1000);
        }
        const worst = (list) => `${list.map((one) => Math.round(one)).join(" ")} ms`;
        row(
          `${kind}: click to motion, stream already pulled`,
          worst(figures.pulled),
          "goal 500 ms",
        );
        row(`${kind}: click to motion, main stream not yet pulled`, worst(figures.begun));
        row(`${kind}: click to main stream, not yet pulled`, worst(figures.main), "goal 3000 ms");
      },
      false,
    ),
  );
}

/** From the simulated lens to the screen. */
export async function latency(browser, demoWith, row, { minutes }) {
  await demoWith(4, (demo, sim) =>
    onEach(browser, demo, row, async (page, kind) => {
      await watch(page, 4);
      await sleep(5000);
      await take(page);
      await sleep(minutes * 30_000);
      const ages = agesOf(await take(page), sim);
      row(`${kind}: glass to glass, 4 sub streams, p50`, ms(quantile(ages, 0.5)));
      row(`${kind}: glass to glass, 4 sub streams, p95`, ms(quantile(ages, 0.95)), "goal 500 ms");
      await openLarge(page, 0);
      await sleep(3000);
      await take(page);
      await sleep(minutes * 30_000);
      const large = agesOf(await take(page), sim, (cell) => cell === LARGE, 0);
      row(
        `${kind}: glass to glass, one main stream, p95`,
        ms(quantile(large, 0.95)),
        "goal 500 ms",
      );
    }),
  );
}

/** 16 cells for long: does anything drift or grow? */
export async function grid(browser, demoWith, row, { minutes }) {
  await demoWith(16, (demo, sim) =>
    onEach(browser, demo, row, async (page, kind) => {
      await watch(page, 16);
      await sleep(WARM_UP_MS);
      await take(page);
      const client = await page.context().newCDPSession(page);
      const chromium = childrenOf(process.pid, "chrom");
      const probe = async () => {
        await client.send("HeapProfiler.collectGarbage");
        const { usedSize } = await client.send("Runtime.getHeapUsage");
        return { heap: usedSize / 2 ** 20, resident: residentMiB(chromium) };
      };
      const slice = Math.min(60_000, minutes * 30_000);
      // Decoders and their pools fill for two minutes; what grows after that grows for ever.
      await sleep(Math.min(2 * 60_000, minutes * 15_000));
      await take(page);
      const before = await probe();
      await sleep(slice);
      const first = agesOf(await take(page), sim);
      await sleep(Math.max(0, minutes * 60_000 - 2 * slice));
      await take(page);
      await sleep(slice);
      const last = agesOf(await take(page), sim);
      const then = await probe();
      const rate = last.length / (slice / 1000);
      // One of them is H.265, which Debian's Chromium has not: it shows tiles at a high rate.
      row(`${kind}: frames shown a second, 16 cells`, rate.toFixed(0), "of 200");
      const says = () => document.getElementById("moving").textContent;
      row(`${kind}: the page says`, await page.evaluate(says));
      row(`${kind}: glass to glass p50, at first and at last`, both(first, last, 0.5));
      row(`${kind}: glass to glass p95, at first and at last`, both(first, last, 0.95));
      row(`${kind}: JS heap, MiB`, `${before.heap.toFixed(1)} → ${then.heap.toFixed(1)}`);
      row(`${kind}: browser, MiB`, `${before.resident.toFixed(0)} → ${then.resident.toFixed(0)}`);
    }),
  );
}

/** Every cell of a whole wall in motion, as far as the machine goes. */
export async function wall(browser, demoWith, row, { minutes, cameras }) {
  await demoWith(cameras, (demo, sim) =>
    onEach(browser, demo, row, async (page, kind) => {
      await watch(page, cameras, 2);
      await sleep(2 * WARM_UP_MS);
      const parts = {
        browser: childrenOf(process.pid, "chrom"),
        "service and simulator": [demo.pid, ...childrenOf(demo.pid, "")],
      };
      const used = () => Object.values(parts).map(cpuSeconds);
      await take(page);
      const before = used();
      const seconds = Math.max(10, minutes * 60);
      await sleep(seconds * 1000);
      const seen = await take(page);
      const after = used();
      const { moving, perSecond } = motion(seen, cameras, seconds);
      const ages = agesOf(seen, sim);
      row(`${kind}: frames shown a second`, perSecond.toFixed(0), `of ${cameras * 12.5}`);
      row(`${kind}: cells in motion`, percent(moving));
      row(`${kind}: glass to glass of what is shown, p50`, ms(quantile(ages, 0.5)));
      row(`${kind}: glass to glass of what is shown, p95`, ms(quantile(ages, 0.95)));
      for (const [index, name] of Object.keys(parts).entries())
        row(`${kind}: cores for ${name}`, ((after[index] - before[index]) / seconds).toFixed(2));
      const says = () => document.getElementById("moving").textContent;
      row(`${kind}: the page says`, await page.evaluate(says));
    }),
  );
}

const LARGE = -1;
const LOOK = { width: 1920, height: 1080 };

/** Runs a part on a page that has WebCodecs and on one that has not. */
async function onEach(browser, demo, row, act, moving = true) {
  const between = await front(demo.ports.http);
  const script = await witnessScript();
  for (const [kind, host] of Object.entries(HOSTS)) {
    const wall = `http://${host}:${between.port}/wall/main?motion=${moving ? 1 : 0}&lang=en`;
    const page = await open(browser, wall, { ...LOOK, script });
    try {
      await live(page, true, 1, 60_000);
      await act(page, kind);
      if (page.faults.length > 0) row(`${kind}: the page's errors`, page.faults.join("; "));
    } finally {
      await page.context().close();
    }
  }
  await between.close();
}

/** Looks at the first cells from now on, at each frame of the browser or each `every`th. */
function watch(page, cells, every = 1) {
  return page.evaluate(
    ([count, nth]) => {
      window.witness.cells = Array.from({ length: count }, (_, index) => index);
      window.witness.every = nth;
    },
    [cells, every],
  );
}

/** What was seen since the last time. */
function take(page) {
  return page.evaluate(() => window.witness.seen.splice(0));
}

/** How old each frame was when it was first seen. */
function agesOf(seen, sim, wanted = (cell) => cell !== LARGE, camera = null) {
  return seen
    .filter(([cell]) => wanted(cell))
    .map(([cell, stripMs, at]) => ageMs(stripMs, at, sim.get((camera ?? cell) + 1)));
}

function both(first, last, share) {
  return `${ms(quantile(first, share))} → ${ms(quantile(last, share))}`;
}

/** The share of cells that moved, over all seconds, and how many frames were seen in one. */
function motion(seen, cells, seconds) {
  const start = Math.min(...seen.map(([, , at]) => at));
  const counts = new Map();
  for (const [cell, , at] of seen) {
    const key = `${cell} ${Math.floor((at - start) / 1000)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const moving = [...counts.values()].filter((count) => count >= MOVING_FRAMES).length;
  return { moving: moving / (cells * seconds), perSecond: seen.length / seconds };
}

/** Clicks a cell; answers when, after that, the picture first moved and first was of 25 a second. */
async function openLarge(page, cell) {
  const at = await page.evaluate((index) => {
    const canvas = document.getElementById("wall");
    const grid = JSON.parse(canvas.dataset.grid);
    const { left, top } = canvas.getBoundingClientRect();
    window.witness.large = true;
    window.witness.seen.length = 0;
    window.witness.forget();
    document.addEventListener(
      "pointerdown",
      () => {
        window.witness.clickedAt = performance.timeOrigin + performance.now();
      },
      { once: true, capture: true },
    );
    const column = index % grid.columns;
    const line = Math.floor(index / grid.columns);
    const pitch = grid.pictureHeight + grid.stripHeight + grid.gap;
    return {
      x: left + grid.left + column * (grid.tileWidth + grid.gap) + grid.tileWidth / 2,
      y: top + grid.top + line * pitch + grid.pictureHeight / 2,
    };
  }, cell);
  await page.mouse.click(at.x, at.y);
  const found = await page.waitForFunction(
    ([large, within]) => {
      const { seen, clickedAt } = window.witness;
      const frames = seen.filter(([key, , at]) => key === large && at >= clickedAt);
      const moved = frames.find(([, , at], n) => frames[n + 1]?.[2] - at < within);
      const main = frames.find(([, stripMs]) => stripMs % 80 !== 0);
      return main && moved && { motion: moved[2] - clickedAt, main: main[2] - clickedAt };
    },
    [LARGE, MOTION_MS],
    { timeout: 20_000, polling: 50 },
  );
  return found.jsonValue();
}

async function closeLarge(page) {
  await page.keyboard.press("Escape");
  await page.evaluate(() => {
    window.witness.large = false;
  });
}
