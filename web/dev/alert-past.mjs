// The stand-in's figures, deliveries, hand-over, drills and records: made up, the same each time.
import { micros } from "./health.mjs";

const MINUTE = 60_000_000;
const HOUR = 60 * MINUTE;

/** Answers a call about the past, or `undefined` if it is none of these. */
export function past(method, path, query, body, person, context, json) {
  const { open, list, deliveries, notes, signed, drills } = context;
  if (path === "deliveries") {
    if (deliveries.length === 0) deliveries.push(...made(open));
    const state = query.get("state");
    return json({ deliveries: deliveries.filter((one) => !state || one.state === state) });
  }
  const resent = /^deliveries\/(\d+)\/resend$/.exec(path)?.[1];
  if (resent !== undefined && method === "POST") {
    const one = deliveries.find(({ id }) => id === resent);
    Object.assign(one, { state: "waiting", next_at: micros() + MINUTE });
    return json(one);
  }
  if (path === "handover" && method === "POST") {
    const { sign, note } = JSON.parse(body);
    if (note) notes.push({ text: note, by: person, at: micros() });
    if (sign) signed[sign] = { by: person, at: micros() };
  }
  if (path === "handover") return json(sheet(open, list, notes, signed));
  if (path === "alerts/figures") {
    if (query.get("format") === "csv") return [200, "text/csv", "at,new\n"];
    return json(figures(Number(query.get("from")), Number(query.get("to")), open));
  }
  if (path === "drills" && method === "POST") {
    const drill = { id: `d${drills.length + 1}`, ...JSON.parse(body), by: person, at: micros() };
    drills.push(drill);
    const cameras = drill.cameras.map((id) => list.find(({ view }) => view.id === id)?.view);
    for (let n = 0; n < drill.count; n += 1) {
      const camera = cameras[n % cameras.length];
      if (camera) context.stand.raise(camera.number, drill.kind, { drill: true });
    }
    return json(drillOf(drill), 201);
  }
  if (path === "drills") return json({ drills: drills.map((one) => drillOf(one)).reverse() });
  const drill = drills.find(({ id }) => path === `drills/${id}`);
  if (drill !== undefined) return json(drillOf(drill));
  if (path === "records") return json(records(query, list));
  return undefined;
}

function made(open) {
  const channels = ["sms", "email", "mqtt"];
  return Array.from({ length: 12 }, (_, n) => {
    const dead = n % 3 === 0;
    const at = micros() - n * 7 * MINUTE;
    return {
      id: String(n + 1),
      alert: open[n % Math.max(1, open.length)]?.id ?? "gone",
      seq: n + 1,
      channel: channels[n % 3],
      person: n % 2 === 0 ? "minh" : "lan",
      state: dead ? "dead" : "delivered",
      attempts: dead ? 8 : 1,
      first_at: at,
      next_at: null,
      delivered_at: dead ? null : at + 400_000,
      error: dead ? "connection refused: sms-gateway.invalid:443" : null,
    };
  });
}

function sheet(open, list, notes, signed) {
  const now = micros();
  const camera = list[4].view;
  const out = { camera: camera.id, number: camera.number, name: camera.name };
  return {
    position: "bac",
    shift: { from: now - 7 * HOUR, until: now + HOUR, people: ["lan"] },
    next: { from: now + HOUR, people: ["hoa"] },
    made_at: now,
    open: open.filter(({ state }) => state !== "shelved"),
    shelved: open.filter(({ state }) => state === "shelved"),
    out_of_service: [{ ...out, until: now + 3 * HOUR, reason: "thay nguồn" }],
    worst: list.slice(7, 10).map(({ view }, n) => {
      const where = { number: view.number, name: view.name, site: null };
      return { subject: { camera: view.id }, kind: "unstable", where, alerts: 12 - 3 * n };
    }),
    notes,
    signed,
  };
}

