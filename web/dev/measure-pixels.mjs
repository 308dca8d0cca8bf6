// Is any painted picture damaged? Each one is compared with what ffmpeg decodes of the same frame,
// while units are dropped: by the service, because media is held back, and by the simulator, which
// loses packets. Also shows that damage would be seen.
import { open } from "../test/chromium.mjs";
import { stageFiles } from "../test/theatre.mjs";
import { ms, percent, quantile, sleep } from "./figures.mjs";
import { front } from "./front.mjs";
import { packed, reference } from "./reference.mjs";

const CAMERA = 1;
const CAMERAS = 4;
/**
 * A block that is further from the source than this, in steps of luma, is damage. Measured: at most
 * 10.5 where nothing is wrong (the edge of a coloured thing), 25 to 48 where a unit is missing.
 */
const DAMAGE = 16;
/** The main streams of the other cameras fill the mebibyte that may be under way within 2 s. */
const HOLD_MS = 5000;
const HOLD_EVERY_MS = 40_000;
const LOSS_MS = 6000;
const KINDS = ["mse", "webcodecs"];

export async function pixels(browser, demoWith, row, { minutes }) {
  return demoWith(CAMERAS, async (demo, sim) => {
    const { loop_ms: loopMs } = sim.get(CAMERA);
    const size = { width: 640, height: 360, frameMs: 80, loopMs };
    const loop = packed(await reference(demo.ports.rtsp, CAMERA, "sub", size));
    const files = { ...(await stageFiles()), "/footage/sub": ["application/octet-stream", loop] };
    const between = await front(demo.ports.http, (path) => files[path]);
    const list = await (await fetch(`${new URL(demo.wall).origin}/api/v1/cameras`)).json();
    const { id: camera, handle } = list.find(({ number }) => number === 100 + CAMERA);
    const ballast = list.map(({ id }) => id).filter((id) => id !== camera);
    const page = await open(browser, `http://127.0.0.1:${between.port}/stage`);
    const kinds = await page.evaluate(playEach, [KINDS, { camera, handle }, ballast]);

    const until = performance.now() + minutes * 60_000;
    let holds = 0;
    while (performance.now() < until) {
      await sleep(Math.min(HOLD_EVERY_MS - HOLD_MS, (until - performance.now()) / 2));
      await between.hold(HOLD_MS);
      holds += 1;
      if (holds % 2 === 0) await lose(demo);
    }
    await lose(demo);
    await sleep(3000);
    let sound = true;
    for (const kind of kinds) {
      const found = await page.evaluate(account, kind);
      const bad = damaged(found.painted);
      sound &&= bad.length === 0 && found.painted.length > 100;
      row(`${kind}: pictures painted`, found.painted.length);
      row(
        `${kind}: of all units, left out by the service`,
        percent(found.left / (found.left + found.units)),
      );
      row(`${kind}: damaged or unreadable pictures`, bad.length, "goal 0");
      row(
        `${kind}: worst block of all, steps of luma`,
        Math.max(...found.painted.map(({ worst }) => worst)).toFixed(1),
        `bound ${DAMAGE}`,
      );
      row(
        `${kind}: least PSNR`,
        `${Math.min(...found.painted.map(({ psnr }) => psnr)).toFixed(1)} dB`,
      );
      row(
        `${kind}: from service to screen, p50`,
        ms(
          quantile(
            found.painted.map(({ lateMs }) => lateMs),
            0.95,
          ),
        ),
      );
      // One unit goes missing and nobody says so: now there must be damage, or the check is blind.
      // Where little moves it may not show, so there are a few tries.
      let seen = [];
      for (let tries = 0; tries < 5 && seen.length === 0; tries += 1) {
        await page.evaluate(loseOne, kind);
        await sleep(4000);
        seen = damaged((await page.evaluate(account, kind)).painted);
      }
      sound &&= seen.length > 0;
      row(`${kind}: damaged pictures with one unit lost unannounced`, seen.length, "goal > 0");
    }
    await between.close();
    await page.context().close();
    return sound;
  });
}

const damaged = (painted) =>
  painted.filter(({ stripMs, worst }) => stripMs === null || worst > DAMAGE);

async function lose(demo) {
  await demo.fault(CAMERA, "loss");
  await sleep(LOSS_MS);
  await demo.fault(CAMERA, null);
}

/** In the page: a stage for each kind of player that this browser has. */
async function playEach([kinds, camera, ballast]) {
  window.stages = {};
  for (const kind of kinds) {
    const stage = new window.Stage();
    await stage.load("sub");
    if (!stage.open(kind)) continue;
    await stage.listen("sub", camera, "sub", ballast);
    window.stages[kind] = stage;
  }
  return Object.keys(window.stages);
}

function account(kind) {
  const { painted, units, left, faults } = window.stages[kind];
  return { painted, units, left, faults };
}

function loseOne(kind) {
  window.stages[kind].painted = [];
  window.stages[kind].corrupt = 1;
}
