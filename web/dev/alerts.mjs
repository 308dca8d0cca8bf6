// The stand-in's alert desk: alerts that follow the stand-in's faults, people, and what is done about
// them, so that the alert pages can be worked on and tested by themselves.
import { randomUUID } from "node:crypto";
import { past } from "./alert-past.mjs";
import { EVIDENCE, micros } from "./health.mjs";

const MINUTE = 60_000_000;
const HOUR = 60 * MINUTE;
const PEOPLE = [
  ["lan", "Nguyễn Thị Lan"],
  ["minh", "Trần Văn Minh"],
  ["hoa", "Lê Thị Hoa"],
  ["dung", "Phạm Quốc Dũng"],
];
const POSITIONS = [
  ["bac", "Bàn Bắc", ["duc-tho", "nghi-xuan", "can-loc", "loc-ha"], "lan"],
  ["nam", "Bàn Nam", ["ky-anh", "cam-xuyen", "huong-khe"], "minh"],
];
const HIGH = new Set(["covered", "panic-button", "moved", "store-failing", "site-down"]);
const LOW = new Set(["clock-skew", "stream-changed", "low-frame-rate", "packet-loss"]);
const PROCEDURE = {
  vi: "Xem ảnh hiện tại và ảnh mẫu.\nGọi bảo vệ tại điểm để kiểm tra camera.\nNếu bị phá: báo công an 113 và ghi lại giờ.",
  en: "Compare the current picture with the reference.\nCall the guard at the site to look at the camera.\nIf it was damaged: call the police (113) and note the time.",
};

/** Alerts and the API calls about them; `sockets` are the control sockets that follow. */
export class AlertStand {
  seq = 0;
  #alerts = new Map();
  #changes = [];
  #requests = new Map();
  #followers = new Map();
  #deliveries = [];
  #storage = null;
  #notes = [];
  #signed = { giving: null, taking: null };
  #drills = [];
  /** What was posted, for tests. */
  acts = [];
  /** What was confirmed, by person. */
  received = new Map();

  constructor(list, siteName) {
    this.list = list;
    this.siteName = siteName;
  }

  /** Opens an alert, or raises an open one again. */
  raise(number, kind, { drill = false, momentary = false, since = micros() } = {}) {
    const camera = this.list.find(({ view }) => view.number === number)?.view;
    const source = { camera: camera?.id ?? "" };
    const open = [...this.#alerts.values()].find(
      (one) => one.state !== "normal" && one.kind === kind && one.subject.camera === source.camera,
    );
    if (open !== undefined) {
      open.count += 1;
      Object.assign(open, { raised_at: since, cleared_at: null, read: null });
      if (!["shelved"].includes(open.state)) open.state = "unacknowledged";
      return this.#change(open, { what: "raised-again" });
    }
    const priority = HIGH.has(kind) ? "high" : LOW.has(kind) ? "low" : "medium";
    const position = POSITIONS.find(([, , sites]) => sites.includes(camera?.site))?.[0] ?? "bac";
    const alert = {
      id: randomUUID(),
      subject: camera === undefined ? "service" : source,
      kind: drill ? `drill-${kind}` : kind,
      state: "unacknowledged",
      priority,
      rule: `${kind}-default`,
      position,
      cameras: camera === undefined ? [] : [camera.id],
      site: camera?.site ?? null,
      evidence: EVIDENCE[kind] ?? kind,
      count: 1,
      opened_at: since,
      raised_at: since,
      cleared_at: null,
      closed_at: null,
      chattering: false,
      momentary,
      masked_by: null,
      masks: [],
      suppressed_until: null,
      out_of_service_until: null,
      shelved: null,
      read: null,
      acknowledged: null,
      assigned: null,
      disposition: null,
      resolved: null,
      comments: [],
      stage: null,
      drill,
      where: {
        number: camera?.number ?? null,
        name: camera?.name ?? null,
        site: camera === undefined ? null : this.siteName(camera.site),
      },
    };
    this.#alerts.set(alert.id, alert);
    return this.#change(alert, { what: "opened" });
  }

  /** Changes an alert as the test wishes. */
  set(id, fields, what = "updated") {
    const alert = this.#alerts.get(id);
    Object.assign(alert, fields);
    return this.#change(alert, { what });
  }

  clear(id) {
    const alert = this.#alerts.get(id);
    alert.cleared_at = micros();
    const taken = alert.state === "acknowledged";
    alert.state = taken ? "normal" : "returned-unacknowledged";
    if (taken) alert.closed_at = micros();
    return this.#change(alert, { what: "cleared" });
  }

  changesOf(id) {
    return this.#changes.filter((one) => one.alert.id === id);
  }

