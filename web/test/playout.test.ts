import assert from "node:assert/strict";
import test from "node:test";
import { Feed } from "../src/video/feed";
import { MediaTime } from "../src/video/mediatime";
import { Playout } from "../src/video/playout";

class Picture {
  open = true;
  constructor(readonly mediaMs: number) {}
  close(): void {
    assert.ok(this.open, "closed twice");
    this.open = false;
  }
}

/** A screen that looks for a due picture at each multiple of 4 ms. */
class Screen {
  readonly playout = new Playout<Picture>();
  readonly shown: { mediaMs: number; atMs: number }[] = [];
  readonly made: Picture[] = [];
  now = 0;

  /** A unit comes in and is decoded at once. */
  takes(mediaMs: number, receivedAtMs = mediaMs): void {
    this.playout.arrived(mediaMs, this.now);
    const picture = new Picture(mediaMs);
    this.made.push(picture);
    this.playout.decoded({ picture, mediaMs, receivedAtMs }, this.now);
  }

  until(nowMs: number): void {
    for (; this.now <= nowMs; this.now += 4) {
      const due = this.playout.due(this.now);
      if (due === null) continue;
      this.shown.push({ mediaMs: due.mediaMs, atMs: this.now });
      due.picture.close();
    }
  }
}

test("the first picture is shown at once", () => {
  const screen = new Screen();
  screen.takes(70_000);
  assert.equal(screen.playout.waitMs(0), 0);
  screen.until(0);
  assert.deepEqual(screen.shown, [{ mediaMs: 70_000, atMs: 0 }]);
});

test("a viewer that joins two seconds late sees every step and is live within two seconds", () => {
  const screen = new Screen();
  for (let media = 0; media <= 2000; media += 40) screen.takes(media);
  for (let media = 2040; media <= 6000; media += 40) {
    screen.until(media - 2000);
    screen.takes(media);
  }
  const steps = screen.shown
    .slice(1)
    .map((one, i) => one.mediaMs - (screen.shown[i]?.mediaMs ?? 0));
  assert.ok(Math.max(...steps) <= 80, `no jump in ${steps}`);
  assert.ok(Math.min(...steps) > 0);
  const late = screen.shown.find(({ atMs }) => atMs >= 2000);
  assert.ok(late !== undefined && late.atMs + 2000 - late.mediaMs < 80, JSON.stringify(late));
});

test("pictures that come unevenly are shown evenly, less than 150 ms late", () => {
  const screen = new Screen();
  for (let media = 0; media < 20_000; media += 80) {
    // Three of four come 70 ms later than the quickest.
    screen.until(media + (media % 320 === 0 ? 0 : 70));
    screen.takes(media);
  }
  const settled = screen.shown.filter(({ atMs }) => atMs > 5000);
  const gaps = settled.slice(1).map((one, i) => one.atMs - (settled[i]?.atMs ?? 0));
  assert.ok(Math.max(...gaps) <= 100 && Math.min(...gaps) >= 60, `${gaps}`);
  for (const { mediaMs, atMs } of settled) assert.ok(atMs - mediaMs < 150);
});

test("pictures are shown in the order of media time, whatever order they come in", () => {
  const screen = new Screen();
  const order = [0, 120, 40, 80, 240, 160, 200, 360, 280, 320];
  order.forEach((media, i) => {
    screen.until(i * 40);
    screen.takes(media);
  });
  screen.until(2000);
  const shown = screen.shown.map(({ mediaMs }) => mediaMs);
  assert.deepEqual(
    shown,
    [...shown].sort((a, b) => a - b),
  );
});

test("a stream that stopped and goes on is shown at once, not in the past", () => {
  const screen = new Screen();
  for (let media = 0; media < 2000; media += 40) {
    screen.until(media);
    screen.takes(media);
  }
  screen.until(5000);
  screen.takes(5000);
  screen.until(5200);
  assert.equal(screen.shown.at(-1)?.mediaMs, 5000);
});

test("a play head that waits while joining does not run ahead of the stream", () => {
  const screen = new Screen();
  for (const media of [0, 2000]) screen.playout.arrived(media, 0);
  screen.takes(0);
  screen.until(1500);
  screen.takes(3500);
  screen.until(1700);
  assert.equal(screen.shown.at(-1)?.mediaMs, 3500);
});

