// The walls' screens on the real service: a tab that is frozen, one whose script hangs, one that
// draws nothing and one whose canvas is empty are each told to people, and one that is closed is not.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { freezer, live, open } from "./chromium.mjs";
import { ARTIFACTS, begin, end, skip, until } from "./demo.mjs";

const CAMERAS = 6;
/** The service needs 10 s; a busy machine paints, reports and answers late. */
const TOLD_WITHIN_MS = 60_000;

describe("the walls' screens on the real service", { skip }, () => {
  let browser;
  let demo;
  let origin;
  let left;

  before(async () => {
    ({ browser, demo, origin } = await begin(CAMERAS));
    left = await open(browser, `${demo.wall}?screen=left`);
    await live(left, true, CAMERAS, TOLD_WITHIN_MS);
    await until(async () => (await screen("left"))?.tiles === CAMERAS);
  });

  after(() => end({ browser, demo }));

  const get = async (path) => (await fetch(`${origin}/api/v1/${path}`)).json();
  const screen = async (name) => (await get("screens")).find((one) => one.screen === name);
  const standing = async (name, kind) => {
    const { alerts } = await get("alerts?open=true");
    return alerts.find(
      ({ subject, kind: is, cleared_at: over }) =>
        subject.screen === name && is === kind && over === null,
    );
  };
  const told = async (kind, how) => {
    const began = performance.now();
    await until(() => standing("left", kind));
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${how}: ${kind} after ${seconds} s`);
  };
  const over = (kind) => until(async () => (await standing("left", kind)) === undefined);

  test("a frozen tab is told, in words that lead to the screen, and its thaw ends it", async () => {
    const freeze = await freezer(browser);
    freeze("SIGSTOP");
    // A desk elsewhere: every page of the screen's browser stands still.
    const other = await launch();
    try {
      await told("screen-gone", "a frozen tab");
      const alert = await standing("left", "screen-gone");
      assert.equal(alert.priority, "high");
      assert.equal(alert.where.screen, "left");
      const desk = await open(other, `${origin}/alerts`);
      const row = desk.getByText(`${alert.where.wall}, màn hình left`).first();
      await row.waitFor({ timeout: TOLD_WITHIN_MS });
      await desk.getByText("Màn hình tường mất tín hiệu").first().waitFor();
      await desk.screenshot({ path: `${ARTIFACTS}screens-alerts.png` });
      assert.deepEqual(desk.faults, []);
    } finally {
      freeze("SIGCONT");
      await other.close();
    }
    await over("screen-gone");
    const frozen = await standing("left", "screen-frozen");
    assert.equal(frozen, undefined, "it has time to paint again");
  });

  test("a script that hangs is told", async () => {
    // Not awaited: it is over when the page can answer again.
    const hangs = left.evaluate(() => {
      const from = performance.now();
      while (performance.now() - from < 20_000);
    });
    await told("screen-gone", "a script that hangs");
    await hangs;
    await over("screen-gone");
  });

  test("a window that draws nothing, as one that is hidden, is told although it reports", async () => {
    await left.evaluate(() => {
      window.drawNext = window.requestAnimationFrame;
      window.held = [];
      window.requestAnimationFrame = (then) => window.held.push(then);
    });
    await told("screen-frozen", "a window that draws nothing");
    await left.evaluate(() => {
      window.requestAnimationFrame = window.drawNext;
      for (const then of window.held) window.requestAnimationFrame(then);
    });
    await over("screen-frozen");
  });

  test("a canvas on which nothing appears is told although all is drawn", async () => {
    await left.evaluate(() => {
      const wall = document.getElementById("wall");
      const to = CanvasRenderingContext2D.prototype;
      window.drawn = to.drawImage;
      to.drawImage = function draw(...picture) {
        if (this.canvas !== wall) window.drawn.apply(this, picture);
        else this.fillRect(0, 0, wall.width, wall.height);
      };
    });
    await told("screen-blank", "a canvas on which nothing appears");
    await left.evaluate(() => {
      CanvasRenderingContext2D.prototype.drawImage = window.drawn;
    });
    await over("screen-blank");
  });

  test("cameras that the screen shows are covered", async () => {
    const { cameras, never_watched: never } = await get("coverage");
    assert.equal(never, 0);
    for (const { watched_s: seconds } of cameras) assert.ok(seconds < 60, `${seconds} s`);
  });

  test("a screen that is closed in order is missed by nobody", async () => {
    await left.goto("about:blank");
    await until(async () => (await screen("left")) === undefined);
    for (const kind of ["screen-gone", "screen-frozen", "screen-blank"]) {
      assert.equal(await standing("left", kind), undefined, kind);
    }
    assert.deepEqual(left.faults, []);
  });
});