  storage(state, waiting = 0, reason = null) {
    this.#storage = { type: "storage", state, since: micros(), waiting, reason };
    for (const ws of this.#followers.keys()) tell(ws, this.#storage);
  }

  flood(position, count) {
    const flood = count === 0 ? null : { since: micros(), in_ten_minutes: count };
    for (const ws of this.#followers.keys()) tell(ws, { type: "flood", position, flood });
  }

  /** A control socket; `false` until it resumed. */
  join(ws, person) {
    this.#followers.set(ws, false);
    ws.on("close", () => this.#followers.delete(ws));
    ws.on("message", (text) => {
      const message = JSON.parse(text);
      if (message.type === "resume") {
        this.#followers.set(ws, true);
        for (const one of this.#changes) if (one.seq > message.after) this.#tell(ws, one);
      }
      if (message.type !== "received") return;
      this.received.set(person, message.seq);
    });
    if (this.#storage !== null && this.#storage.state !== "ok") tell(ws, this.#storage);
  }

  #tell(ws, { seq, alert }) {
    tell(ws, { type: "alert", ...alert, seq });
  }

  #change(alert, what, by = null) {
    this.seq += 1;
    alert.seq = this.seq;
    const change = { seq: this.seq, at: micros(), ...what, by, alert: structuredClone(alert) };
    this.#changes.push(change);
    for (const [ws, following] of this.#followers) if (following) this.#tell(ws, change);
    return alert;
  }

  /** Answers a call, or `undefined` if it is none of these: [status, type, body]. */
  answer(method, url, body, person) {
    const path = url.pathname.replace("/api/v1/", "");
    const json = (value, status = 200) => [status, "application/json", JSON.stringify(value)];
    const problem = (status, detail) => [
      status,
      "application/problem+json",
      JSON.stringify({ title: "no", detail }),
    ];
    if (person !== null && !PEOPLE.some(([id]) => id === person)) {
      return problem(403, `There is no person “${person}” in the roster.`);
    }
    const all = [...this.#alerts.values()].sort((a, b) => a.seq - b.seq);
    const open = all.filter(({ state }) => state !== "normal");
    const mix = { high: 12, medium: 38, low: 50, of: 40, drifted: true };
    if (path === "alerts") return json({ alerts: open, head: this.seq, floods: [], mix });
    if (path === "roster") return json(roster(person));
    if (path === "shelf") return json({ shelf: open.filter((one) => one.state === "shelved") });
    const act = /^alerts\/([0-9a-f-]{36})\/([a-z]+)$/.exec(path);
    if (act !== null && method === "POST") {
      return this.#act(act[1], act[2], JSON.parse(body), person, json, problem);
    }
    const one = this.#alerts.get(/^alerts\/([0-9a-f-]{36})$/.exec(path)?.[1]);
    if (one !== undefined) return json(this.#detail(one));
    const state = { deliveries: this.#deliveries, notes: this.#notes, signed: this.#signed };
    const context = { ...state, drills: this.#drills, open, list: this.list, stand: this };
    return past(method, path, url.searchParams, body, person, context, json);
  }

  #detail(alert) {
    const changes = this.#changes.filter((one) => one.alert.id === alert.id);
    const { id, seq, opened_at: at } = alert;
    const app = { id: 1, alert: id, seq, channel: "app", person: "lan", state: "delivered" };
    const sms = {
      id: 2,
      alert: id,
      seq,
      channel: "sms",
      person: "minh",
      state: "dead",
      attempts: 5,
    };
    return {
      ...alert,
      procedure: PROCEDURE,
      comment_required: alert.priority === "high",
      acknowledge_within_s: 60,
      stored_at: at,
      changes: changes.map(({ alert: _, ...rest }) => rest),
      deliveries: [
        { ...app, id: null, attempts: 1, first_at: at, delivered_at: at + 210_000, error: null },
        { ...sms, id: "2", first_at: at, delivered_at: null, error: "502 Bad Gateway" },
      ],
    };
  }

  #act(id, act, fields, person, json, problem) {
    this.acts.push({ id, act, person, ...fields });
    const alert = this.#alerts.get(id);
    if (alert === undefined) return problem(404, `there is no open alert ${id}`);
    const known = this.#requests.get(`${id} ${fields.request}`);
    if (known !== undefined) return known;
    const by = { user: "anonymous", person };
    const signed = { by, at: micros() };
    const refused = apply(alert, act, fields, signed);
    if (refused !== null) return problem(...refused);
    this.#change(alert, { what: "done", detail: { act, ...fields } }, by);
    const answer = json(alert);
    this.#requests.set(`${id} ${fields.request}`, answer);
    return answer;
  }
}

function apply(alert, act, fields, signed) {
  switch (act) {
    case "read":
      alert.read ??= signed;
      return null;
    case "acknowledge":
      if (!alert.state.endsWith("unacknowledged"))
        return [409, `${alert.acknowledged?.by.person ?? "somebody"} has taken it already`];
      alert.state = alert.cleared_at === null ? "acknowledged" : "normal";
      alert.acknowledged = signed;
      return null;
    case "comment":
      alert.comments.push({ text: fields.text, ...signed });
      return null;
    case "assign":
      alert.assigned = fields.to;
      return null;
    case "resolve":
      if (alert.priority === "high" && !fields.comment)
        return [422, "this kind of alert is resolved with a comment: say what was found"];
      Object.assign(alert, { state: "normal", disposition: fields.disposition, resolved: signed });
      alert.closed_at = micros();
      return null;
    case "shelve":
      alert.shelved = { until: fields.until, reason: fields.reason, ...signed };
      alert.state = "shelved";
      return null;
    case "unshelve":
      Object.assign(alert, { shelved: null, state: "unacknowledged" });
      return null;
    case "pass":
    case "help":
      alert.stage = {
        step: 1,
        at: micros(),
        due: micros() + 5 * MINUTE,
        told: ["minh"],
        everyone: false,
      };
      return null;
    default:
      return [404, `there is no ${act}`];
  }
}

function roster(me) {
  const until = Math.ceil(micros() / (8 * HOUR)) * 8 * HOUR;
  return {
    me,
    people: PEOPLE.map(([id, name]) => ({ id, name })),
    positions: POSITIONS.map(([id, name, sites, holder]) => {
      return { id, name, sites, on_duty: [holder], until, next: ["hoa"] };
    }),
    duty_officers: ["dung"],
  };
}

function tell(ws, message) {
  ws.send(JSON.stringify(message));
}
