// Measures a control room: three screens and two consoles on 150 simulated cameras, with 500 alerts
// open; service, simulator and browsers together on this machine.
//
//   make measure-consoles                              everything
//   make measure-consoles ARGS="--only input"          the console's answer to keys, without a service
//
// Parts: input (from a key to the console's next frame, against the stand-in service), push (from
// Enter in a console to the picture on a screen, read by pixels), frozen (from a screen's process
// stopped to its alert).
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { freezer, launch, live, open } from "../test/chromium.mjs";
import { ms, quantile, sleep } from "./figures.mjs";
import { FREE, Rig, SCREENS, SHOWN } from "./rig.mjs";
import { serve } from "./serve.mjs";
import { witnessScript } from "./witness.mjs";

const PATIENCE_MS = 120_000;
const KEYS = 240;
const { values } = parseArgs({
  options: {
    only: { type: "string", default: "input,push,frozen" },
    cameras: { type: "string", default: "150" },
    alerts: { type: "string", default: "500" },
    pushes: { type: "string", default: "60" },
  },
});
const parts = new Set(values.only.split(","));
const [cameras, alerts, pushes] = [values.cameras, values.alerts, values.pushes].map(Number);
const row = (name, value, goal = "") =>
  console.log(`  ${name.padEnd(62)} ${String(value).padStart(22)}  ${goal}`);
const both = (samples) => `p50 ${ms(quantile(samples, 0.5))}, p95 ${ms(quantile(samples, 0.95))}`;

const browsers = [];
const started = async () => {
  const browser = await launch();
  browsers.push(browser);
  return browser;
};
const consoles = await started();
console.log(
  `${cpus().length} cores (${cpus()[0].model}), Chromium ${consoles.version()}, headless`,
);
// With other work on the machine these are figures of that work: better none than such.
if (loadavg()[0] > 1) console.log(`the machine is BUSY already: load ${loadavg()[0].toFixed(1)}`);
try {
  if (parts.has("input")) await input();
  if (parts.has("push") || parts.has("frozen")) await room();
} finally {
  for (const browser of browsers) await browser.close();
}

/** The list open in full, without alerts and with all of them: the most that a key can cost. */
async function input() {
  console.log("\ninput");
  const stand = await serve({ cameras });
  try {
    for (const count of [0, alerts]) {
      const kinds = ["covered", "black", "unstable", "clock-skew"];
      for (let n = 0; n < count; n += 1)
        stand.alerts.raise(101 + (n % cameras), kinds[Math.floor(n / cameras)]);
      // The stand-in has a roster, and shows everybody's alerts to somebody of it alone.
      const script = 'localStorage.setItem("watchwall.person", "lan")';
      const page = await enter(`http://127.0.0.1:${stand.port}/console`, { script });
      await opened(page, count);
      // Alerts go on coming while somebody works.
      const comes = (n) => count > 0 && n % 20 === 0 && stand.alerts.raise(101 + n / 2, "moved");
      rowsOfKeys(`${count} alerts`, await press(page, comes));
      await page.context().close();
    }
  } finally {
    await stand.close();
  }
}

async function room() {
  const rig = await Rig.start(cameras);
  try {
    await rig.raise(alerts, cameras);
    const screens = [];
    const script = await witnessScript();
    for (const id of SCREENS) {
      const browser = await started();
      const look = { width: 1280, height: 720, script };
      const page = await open(browser, `${rig.origin}/wall/main?screen=${id}`, look);
      await live(page, true, SHOWN, PATIENCE_MS);
      screens.push({ id, browser, page });
    }
    if (parts.has("push")) await push(rig, screens);
    if (parts.has("frozen")) await frozen(rig, screens);
  } finally {
    await rig.stop();
  }
}

