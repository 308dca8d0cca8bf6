import assert from "node:assert/strict";
import test from "node:test";
import { actsFor } from "../src/alert/acts";
import { namesOf } from "../src/alert/bench";
import { kindWords, placeWords, siteWords, stateWords, titleWords } from "../src/alert/face";
import { changeWords } from "../src/alert/story";
import { dutyWords } from "../src/duty/words";
import { CATALOGUES, Words } from "../src/i18n";
import { storageWords } from "../src/storage";
import {
  ALERT_STATES,
  DISPOSITIONS,
  PRIORITIES,
  readAlertList,
  readFlood,
  readStorage,
} from "../src/wire/alert";
import { readDetail } from "../src/wire/detail";
import { parse } from "../src/wire/messages";
import { readPeople } from "../src/wire/people";
import { alertJson, alertOf, signedBy, T0_MS } from "./alerts";

const vi = dutyWords("vi");
const people = readPeople({
  people: [{ id: "lan", name: "Nguyễn Thị Lan" }],
  positions: [{ id: "bac", name: "Bàn Bắc", on_duty: ["lan"] }],
});
const names = namesOf(vi, () => people);

test("an alert on the control socket is the book's snapshot and its number", () => {
  const message = parse(JSON.stringify({ type: "alert", ...alertJson({ seq: 77 }) }));
  assert.equal(message.type, "alert");
  if (message.type !== "alert") return;
  const { alert } = message;
  assert.equal(alert.seq, 77);
  assert.deepEqual(alert.subject, { kind: "camera", id: "ky-anh-01" });
  assert.equal(alert.openedMs, T0_MS);
  assert.deepEqual(alert.where, { number: 101, name: "Ngã ba Kỳ Anh", site: "Kỳ Anh" });
});

test("what cannot be read of an alert looks worse rather than better, and hides no other", () => {
  const odd = alertOf({ state: "brand-new", priority: "extreme", where: 7, comments: "x" });
  assert.equal(odd.state, "unacknowledged");
  assert.equal(odd.priority, "high");
  assert.deepEqual(odd.where, { number: null, name: null, site: null });
  const { alerts, head } = readAlertList({ alerts: [alertJson({ seq: 5 }), { id: 1 }, null] });
  assert.equal(alerts.length, 1);
  assert.equal(head, 5);
  assert.equal(parse('{"type":"alert","seq":1}').type, "bad");
});

test("a storage word that is not known is no good news", () => {
  assert.equal(readStorage({ state: "ok" }).state, "ok");
  assert.equal(readStorage({ state: "melting" }).state, "failing");
  assert.equal(storageWords(readStorage({ state: "ok" }), vi), null);
  const since = T0_MS * 1000;
  const failing = storageWords(readStorage({ state: "failing", since, reason: "disk full" }), vi);
  assert.match(failing ?? "", /^CẢNH BÁO CHƯA ĐƯỢC LƯU.*\(disk full\)$/);
  const spooling = storageWords(readStorage({ state: "spooling", since, waiting: 12 }), vi);
  assert.match(spooling ?? "", /12 chờ ghi lại/);
});

test("a flood is told for its position, in a message and in a list", () => {
  const flood = { since: T0_MS * 1000, in_ten_minutes: 14 };
  const wanted = { position: "bac", sinceMs: T0_MS, inTenMinutes: 14 };
  assert.deepEqual(readFlood({ position: "bac" }, flood), wanted);
  assert.deepEqual(readFlood({ position: "bac", ...flood }, { position: "bac", ...flood }), wanted);
  assert.equal(readFlood({ position: "bac" }, null)?.sinceMs, null);
});

test("an alert says what and where, also without a camera list", () => {
  assert.equal(kindWords(alertOf(), vi), "Bị che");
  assert.equal(placeWords(alertOf(), names, vi), "101 Ngã ba Kỳ Anh");
  assert.equal(siteWords(alertOf(), names), "Kỳ Anh");
  const bare = alertOf({ where: null });
  assert.equal(placeWords(bare, names, vi), "ky-anh-01");
  assert.equal(siteWords(bare, names), "ky-anh");
  const site = alertOf({ subject: { site: "ky-anh" }, kind: "unreachable", cameras: ["a", "b"] });
  assert.equal(kindWords(site, vi), "Mất kết nối cả điểm");
  assert.equal(placeWords(site, names, vi), "Kỳ Anh");
  const service = alertOf({ subject: "service", cameras: [], where: null, kind: "panic-button" });
  assert.equal(placeWords(service, names, vi), "Máy chủ");
  assert.equal(kindWords(service, vi), "Nút khẩn cấp");
  assert.equal(kindWords(alertOf({ kind: "wild-boar" }), vi), "wild boar");
  const subject = { screen: "left", wall: "main" };
  const where = { wall: "LED wall", screen: "Trái", column: 0, row: 1 };
  const screen = alertOf({ subject, where, kind: "screen-frozen", cameras: [], site: null });
  assert.equal(kindWords(screen, vi), "Màn hình tường đứng hình");
  assert.equal(placeWords(screen, names, vi), "LED wall, màn hình Trái (cột 1, hàng 2)");
  const unknown = alertOf({ subject, where: null, kind: "screen-gone", cameras: [], site: null });
  assert.equal(placeWords(unknown, names, vi), "main, màn hình left");
});

