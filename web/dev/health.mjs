// The stand-in's health: sites, conditions, orders of maintenance, and a past that is the same at
// each start, so that pages can be worked on and tested by themselves.

const MINUTE_US = 60_000_000;
const DAY_US = 1440 * MINUTE_US;

/** Conditions of a picture, and what the service would say of them. */
export const EVIDENCE = {
  frozen: "the last 6 keyframes or more are equal byte by byte",
  looped: "pictures return without this camera's noise every 40 s",
  black: "the mean level is 2 %, where it is usually 43 % at this hour",
  overexposed: "92 % of the picture is burnt out, where 3 % usually is at this hour",
  defocused: "edges have 21 % of their usual sharpness, while the view is the same",
  covered: "about 63 % of the view is hidden: what always stood there is gone",
  moved: "the view has moved about 22 % of its width to the left",
  "clock-skew": "the camera's clock is 5.0 s ahead of the service's, give or take 0.0 s",
  "packet-loss": "3 % of the RTP packets were lost over 30 s",
  "low-frame-rate": "4.0 frames a second; 12.5 are usual",
  "stream-changed": "the stream is H.264 (avc1.4D401E), 1280x720; ordered is 640x360",
  unstable: "it was lost and came back 6 times, at least 5 times within 10 minutes",
  "credentials-rejected":
    "the camera rejected the user name or password (401 to DESCRIBE); no further try for 30 min",
  "session-limit": "the camera has no free session (453 Not Enough Bandwidth); next try in 30 s",
  unreachable: "the camera did not accept a connection within 5 s",
  stalled: "no RTP for over 5 s; the session is open",
  "keyframe-overdue": "no picture when one is usual every 2.0 s; packets arrive",
  "decode-errors": "keyframes cannot be decoded: the decoder found invalid data",
  quarantined:
    "it ended its worker three times in five minutes (its link closed); no further try for 30 min",
};

const SEVERITY = {
  "clock-skew": "notice",
  "stream-changed": "notice",
  "low-frame-rate": "warning",
  "packet-loss": "warning",
  unstable: "warning",
  frozen: "verify",
  looped: "verify",
  black: "verify",
  overexposed: "verify",
  defocused: "verify",
  covered: "verify",
  moved: "verify",
};

const RUNG = {
  unreachable: "reachable",
  unstable: "reachable",
  quarantined: "reachable",
  "credentials-rejected": "signed-in",
  "session-limit": "signed-in",
  stalled: "frames",
  "packet-loss": "frames",
  "keyframe-overdue": "keyframes",
  "decode-errors": "keyframes",
  frozen: "picture-alive",
  looped: "picture-alive",
  black: "picture-right",
  overexposed: "picture-right",
  defocused: "picture-right",
  covered: "picture-right",
  moved: "picture-right",
  "clock-skew": "clock-right",
  "low-frame-rate": "as-ordered",
  "stream-changed": "as-ordered",
};
const LADDER = [...new Set(Object.values(RUNG))];

export const micros = () => Date.now() * 1000;

/** What stands at a camera with these conditions. */
export function verdict(conditions, since = micros()) {
  const standing = conditions.map((condition) => ({
    condition,
    severity: SEVERITY[condition] ?? "critical",
    since,
    evidence: EVIDENCE[condition] ?? condition,
  }));
  const rungs = conditions.map((condition) => RUNG[condition]).filter(Boolean);
  const rung = LADDER.find((one) => rungs.includes(one)) ?? null;
  return { conditions, standing, rung, reason: standing[0]?.evidence ?? null };
}

const SITES = [
  ["ha-tinh", "Hà Tĩnh", null],
  ["ky-anh", "Kỳ Anh", "ha-tinh"],
  ["huong-khe", "Hương Khê", "ha-tinh"],
  ["duc-tho", "Đức Thọ", "ha-tinh"],
  ["cam-xuyen", "Cẩm Xuyên", "ha-tinh"],
  ["nghi-xuan", "Nghi Xuân", "ha-tinh"],
  ["loc-ha", "Lộc Hà", "ha-tinh"],
  ["can-loc", "Can Lộc", "ha-tinh"],
];

/** The site of the stand-in's camera with this index. */
export function siteOf(index) {
  return SITES[1 + ((index * 3) % (SITES.length - 1))][0];
}

/** Sites, orders and the API calls of health; `tell` sends a message to every control socket. */
export class Health {
  #down = new Map();
  #orders = [];
  #next = 1;

  constructor(list, tell) {
    this.list = list;
    this.tell = tell;
    /** What was asked of `references`, for tests. */
    this.references = [];
  }