function figures(from, to, open) {
  const slots = [];
  for (let at = Math.ceil(from / (10 * MINUTE)) * 10 * MINUTE; at < to; at += 10 * MINUTE) {
    const wave = Math.sin(at / (97 * MINUTE)) + Math.sin(at / (11 * MINUTE));
    slots.push({
      at,
      new: Math.max(0, Math.round(wave + (at % (233 * 10 * MINUTE) === 0 ? 9 : 0))),
    });
  }
  const alerts = slots.reduce((sum, one) => sum + one.new, 0);
  const source = (n, kind) => {
    const where = { number: 101 + n, name: `Camera ${n}`, site: "Kỳ Anh" };
    return { subject: { camera: `cam-00${n}` }, kind, where, alerts: 14 - n, share: 20 - 2 * n };
  };
  const shift = (n) => {
    const until = to - n * 8 * HOUR;
    const speed = { median_s: 25 + 9 * n, p95_s: 140 + 60 * n, flood_s: n * 120 };
    const people = [n % 2 ? "minh" : "lan"];
    return {
      from: until - 8 * HOUR,
      until,
      people,
      alerts: 21 - n,
      average: 0.44,
      peak: 6,
      ...speed,
    };
  };
  return {
    position: null,
    from,
    to,
    alerts,
    slots,
    average: alerts / Math.max(1, slots.length),
    peak: Math.max(0, ...slots.map((one) => one.new)),
    acknowledge: { median_s: 31, p95_s: 190, of: alerts - 2 },
    top: [1, 2, 3, 4, 5].map((n) => source(n, ["unstable", "covered", "black"][n % 3])),
    chattering: [source(2, "unstable")],
    stale: open.slice(0, 2),
    flood: { seconds: 620, percent: 0.7 },
    mix: { high: 12, medium: 38, low: 50, of: alerts, drifted: true },
    shifts: [0, 1, 2].map(shift),
  };
}

function drillOf({ id, at, by, kind, cameras, count, gap_s }) {
  const alerts = Array.from({ length: count }, (_, n) => {
    const where = { number: 101 + n, name: cameras[n % cameras.length], site: "Kỳ Anh" };
    const taken = n % 5 !== 4;
    return {
      alert: `a${n}`,
      where,
      opened_at: at + n * gap_s * 1_000_000,
      delivered_s: 0.2 + n / 50,
      read_s: taken ? 9 + 3 * n : null,
      acknowledged_s: taken ? 14 + 4 * n : null,
      by: taken ? "lan" : null,
    };
  });
  const speed = { median_s: 22, p95_s: 61, slowest_s: 70 };
  const acknowledged = alerts.filter((one) => one.by !== null).length;
  const people = ["lan"];
  const shift = {
    position: "bac",
    from: at - 3 * HOUR,
    people,
    alerts: count,
    acknowledged,
    ...speed,
  };
  const about = { id, started_at: at, ended_at: null, by, kind, cameras, count, gap_s };
  return { ...about, opened: count, acknowledged, ...speed, shifts: [shift], alerts };
}

function records(query, list) {
  const kinds = ["plate", "covered", "unstable", "panic-button"];
  const q = (query.get("q") ?? "").toLowerCase();
  const kind = query.get("kind");
  const all = Array.from({ length: 300 }, (_, n) => {
    const { id, number, name, site } = list[(n * 7) % list.length].view;
    return {
      id: `r${1000 - n}`,
      at: micros() - n * 3 * MINUTE,
      kind: kinds[n % 4],
      source: n % 4 === 0 ? "outside" : "camera",
      camera: id,
      site,
      where: { number, name, site: null },
      text:
        n % 4 === 0
          ? `38A-${10_000 + n * 37}`
          : "about 63 % of the view is hidden: what always stood there is gone",
      alert: null,
    };
  }).filter((one) => (!kind || one.kind === kind) && JSON.stringify(one).toLowerCase().includes(q));
  const to = Number(query.get("to") ?? Number.MAX_SAFE_INTEGER);
  const older = all.filter(({ at }) => at < to);
  return { records: older.slice(0, 100), more: older.length > 100 };
}
