import assert from "node:assert/strict";
import test from "node:test";
import { ScreenClock, ServerClock } from "../src/clock";
import { Freshness, isSlow, staleAfterMs } from "../src/freshness";
import type { Header } from "../src/wire/header";

/** The service's clock runs this far ahead of the screen's. */
const SERVER = 1_700_000_000_000;

function header(sequence: number, receivedMs: number, notLive = false): Header {
  const receivedAtMs = SERVER + receivedMs;
  const flags = { keyframe: true, discontinuity: false, notLive };
  return { kind: "tile", ...flags, handle: 1, sequence, receivedAtMs, mediaTime: 0 };
}

/** A camera whose pictures come every `everyMs`, `count` times from time zero. */
function steady(everyMs: number, count: number): Freshness {
  const tile = new Freshness();
  for (let n = 0; n < count; n += 1) {
    tile.advance(n * everyMs, header(n, n * everyMs), SERVER + n * everyMs, 1);
  }
  return tile;
}

test("a tile that was never seen has no age", () => {
  assert.equal(new Freshness().ageMs(5000), null);
});

test("age counts from the last progress and not from the last message", () => {
  const tile = steady(2000, 5);
  assert.equal(tile.advance(9000, header(4, 9000), SERVER + 9000, 1), false, "the same again");
  assert.equal(tile.advance(9500, header(3, 9500), SERVER + 9500, 1), false, "an older one");
  assert.equal(tile.ageMs(12_000), 4000);
});

test("a picture that was old when it came is as old as it is", () => {
  const tile = new Freshness();
  tile.advance(1000, header(9, -59_000), SERVER + 1000, 1);
  assert.equal(tile.ageMs(1000), 60_000);
});

test("a picture from the future, by a clock that was set, is new and not younger than that", () => {
  const tile = new Freshness();
  tile.advance(1000, header(9, 50_000), SERVER + 1000, 1);
  assert.equal(tile.ageMs(1000), 0);
});

test("after a reconnect a service that counts from the beginning is believed", () => {
  const tile = steady(2000, 5);
  assert.equal(tile.advance(12_000, header(0, 12_000), SERVER + 12_000, 2), true);
  assert.equal(tile.ageMs(12_500), 500);
});

test("the usual interval is learnt, and else what the service says", () => {
  assert.equal(new Freshness().usualMs(4000), 4000);
  assert.equal(steady(2000, 10).usualMs(9000), 2000);
});

test("the short gap after a picture that was old at the start teaches nothing", () => {
  const tile = new Freshness();
  for (const [sequence, at] of [0, 300, 2300, 4300].entries()) {
    tile.advance(at, header(sequence, at), SERVER + at, 1);
    assert.ok(staleAfterMs(tile.usualMs(null)) > 5000, `after picture ${sequence}`);
  }
});

test("nor does it bound the next one: a slow camera is known after one whole interval", () => {
  const tile = new Freshness();
  for (const [sequence, at] of [0, 900, 12_900].entries()) {
    tile.advance(at, header(sequence, at), SERVER + at, 1);
  }
  assert.equal(tile.usualMs(null), 12_000);
});

test("a first gap of a slow camera is believed at once", () => {
  assert.equal(steady(12_000, 2).usualMs(null), 12_000);
});

test("one outage does not teach a slow camera, but a slower setting is believed", () => {
  const tile = steady(2000, 10);
  tile.advance(78_000, header(10, 78_000), SERVER + 78_000, 1);
  assert.ok((tile.usualMs(null) ?? 0) < 3000);
  for (let n = 1; n <= 20; n += 1) {
    const at = 78_000 + n * 10_000;
    tile.advance(at, header(10 + n, at), SERVER + at, 1);
  }
  assert.ok((tile.usualMs(null) ?? 0) > 9000);
});

test("stale comes after three intervals, not under 2 s and not over 10 s", () => {
  const cases: readonly (readonly [number | null, number])[] = [
    [null, 9500],
    [80, 2096],
    [500, 2600],
    [1000, 3200],
    [2000, 6000],
    [3000, 9000],
    [5000, 9500],
  ];
  for (const [usual, after] of cases) assert.equal(staleAfterMs(usual), after, `usual ${usual}`);
});

test("a camera with a 10 s or 30 s keyframe interval is slow and not stale", () => {
  for (const usual of [10_000, 30_000]) {
    assert.ok(isSlow(usual));
    assert.ok(staleAfterMs(usual) > usual + 2000);
    assert.ok(staleAfterMs(usual) < 2 * usual + 5000, "before the service calls it overdue");
  }
  assert.ok(!isSlow(2000));
  assert.ok(!isSlow(null));
});

test("time that a sleeping computer lost makes pictures older", () => {
  const clock = new ScreenClock(0, 1_000_000);
  assert.equal(clock.now(1000, 1_001_000), 1000);
  assert.equal(clock.now(2000, 1_062_000), 62_000);
  assert.equal(clock.now(3000, 1_063_000), 63_000);
});

test("a wall clock that is set back takes no time away", () => {
  const clock = new ScreenClock(0, 1_000_000);
  assert.equal(clock.now(1000, 400_000), 1000);
  assert.equal(clock.now(2000, 401_000), 2000);
});

test("of the service's times the one with the least delay counts", () => {
  const clock = new ServerClock();
  assert.equal(clock.at(0), null);
  clock.hear(1000, SERVER + 1000);
  clock.hear(9000, SERVER + 6000);
  assert.equal(clock.at(10_000), SERVER + 10_000);
  for (let n = 0; n < 12; n += 1) clock.hear(10_000 + n, SERVER + 5000 + n);
  assert.equal(clock.at(20_000), SERVER + 15_000, "a clock that was set back is believed in time");
});

test("a tile is thinned while pictures are left out again and again, and three whole ones end it", () => {
  const tile = steady(2000, 3);
  let [number, at] = [2, 4000];
  const next = (skipped: number, discontinuity = false): boolean => {
    number += 1 + skipped;
    at += 2000;
    const { receivedAtMs: _, ...rest } = header(number, at);
    tile.advance(at, { ...rest, discontinuity, receivedAtMs: SERVER + at }, SERVER + at, 1);
    return tile.isThinned(at);
  };
  assert.equal(next(1), false, "once is a hiccup");
  assert.deepEqual([next(0), next(0), next(0), next(0)], [false, false, false, false]);
  // The service says so, or numbers are missing.
  const thinned = [next(0, true), next(2), next(0), next(1)];
  assert.deepEqual(thinned, [false, false, false, true]);
  assert.deepEqual([next(0), next(0), next(0)], [true, true, false]);
});
