import assert from "node:assert/strict";
import { test } from "node:test";
import { Timeline } from "../src/video/timeline";

const STEP = 3600;
const FIRST = 45_000;

/** Places units with these media times, in steps; tells where each is shown, in steps as well. */
function shown(timeline: Timeline, from: number, steps: readonly number[]): number[] {
  return steps.map((step) => {
    const { showTime } = timeline.place((from + step * STEP) >>> 0, false);
    return (showTime - FIRST) / STEP;
  });
}

test("media times that wrap go on", () => {
  assert.deepEqual(shown(new Timeline(), 0xffff_f000, [0, 1, 2, 3]), [0, 1, 2, 3]);
});

test("B-frames are shown between their references, and decoded in the order they came", () => {
  const timeline = new Timeline();
  const order = [0, 3, 1, 2, 6, 4, 5];
  const placed = order.map((step) => timeline.place(step * STEP, false));
  assert.deepEqual(
    placed.map(({ showTime }) => (showTime - FIRST) / STEP),
    order,
  );
  for (const [index, { decodeTime, showTime }] of placed.entries()) {
    assert.ok(decodeTime <= showTime);
    assert.ok(decodeTime > (placed[index - 1]?.decodeTime ?? -1));
  }
});

test("a clock that leaps, either way, makes no hole", () => {
  for (const leap of [1_000_000, -1_000_000]) {
    const timeline = new Timeline();
    shown(timeline, 5_000_000, [0, 1, 2]);
    const { showTime } = timeline.place(5_000_000 + leap, false);
    const distance = showTime - FIRST - 2 * STEP;
    assert.ok(distance > 0 && distance <= 7200, String(distance));
  }
});

test("a fresh start follows at once on what was placed before", () => {
  const timeline = new Timeline();
  shown(timeline, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  const { showTime } = timeline.place(60 * STEP, true);
  assert.ok(showTime - FIRST > 19 * STEP && showTime - FIRST < 22 * STEP);
  assert.deepEqual(timeline.place(61 * STEP, false).showTime, showTime + STEP);
});

test("a short gap without a flag stays as long as it was", () => {
  assert.deepEqual(shown(new Timeline(), 0, [0, 1, 20, 21]), [0, 1, 20, 21]);
});

test("the timeline of another element begins behind everything on the one before", () => {
  const before = new Timeline();
  shown(before, 0, [0, 1, 2, 3]);
  const last = before.place(4 * STEP, false);
  const first = new Timeline(before).place(0, true);
  assert.ok(first.decodeTime > last.decodeTime && first.showTime > last.showTime + 90_000);
});
