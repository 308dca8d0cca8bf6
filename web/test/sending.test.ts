import assert from "node:assert/strict";
import test from "node:test";
import { type Answer, UNANSWERED } from "../src/api";
import { Sending } from "../src/console/wall/sending";

const DONE: Answer<string> = { ok: true, value: "done" };
const REFUSED: Answer<string> = { ok: false, why: "pinned", status: 409, problem: null };

/** A clock that goes on while somebody waits, and what was sent when. */
function stage(answers: readonly Answer<string>[], tookMs = 0) {
  const sent: [string, number][] = [];
  const left = [...answers];
  let nowMs = 0;
  const sending = new Sending(
    () => nowMs,
    async (ms) => {
      nowMs += ms;
    },
  );
  const order = (name: string): Promise<Answer<string>> =>
    sending.send(async () => {
      sent.push([name, nowMs]);
      nowMs += tookMs;
      return left.shift() ?? UNANSWERED;
    });
  return { sending, order, sent };
}

test("an order without an answer is sent again until there is one, also one that refuses", async () => {
  const { order, sent } = stage([UNANSWERED, UNANSWERED, DONE, UNANSWERED, REFUSED]);
  assert.deepEqual(await order("a"), DONE);
  assert.deepEqual(await order("b"), REFUSED);
  assert.deepEqual(
    sent.map(([name]) => name),
    ["a", "a", "a", "b", "b"],
  );
});

test("orders are sent as they were given, whichever is answered first", async () => {
  const { order, sent } = stage([UNANSWERED, DONE, DONE]);
  await Promise.all([order("a"), order("b")]);
  assert.deepEqual(
    sent.map(([name]) => name),
    ["a", "a", "b"],
  );
});

test("what nobody can mean any more is not sent, also what waited for another", async () => {
  const { order, sent } = stage([], 10_000);
  const answers = await Promise.all([order("a"), order("b")]);
  assert.deepEqual(answers, [UNANSWERED, UNANSWERED]);
  assert.ok(sent.every(([name, atMs]) => name === "a" && atMs < 30_000));
});

test("whoever hears of the service again sends at once", async () => {
  const left = [UNANSWERED, DONE];
  const sending = new Sending(
    () => 0,
    () => new Promise(() => {}),
  );
  const answer = sending.send(async () => left.shift() ?? UNANSWERED);
  while (left.length === 2) await new Promise(setImmediate);
  await new Promise(setImmediate);
  sending.hurry();
  assert.deepEqual(await answer, DONE);
});
