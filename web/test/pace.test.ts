import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace, type Step } from "../src/video/pace";

/** Units that come every 80 ms and are due so many seconds after they came. */
function steady(early: number, times = 30): Step {
  const pace = new Pace();
  let step: Step = { kind: "play", rate: 1 };
  for (let n = 0; n < times; n += 1)
    step = pace.arrived(10_000 + n * 80, n * 0.08, n * 0.08 - early);
  return step;
}

test("at the live edge nothing is changed", () => {
  assert.deepEqual(steady(0.045), { kind: "play", rate: 1 });
});

test("an element that lags plays faster, one that is about to run dry slower", () => {
  const rate = (early: number) => {
    const step = steady(early);
    return step.kind === "play" ? step.rate : Number.NaN;
  };
  assert.ok(rate(0.1) > 1 && rate(0.6) > rate(0.1));
  assert.ok(rate(0.02) < 1 && rate(-0.1) < rate(0.02));
});

test("more than a second behind is jumped, and not again within a second", () => {
  const pace = new Pace();
  assert.equal(pace.arrived(10_000, 5, 3.5).kind, "jump");
  assert.equal(pace.arrived(10_500, 5.5, 3.5).kind, "play");
  assert.equal(pace.arrived(11_100, 6, 3.5).kind, "jump");
});

test("an element that ran past the newest picture comes back to it", () => {
  const pace = new Pace();
  const step = pace.arrived(10_000, 5, 5.6);
  assert.ok(step.kind === "jump" && step.toS <= 5);
});

test("just after the start, what came from the ring is caught up by jumps", () => {
  const pace = new Pace();
  pace.start(10_000, 0);
  assert.equal(pace.arrived(10_060, 0.5, 0).kind, "jump");
  assert.equal(pace.arrived(10_700, 1, 0.4).kind, "play");
});

test("one late unit in many decides, since it is the one that would be seen", () => {
  const pace = new Pace();
  let step: Step = pace.arrived(10_000, 0, 0.06);
  for (let n = 1; n < 10; n += 1) step = pace.arrived(10_000 + n * 80, n * 0.08, n * 0.08 - 0.2);
  assert.deepEqual(step, { kind: "play", rate: 0.9 });
});