test("after a change of stream nothing older than what was shown is shown", () => {
  const screen = new Screen();
  for (let media = 0; media <= 4000; media += 40) {
    screen.until(media);
    screen.takes(media, 1_000_000 + media);
  }
  screen.until(4200);
  screen.playout.restart();
  const before = screen.shown.length;
  // The main stream's newest keyframe is 1.5 s old, and has a clock of its own.
  for (let media = 0; media <= 1600; media += 40) screen.takes(77_000 + media, 1_002_500 + media);
  screen.until(5000);
  assert.equal(screen.shown[before]?.mediaMs, 77_000 + 1520);
});

test("a camera that sets its clock back is not waited for", () => {
  const screen = new Screen();
  screen.takes(3_600_000);
  screen.until(40);
  screen.takes(5);
  screen.until(100);
  assert.equal(screen.shown.at(-1)?.mediaMs, 5);
});

test("every picture is closed exactly once", () => {
  const screen = new Screen();
  for (let media = 0; media < 400; media += 40) screen.takes(media);
  screen.until(100);
  screen.playout.restart();
  for (let media = 0; media < 400; media += 40) screen.takes(media, 0);
  screen.playout.close();
  assert.ok(screen.made.every(({ open }) => !open));
});

const unit = (n: number, keyframe = false, discontinuity = false) => ({
  n,
  sequence: n,
  keyframe,
  discontinuity,
});

function drain(feed: Feed<ReturnType<typeof unit>>): number[] {
  const all = [];
  for (let next = feed.next(); next !== undefined; next = feed.next()) all.push(next.n);
  return all;
}

test("a decoder is fed from a keyframe on", () => {
  const feed = new Feed<ReturnType<typeof unit>>();
  for (const one of [unit(1), unit(2), unit(3, true), unit(4)]) feed.push(one);
  assert.deepEqual([drain(feed), feed.dropped], [[3, 4], 0]);
});

test("more than a second behind, the feed goes on at the newest keyframe and never in between", () => {
  const feed = new Feed<ReturnType<typeof unit>>();
  for (let n = 0; n < 60; n += 1) feed.push(unit(n, n % 25 === 0));
  assert.equal(feed.skip(900), false);
  assert.equal(feed.skip(1100), true);
  assert.deepEqual([feed.next()?.n, feed.dropped], [50, 50]);
  assert.equal(feed.skip(1100), false, "without a newer keyframe what is left is played");
  assert.equal(feed.next()?.n, 51);
});

test("a discontinuity drops what waits and needs its own keyframe", () => {
  const feed = new Feed<ReturnType<typeof unit>>();
  for (const one of [unit(1, true), unit(2), unit(9, false, true), unit(10)]) feed.push(one);
  assert.deepEqual(drain(feed), []);
  feed.push(unit(11, true, true));
  assert.deepEqual(drain(feed), [11]);
});

test("after a hole that nobody told of, nothing is decoded before the next keyframe", () => {
  const feed = new Feed<ReturnType<typeof unit>>();
  for (const one of [unit(0xffff_ffff, true), unit(0), unit(1), unit(3), unit(4), unit(5, true)])
    feed.push(one);
  assert.deepEqual(drain(feed), [0xffff_ffff, 0, 1, 5]);
});

test("a decoder that hangs does not fill the memory", () => {
  const feed = new Feed<ReturnType<typeof unit>>();
  for (let n = 0; n < 5000; n += 1) feed.push(unit(n, n === 0));
  assert.ok(feed.size <= 500);
  assert.equal(feed.dropped, 501);
});

test("media time goes on past the wrap of its 32 bits, and back for B-frames", () => {
  const time = new MediaTime();
  const wire = [0xffff_ff00, 0xffff_ff00 + 3600, 0xffff_ff00 + 1800, 0xffff_ff00 + 7200];
  assert.deepEqual(
    wire.map((value) => time.us(value >>> 0)),
    [0, 40_000, 20_000, 80_000],
  );
});