  sites() {
    return SITES.map(([id, name, parent]) => {
      const within = this.list.filter(({ view }) => id === view.site || parent === null);
      const watchable = within.filter(({ view }) => ["online", "suspect"].includes(view.state));
      const down = this.#down.get(id) ?? null;
      return {
        id,
        name,
        parent,
        cameras: within.length,
        watchable: watchable.length,
        down_since: down,
        evidence:
          down === null
            ? null
            : `${within.length} of ${within.length} cameras that were well were lost within 8 s`,
      };
    });
  }

  setSite(id, down) {
    if (down) this.#down.set(id, micros());
    else this.#down.delete(id);
    for (const { view } of this.list) if (view.site === id) view.masked_by = down ? id : null;
    this.tellSites();
  }

  tellSites() {
    this.tell({ type: "sites", sites: this.sites() });
  }

  /** Answers a call, or `undefined` if it is none of these: [status, type, body]. */
  answer(method, url, body, pictures) {
    const { pathname, searchParams } = url;
    const json = (value, status = 200) => [status, "application/json", JSON.stringify(value)];
    const problem = (status, detail) => [
      status,
      "application/problem+json",
      JSON.stringify({ title: "no", detail }),
    ];
    if (pathname === "/api/v1/sites") return json(this.sites());
    if (pathname === "/api/v1/maintenance" && method === "GET") return json(this.#orders);
    if (pathname === "/api/v1/maintenance" && method === "POST") {
      const { scope, until, reason } = JSON.parse(body);
      if (!(until > micros())) return problem(400, "until is over already");
      const order = { id: this.#next++, scope, from: micros(), until, reason, by: "anonymous" };
      this.#orders.push(order);
      this.#serve();
      return json(order, 201);
    }
    const ended = /^\/api\/v1\/maintenance\/(\d+)$/.exec(pathname)?.[1];
    if (ended !== undefined && method === "DELETE") {
      this.#orders = this.#orders.filter(({ id }) => id !== Number(ended));
      this.#serve();
      return [204, "text/plain", ""];
    }
    if (pathname === "/api/v1/availability") {
      return [200, "text/csv", "camera,known,available\ncam-001,100,99\n"];
    }
    const call = /^\/api\/v1\/cameras\/([a-z0-9-]+)(?:\/(.+))?$/.exec(pathname);
    const one = this.list.find(({ view }) => view.id === call?.[1]);
    if (call === null) return undefined;
    if (one === undefined) return problem(404, "There is no such camera.");
    const known = searchParams;
    const picture = /^pictures\/(reference-day|reference-night|event)\.jpg$/.exec(call[2] ?? "");
    if (picture !== null) {
      const at = { "reference-day": 1, "reference-night": 3, event: 7 }[picture[1]];
      return [200, "image/jpeg", pictures[at % pictures.length]];
    }
    switch (call[2]) {
      case undefined:
        return json({ ...one.view, ...detail(one) });
      case "history":
        return known.get("format") === "csv"
          ? [200, "text/csv", "at,state\n"]
          : json(historyOf(one, Number(known.get("to") ?? micros()), Number(known.get("limit"))));
      case "figures":
        return json(figuresOf(one, Number(known.get("hours") ?? 6)));
      case "pictures":
        return json(picturesOf(one));
      case "references":
        this.references.push({ camera: one.view.id, ...JSON.parse(body) });
        return [204, "text/plain", ""];
      default:
        return undefined;
    }
  }

  /** Takes cameras out of service, and back in. */
  #serve() {
    for (const one of this.list) {
      const { view } = one;
      const order = this.#orders.find(
        ({ scope }) => scope === "*" || scope === view.id || scope === `site:${view.site}`,
      );
      const was = view.maintenance;
      if ((order === undefined) === (was === null)) continue;
      if (order === undefined) {
        Object.assign(view, { maintenance: null, state: one.before ?? "online", since: micros() });
      } else {
        one.before = view.state;
        const { id, until, reason, by } = order;
        const maintenance = { id, until, reason, by };
        Object.assign(view, { maintenance, state: "maintenance", since: micros() });
      }
      this.tell({ type: "camera", ...view });
    }
    this.tellSites();
  }
}