test("a drill is the kind that it plays, and marked as a drill", () => {
  const drill = alertOf({ kind: "drill-black", drill: true });
  assert.equal(kindWords(drill, vi), "Hình đen");
  assert.match(titleWords(drill, vi), /^DIỄN TẬP \/ DRILL · /);
});

test("the state says who has it, or until when it is put away", () => {
  const state = (fields: Record<string, unknown>) => stateWords(alertOf(fields), names, vi, T0_MS);
  assert.equal(state({}), "Chưa ai nhận");
  assert.match(
    state({ state: "acknowledged", acknowledged: signedBy("lan") }),
    /^Đã nhận · Nguyễn Thị Lan, \d\d:\d\d$/,
  );
  const until = T0_MS * 1000 + 3_600_000_000;
  const shelved = { until, reason: "đang sửa", ...signedBy("lan") };
  assert.match(state({ state: "shelved", shelved }), /^Tạm gác · đến \d\d:\d\d$/);
  assert.match(state({ state: "suppressed", masked_by: "ky-anh" }), /theo điểm ky-anh/);
  const stage = { step: 3, at: until, due: until, told: ["lan"], everyone: true };
  assert.match(state({ stage }), /^KHÔNG AI NHẬN/);
});

test("every act is offered where it can be done, and taking comes first", () => {
  assert.equal(actsFor(alertOf())[0], "acknowledge");
  assert.equal(actsFor(alertOf({ state: "returned-unacknowledged" }))[0], "acknowledge");
  assert.ok(!actsFor(alertOf({ state: "acknowledged" })).includes("acknowledge"));
  assert.ok(actsFor(alertOf({ state: "shelved" })).includes("unshelve"));
  assert.ok(!actsFor(alertOf({ state: "shelved" })).includes("shelve"));
  assert.deepEqual(actsFor(alertOf({ state: "normal" })), ["comment"]);
});

test("one alert in full has its changes and deliveries as the store writes them", () => {
  const at = T0_MS * 1000;
  const by = { user: "anonymous", person: "lan" };
  const detail = readDetail({
    ...alertJson({ seq: 4 }),
    procedure: { vi: "Xem ảnh.\nGọi\u202e bảo vệ.", en: "Look.\nCall." },
    comment_required: true,
    changes: [
      { seq: 1, at, what: "opened", by: null },
      { seq: 2, at, what: "escalated", detail: { step: 1, told: [["lan", ["sms"]]] }, by: null },
      { seq: 3, at, what: "masked", detail: false, by: null },
      { seq: 4, at, what: "done", detail: { act: "comment", text: "đã gọi" }, by },
    ],
    deliveries: [
      { id: "d", alert: "a", seq: 2, channel: "sms", person: "lan", state: "dead", attempts: 8 },
    ],
  });
  assert.ok(detail !== undefined);
  assert.deepEqual(
    detail.changes.map((one) => changeWords(one, vi, names)),
    ["Báo động", "Báo tiếp: Nguyễn Thị Lan", "Gộp vào điểm: hết", "Ghi chú"],
  );
  assert.equal(detail.changes[3]?.text, "đã gọi");
  assert.equal(detail.changes[3]?.by, "lan");
  assert.equal(detail.procedure.vi, "Xem ảnh.\nGọi  bảo vệ.");
  assert.equal(detail.deliveries[0]?.state, "dead");
  assert.ok(!("changes" in detail.alert.raw), "only the alert itself is kept");
});

test("every word of the protocol has words in both languages", () => {
  for (const catalogue of [CATALOGUES.vi, CATALOGUES.en]) {
    for (const state of ALERT_STATES) assert.ok(`alert-state.${state}` in catalogue, state);
    for (const one of PRIORITIES) assert.ok(`priority.${one}` in catalogue, one);
    for (const one of DISPOSITIONS) assert.ok(`disposition.${one}` in catalogue, one);
    const acts = ["read", "acknowledge", "assign", "comment", "resolve", "shelve", "unshelve"];
    for (const act of [...acts, "pass", "help"]) assert.ok(`act.${act}` in catalogue, act);
    const what = ["opened", "raised-again", "cleared", "updated", "masked", "suppressed"];
    what.push("out-of-service", "chattering", "shelf-ended", "escalated", "closed");
    for (const one of what) assert.ok(`what.${one}` in catalogue, one);
    for (const one of ["waiting", "delivered", "dead"]) {
      assert.ok(`detail.${one}` in catalogue && `delivery.${one}` in catalogue, one);
    }
  }
});

test("the duty page's few words are the same as everybody's", () => {
  for (const language of ["vi", "en"] as const) {
    const few = dutyWords(language);
    const all = new Words(language);
    for (const key of ["act.acknowledge", "condition.black", "duty.title", "age.s"] as const) {
      assert.equal(few.say(key, { n: 3 }), all.say(key, { n: 3 }));
    }
  }
});
