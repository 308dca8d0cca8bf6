// Measures live video from camera to pixel: service, simulator and browser together on this machine.
//
//   make measure-live                                  everything, with short durations
//   make measure-live ARGS="--only pixels --minutes 10"
//
// Parts: start (from the click to motion), latency (from lens to screen), grid (16 cells, does
// anything grow?), wall (150 cells in motion), pixels (is any painted picture damaged?).
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { launch } from "../test/chromium.mjs";
import { Demo, freePorts, freshStore } from "../test/demo.mjs";
import { grid, latency, start, wall } from "./measure-page.mjs";
import { pixels } from "./measure-pixels.mjs";

const PARTS = { start, latency, grid, wall, pixels };

const { values } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(PARTS).join(",") },
    minutes: { type: "string", default: "1" },
    cameras: { type: "string", default: "150" },
  },
});
const options = { minutes: Number(values.minutes), cameras: Number(values.cameras) };
const browser = await launch(["--host-resolver-rules=MAP wall.lan 127.0.0.1"]);
console.log(`${cpus().length} cores (${cpus()[0].model}), Chromium ${browser.version()}, headless`);
// With other work on the machine these are figures of that work: better none than such.
if (loadavg()[0] > 1) console.log(`the machine is BUSY already: load ${loadavg()[0].toFixed(1)}`);
let failed = false;
try {
  for (const part of values.only.split(",")) {
    console.log(`\n${part}`);
    // A service of its own for each: what one part leaves behind is no other's business.
    const row = (name, value, goal = "") =>
      console.log(`  ${name.padEnd(58)} ${String(value).padStart(12)}  ${goal}`);
    failed = (await PARTS[part](browser, demoWith, row, options)) === false || failed;
  }
} finally {
  await browser.close();
}
process.exit(failed ? 1 : 0);

/** Runs `act` with a demo of so many cameras and what the simulator tells of each, by number. */
async function demoWith(cameras, act) {
  await freshStore();
  const demo = await Demo.start(cameras, await freePorts());
  try {
    const { cameras: list } = await demo.stats();
    return await act(demo, new Map(list.map((one) => [one.camera, one])));
  } finally {
    await demo.stop();
  }
}
