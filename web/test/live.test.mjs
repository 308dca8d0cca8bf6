// Players of live video in a real browser, by the pixels they paint: each picture must be one that
// a correct decoder makes of the footage, at the time that its burnt-in strip tells.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launch, open } from "./chromium.mjs";
import { encode } from "./footage.mjs";
import { theatre } from "./theatre.mjs";

/** Pictures that were decoded without a fault are above 55 dB here, damaged ones below 30. */
const UNDAMAGED_DB = 45;
const B_FRAMES = ["-c:v", "libx264", "-profile:v", "high", "-bf", "2"];
const CODEC = "avc1.64001E";
const SMALL = { codec: CODEC, width: 320, height: 180, stream: "sub" };

/** A plain-HTTP page has no WebCodecs; the machine itself counts as secure, and has them. */
const WAYS = [
  { kind: "mse", host: "wall.lan", secure: false },
  { kind: "webcodecs", host: "127.0.0.1", secure: true },
];

for (const { kind, host, secure } of WAYS) {
  describe(`live video through ${kind}`, {
    skip: chromiumPath === undefined && "no Chromium is installed",
  }, () => {
    let browser;
    let house;
    let page;

    before(async () => {
      const [plain, reordered, large] = await Promise.all([
        encode(),
        encode({ options: B_FRAMES }),
        encode({ width: 640, height: 360 }),
      ]);
      house = await theatre({ plain, reordered, large });
      browser = await launch(["--host-resolver-rules=MAP wall.lan 127.0.0.1"]);
      page = await open(browser, `http://${host}:${house.port}/stage`);
      for (const name of ["plain", "reordered", "large"])
        await page.evaluate((one) => window.stage.load(one), name);
    });

    after(async () => {
      assert.deepEqual(page?.faults, []);
      await browser?.close();
      await house?.close();
    });

    test("the page is what it is meant to be", async () => {
      const found = await page.evaluate(() => [
        isSecureContext,
        typeof VideoDecoder !== "undefined",
      ]);
      assert.deepEqual(found, [secure, secure]);
    });

    test("pictures come in order, each as it was filmed", async () => {
      const { painted, faults } = await perform(SMALL, [["plain"]]);
      assert.deepEqual(faults, []);
      assertSound(painted);
      assertCovers(painted, 0.7);
      assert.equal(painted.at(-1).stripMs, 74 * 40);
    });

    test("pictures are told apart by their sequence", async () => {
      const { painted } = await perform(SMALL, [["plain"]]);
      for (const { stripMs, sequence } of painted)
        assert.equal(sequence - painted[0].sequence, (stripMs - painted[0].stripMs) / 40);
    });

    test("B-frames are shown in order", async () => {
      const { painted, faults } = await perform(SMALL, [["reordered"]]);
      assert.deepEqual(faults, []);
      assertSound(painted);
      assertCovers(painted, 0.7);
    });

    test("a start in the middle of a group is soon at its end", async () => {
      const { painted } = await perform(SMALL, [["plain", { burst: 20 }]]);
      assertSound(painted);
      const late = painted.filter(({ stripMs }) => stripMs > 50 * 40);
      assert.ok(late.length > 10 && late.every(({ lateMs }) => lateMs < 700));
    });

    test("after units were left out it goes on at the next keyframe", async () => {
      const leave = [10, 11, 12, 40, 41];
      const { painted } = await perform(SMALL, [["plain", { leave }]]);
      assertSound(painted);
      assertShows(painted, [25, 24 + 10, 50, 74]);
      assertLacks(painted, [15, 24, 45, 49]);
    });

    test("units missing unannounced damage no picture either", async () => {
      const { painted } = await perform(SMALL, [
        ["plain"],
        ["plain", { leave: [5, 6, 40], gaps: "counted" }],
      ]);
      assertSound(painted);
    });

    // On a busy machine the element at times shows one picture of its life before the damage after
    // the first of the next; only damaged units lead there, and the service passes none on.
    const todo = kind === "mse" && "one picture is shown out of order now and then";
    const damaged = "a unit that cannot be decoded costs what depends on it, not the player";
    test(damaged, { todo }, async () => {
      const { painted, faults } = await perform(SMALL, [["plain", { spoil: [30, 31] }], ["plain"]]);
      assert.deepEqual(faults, []);
      assertSound(painted);
      assertCovers(painted, 0.7);
    });

    // Without this, the tests above might not see damage at all.
    test("a picture whose reference is missing is damaged, and found to be", async () => {
      const { painted } = await perform(SMALL, [["plain", { leave: [30], gaps: "hidden" }]]);
      const bad = painted.filter(({ psnr }) => psnr < UNDAMAGED_DB);
      assert.ok(bad.length > 5, `${bad.length} of ${painted.length}`);
    });

    test("another size goes on in the same player", async () => {
      const larger = { ...SMALL, width: 640, height: 360, stream: "main" };
      const { painted, faults } = await perform(SMALL, [
        ["plain"],
        ["large", {}, larger],
        ["plain", {}, SMALL],
      ]);
      assert.deepEqual(faults, []);
      assertSound(painted);
      const widths = painted.map(({ width }) => width).filter((one, n, all) => one !== all[n - 1]);
      assert.deepEqual(widths, [320, 640, 320]);
    });

    test("a lane that begins again with what is older shows nothing twice", async () => {
      const larger = { ...SMALL, width: 640, height: 360, stream: "main" };
      const { painted } = await perform(SMALL, [["plain"], ["large", { burst: 20 }, larger]]);
      assertSound(painted);
      const last = painted.findLast(({ width }) => width === 320);
      const first = painted.find(({ width }) => width === 640);
      assert.ok(first.receivedAtMs >= last.receivedAtMs);
    });

    test("after a silence of three seconds it goes on", async () => {
      const { painted } = await perform(SMALL, [
        ["plain"],
        ["plain", { afterMs: 3000 }],
        ["plain"],
      ]);
      assertSound(painted);
      const after = painted.filter(({ sequence }) => sequence > painted[0].sequence + 100);
      assertCovers(after, 0.6);
    });

    test("a codec that the browser does not have is told once", async () => {
      const unknown = { ...SMALL, codec: "avc1.FFFFFF" };
      const { painted, faults } = await perform(unknown, [["plain", { until: 10 }]]);
      assert.deepEqual([painted, faults], [[], ["unsupported"]]);
    });

    const elements = kind !== "mse" && "it has no element";
    test("what was played is given up: the buffer stays short", { skip: elements }, async () => {
      await perform(SMALL, Array(4).fill(["plain"]));
      assert.ok((await page.evaluate(() => window.stage.bufferedS)) < 6);
    });

    /** Plays footage, piece by piece; answers what the player told and painted. */
    function perform(configuration, pieces) {
      return page.evaluate(
        async ([kind, configuration, pieces]) => {
          const { stage } = window;
          stage.open(kind);
          stage.configure(configuration);
          for (const [name, options = {}, next] of pieces) {
            await new Promise((resolve) => setTimeout(resolve, options.afterMs ?? 0));
            if (next !== undefined) stage.configure(next);
            await stage.play(name, options);
          }
          await stage.settle();
          return { painted: stage.painted, faults: stage.faults };
        },
        [kind, configuration, pieces],
      );
    }
  });
}

/** Nothing damaged, nothing unread, nothing out of order. */
function assertSound(painted) {
  const bad = painted.filter(({ psnr, stripMs }) => stripMs === null || psnr < UNDAMAGED_DB);
  assert.deepEqual(bad, []);
  const back = painted.filter(({ order }, n) => order < (painted[n - 1]?.order ?? 0));
  assert.deepEqual(back, [], "shown after what comes later");
}

/** So much of the 75 pictures was painted; a busy machine skips some. */
function assertCovers(painted, share) {
  const times = new Set(painted.map(({ stripMs }) => stripMs));
  assert.ok(times.size >= 75 * share, `${times.size} of 75`);
}

const has = (painted, n) => painted.some(({ stripMs }) => Math.abs(stripMs / 40 - n) <= 2);

function assertShows(painted, frames) {
  for (const n of frames) assert.ok(has(painted, n), `picture ${n} was shown`);
}

function assertLacks(painted, frames) {
  for (const n of frames)
    assert.ok(!painted.some(({ stripMs }) => stripMs === n * 40), `picture ${n} was not shown`);
}
