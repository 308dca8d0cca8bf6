import assert from "node:assert/strict";
import test from "node:test";
import { inMemory, Keep } from "../src/alert/keep";
import { Outbox, type Outcome, outcomeOf, type QueuedAct } from "../src/alert/outbox";
import { alertOf, T0_MS } from "./alerts";

const act = (request: string, fields: Partial<QueuedAct> = {}): QueuedAct => ({
  request,
  alert: "a",
  act: "acknowledge",
  fields: {},
  person: "lan",
  askedMs: T0_MS,
  refused: null,
  ...fields,
});

test("acts are sent in the order in which they were done, each until it is done", () => {
  const box = new Outbox(inMemory());
  box.put(act("2", { act: "comment", askedMs: T0_MS + 5 }));
  box.put(act("1", { askedMs: T0_MS }));
  assert.equal(box.next(0)?.request, "1");
  box.sent(act("1"), { how: "done" }, 0, T0_MS);
  assert.equal(box.next(0)?.request, "2");
  box.sent(act("2"), { how: "done" }, 0, T0_MS);
  assert.equal(box.next(0), null);
});

test("without an answer an act waits longer each time, keeps its id, and is sent at once when back", () => {
  const box = new Outbox(inMemory());
  const later: Outcome = { how: "later" };
  box.put(act("1"));
  let now = 0;
  const waits: number[] = [];
  for (let tries = 0; tries < 6; tries += 1) {
    const from = now;
    while (box.next(now) === null) now += 100;
    waits.push(now - from);
    assert.equal(box.next(now)?.request, "1");
    box.sent(act("1"), later, now, T0_MS);
  }
  assert.deepEqual(waits, [0, 1000, 2000, 5000, 10_000, 10_000]);
  assert.equal(box.next(now + 100), null);
  box.hurry();
  assert.equal(box.next(now + 100)?.request, "1");
});

test("the queue outlives the page, and another page of the phone sees it", () => {
  const shelf = inMemory();
  new Outbox(shelf).put(act("1", { fields: { text: "đã gọi bảo vệ" } }));
  const [kept] = new Outbox(shelf).waiting;
  assert.deepEqual(kept, act("1", { fields: { text: "đã gọi bảo vệ" } }));
});

test("acknowledging twice before it was sent is one act; two comments are two", () => {
  const box = new Outbox(inMemory());
  for (const request of ["1", "2"]) box.put(act(request));
  for (const request of ["3", "4"]) box.put(act(request, { act: "comment" }));
  box.put(act("5", { alert: "b" }));
  assert.deepEqual(
    box.waiting.map(({ request }) => request),
    ["1", "3", "4", "5"],
  );
});

test("a refusal is kept to be seen, and does not hold up what follows", () => {
  const box = new Outbox(inMemory());
  box.put(act("1"));
  box.put(act("2", { alert: "b", askedMs: T0_MS + 1 }));
  box.sent(act("1"), { how: "refused", why: "minh has taken it already" }, 0, T0_MS);
  assert.equal(box.next(0)?.request, "2");
  assert.equal(box.acts[0]?.refused, "minh has taken it already");
  box.dismiss("1");
  assert.equal(box.acts.length, 1);
});

test("that an alert was read is nobody's business once it is refused", () => {
  const box = new Outbox(inMemory());
  box.put(act("1", { act: "read" }));
  box.sent(act("1", { act: "read" }), { how: "refused", why: "no" }, 0, T0_MS);
  assert.equal(box.acts.length, 0);
});

test("what could not be sent for a day is told as failed, and never silently dropped", () => {
  const box = new Outbox(inMemory());
  box.put(act("1"));
  box.sent(act("1"), { how: "later" }, 0, T0_MS + 86_400_001);
  assert.equal(box.next(1e9), null);
  assert.equal(box.acts[0]?.refused, "");
});

test("an answer's status decides what becomes of an act", () => {
  for (const status of [200, 204]) assert.equal(outcomeOf(status, "").how, "done", `${status}`);
  for (const status of [0, 408, 429, 500, 502, 503, 504]) {
    assert.equal(outcomeOf(status, "").how, "later", `${status}`);
  }
  for (const status of [400, 403, 404, 409, 422, 501]) {
    assert.equal(outcomeOf(status, "no").how, "refused", `${status}`);
  }
});

test("a queue that was tampered with loses only what cannot be read", () => {
  const shelf = inMemory();
  new Outbox(shelf).put(act("1"));
  for (const [key, text] of [
    ["2", "{"],
    ["3", "null"],
    ["4", '{"request":4}'],
  ])
    shelf.set(`watchwall.act.${key}`, text as string);
  assert.equal(new Outbox(shelf).acts.length, 1);
});

test("alerts are kept as the service told them, the most urgent first where there are many", () => {
  const keep = new Keep(inMemory());
  const many = Array.from({ length: 300 }, (_, n) => alertOf({ id: `low-${n}`, priority: "low" }));
  const high = alertOf({
    id: "high",
    priority: "high",
    stage: { step: 2, everyone: true, told: ["x"] },
  });
  keep.keepAlerts([...many, high], T0_MS);
  const kept = keep.alerts;
  assert.equal(kept?.atMs, T0_MS);
  assert.equal(kept?.alerts.length, 200);
  assert.deepEqual(kept?.alerts[0], high);
});
