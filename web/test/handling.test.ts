import assert from "node:assert/strict";
import test from "node:test";
import { actsFor } from "../src/alert/acts";
import type { Me } from "../src/alert/order";
import { Arrival, DWELL_MS } from "../src/console/alerts/arrival";
import { select, type TABS } from "../src/console/alerts/filter";
import { commandOf, HELP } from "../src/console/alerts/keys";
import { groupOf, keyOf, linesOf, step } from "../src/console/alerts/lines";
import { CATALOGUES } from "../src/i18n";
import { alertOf, signedBy, T0_MS } from "./alerts";

const NOBODY: Me = { person: null, positions: new Set() };
const uuid = (n: number): string => `019ab5e0-0000-7000-8000-${String(n).padStart(12, "0")}`;
const high = (n: number, fields = {}) =>
  alertOf({ id: uuid(n), seq: n, priority: "high", ...fields });
const pressed = (key: string, more = {}) =>
  commandOf({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...more,
  });

test("the four tabs hold what they say, and what is put away is on the shelf alone", () => {
  const alerts = [
    alertOf({ id: uuid(1) }),
    alertOf({ id: uuid(2), state: "acknowledged", acknowledged: signedBy("lan") }),
    alertOf({ id: uuid(3), state: "shelved" }),
    alertOf({ id: uuid(4), state: "normal" }),
    alertOf({ id: uuid(5), position: "nam" }),
  ];
  const me: Me = { person: "lan", positions: new Set(["bac"]) };
  const of = (tab: (typeof TABS)[number]) =>
    select(alerts, { tab, search: "" }, me, () => "").shown.map(({ id }) => Number(id.slice(-1)));
  assert.deepEqual(of("open"), [1, 5, 2]);
  assert.deepEqual(of("waiting"), [1, 5]);
  assert.deepEqual(of("mine"), [1, 2]);
  assert.deepEqual(of("shelf"), [3]);
  const { counts } = select(alerts, { tab: "open", search: "" }, me, () => "");
  assert.deepEqual(counts, { open: 3, waiting: 2, mine: 2, shelf: 1 });
  const found = select(alerts, { tab: "open", search: "duong" }, me, ({ id }) =>
    id === uuid(5) ? "Đường 8" : "Chợ",
  );
  assert.deepEqual([found.shown.length, found.counts.waiting], [1, 1]);
});

test("lines are alerts, or groups of at least two that open, and no alert is lost", () => {
  const alerts = [1, 2, 3].map((n) => high(n)).concat(high(4, { kind: "black" }));
  assert.equal(linesOf(alerts, false, new Set()).length, 4);
  const folded = linesOf(alerts, true, new Set());
  assert.deepEqual(
    folded.map(({ kind }) => kind),
    ["group", "alert"],
  );
  const key = groupOf(alerts, uuid(2));
  assert.equal(key, folded[0]?.key);
  assert.equal(groupOf(alerts, uuid(4)), null);
  const open = linesOf(alerts, true, new Set([key ?? ""]));
  assert.equal(open.filter(({ kind }) => kind === "alert").length, 4);
  assert.equal(new Set(open.map((line) => line.key)).size, 5);
});

test("a step goes on from the chosen line, also after it has left the list", () => {
  const lines = linesOf(
    [1, 2, 3, 4].map((n) => high(n)),
    false,
    new Set(),
  );
  const [, second] = lines;
  assert.equal(step(lines, null, 0, 1), 0);
  assert.equal(step(lines, second?.key ?? "", 1, 1), 2);
  assert.equal(step(lines, second?.key ?? "", 1, -1), 0);
  assert.equal(step(lines, second?.key ?? "", 1, 10), 3);
  // The second is over: what stood behind it is next, and what stood before it is before.
  const rest = lines.filter((line) => line !== second);
  assert.equal(rest[step(rest, second?.key ?? "", 1, 1)]?.key, keyOf({ id: uuid(3) }));
  assert.equal(rest[step(rest, second?.key ?? "", 1, -1)]?.key, keyOf({ id: uuid(1) }));
});