/** From Enter behind `w 171 right 5` to the first picture in that cell of the screen. */
async function push(rig, screens) {
  console.log("\npush");
  const pages = [];
  for (const _ of [1, 2]) {
    const page = await enter(`${rig.origin}/console`);
    await opened(page, alerts);
    await page.evaluate(() => {
      const note = ({ key, timeStamp }) => {
        if (key === "Enter") window.enteredAt = performance.timeOrigin + timeStamp;
      };
      addEventListener("keydown", note, { capture: true });
    });
    pages.push(page);
  }
  const took = [];
  for (let n = 0; n < pushes; n += 1) {
    const { id, page: screen } = screens[n % screens.length];
    const cell = SHOWN + (Math.floor(n / screens.length) % FREE);
    const shown = SCREENS.length * SHOWN;
    const number = 101 + shown + (n % (cameras - shown));
    await rig.post("walls/main/commands", { command: "clear", screen: id, cell });
    await emptied(screen, cell);
    const page = pages[n % pages.length];
    const line = page.locator("#line input");
    await line.fill(`w ${number} ${id} ${cell + 1}`);
    await line.press("Enter");
    const seen = await screen.waitForFunction(() => window.witness.seen[0]?.[2], null, {
      timeout: PATIENCE_MS,
    });
    took.push((await seen.jsonValue()) - (await page.evaluate(() => window.enteredAt)));
  }
  row(`push from a console to its screen, ${took.length} times`, both(took), "goal p95 500 ms");
  row("the slowest of them", ms(Math.max(...took)));
  rowsOfKeys(`${alerts} alerts, real service`, await press(pages[0], () => false));
  for (const page of pages) await page.context().close();
}

/** From the moment at which the whole browser of a screen stops to the screen's alert. */
async function frozen(rig, screens) {
  console.log("\nfrozen");
  const took = [];
  for (const { id, browser } of screens) {
    const freeze = await freezer(browser);
    const began = performance.now();
    freeze("SIGSTOP");
    const told = async () => {
      const { alerts: list } = await rig.get("alerts?open=true&limit=1000");
      return list.some(({ kind, subject }) => kind === "screen-gone" && subject.screen === id);
    };
    while (!(await told())) {
      if (performance.now() - began > PATIENCE_MS) throw new Error(`${id}: no alert`);
      await sleep(50);
    }
    took.push(performance.now() - began);
    freeze("SIGCONT");
  }
  row("a screen's page stopped to its alert, each screen", took.map(ms).join(" "), "goal 10000 ms");
}

async function enter(url, options = {}) {
  const page = await open(consoles, url, options);
  page.setDefaultTimeout(PATIENCE_MS);
  await live(page, true, 0, PATIENCE_MS);
  return page;
}

/** Waits until all alerts are listed, and opens their groups if they came as a flood. */
async function opened(page, count) {
  await page.waitForFunction(
    (wanted) => Number(document.querySelector('[data-tab="open"] b').textContent) >= wanted,
    count,
  );
  await page.locator(".alert-lines").focus();
  // A group is gone through line by line once it is open: each press opens the chosen one.
  await page.keyboard.press("Home");
  for (let n = 0; n < 8; n += 1) {
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("PageDown");
    await sleep(50);
  }
  await page.keyboard.press("Home");
  await sleep(1000);
}

/** Goes through the list: bursts of keys, and rests in which the alert under them is shown. */
async function press(page, between) {
  await page.evaluate(() => {
    window.keys = [];
    const note = ({ timeStamp }) => {
      const handled = performance.now() - timeStamp;
      // After the frame in which it is painted.
      requestAnimationFrame(() =>
        setTimeout(() => window.keys.push([handled, performance.now() - timeStamp])),
      );
    };
    addEventListener("keydown", note, { capture: true });
  });
  await page.locator(".alert-lines").focus();
  for (let n = 0; n < KEYS; n += 1) {
    await page.keyboard.press(n % 10 === 9 ? "PageDown" : n % 50 === 48 ? "Home" : "j");
    between(n);
    await sleep(n % 10 === 5 ? 300 : 30);
  }
  await page.waitForFunction((all) => window.keys.length >= all, KEYS);
  return page.evaluate(() => window.keys);
}

function rowsOfKeys(name, keys) {
  row(`${name}: key to handler`, both(keys.map(([handled]) => handled)), "goal p95 100 ms");
  row(`${name}: key to the frame that shows it`, both(keys.map(([, shown]) => shown)));
}

/** Waits until a cell of a screen shows no picture, and begins to look for one. */
async function emptied(screen, cell) {
  await screen.waitForFunction(
    (index) => {
      if (JSON.parse(document.getElementById("wall").dataset.cells)[index] !== "") return false;
      const { witness } = window;
      const shown = witness.cells[0] !== index || witness.seen.length > 0;
      witness.cells = [index];
      witness.seen.length = 0;
      witness.forget();
      return !shown;
    },
    cell,
    // Several frames of the screen between two looks.
    { timeout: PATIENCE_MS, polling: 200 },
  );
}