function detail({ index }) {
  const day = 86_400;
  return {
    stream: {
      frame_rate: 12.5,
      bitrate: 387_450,
      keyframe_interval_s: 2,
      keyframe_bytes: 31_800,
      packets_lost: index,
      packets_reordered: 0,
      jitter_ms: 4.2,
      units_dropped: 0,
      reconnects: 1,
      session_since: micros() - 3 * 3_600_000_000,
      sign_in_attempts: 0,
      clock_offset_s: index % 4 === 3 ? null : 0.012 + index / 1000,
      clock_error_s: index % 4 === 3 ? null : 0.01,
      clock_drift_ppm: index % 4 === 3 ? null : 1.5,
      decode_us: 990,
      sight: ["enough", "learning", "too-little"][index % 3],
    },
    references: [],
    availability: {
      month: "2026-11",
      known_s: 22 * day,
      available_s: 21.2 * day,
      not_available_s: 0.5 * day,
      suspect_s: 0.2 * day,
      maintenance_s: 0.1 * day,
      unknown_s: 0.4 * day,
      percent: 96.8,
    },
  };
}

/** The same noise for the same place. */
function noise(a, b) {
  const x = Math.sin(a * 127.1 + b * 311.7) * 43_758.5453;
  return x - Math.floor(x);
}

/** 130 lines, one each few hours. */
function historyOf(one, to, limit) {
  const words = ["defocused", "packet-loss", "covered", "clock-skew"];
  const start = Math.floor(micros() / DAY_US) * DAY_US;
  const all = Array.from({ length: 130 }, (_, n) => {
    const at = start - n * 5 * 60 * MINUTE_US;
    const condition = words[(n + one.index) % words.length];
    if (n % 3 === 0) {
      const state = n % 2 === 0 ? "online" : "offline";
      const conditions = state === "online" ? [] : ["unreachable"];
      const evidence = state === "online" ? null : EVIDENCE.unreachable;
      const until = at + 5 * 60 * MINUTE_US;
      return { kind: "state", at, until, state, conditions, evidence, masked_by: null };
    }
    return {
      kind: "condition",
      at,
      condition,
      severity: SEVERITY[condition],
      evidence: EVIDENCE[condition],
      until: at + (3 + (n % 9)) * MINUTE_US,
      masked_by: null,
      cut_short: n === 7,
      picture: null,
    };
  });
  const older = all.filter(({ at }) => at < to);
  const entries = older.slice(0, limit);
  const last = entries.at(-1)?.at;
  const path = `/api/v1/cameras/${one.view.id}/history`;
  return { entries, next: older.length > limit ? `${path}?to=${last}&limit=${limit}` : null };
}

function figuresOf(one, hours) {
  const now = Math.floor(micros() / MINUTE_US) * MINUTE_US;
  const names = ["frame_rate", "bitrate", "loss_percent", "jitter_ms"];
  names.push("keyframe_interval_s", "clock_offset_s", "luma", "sharpness");
  const columns = { at: [], ...Object.fromEntries(names.map((name) => [name, []])) };
  for (let ago = hours * 60 - 1; ago >= 0; ago -= 1) {
    const at = now - ago * MINUTE_US;
    const n = at / MINUTE_US;
    // The service was not there for a while, and the camera for another.
    if (ago > 100 && ago < 125) continue;
    const lost = ago > 40 && ago < 52;
    const jitter = noise(n, one.index);
    columns.at.push(at);
    columns.frame_rate.push(lost ? null : 12.5 - 0.3 * jitter - (n % 50 === 0 ? 4 : 0));
    columns.bitrate.push(lost ? null : 380_000 + 60_000 * Math.sin(n / 90) + 30_000 * jitter);
    columns.loss_percent.push(lost ? null : n % 37 === 0 ? 2 * jitter : 0);
    columns.jitter_ms.push(lost ? null : 4 + 6 * jitter);
    columns.keyframe_interval_s.push(lost ? null : 2);
    columns.clock_offset_s.push(lost ? null : 0.02 * Math.sin(n / 200) + 0.002 * jitter);
    columns.luma.push(lost ? null : 110 + 40 * Math.sin(n / 230) + 2 * jitter);
    columns.sharpness.push(lost ? null : 1 + 0.05 * Math.sin(n / 70) + 0.02 * jitter);
  }
  return columns;
}

function picturesOf({ view }) {
  const now = micros();
  const reference = (kind, days) => {
    const captured_at = Math.round(now - days * DAY_US);
    return { kind, condition: null, at: null, captured_at, bytes: 20_000 };
  };
  const event = (condition, at) => {
    return { kind: "event", condition, at, captured_at: at - 400_000, bytes: 20_000 };
  };
  const kept = [reference("reference-day", 3), event("moved", now - 5 * DAY_US)];
  if (view.number % 2 === 0) kept.push(reference("reference-night", 3.4));
  for (const { condition, since } of view.standing) {
    if (RUNG[condition]?.startsWith("picture")) kept.push(event(condition, since));
  }
  return kept;
}
