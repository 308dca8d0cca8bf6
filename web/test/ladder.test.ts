import assert from "node:assert/strict";
import test from "node:test";
import { draw } from "../src/health/ladder";
import { RUNGS } from "../src/wire/health";
import type { Camera } from "../src/wire/messages";
import { camera, standing } from "./cameras";

/** The steps from the ground up, a letter each: h(olds), b(roken), B for the lowest, u(nknown). */
function steps(fields: Partial<Camera>, clockKnown = true): string {
  return draw(camera(fields), clockKnown)
    .map(({ step, isLowest }) => (isLowest ? "B" : step[0]))
    .join("");
}

test("all eight rungs of a camera that is well hold", () => {
  assert.equal(steps({}), "hhhhhhhh");
  assert.deepEqual(
    draw(camera({})).map(({ rung }) => rung),
    RUNGS,
  );
});

test("of a camera that cannot be reached nothing beyond the first rung is known", () => {
  const lost = { state: "offline", rung: "reachable", ...standing("unreachable") } as const;
  assert.equal(steps(lost), "Buuuuuuu");
});

test("rungs below the broken one hold, those beyond it are unknown", () => {
  const rejected = {
    state: "offline",
    rung: "signed-in",
    ...standing("credentials-rejected"),
  } as const;
  assert.equal(steps(rejected), "hBuuuuuu");
  const stalled = { state: "stalled", rung: "frames", ...standing("stalled") } as const;
  assert.equal(steps(stalled), "hhBuuuuu");
  const overdue = { state: "stalled", rung: "keyframes", ...standing("keyframe-overdue") } as const;
  assert.equal(steps(overdue), "hhhBuuuu");
});

test("while pictures come, rungs beyond a broken one are judged all the same", () => {
  const suspect = { state: "suspect", rung: "picture-right", ...standing("moved") } as const;
  assert.equal(steps(suspect), "hhhhhBhh");
  const lossy = { rung: "frames", ...standing("packet-loss", "clock-skew") } as const;
  assert.equal(steps(lossy), "hhBhhhbh");
});

test("the lowest rung is found without the service naming it", () => {
  assert.equal(steps({ state: "suspect", ...standing("black", "frozen") }), "hhhhBbhh");
});

test("a camera that has not come yet, or is out of service, is not judged", () => {
  assert.equal(steps({ state: "connecting" }), "uuuuuuuu");
  assert.equal(steps({ state: "maintenance" }), "uuuuuuuu");
  assert.equal(steps({ state: "waiting-keyframe" }), "hhhuuuuu");
});

test("a clock that nothing is known of is not called right", () => {
  assert.equal(steps({}, false), "hhhhhhuh");
});

test("a condition that this page does not know breaks no rung that it draws", () => {
  assert.equal(steps(standing("a-new-word")), "hhhhhhhh");
});
