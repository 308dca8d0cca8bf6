import assert from "node:assert/strict";
import test from "node:test";
import { Alarm } from "../src/alert/alarm";
import { grouped, inOrder, isMine, toldEveryone } from "../src/alert/order";
import { readFilter, select, writeFilter } from "../src/desk/filter";
import { parseNumbers } from "../src/desk/numbers";
import { alertOf, signedBy } from "./alerts";

const ids = (alerts: readonly { id: string }[]): readonly string[] => alerts.map(({ id }) => id);
const MINUTE_US = 60_000_000;
const base = alertOf().openedMs * 1000;

test("what needs a person comes first, by priority, and then the longest waiting", () => {
  const alerts = [
    alertOf({ id: "low", priority: "low", opened_at: base - 90 * MINUTE_US }),
    alertOf({ id: "taken", priority: "high", state: "acknowledged" }),
    alertOf({ id: "younger", priority: "high" }),
    alertOf({ id: "older", priority: "high", opened_at: base - MINUTE_US }),
    alertOf({ id: "returned", priority: "medium", state: "returned-unacknowledged" }),
    alertOf({ id: "shelf", priority: "high", state: "shelved" }),
  ];
  assert.deepEqual(ids(inOrder(alerts)), ["older", "younger", "returned", "low", "taken", "shelf"]);
});

test("mine is what my positions get, what was given or told to me, and what nobody took", () => {
  const me = { person: "lan", positions: new Set(["bac"]) };
  const elsewhere = { position: "nam" };
  const told = (everyone: boolean, who: readonly string[]) => {
    return { step: 2, at: 1, due: base, told: who, everyone, reminders: 0 };
  };
  assert.equal(isMine(alertOf(), me), true);
  assert.equal(isMine(alertOf(elsewhere), me), false);
  assert.equal(isMine(alertOf({ ...elsewhere, assigned: "lan" }), me), true);
  assert.equal(isMine(alertOf({ ...elsewhere, stage: told(false, ["lan"]) }), me), true);
  assert.equal(isMine(alertOf({ ...elsewhere, stage: told(false, ["hoa"]) }), me), false);
  const everyone = alertOf({ ...elsewhere, stage: told(true, ["hoa"]) });
  assert.equal(toldEveryone(everyone), true);
  assert.equal(isMine(everyone, me), true);
  assert.equal(isMine(alertOf(elsewhere), { person: null, positions: new Set() }), true);
});

test("groups of a flood hold every alert exactly once", () => {
  const kinds = ["covered", "black", "unstable"];
  const alerts = Array.from({ length: 60 }, (_, n) =>
    alertOf({
      id: `${n}`,
      kind: kinds[n % 3],
      site: n % 4 === 0 ? null : `site-${n % 4}`,
      priority: n === 17 ? "high" : "low",
      state: n % 5 === 0 ? "acknowledged" : "unacknowledged",
    }),
  );
  const groups = grouped(alerts);
  assert.deepEqual(
    groups.flatMap((group) => ids(group.alerts)).sort(),
    alerts.map(({ id }) => id).sort(),
  );
  assert.equal(groups[0]?.priority, "high");
  assert.equal(
    groups.reduce((sum, { waiting }) => sum + waiting, 0),
    48,
  );
  for (const { kind, site, alerts: members } of groups) {
    for (const one of members) assert.deepEqual([one.kind, one.site], [kind, site]);
  }
});

test("it rings for a high alert until somebody touches, and again when it is raised or goes up", () => {
  const alarm = new Alarm();
  const high = (fields = {}) => [alertOf({ priority: "high", ...fields })];
  assert.equal(alarm.judge([alertOf()]), false);
  assert.equal(alarm.judge(high()), true);
  assert.equal(alarm.judge(high()), true, "it goes on");
  alarm.touch();
  assert.equal(alarm.judge(high()), false);
  assert.equal(alarm.judge(high({ count: 2 })), true);
  alarm.touch();
  const stage = { step: 1, at: 1, due: base, told: ["lan"] };
  assert.equal(alarm.judge(high({ count: 2, stage })), true);
  assert.equal(alarm.judge(high({ count: 2, stage, state: "acknowledged" })), false);
  assert.equal(alarm.judge(high({ count: 3, read: signedBy("minh") })), false);
});

test("one that chatters does not ring each time", () => {
  const alarm = new Alarm();
  const high = (count: number) => [alertOf({ priority: "high", count, chattering: true })];
  assert.equal(alarm.judge(high(3)), true);
  alarm.touch();
  assert.equal(alarm.judge(high(4)), false);
});

test("the address keeps the desk's filter, and each view counts its own", () => {
  const filter = readFilter(new URLSearchParams("view=waiting&q=ky+anh&priority=high&lang=en&a=x"));
  assert.deepEqual(filter, {
    view: "waiting",
    priority: "high",
    site: null,
    position: null,
    search: "ky anh",
    alert: "x",
  });
  const query = writeFilter(filter, new URLSearchParams("lang=en&site=old"));
  assert.equal(query.get("lang"), "en");
  assert.equal(query.has("site"), false);
  assert.deepEqual(readFilter(query), filter);
  const alerts = [
    alertOf({ id: "1" }),
    alertOf({ id: "2", state: "acknowledged" }),
    alertOf({ id: "3", state: "shelved", site: "duc-tho" }),
    alertOf({ id: "4", state: "normal" }),
  ];
  const known = {
    isWithin: (site: string | null, other: string) => site === other,
    text: ({ id }: { id: string }) => `Ngã ba Kỳ Anh ${id}`,
  };
  const all = readFilter(new URLSearchParams());
  const { shown, counts } = select(alerts, all, known);
  assert.deepEqual(ids(shown), ["1", "2"]);
  assert.deepEqual(counts, { open: 2, waiting: 1, taken: 1, away: 1, over: 1 });
  assert.equal(select(alerts, { ...all, site: "duc-tho", view: "away" }, known).shown.length, 1);
  assert.deepEqual(ids(select(alerts, { ...all, search: "nga ba 2" }, known).shown), ["2"]);
});

test("camera numbers are read as people type them", () => {
  assert.deepEqual(parseNumbers("105, 101 103-104;101"), [101, 103, 104, 105]);
  assert.deepEqual(parseNumbers("110–111"), [110, 111]);
  assert.deepEqual(parseNumbers(" "), []);
  for (const wrong of ["abc", "9-1", "1-100000", "1-", "-5"]) {
    assert.equal(parseNumbers(wrong), null, wrong);
  }
});