test("every act has a key, one each, and the overlay tells them all", () => {
  const acts = new Set([
    ...actsFor(alertOf()),
    ...actsFor(alertOf({ state: "shelved" })),
    ...actsFor(alertOf({ state: "normal" })),
  ]);
  const letters = [..."abcdefghijklmnopqrstuvwxyz"];
  const keyed = letters.flatMap((key) => {
    const command = pressed(key);
    return command?.do === "act" ? [command.act] : [];
  });
  assert.deepEqual(new Set(keyed), acts);
  assert.equal(keyed.length, acts.size);
  const told = new Set(HELP.flatMap(([keys]) => keys));
  for (const key of letters) if (pressed(key) !== null) assert.ok(told.has(key), key);
  for (const [, does] of HELP) assert.ok(does in CATALOGUES.vi, does);
});

test("a key with Ctrl, Alt or Meta is the browser's, and Caps Lock changes nothing", () => {
  for (const key of ["ctrlKey", "altKey", "metaKey"])
    assert.equal(pressed("a", { [key]: true }), null);
  assert.deepEqual(pressed("A"), pressed("a"));
  assert.equal(pressed("A", { shiftKey: true }), null);
  for (const digit of ["0", "1", "9", "w", "g", "?"]) assert.equal(pressed(digit), null, digit);
});

test("a new high alert comes up by itself, and of those at the beginning only the first", () => {
  const arrival = new Arrival();
  const first = [high(1), high(2), alertOf({ id: uuid(9) })];
  assert.equal(arrival.judge(first, false, 0)?.id, uuid(1));
  assert.equal(arrival.judge(first, false, DWELL_MS), null);
  assert.equal(arrival.judge([...first, high(3)], false, DWELL_MS)?.id, uuid(3));
  assert.equal(arrival.judge([...first, high(3)], false, 3 * DWELL_MS), null);
});

test("what comes up stays its time, and what came meanwhile follows, longest waiting first", () => {
  const arrival = new Arrival();
  arrival.judge([], false, 0);
  const old = high(1, { opened_at: T0_MS * 1000 - 5e6 });
  const young = high(2);
  assert.equal(arrival.judge([high(3)], false, 10)?.id, uuid(3));
  const all = [high(3), young, old];
  assert.equal(arrival.judge(all, false, DWELL_MS), null);
  assert.equal(arrival.judge(all, false, 10 + DWELL_MS)?.id, uuid(1));
  assert.equal(arrival.judge(all, false, 10 + 2 * DWELL_MS)?.id, uuid(2));
  // Taken meanwhile, it does not come up any more.
  const taken = high(4, { state: "acknowledged" });
  assert.equal(arrival.judge([...all, high(4)], false, 20 + 2 * DWELL_MS), null);
  assert.equal(arrival.judge([...all, taken], false, 10 + 3 * DWELL_MS), null);
});

test("whoever handles something is not interrupted, neither now nor after", () => {
  const arrival = new Arrival();
  arrival.judge([], false, 0);
  assert.equal(arrival.judge([high(1)], true, 10), null);
  assert.equal(arrival.judge([high(1)], false, 10 + DWELL_MS), null);
  // Raised again it is news again, but not while it comes and goes.
  assert.equal(arrival.judge([high(1, { count: 2 })], false, 20 + DWELL_MS)?.id, uuid(1));
  const chattering = { chattering: true };
  assert.equal(arrival.judge([high(1, { count: 3, ...chattering })], true, 9e9), null);
  assert.equal(arrival.judge([high(1, { count: 4, ...chattering })], false, 9.1e9), null);
});

test("what does not need a person at once never comes up by itself", () => {
  const arrival = new Arrival();
  arrival.judge([], false, 0);
  const others = [
    alertOf({ id: uuid(1), priority: "medium" }),
    high(2, { state: "acknowledged" }),
    high(3, { state: "shelved" }),
  ];
  assert.equal(arrival.judge(others, false, 10), null);
  assert.equal(select(others, { tab: "open", search: "" }, NOBODY, () => "").shown.length, 2);
});
