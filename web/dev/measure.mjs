// Measures the wall page at 4K: time between frames, time the page's script and the renderer's main
// thread work per second. Prints one line per wall.
//
//   npm run measure                                    150 and 400 cameras of the stand-in service
//   npm run measure http://127.0.0.1:8080/wall/main    a wall of a running service
import { launch, live, open } from "../test/chromium.mjs";
import { serve } from "./serve.mjs";

const FOR_MS = 10_000;
const browser = await launch();
const [url] = process.argv.slice(2);
if (url !== undefined) await measure(url, 150);
else {
  for (const cameras of [150, 400]) {
    const server = await serve({ cameras, intervalMs: 1000 });
    await measure(`http://127.0.0.1:${server.port}/wall/main`, cameras);
    await server.close();
  }
}
await browser.close();

async function measure(wall, cameras) {
  const page = await open(browser, wall, { width: 3840, height: 2160 });
  await live(page, true, cameras, 60_000);
  const client = await page.context().newCDPSession(page);
  await client.send("Performance.enable");
  const painted = () => new Map(page.painted.at(-1));
  const tilesBefore = painted();
  const before = await metrics(client);
  const gaps = await page.evaluate(frameGaps, FOR_MS);
  const after = await metrics(client);
  let tiles = 0;
  for (const [handle, sequence] of painted())
    tiles += sequence - (tilesBefore.get(handle) ?? sequence);
  const seconds = FOR_MS / 1000;
  const share = (name) => (((after[name] - before[name]) / seconds) * 1000).toFixed(0);
  gaps.sort((a, b) => a - b);
  const at = (part) => gaps[Math.floor(part * (gaps.length - 1))].toFixed(1);
  console.log(
    `${cameras} cameras at 3840x2160, ${(tiles / seconds).toFixed(0)} tiles/s: ` +
      `${(gaps.length / seconds).toFixed(0)} frames/s, ` +
      `gap ms p50 ${at(0.5)} p95 ${at(0.95)} p99 ${at(0.99)} max ${at(1)}; ` +
      `script ${share("ScriptDuration")} ms/s, main thread ${share("TaskDuration")} ms/s, ` +
      `JS heap ${(after.JSHeapUsedSize / 2 ** 20).toFixed(1)} MiB`,
  );
  await page.context().close();
}

async function metrics(client) {
  const { metrics } = await client.send("Performance.getMetrics");
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

/** Runs in the page: the times between its frames. */
function frameGaps(forMs) {
  return new Promise((resolve) => {
    const gaps = [];
    const began = performance.now();
    let last = began;
    const frame = (now) => {
      gaps.push(now - last);
      last = now;
      if (now - began < forMs) requestAnimationFrame(frame);
      else resolve(gaps.slice(1));
    };
    requestAnimationFrame(frame);
  });
}
